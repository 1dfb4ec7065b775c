/**
 * One run of the firmware on one board, from the start of the runtime to the next reset: an engine (engine.ts), the board's clock
 * inside it, and what it prints.
 *
 * The board lives in turns: one call of main.py's loop condition each. Time stands still in the world during a turn. What the
 * turn sleeps, waits or spends on a slow serial line moves the board's own clock, and the next turn comes when the world has
 * caught up. So nothing that happens in the world during a sleep is seen before the next turn.
 *
 * A turn that ends in a poll with a timeout rests: to the tick of the system (10 ms) after it, or until a byte comes on the console,
 * and to the tick after a frame if ESP-NOW is polled, too. A firmware that rests shortly, turn after turn without anything to do,
 * would be asked a hundred times a second for nothing, so those turns come further apart (quietTicks at most); what comes for the
 * board ends what was put to its rest.
 * How long a turn takes does not depend on the engine: it is what the firmware asked of its board, and LEAST_TURN_US.
 */
import type { SeededRandom } from '../base/random.ts';
import type { NvsStore } from '../image/nvs/store.ts';
import type { ConsoleRing } from './console-ring.ts';
import type { Engine, EngineOptions, StepResult, TakenFrame } from './engine.ts';
import type { EspNow } from './esp-now.ts';
import type { EventQueue, QueuedEvent } from './event-queue.ts';
import { FlashPowerLost } from './flash-chip.ts';
import { hostFunctions, TICKS_MASK } from './host-functions.ts';
import type { HostSeat, RuntimeIdentity, StopRequest } from './host-functions.ts';
import { Printed } from './printed.ts';
import type { Wireless } from './wireless.ts';

/**
 * A turn takes at least this long: a loop that never sleeps still lets time pass, at about the pace of an ESP32, whose VM is 50 to
 * 100 times slower than this one (platform facts, section 10).
 */
const LEAST_TURN_US = 4000;
/** A turn that read, sent and wrote nothing is followed by a longer one; a frame or a byte for the board ends it early. */
const IDLE_TURN_US = 12000;
/** FreeRTOS on stock builds: CONFIG_FREERTOS_HZ is 100. */
const TICK_US = 10_000;
/** The modelled heap: what the default profile holds in a small mesh, and garbage of a turn. */
const HEAP_KEPT_BYTES = 60_000;
const HEAP_TURN_BYTES = 600;
/** 115200 baud, ten bits a byte, behind a transmit buffer of 128 bytes. */
const UART_BYTE_US = 10e6 / 115200;
const UART_BUFFER_BYTES = 128;
/** How long a start may take; what comes later holds up a loop that serves a mesh. */
const STARTING_US = 5e6;
/** A single turn that sleeps longer than this never comes back (a loop inside it): it is interrupted. */
const LONGEST_TURN_US = 3600e6;

export interface SessionOptions {
  queue: EventQueue;
  wireless: Wireless;
  input: ConsoleRing;
  random: SeededRandom;
  runtime: RuntimeIdentity;
  nvs: NvsStore | undefined;
  resetCause: number;
  vfsBlocks: number;
  heapBytes: number;
  /** World time of the chip's start. */
  startUs: number;
  /** The line is a UART, which makes a long print wait. */
  uart: boolean;
  createEngine: (options: EngineOptions) => Engine | Promise<Engine>;
  /** gc tells a model of the heap, which is the same in both engines, instead of the engine's own figure. */
  heapIsModelled: boolean;
  /** A board without anything to do takes a turn at every tick (1) up to every n-th one. */
  quietTicks: number;
  /** By how much the board's clock runs fast, in parts of a million. */
  driftPpm: number;
  onNvsWrite: (key: string, size: number) => void;
  usedBlocks: () => number;
  readRtc: () => Uint8Array;
  writeRtc: (bytes: Uint8Array) => void;
  onOutput: (bytes: Uint8Array) => void;
  onPin: (pin: number, value: number) => void;
  /** The pin that the BOOT button pulls down, and the button. */
  bootPin: number;
  button: { readonly bootButton: boolean };
  /** Before every turn; undefined where nobody wants to know. */
  onTurn: (() => void) | undefined;
}

