/**
 * The virtual world: boards, the air between them, and time.
 *
 * With a virtual clock time moves only in advance(), and the same seed and the same calls give the same trace. With a real clock
 * the world follows performance.now(); after a pause of more than a second (a sleeping laptop) the lost time is left out.
 */
import { VirtualBoard } from './board.ts';
import type { BoardWorld } from './board-world.ts';
import type { ChipName } from './chips.ts';
import { EventQueue } from './event-queue.ts';
import type { Faults } from './faults.ts';
import { Medium } from './radio/medium.ts';
import { Router } from './wifi/router.ts';
import type { RouterOptions } from './wifi/router.ts';
import type { PropagationOptions } from './radio/propagation.ts';
import type { Program } from './v8/program.ts';
import { createVirtualChip } from './virtual-chip.ts';

/** From reset to main.py on a stock 1.26 build for ESP32, observed 2.4 to 2.7 s on an emulated chip (platform facts, section 14). */
const BOOT_MS = 2400;
const LONGEST_GAP_US = 1e6;
/** Timers of a resting board strike at most 30 ms late, which is little beside the firmware's own jitter. */
const QUIET_TICKS = 4;

export interface WorldOptions {
  clock: 'virtual' | 'real';
  seed: number;
  bootMs?: number;
  propagation?: Partial<PropagationOptions>;
  /** Where micropython.wasm is; needed in browsers. */
  wasmUrl?: string | undefined;
  /** Serial bytes take their time; the usual thing with a real clock, impossible with a virtual one. */
  paced?: boolean;
  /** gc tells a model of the heap, so that both engines leave the same trace. Boards in V8 always do. */
  heapIsModelled?: boolean;
  /** How far apart the turns of a resting board may come, in ticks of 10 ms; 1 is as on a chip. See session.ts. */
  quietTicks?: number;
  /**
   * Clocks of boards run fast or slow by up to so many parts of a million (10: the crystal that Espressif's hardware design guidelines
   * ask for; 40: cheap ones, warm). None unless given.
   */
  driftPpm?: number;
}

export interface AddBoardOptions {
  chip: ChipName;
  /** Lower case with colons. */
  mac: string;
  /** Metres. */
  x: number;
  y: number;
  name?: string;
  flashSizeBytes?: number;
  faults?: Faults;
  /** Run in V8 instead of what is on the flash (see v8/engine.ts). */
  program?: Program;
}

export type WorldEvent =
  | { kind: 'pin'; mac: string; pin: number; value: number }
  | { kind: 'activity'; mac: string; activity: VirtualBoard['activity'] }
  | {
      kind: 'radio';
      mac: string;
      way: 'sent' | 'received';
      bytes: number;
      payload: Uint8Array;
      /** 0 for one that was sent. */
      rssiDbm: number;
    }
  /** Of a board or a router. */
  | { kind: 'wifi'; mac: string; text: string }
  | { kind: 'nvs'; mac: string; key: string; size: number };

export class World implements BoardWorld {
  readonly queue = new EventQueue();
  readonly medium: Medium;
  readonly seed: number;
  readonly bootUs: number;
  readonly entropy: number;
  readonly wasmUrl: string | undefined;
  readonly clock: 'virtual' | 'real';
  readonly heapIsModelled: boolean;
  readonly quietTicks: number;
  readonly driftPpm: number;
  /** Errors of the simulator itself, thrown inside events with a real clock. */
  onError: (error: unknown) => void = (error) => {
    throw error;
  };
  /** Told before every turn of a board that runs bytecode; set before boards are switched on. */
  onTurn: ((mac: string) => void) | undefined;
  readonly #boards = new Map<string, VirtualBoard>();
  readonly #listeners = new Set<(event: WorldEvent) => void>();
  /** Those of them that want to know of every frame that a board receives: most of what happens. */
  #eager = 0;
  readonly #paced: boolean;
  #routers = 0;
  #running = false;
  #startedMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAtUs = Infinity;
  #closed = false;

  constructor(options: WorldOptions) {
    this.clock = options.clock;
    this.seed = options.seed;
    this.bootUs = (options.bootMs ?? BOOT_MS) * 1000;
    this.wasmUrl = options.wasmUrl;
    this.heapIsModelled = options.heapIsModelled ?? false;
    this.quietTicks = options.quietTicks ?? QUIET_TICKS;
    this.driftPpm = options.driftPpm ?? 0;
    // A page that starts the world again must not make boards repeat their nonces.
    this.entropy =
      options.clock === 'real' ? crypto.getRandomValues(new Uint32Array(1))[0]! : options.seed;
    this.#paced = (options.paced ?? options.clock === 'real') && options.clock === 'real';
    this.medium = new Medium(this.queue, options.seed, options.propagation);
    this.#startedMs = performance.now();
    if (this.clock === 'real') this.queue.onAdded = (atUs) => this.#arm(atUs);
  }

  get nowMs(): number {
    this.present();
    return this.queue.nowUs / 1000;
  }

