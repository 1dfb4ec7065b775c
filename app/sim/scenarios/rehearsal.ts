/** Runs a scenario and tells what came of it: figures, and what must never have been (invariants.ts). */
import type { VirtualBoard } from '../board.ts';
import { FleetFlash, macOf, secretsOf } from '../fleet.ts';
import type { FleetFirmware } from '../fleet.ts';
import { Trace } from '../trace.ts';
import type { NodePlace } from '../trace.ts';
import { createWorld } from '../world.ts';
import type { World } from '../world.ts';
import { GHOST_MAC } from './intruder.ts';
import { DEAD_SHOWN_MS, allowedMs, components, isSettled, wrongNow } from './invariants.ts';
import type { Break } from './invariants.ts';
import { Observer } from './observer.ts';
import { Performer } from './performer.ts';
import { Report } from './report.ts';
import type { RehearsalReport } from './report.ts';
import { eventText } from './scenario.ts';
import type { Scenario, ScenarioEvent } from './scenario.ts';

/** How often the nodes are looked at, between events. */
const CHECK_MS = 250;
const HEAP_CHECK_MS = 5000;
/** Of the 164,528 bytes that a stock ESP32 has free, 16 KB are to be spared (targets, Build). */
const HEAP_BUDGET_BYTES = 164_528 - 16 * 1024;
/** Crystals of ±10 ppm, as the hardware design guidelines of all five chips ask for. */
const USUAL_DRIFT_PPM = 10;
/** Enough for any set of breaks to be understood. */
const MOST_BREAKS = 50;

export interface RehearsalOptions {
  firmware: FleetFirmware;
  seed: number;
  /** Given each line of the trace. */
  trace?: (line: string) => void;
  /** gc tells the engine's own figures: bytecode only, and no trace is to be compared. */
  measureHeap?: boolean;
  quietTicks?: number;
  onProgress?: (atMs: number) => void;
  /** Told before each turn of a board that runs bytecode. */
  onTurn?: (mac: string) => void;
  /** Where micropython.wasm is; needed in browsers. */
  wasmUrl?: string | undefined;
  /** Told of each event as it happens, of each node's new place, and of each break. */
  news?: Partial<RehearsalNews>;
}

export interface RehearsalNews {
  event(atMs: number, event: ScenarioEvent): void;
  place(atMs: number, board: VirtualBoard, place: NodePlace, was: NodePlace | undefined): void;
  settled(atMs: number, isSettled: boolean): void;
  found(broken: Break): void;
}

export async function rehearse(
  scenario: Scenario,
  options: RehearsalOptions,
): Promise<RehearsalReport> {
  return new Rehearsal(scenario, options).run();
}

/** One run of a scenario. run() plays it to its end; advance() and perform() let somebody else lead it. */
export class Rehearsal {
  readonly #scenario: Scenario;
  readonly #options: RehearsalOptions;
  readonly #world: World;
  readonly #observers: Observer[] = [];
  readonly #byMac = new Map<string, Observer>();
  readonly #report: Report;
  readonly #trace: Trace | undefined;
  readonly #flash: FleetFlash;
  /** When a board was last switched off; undefined while it has power. */
  readonly #offAtMs = new Map<string, number>();
  readonly #wrongSince = new Map<string, number>();
  readonly #told = new Set<string>();
  readonly #performer: Performer;
  #groups: Observer[][] | undefined;
  /** A node has said that its place is another one, or has forgotten it, since the nodes were judged. */
  #hasMoved = true;
  #settled = false;
  #wrong: ReturnType<typeof wrongNow> = new Map();
  readonly #script: ScenarioEvent[];
  #scriptAt = 0;
  #lastEventMs = 0;
  #heapAtMs = 0;
  #checkedAtMs = -1;
  #wasSettled = false;

