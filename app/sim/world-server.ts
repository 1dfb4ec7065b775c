/** The worker's side: one world with a real clock, driven by messages (messages.ts). */
import { servePort } from '../link/remote-port.ts';
import type { VirtualBoard } from './board.ts';
import { restoreFlash, saveFlash } from './board-state.ts';
import { Faults } from './faults.ts';
import type { AirChange, Endpoint, FaultChange, FromWorld, NewBoard, ToWorld } from './messages.ts';
import { turnTeller } from './hang-guard.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const TRAFFIC_MS = 250;

interface Served {
  board: VirtualBoard;
  faults: Faults;
  stopServing: () => void;
}

export class WorldServer {
  readonly #endpoint: Endpoint;
  readonly #wasmUrl: string | undefined;
  readonly #served = new Map<string, Served>();
  readonly #traffic = new Map<string, { sent: number; received: number; sentBytes: number }>();
  #world: World | undefined;

  constructor(endpoint: Endpoint, wasmUrl: string | undefined) {
    this.#endpoint = endpoint;
    this.#wasmUrl = wasmUrl;
    endpoint.onmessage = (event) => {
      try {
        this.#take(event.data as ToWorld);
      } catch (error) {
        this.#fail(error);
      }
    };
  }

  close(): void {
    this.#world?.close();
    this.#endpoint.onmessage = null;
  }

  #post(message: FromWorld): void {
    this.#endpoint.postMessage(message, []);
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#post({ t: 'error', message });
  }

  #take(message: ToWorld): void {
    if (message.t === 'start') {
      this.#start(message);
      return;
    }
    if (message.t === 'ping') {
      this.#post({ t: 'pong' });
      return;
    }
    const world = this.#world;
    if (!world) throw new Error(`"${message.t}" came before "start"`);
    switch (message.t) {
      case 'add':
        this.#add(world, message.board);
        return;
      case 'air':
        applyAir(world, message.change);
        return;
      case 'measure':
        this.#measure(world, message.request);
        return;
    }
    const served = this.#served.get(message.mac);
    if (!served) {
      // Its last messages may cross its removal; a question still gets its answer.
      if (message.t === 'save')
        this.#post({ t: 'saved', request: message.request, state: undefined });
      return;
    }
    this.#perform(served, message);
  }

  #start({ seed, bootMs, paced }: Extract<ToWorld, { t: 'start' }>): void {
    const world = createWorld({
      clock: 'real',
      seed,
      wasmUrl: this.#wasmUrl,
      ...(bootMs === undefined ? {} : { bootMs }),
      ...(paced === undefined ? {} : { paced }),
    });
    world.onTurn = turnTeller((message) => this.#post(message));
    world.onError = (error) => this.#fail(error);
    world.listen((event) => {
      if (event.kind === 'radio') this.#count(event.mac, event.way, event.bytes);
      else if (event.kind !== 'nvs' && event.kind !== 'wifi')
        this.#post({ t: 'news', news: event });
    });
    this.#world = world;
  }

  #count(mac: string, way: 'sent' | 'received', bytes: number): void {
    if (this.#traffic.size === 0) setTimeout(() => this.#reportTraffic(), TRAFFIC_MS);
    const row = this.#traffic.get(mac) ?? { sent: 0, received: 0, sentBytes: 0 };
    row[way]++;
    if (way === 'sent') row.sentBytes += bytes;
    this.#traffic.set(mac, row);
  }

  #reportTraffic(): void {
    for (const [mac, row] of this.#traffic) {
      this.#post({ t: 'news', news: { kind: 'traffic', mac, ...row } });
    }
    this.#traffic.clear();
  }

  #add(world: World, wanted: NewBoard): void {
    const faults = new Faults();
    const { chip, mac, name, x, y, state } = wanted;
    const flashSizeBytes = state?.flash.sizeBytes ?? wanted.flashSizeBytes;
    const board = world.addBoard({
      chip,
      mac,
      name,
      x,
      y,
      faults,
      ...(flashSizeBytes === undefined ? {} : { flashSizeBytes }),
    });
    if (state) restoreFlash(board.flash, state.flash);
    const stopServing = servePort(board.port, wanted.serial);
    this.#served.set(mac, { board, faults, stopServing });
    if (wanted.powered) board.powerOn();
  }

  #perform(
    { board, faults, stopServing }: Served,
    message: Exclude<ToWorld, { t: 'start' | 'ping' | 'add' | 'air' | 'measure' }>,
  ): void {
    const { mac } = message;
    switch (message.t) {
      case 'do':
        if (message.what === 'power-on') board.powerOn();
        else if (message.what === 'power-off') board.powerOff();
        else if (message.what === 'unplug') board.unplug();
        else if (message.what === 'plug') board.plug();
        else {
          stopServing();
          this.#world?.removeBoard(mac);
          this.#served.delete(mac);
        }
        return;
      case 'reset':
        board.reset(message.mode);
        return;
      case 'boot-button':
        board.pressBoot(message.down);
        return;
      case 'move':
        board.move(message.x, message.y);
        return;
      case 'faults':
        applyFaults(faults, message.change);
        return;
      case 'save':
        this.#post({
          t: 'saved',
          request: message.request,
          state: {
            version: 1,
            chip: board.chip,
            mac,
            name: board.name,
            ...board.wireless.position,
            flash: saveFlash(board.flash),
          },
        });
    }
  }

  #measure(world: World, request: number): void {
    const boards = world.boards().map((board) => ({
      mac: board.mac,
      activity: board.activity,
      ...board.measure(),
    }));
    const air = { ...world.medium.counters };
    this.#post({ t: 'measured', request, measure: { nowMs: world.nowMs, boards, air } });
  }
}

function applyFaults(faults: Faults, { loseByte, ...plain }: FaultChange): void {
  Object.assign(faults, plain);
  if (loseByte) faults.loseByte(loseByte.direction, loseByte.bytesFromNow);
}

function applyAir(world: World, { jammed, cut, ...plain }: AirChange): void {
  const { faults } = world.medium;
  Object.assign(faults, plain);
  if (jammed) faults.jammed = new Set(jammed);
  if (cut) {
    const id = (mac: string): string => mac.replaceAll(':', '');
    faults.cut = new Set(cut.map(({ from, to }) => `${id(from)}>${id(to)}`));
  }
}