export class Session implements HostSeat {
  // What every turn touches comes first, close together: with hundreds of boards it comes from memory, in lines of 64 bytes.
  /** Nothing of this run may take effect any more. */
  dead = false;
  /** The next turn may be brought forward to busyUntilUs. */
  idle = false;
  #busy = false;
  #isResting = false;
  #onFrames = false;
  /** The board's clock may have moved since it was worked out last. */
  #clockMoved = true;
  #ticksMs = 0;
  interruptPending = false;
  /** What the firmware asked for in its last turn. */
  stopRequest: StopRequest | { kind: 'watchdog' } | undefined;
  next: QueuedEvent | undefined;
  #engine: Engine | undefined;
  readonly input: ConsoleRing;
  /** The driver of this run: the board has a new one at each start. */
  readonly espNow: EspNow;
  readonly #queue: EventQueue;
  readonly #button: { readonly bootButton: boolean };
  /** -1 once the firmware drives the pin itself. */
  #bootPin: number;
  turns = 0;
  #quietTurns = 0;
  #collectedAtTurn = 0;
  readonly #heapIsModelled: boolean;
  /** Something printed has not left yet. */
  #hasPrinted = false;
  #offsetUs = 0;
  /** A poll that may turn out to be the end of the turn. */
  #restUs = 0;
  #stallUs = 0;
  #watchdogMs = 0;
  readonly #startUs: number;
  /** The board's seconds in one of the world's. */
  readonly #rate: number;
  #lastUptimeUs = 0;
  /** Before this the board is still in its last turn. */
  busyUntilUs = 0;
  #restEndUs = 0;
  #watchdogAtUs = Infinity;
  /** The longest turn but those at the start, without the rest at its end: what the firmware slept, and waited for flash and line. */
  longestTurnUs = 0;
  readonly #onTurn: (() => void) | undefined;
  readonly runtime: RuntimeIdentity;
  readonly heapBytes: number;
  readonly resetCause: number;
  readonly vfsBlocks: number;
  readonly wireless: Wireless;
  readonly random: SeededRandom;
  readonly nvs: NvsStore | undefined;
  /** Levels of those that the firmware drives. */
  readonly #pins = new Map<number, number>();
  readonly onNvsWrite: (key: string, size: number) => void;
  readonly usedBlocks: () => number;
  readonly readRtc: () => Uint8Array;
  readonly writeRtc: (bytes: Uint8Array) => void;
  readonly #options: SessionOptions;
  #uartFreeUs = 0;
  readonly #printed: Printed;

