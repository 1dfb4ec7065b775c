/** Does to a world what the events of a scenario say. Knows nothing of what becomes of it. */
import { utf8 } from '../../base/bytes.ts';
import { seededRandom } from '../../base/random.ts';
import { encodeRequestLine } from '../../../firmware-src/wire/request-line.ts';
import type { VirtualBoard } from '../board.ts';
import { keyOfMac, macOf } from '../fleet.ts';
import type { Router } from '../wifi/router.ts';
import type { World } from '../world.ts';
import { Intruder } from './intruder.ts';
import type { ScenarioEvent } from './scenario.ts';

/** Frames of each node that the replaying intruder has recorded. */
const RECORDED = 40;
const CHANNEL = 6;
const HINT = 0x5a;

export class Performer {
  readonly #world: World;
  readonly #boards: readonly VirtualBoard[];
  readonly #routers: readonly Router[];
  readonly #seed: number;
  readonly #recorded = new Map<string, Uint8Array[]>();
  #intruder: Intruder | undefined;

  /** @param boards in the order of the scenario's nodes; routers likewise */
  constructor(
    world: World,
    boards: readonly VirtualBoard[],
    routers: readonly Router[],
    seed: number,
  ) {
    this.#world = world;
    this.#boards = boards;
    this.#routers = routers;
    this.#seed = seed;
  }

  perform(event: ScenarioEvent): void {
    const { medium } = this.#world;
    const board = (node: number): VirtualBoard => this.#boards[node]!;
    switch (event.do) {
      case 'start':
        board(event.node).powerOn();
        return;
      case 'kill':
        board(event.node).powerOff();
        return;
      case 'reset':
        board(event.node).reset('run');
        return;
      case 'move':
        board(event.node).move(event.x, event.y);
        return;
      case 'walls':
        medium.build(event.walls);
        return;
      case 'jam':
        if (event.on) medium.faults.jammed.add(event.channel);
        else medium.faults.jammed.delete(event.channel);
        return;
      case 'partition':
        this.#partition(event.groups);
        return;
      case 'deafen': {
        const link = `${board(event.from).wireless.id}>${board(event.to).wireless.id}`;
        if (event.on) medium.faults.cut.add(link);
        else medium.faults.cut.delete(link);
        return;
      }
      case 'air':
        medium.faults.loss = event.loss ?? medium.faults.loss;
        medium.faults.duplicate = event.duplicate ?? medium.faults.duplicate;
        medium.faults.damage = event.damage ?? medium.faults.damage;
        return;
      case 'power-cut':
        this.#cutPower(board(event.node), event.operation, event.offMs);
        return;
      case 'router': {
        const router = this.#routers[event.router]!;
        if (event.on) router.on();
        else router.off();
        return;
      }
      case 'router-channel':
        this.#routers[event.router]!.tune(event.channel);
        return;
      case 'lose-answer':
        board(event.node).wireless.espNow.loseNextAnswer();
        return;
      case 'stall':
        board(event.node).stall(event.ms);
        return;
      case 'button':
        board(event.node).pressBoot(event.down);
        return;
      case 'send': {
        const line = encodeRequestLine({ t: event.request, id: 1 }, null, 0);
        board(event.node).type(line ?? utf8('\n'));
        return;
      }
      case 'forge':
      case 'replay':
        this.#intrude(event);
    }
  }

  #partition(groups: readonly (readonly number[])[]): void {
    const { cut } = this.#world.medium.faults;
    cut.clear();
    for (const group of groups) {
      for (const other of groups) {
        if (group === other) continue;
        for (const a of group) {
          for (const b of other) cut.add(`${keyOfMac(macOf(a))}>${keyOfMac(macOf(b))}`);
        }
      }
    }
  }

  #cutPower(board: VirtualBoard, operation: number, offMs: number): void {
    const { queue } = this.#world;
    board.flash.cutPowerAt(operation, () => {
      board.powerOff();
      queue.at(queue.nowUs + offMs * 1000, () => board.powerOn());
    });
    board.reset('run');
  }

  #intrude(event: Extract<ScenarioEvent, { do: 'forge' | 'replay' }>): void {
    const { medium, queue } = this.#world;
    const beside = this.#boards[event.node]!.wireless.position;
    const random = seededRandom(this.#seed ^ 0x1417de5);
    this.#intruder ??= new Intruder(medium, random, beside);
    this.#intruder.stand({ x: beside.x + 1, y: beside.y });
    if (event.do === 'forge') {
      const victims = this.#boards.map((_, i) => keyOfMac(macOf(i)));
      for (let i = 0; i < event.count; i++) {
        this.#intruder.forge(queue.nowUs, CHANNEL, HINT, victims);
      }
      return;
    }
    const key = keyOfMac(macOf(event.of));
    for (const payload of (this.#recorded.get(macOf(event.of)) ?? []).slice(-event.count)) {
      this.#intruder.send(queue.nowUs, key, payload, CHANNEL);
    }
  }

  /** A node has sent this frame, and the intruder was listening. */
  record(mac: string, payload: Uint8Array): void {
    let frames = this.#recorded.get(mac);
    if (!frames) this.#recorded.set(mac, (frames = []));
    frames.push(payload);
    if (frames.length > RECORDED) frames.shift();
  }
}