  constructor(scenario: Scenario, options: RehearsalOptions) {
    const { seed, firmware } = options;
    this.#scenario = scenario;
    this.#options = options;
    this.#world = createWorld({
      clock: 'virtual',
      seed,
      heapIsModelled: options.measureHeap !== true,
      driftPpm: scenario.driftPpm ?? USUAL_DRIFT_PPM,
      wasmUrl: options.wasmUrl,
      ...(scenario.propagation === undefined ? {} : { propagation: scenario.propagation }),
      ...(options.quietTicks === undefined ? {} : { quietTicks: options.quietTicks }),
    });
    this.#world.onTurn = options.onTurn;
    this.#report = new Report(scenario, firmware.engine, seed);
    this.#flash = new FleetFlash(firmware);
    const write = options.trace;
    this.#trace = write && new Trace(this.#world, write);
    scenario.nodes.forEach((_, i) => this.#addNode(i));
    const routers = (scenario.routers ?? []).map(({ on, ...options }) => {
      const router = this.#world.addRouter(options);
      if (on !== false) router.on();
      return router;
    });
    const boards = this.#observers.map(({ board }) => board);
    this.#performer = new Performer(this.#world, boards, routers, seed);
    const starts = scenario.nodes.flatMap((node, i): ScenarioEvent[] =>
      node.startMs === null
        ? []
        : [{ atMs: node.startMs ?? (i * 137) % 1000, do: 'start', node: i }],
    );
    this.#script = [...starts, ...scenario.events].sort((a, b) => a.atMs - b.atMs);
    this.#world.listen((event) => {
      if (event.kind === 'activity') this.#activity(event.mac, event.activity);
      else if (event.kind === 'radio' && event.way === 'sent') {
        this.#report.sent(event.payload);
        this.#performer.record(event.mac, event.payload);
      }
    }, false);
  }

  get nowMs(): number {
    return this.#world.queue.nowUs / 1000;
  }
  get world(): World {
    return this.#world;
  }
  /** In the order of the scenario's nodes. */
  get observers(): readonly Observer[] {
    return this.#observers;
  }

  #addNode(i: number): void {
    const { firmware } = this.#options;
    const node = this.#scenario.nodes[i]!;
    const member = {
      mac: macOf(i),
      name: node.name ?? `node ${i}`,
      zone: node.zone ?? 'hall',
      keyless: node.keyless ?? false,
      router: this.#scenario.networkRouter ?? null,
    };
    const secrets = secretsOf(member);
    this.#trace?.world(`node ${i} ${member.mac} ${member.name}`);
    const board = this.#world.addBoard({
      chip: 'esp32',
      mac: member.mac,
      name: member.name,
      x: node.x,
      y: node.y,
      ...(firmware.engine === 'v8' ? { program: firmware.program } : {}),
    });
    this.#flash.load(board.flash, member);
    const observer = new Observer(board, {
      onFrame: (from, frame) => this.#trace?.line(from, frame),
      onText: (from, text) => {
        if (secrets.some((secret) => text.includes(secret))) {
          this.#break('secret', `${from.name} shows a key: ${text.slice(0, 40)}`);
        }
      },
      onPlace: (from, place, was) => {
        for (const mac of [place.parent, place.root]) if (mac !== null) this.#seen(from, mac);
        this.#hasMoved = true;
        this.#trace?.tree(from, place);
        this.#options.news?.place?.(this.nowMs, from, place, was);
      },
      onSeen: (from, mac) => this.#seen(from, mac),
      onHello: (from, state) => {
        const right = member.keyless ? state !== 'blank' : state === 'joined';
        if (!right) this.#break('identity', `${from.name} came up ${state}`);
      },
      onFailure: (from, text) => this.#break('exception', `${from.name}: ${text}`),
    });
    this.#observers.push(observer);
    this.#byMac.set(member.mac, observer);
    this.#offAtMs.set(member.mac, -Infinity);
  }

  async run(): Promise<RehearsalReport> {
    const startedMs = performance.now();
    await this.advance(this.#scenario.seconds * 1000);
    const report = this.figures(performance.now() - startedMs);
    this.#world.close();
    return report;
  }

  /**
   * Lets virtual time pass, with what the script has for it. In whole milliseconds, the pieces in which it passes make no
   * difference: the nodes are looked at when an event comes, and at certain times.
   */
  async advance(untilMs: number): Promise<void> {
    while (this.nowMs < untilMs) {
      this.#performDue();
      const eventMs = this.#script[this.#scriptAt]?.atMs ?? Infinity;
      const checkMs = (Math.floor(this.nowMs / CHECK_MS) + 1) * CHECK_MS;
      await this.#world.advance(Math.min(untilMs, eventMs, checkMs) - this.nowMs);
      const isEnd = this.nowMs === this.#scenario.seconds * 1000;
      if (isEnd || this.nowMs === eventMs || this.nowMs === checkMs) this.#check();
      this.#options.onProgress?.(this.nowMs);
    }
  }

  /** Something that is in no script, now. With it in its place, a script does the same. */
  perform(event: ScenarioEvent): void {
    if (this.#checkedAtMs !== this.nowMs && this.nowMs > 0) this.#check();
    this.#performDue();
    this.#perform(event);
  }

  figures(wallMs: number): RehearsalReport {
    const longestTurnMs = Math.max(...this.#observers.map(({ board }) => board.longestTurnMs));
    return this.#report.finish(this.#world.medium.counters, this.#dropped(), longestTurnMs, wallMs);
  }

  #performDue(): void {
    for (;;) {
      const event = this.#script[this.#scriptAt];
      if (!event || event.atMs > this.nowMs) return;
      this.#scriptAt++;
      this.#perform(event);
    }
  }

  #dropped(): number {
    return this.#observers.reduce((sum, { board }) => {
      return sum + board.wireless.espNow.stats.rxDropped;
    }, 0);
  }

  #perform(event: ScenarioEvent): void {
    const isStart = event.do === 'start' && event.atMs < 1000;
    if (!isStart) this.#report.event(this.nowMs, eventText(event));
    this.#trace?.world(eventText(event));
    this.#options.news?.event?.(this.nowMs, event);
    this.#lastEventMs = this.nowMs;
    this.#groups = undefined;
    this.#performer.perform(event);
  }

  #activity(mac: string, activity: VirtualBoard['activity']): void {
    const observer = this.#byMac.get(mac)!;
    this.#groups = undefined;
    if (activity !== 'running') observer.forget();
    if (activity === 'off') this.#offAtMs.set(mac, this.nowMs);
    else this.#offAtMs.delete(mac);
    if (activity === 'prompt' || activity === 'boot-loop') {
      this.#break('exception', `${observer.board.name} stands at ${activity}`);
    }
  }

  #seen(from: VirtualBoard, mac: string): void {
    if (mac === GHOST_MAC || !this.#byMac.has(mac)) {
      this.#break('forged', `${from.name} shows ${mac}, which is nobody's address`);
      return;
    }
    const offAtMs = this.#offAtMs.get(mac);
    if (offAtMs !== undefined && this.nowMs - offAtMs > DEAD_SHOWN_MS) {
      const { name } = this.#byMac.get(mac)!.board;
      this.#break('dead-shown', `${from.name} shows ${name}, dead for over ${DEAD_SHOWN_MS} ms`);
    }
  }

  #check(): void {
    const nowMs = this.nowMs;
    const { nodes, expect } = this.#scenario;
    this.#checkedAtMs = nowMs;
    if (this.#groups === undefined) {
      const up = this.#observers.filter(
        ({ board }, i) => board.activity === 'running' && !nodes[i]!.keyless,
      );
      this.#groups = components(up, this.#world.medium, this.#movesChannels);
      this.#hasMoved = true;
    }
    if (this.#hasMoved) {
      const groups = this.#groups;
      this.#settled = groups.length > 0 && isSettled(groups, this.#byMac);
      this.#wrong = wrongNow(groups, this.#byMac);
      this.#hasMoved = false;
    }
    const settled = this.#settled;
    this.#report.settled(nowMs, settled);
    if (settled !== this.#wasSettled) this.#options.news?.settled?.(nowMs, settled);
    this.#wasSettled = settled;
    const wrong = this.#wrong;
    for (const key of this.#wrongSince.keys()) if (!wrong.has(key)) this.#wrongSince.delete(key);
    for (const [key, { what, text }] of wrong) {
      const since = this.#wrongSince.get(key);
      if (since === undefined) this.#wrongSince.set(key, nowMs);
      else if (nowMs - Math.max(since, this.#lastEventMs) > this.#allowedMs(what)) {
        this.#break(what, text);
      }
    }
    const waitedMs = this.#report.waitedMs(nowMs);
    const limitMs = this.#report.hasFormed ? expect?.healMs : expect?.formedMs;
    if (limitMs !== undefined && waitedMs > limitMs) {
      this.#break('expectation', `no single tree ${limitMs} ms after ${this.#report.lastCause}`);
    }
    if (this.#options.measureHeap && nowMs >= this.#heapAtMs) this.#measureHeap(nowMs);
  }

  /** A network with a router follows its channel, so where its nodes are at a moment says little of who belongs together. */
  get #movesChannels(): boolean {
    return this.#scenario.networkRouter !== undefined;
  }

  #allowedMs(what: Break['what']): number {
    return allowedMs(what, this.#scenario.nodes.length, this.#movesChannels);
  }

  #measureHeap(nowMs: number): void {
    this.#heapAtMs = nowMs + HEAP_CHECK_MS;
    for (const { board } of this.#observers) {
      const { heapBytes } = board.measure();
      this.#report.heap(heapBytes);
      if (heapBytes > HEAP_BUDGET_BYTES) {
        this.#break('heap', `${board.name} holds ${heapBytes} bytes of ${HEAP_BUDGET_BYTES}`);
      }
    }
  }

  /** The same break is told once. */
  #break(what: Break['what'], text: string): void {
    if (this.#told.has(what + text) || this.#told.size >= MOST_BREAKS) return;
    this.#told.add(what + text);
    const broken = { atMs: Math.round(this.nowMs), what, text };
    this.#report.breaks.push(broken);
    this.#options.news?.found?.(broken);
  }
}