  constructor(options: SessionOptions) {
    this.input = options.input;
    this.espNow = options.wireless.espNow;
    this.#queue = options.queue;
    this.#button = options.button;
    this.#bootPin = options.bootPin;
    this.#heapIsModelled = options.heapIsModelled;
    this.#startUs = options.startUs;
    this.#rate = 1 + options.driftPpm / 1e6;
    this.#onTurn = options.onTurn;
    this.runtime = options.runtime;
    this.heapBytes = options.heapBytes;
    this.resetCause = options.resetCause;
    this.vfsBlocks = options.vfsBlocks;
    this.wireless = options.wireless;
    this.random = options.random;
    this.nvs = options.nvs;
    this.onNvsWrite = options.onNvsWrite;
    this.usedBlocks = options.usedBlocks;
    this.readRtc = options.readRtc;
    this.writeRtc = options.writeRtc;
    this.#options = options;
    this.#printed = new Printed(options.queue, (text) => {
      if (!this.dead) options.onOutput(text);
    });
  }

  async load(): Promise<Engine> {
    const made = this.#options.createEngine({
      onPrint: (bytes) => this.print(bytes, true),
      host: (memory) => hostFunctions(memory, this),
      seat: this,
    });
    this.#engine = made instanceof Promise ? await made : made;
    return this.#engine;
  }

  get engine(): Engine {
    if (!this.#engine) throw new Error('the session has not been loaded');
    return this.#engine;
  }

  /** World time for the board: now, and what its turn has used up. */
  localUs(): number {
    if (this.#restUs > 0) this.#sleepOut();
    return this.#queue.nowUs + this.#offsetUs;
  }

  uptimeUs(): number {
    if (!this.#clockMoved) return this.#lastUptimeUs;
    this.#clockMoved = false;
    // Woken from a long sleep by Ctrl-C, the board's clock stands still until the world has caught up.
    const uptimeUs = (this.localUs() - this.#startUs) * this.#rate;
    if (uptimeUs > this.#lastUptimeUs) {
      this.#lastUptimeUs = uptimeUs;
      this.#ticksMs = Math.floor(uptimeUs / 1000) & TICKS_MASK;
    }
    return this.#lastUptimeUs;
  }

  ticksMs(): number {
    if (this.#clockMoved) this.uptimeUs();
    return this.#ticksMs;
  }

  takeFrame(): TakenFrame {
    const packet = this.espNow.take();
    if (packet !== undefined) this.#busy = true;
    return packet;
  }

  pinLevel(pin: number): number {
    if (pin === this.#bootPin) return this.#button.bootButton ? 0 : 1;
    return this.#pins.get(pin) ?? 0;
  }

  drivePin(pin: number, value: number): void {
    if (this.#pins.get(pin) !== value) this.#options.onPin(pin, value);
    this.#pins.set(pin, value);
    if (pin === this.#bootPin) this.#bootPin = -1;
  }

  /** The firmware did something in this turn. */
  touch(): void {
    this.#busy = true;
  }

  sleep(us: number): void {
    this.#busy = true;
    this.waitUntil(this.localUs() + us / this.#rate);
  }

  /** Like sleep, but when the turn ends with it, a byte ends it earlier; `onFrames`: a frame, too. */
  rest(us: number, onFrames: boolean): void {
    if (this.#restUs > 0) this.#sleepOut();
    this.#restUs = us;
    this.#onFrames = onFrames;
    this.#clockMoved = true; // should the turn go on, that was a sleep
  }

  /** The turn went on after a rest: it was a sleep. */
  #sleepOut(): void {
    const us = this.#restUs;
    this.#restUs = 0;
    this.sleep(us);
  }

  /** -1: the engine measures its own heap. */
  heapModel(): number {
    if (!this.#heapIsModelled) return -1;
    return HEAP_KEPT_BYTES + HEAP_TURN_BYTES * (this.turns - this.#collectedAtTurn);
  }

  heapCollected(): void {
    this.#collectedAtTurn = this.turns;
  }

  waitUntil(us: number): void {
    if (this.dead || this.stopRequest) return;
    this.#offsetUs = Math.max(this.#offsetUs, us - this.#queue.nowUs);
    this.#clockMoved = true;
    if (this.localUs() > this.#watchdogAtUs) {
      this.#offsetUs = this.#watchdogAtUs - this.#queue.nowUs;
      this.stop({ kind: 'watchdog' });
      this.engine.interrupt();
    } else if (this.#offsetUs > LONGEST_TURN_US) this.engine.interrupt();
  }

  /** Something holds the firmware up for so long at the start of its next turn: garbage, a flash being erased, somebody's own code. */
  stall(us: number): void {
    this.#stallUs += us;
  }

  startWatchdog(ms: number): void {
    this.#watchdogMs = ms;
    this.feedWatchdog();
  }

  feedWatchdog(): void {
    this.#watchdogAtUs = this.localUs() + (this.#watchdogMs * 1000) / this.#rate;
  }

  /** World time at which the watchdog bites. */
  get watchdogAtUs(): number {
    return this.#watchdogAtUs;
  }

  stop(request: StopRequest | { kind: 'watchdog' }): void {
    this.stopRequest ??= request;
  }

  halted(): boolean {
    return this.dead || this.stopRequest !== undefined;
  }

  print(bytes: Uint8Array, cooked: boolean): void {
    if (this.dead) return;
    this.#busy = true;
    this.#hasPrinted = true;
    const atUs = this.localUs();
    const size = this.#printed.add(atUs, bytes, cooked);
    if (!this.#options.uart) return;
    const sent = size * UART_BYTE_US;
    this.#uartFreeUs = Math.max(this.#uartFreeUs, atUs) + sent;
    const mustWaitUntil = this.#uartFreeUs - UART_BUFFER_BYTES * UART_BYTE_US;
    if (mustWaitUntil > atUs && this.#engine) this.waitUntil(mustWaitUntil);
  }

  /** Runs a piece of the firmware; afterwards its output is on its way and busyUntilUs says when it ended. */
  turn(run: (engine: Engine) => StepResult): StepResult {
    this.#onTurn?.();
    this.#offsetUs = 0;
    this.#clockMoved = true;
    this.#restUs = 0;
    this.#busy = false;
    if (this.#stallUs > 0) {
      const us = this.#stallUs;
      this.#stallUs = 0;
      this.sleep(us);
    }
    let result: StepResult;
    try {
      if (this.interruptPending) {
        this.interruptPending = false;
        this.engine.interrupt();
      }
      result = run(this.engine);
    } catch (error) {
      if (!(error instanceof FlashPowerLost)) throw error;
      result = 'stopped'; // the chip has told its board already
    }
    const restUs = this.#restUs;
    this.#restUs = 0;
    const doneUs = this.localUs();
    const { nowUs } = this.#queue;
    if (nowUs - this.#startUs > STARTING_US)
      this.longestTurnUs = Math.max(this.longestTurnUs, doneUs - nowUs);
    this.flush();
    this.#offsetUs = 0;
    this.#clockMoved = true;
    this.turns++;
    this.busyUntilUs = Math.max(doneUs, this.#queue.nowUs + LEAST_TURN_US);
    this.idle = !this.#busy || restUs > 0;
    this.#isResting = restUs > 0;
    const isShort = this.#isResting && restUs < TICK_US;
    this.#quietTurns = isShort && !this.#busy ? this.#quietTurns + 1 : 0;
    this.#restEndUs = this.#tickFrom(doneUs + restUs / this.#rate);
    return this.stopRequest ? 'stopped' : result;
  }

  /** The first tick of the system at or after this time at which the board is not in its turn any more. */
  #tickFrom(us: number): number {
    const startUs = this.#startUs;
    const sinceStart = Math.max(us, this.busyUntilUs) - startUs;
    const tickUs = TICK_US / this.#rate;
    return startUs + Math.ceil(sinceStart / tickUs) * tickUs;
  }

  /** When the next turn comes, if nothing comes for the board before. */
  get nextTurnUs(): number {
    if (this.#isResting) {
      const skipped = Math.min(this.#quietTurns, this.#options.quietTicks) - 1;
      return this.#restEndUs + (Math.max(0, skipped) * TICK_US) / this.#rate;
    }
    return this.idle ? this.busyUntilUs - LEAST_TURN_US + IDLE_TURN_US : this.busyUntilUs;
  }

  /** When an idle board takes its turn because something has come for it. */
  wakeUs(cause: 'frame' | 'byte'): number {
    const { nowUs } = this.#queue;
    if (cause === 'byte' || !this.#isResting) return Math.max(nowUs, this.busyUntilUs);
    // Here before the rest began: its poll finds it at once.
    if (this.#onFrames && nowUs < this.busyUntilUs) return this.busyUntilUs;
    return this.#onFrames
      ? this.#tickFrom(nowUs)
      : Math.max(this.#restEndUs, this.#tickFrom(nowUs));
  }

  flush(): void {
    if (!this.#hasPrinted) return;
    this.#hasPrinted = false;
    this.#printed.flush();
  }
}