  boards(): VirtualBoard[] {
    return [...this.#boards.values()];
  }

  board(mac: string): VirtualBoard | undefined {
    return this.#boards.get(mac);
  }

  /** A board without power. @throws Error when the address is taken */
  addBoard(options: AddBoardOptions): VirtualBoard {
    if (this.#boards.has(options.mac)) {
      throw new Error(`a board with the address ${options.mac} is in this world already`);
    }
    const chip = createVirtualChip({
      chip: options.chip,
      mac: options.mac,
      paced: this.#paced,
      ...(options.flashSizeBytes === undefined ? {} : { flashSizeBytes: options.flashSizeBytes }),
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
    const board = new VirtualBoard(chip, this, options);
    board.wireless.onTraffic = (way, payload, rssiDbm) => {
      if (way === 'received' && this.#eager === 0) return;
      const { mac } = board;
      this.#emit({ kind: 'radio', mac, way, bytes: payload.length, payload, rssiDbm });
    };
    board.wireless.onWifi = (text) => this.#emit({ kind: 'wifi', mac: board.mac, text });
    this.#boards.set(options.mac, board);
    return board;
  }

  /** Switched off. @throws Error when its name, password or channel are none */
  addRouter(options: RouterOptions): Router {
    const number = (2 * this.#routers++).toString(16).padStart(6, '0');
    const router = new Router(options, `02b0b0${number}`, this.medium, this.queue);
    const mac = router.wireless.address(1).replace(/..(?!$)/g, '$&:');
    router.wireless.onWifi = (text) => this.#emit({ kind: 'wifi', mac, text });
    return router;
  }

  removeBoard(mac: string): void {
    this.#boards.get(mac)?.remove();
    this.#boards.delete(mac);
  }

  /** @param received false for somebody to whom frames that boards receive are nothing (others may be told them all the same) */
  listen(listener: (event: WorldEvent) => void, received = true): () => void {
    this.#listeners.add(listener);
    if (received) this.#eager++;
    return () => {
      if (this.#listeners.delete(listener) && received) this.#eager--;
    };
  }

  /** Lets virtual time pass; every event until then has run when it resolves. @throws Error with a real clock */
  async advance(ms: number): Promise<void> {
    if (this.clock !== 'virtual')
      throw new Error('time passes by itself in a world with a real clock');
    if (this.#running) throw new Error('advance() was called while another one is under way');
    this.#running = true;
    try {
      const untilUs = this.queue.nowUs + ms * 1000;
      for (let pending; (pending = this.queue.run(untilUs));) await pending;
      this.queue.nowUs = untilUs;
    } finally {
      this.#running = false;
    }
  }

  /** Stops the world: no event runs any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  present(): void {
    if (this.clock === 'virtual') return;
    const nowUs = (performance.now() - this.#startedMs) * 1000;
    if (nowUs - this.queue.nowUs > LONGEST_GAP_US && !this.#running) {
      const lostUs = nowUs - this.queue.nowUs - 1000;
      const next = this.queue.nextAtUs;
      // Only when events were due long ago; an idle world may well be still for hours.
      if (next !== undefined && next < nowUs - LONGEST_GAP_US) {
        this.#startedMs += lostUs / 1000;
        return;
      }
    }
    const next = this.queue.nextAtUs ?? Infinity;
    this.queue.nowUs = Math.max(this.queue.nowUs, Math.min(nowUs, next));
  }

  onPin(board: VirtualBoard, pin: number, value: number): void {
    this.#emit({ kind: 'pin', mac: board.mac, pin, value });
  }

  onNvsWrite(board: VirtualBoard, key: string, size: number): void {
    this.#emit({ kind: 'nvs', mac: board.mac, key, size });
  }

  onActivity(board: VirtualBoard): void {
    this.#emit({ kind: 'activity', mac: board.mac, activity: board.activity });
  }

  #emit(event: WorldEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #arm(atUs: number): void {
    if (this.#closed || this.#running || atUs >= this.#timerAtUs) return;
    clearTimeout(this.#timer);
    this.#timerAtUs = atUs;
    const nowUs = (performance.now() - this.#startedMs) * 1000;
    this.#timer = setTimeout(() => void this.#pump(), Math.max(0, (atUs - nowUs) / 1000));
  }

  async #pump(): Promise<void> {
    this.#timerAtUs = Infinity;
    this.present();
    this.#running = true;
    try {
      // At most a slice of work before others get the thread.
      const untilUs = (performance.now() - this.#startedMs) * 1000;
      const stopMs = performance.now() + 12;
      while (performance.now() < stopMs && !this.#closed && (await this.queue.runNext(untilUs)));
    } catch (error) {
      this.onError(error);
    } finally {
      this.#running = false;
    }
    const next = this.queue.nextAtUs;
    if (next !== undefined) this.#arm(next);
  }
}

export function createWorld(options: WorldOptions): World {
  return new World(options);
}
