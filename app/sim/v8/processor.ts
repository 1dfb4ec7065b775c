/**
 * One board's state behind the runtime modules of the V8 engine, and which board is running.
 *
 * One thread runs one board at a time, so the modules in ambient.ts are there once for all boards and turn to `here`. Firmware
 * modules without state of their own can then be shared too, and V8 compiles and learns each function once for all nodes.
 */
import type { EngineOptions, HostFunction, HostMemory } from '../engine.ts';
import type { HostSeat } from '../host-functions.ts';

export const MAILBOX_BYTES = 32768;

/** machine.reset() and its like: ends the turn, past every `catch` that looks for a driver's error. */
export class Halt {}

/** Ctrl-C, or the watchdog. */
export class KeyboardInterrupt {}

export class Processor implements HostMemory {
  /**
   * What the host functions ask. What a turn does most goes there by itself, past function and mailbox: with hundreds of boards each
   * object on the way comes from memory. What may interrupt the firmware goes through a method here, all that may throw through `host`.
   */
  readonly seat: HostSeat;
  #interrupted = false;
  readonly mailbox = new Uint8Array(MAILBOX_BYTES);
  readonly host: Readonly<Record<string, HostFunction>>;
  /** What a host function threw: a bug of the simulator, or power lost at a flash write; never the firmware's. */
  hostError: unknown;
  /** Singletons of network and espnow. */
  readonly singletons = new Map<string, object>();

  constructor(options: Pick<EngineOptions, 'host' | 'seat'>) {
    this.seat = options.seat;
    const functions = options.host(this);
    const guarded: Record<string, HostFunction> = {};
    for (const [name, run] of Object.entries(functions)) {
      guarded[name] = (a, b, c, d, e) => {
        let result: number;
        try {
          result = run(a!, b!, c!, d!, e!);
        } catch (error) {
          this.hostError ??= error;
          throw new KeyboardInterrupt();
        }
        if (this.#interrupted) this.#raise();
        return result;
      };
    }
    this.host = guarded;
  }

  /** A watchdog may strike in it. */
  rest(ms: number, streams = 1): void {
    this.seat.rest(ms * 1000, streams > 1);
    if (this.#interrupted) this.#raise();
  }

  /** The line may be slow enough for a watchdog to strike. */
  print(bytes: Uint8Array): void {
    this.seat.print(bytes, false);
    if (this.#interrupted) this.#raise();
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  /** Before a turn: an interrupt from outside strikes in it. */
  takeInterrupt(): boolean {
    const was = this.#interrupted;
    this.#interrupted = false;
    return was;
  }

  #raise(): void {
    this.#interrupted = false;
    throw new KeyboardInterrupt();
  }

  /** A host function by its name. @throws Error for one that there is not */
  call(name: string, a?: number, b?: number, c?: number, d?: number, e?: number): number {
    const run = this.host[name];
    if (!run) throw new Error(`there is no host function "${name}"`);
    return run(a!, b!, c!, d!, e!);
  }

  /** Bytes into the mailbox. */
  put(bytes: Uint8Array, at = 0): void {
    this.mailbox.set(bytes, at);
  }

  word(at: number): number {
    const m = this.mailbox;
    return (m[at]! | (m[at + 1]! << 8) | (m[at + 2]! << 16) | (m[at + 3]! << 24)) >>> 0;
  }
}

let running: Processor | undefined;

/** The board whose turn it is. @throws Error outside of a turn */
export function here(): Processor {
  if (!running) throw new Error('a module of the runtime was used outside of a board’s turn');
  return running;
}

/** A board's turn begins; to be followed by leave() in any case. */
export function enter(processor: Processor): void {
  if (running) throw new Error('one board’s turn began inside another one’s');
  running = processor;
}

export function leave(): void {
  running = undefined;
}
