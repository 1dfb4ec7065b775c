/**
 * One board's console over a byte stream: log lines and frames as events, requests with answers.
 *
 * Layer below: byte-stream.ts moves bytes. Layer above: provision/, the screens, the command line.
 * - Nothing is sent before a valid frame came in (and again after signs of a reboot or of the REPL), so that no byte of
 *   ours reaches a prompt.
 * - One request at a time, each at most 200 bytes: the board's receive ring drops what it cannot hold, silently.
 * - A request is repeated with the same id until it is answered; the board answers a repeated id without doing the thing twice.
 */
import type { ConsoleSigner } from '../../firmware-src/wire/request-line.ts';
import { encodeRequestLine, needsTag } from '../../firmware-src/wire/request-line.ts';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import type { ByteStream } from './byte-stream.ts';
import { ConsoleError } from './console-error.ts';
import type { BoardFrame, HelloFrame } from './frames.ts';
import { readBoardFrame } from './frames.ts';
import type { ConsoleItem } from './splitter.ts';
import { ConsoleSplitter } from './splitter.ts';

export type ConsoleEvent =
  | ConsoleItem
  /** The board restarted: a request in flight has failed. */
  | { readonly kind: 'rebooted'; readonly hello: HelloFrame }
  /** Always the last; null when we closed it. */
  | { readonly kind: 'ended'; readonly error: ConsoleError | null };

export type ConsoleListener = (event: ConsoleEvent) => void;

export interface ConsoleOptions {
  readonly clock?: Clock;
  /** Gets every event from the first byte on. */
  readonly onEvent?: ConsoleListener;
  /** For a time source of tests; seconds since 2020, fits 31 bits until 2088. */
  readonly counterNow?: () => number;
}

export interface RequestOptions {
  /** For one attempt. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
  /** How long to wait for a sign of life before anything is sent. */
  readonly silentMs?: number;
  readonly signal?: AbortSignal;
}

const ATTEMPT_MS = 1500;
const ATTEMPTS = 4;
/** A joined board speaks at least every 10 s; a reboot takes about 3 s. */
export const SILENT_MS = 25_000;
/** What the ROM, the runtime or its prompt print, but our firmware does not. */
const NOT_OUR_FIRMWARE = /^(>>> |rst:0x|ets [A-Z]|ESP-ROM:|MPY: soft reboot|MicroPython v\d)/;

const EPOCH_2020_MS = Date.UTC(2020, 0, 1);

/** Times that a counter is looked up: another console may go on at the same time. */
const CATCH_UPS = 3;

interface Pending {
  readonly id: number;
  settle(outcome: BoardAnswer | ConsoleError): void;
}
type BoardAnswer = Extract<BoardFrame, { t: 'answer' }>;

/** Starts reading at once. The console owns the stream and closes it. */
export function openConsole(stream: ByteStream, options: ConsoleOptions = {}): BoardConsole {
  return new BoardConsole(stream, options);
}

export class BoardConsole {
  /** Resolves when the console has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  readonly #counterNow: () => number;
  readonly #splitter = new ConsoleSplitter();
  readonly #listeners = new Set<ConsoleListener>();
  #hello: HelloFrame | null = null;
  #helloAtMs = 0;
  #heard = false;
  #waitingToHear: (() => void)[] = [];
  #signer: ConsoleSigner | null = null;
  #lastCounter = 0;
  /** Random start: a board that outlived an earlier console must not take our first request for a repeated one. */
  #nextId = 1 + Math.floor(Math.random() * 0x1000_0000);
  #pending: Pending | null = null;
  /** The line that is on its way, stuck perhaps: the next one waits for it, and only as long as its attempt lasts. */
  #sending: Promise<unknown> = Promise.resolve();
  #tail: Promise<unknown> = Promise.resolve();
  #end: ConsoleError | null = null;
  #closing = false;

  constructor(stream: ByteStream, options: ConsoleOptions) {
    this.#stream = stream;
    this.#clock = options.clock ?? systemClock;
    this.#counterNow =
      options.counterNow ?? (() => Math.floor((Date.now() - EPOCH_2020_MS) / 1000));
    if (options.onEvent) this.#listeners.add(options.onEvent);
    this.ended = this.#pump();
  }

  /** The board's last hello, filled up; null before the first. */
  get hello(): HelloFrame | null {
    return this.#hello;
  }

  /** Frames that could not be read since the start. */
  get damagedFrames(): number {
    return this.#splitter.dropped + this.#splitter.invalid;
  }

  /** Returns the way to stop listening. */
  subscribe(listener: ConsoleListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every event from now on, up to and including `ended`. */
  async *events(): AsyncGenerator<ConsoleEvent, void, undefined> {
    const queue: ConsoleEvent[] = [];
    let wake = (): void => {};
    const stop = this.subscribe((event) => {
      queue.push(event);
      wake();
    });
    try {
      if (this.#end !== null) return;
      for (;;) {
        const event = queue.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        yield event;
        if (event.kind === 'ended') return;
      }
    } finally {
      stop();
    }
  }

  /** With a signer, requests that a joined board guards are tagged. */
  useSigner(signer: ConsoleSigner | null): void {
    this.#signer = signer;
  }

  /**
   * The board's hello, at once when it has said one. @throws ConsoleError silent | unplugged | closed, or the signal's reason
   */
  async waitForHello(options: RequestOptions = {}): Promise<HelloFrame> {
    if (this.#hello !== null && this.#heard) return this.#hello;
    await this.#untilHeard(options.silentMs ?? SILENT_MS, options.signal);
    if (this.#hello !== null) return this.#hello;
    const result = await this.request('hello', {}, options);
    const reading = readBoardFrame({ ...result, t: 'hello' });
    if (reading.kind === 'frame') this.#onFrame(reading.frame);
    if (this.#hello === null) throw new ConsoleError('no-answer', { request: 'hello' });
    return this.#hello;
  }

  /**
   * The result of the board's answer. Requests wait for each other.
   * @throws ConsoleError silent | no-answer | rebooted | refused | too-long | unplugged | closed, or the signal's reason
   */
  request(
    type: string,
    fields: Readonly<Record<string, unknown>> = {},
    options: RequestOptions = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const run = this.#tail.then(() => this.#run(type, fields, options));
    this.#tail = run.catch(() => {});
    return run;
  }

  /** Fails what is waiting with `closed`, gives the port back. May be called more than once. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#stream.close();
    await this.ended;
  }

  async #run(
    type: string,
    fields: Readonly<Record<string, unknown>>,
    options: RequestOptions,
  ): Promise<Readonly<Record<string, unknown>>> {
    const signer = needsTag(type) ? this.#signer : null;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#ask(type, fields, options, signer);
      } catch (error) {
        const stale = error instanceof ConsoleError && error.reason === 'stale-counter';
        if (!stale || attempt === CATCH_UPS || !(await this.#catchUp(options))) throw error;
      }
    }
  }

  /**
   * Another console was faster than one request a second, or its clock was ahead of this one: goes on above what the board took last.
   * False when it does not say.
   */
  async #catchUp(options: RequestOptions): Promise<boolean> {
    try {
      const { value } = await this.#ask('config.get', { key: 'counter' }, options, null);
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
      this.#lastCounter = Math.max(this.#lastCounter, value);
      return true;
    } catch (error) {
      if (error instanceof ConsoleError && error.code === 'refused') return false;
      throw error;
    }
  }

  async #ask(
    type: string,
    fields: Readonly<Record<string, unknown>>,
    options: RequestOptions,
    signer: ConsoleSigner | null,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { signal } = options;
    const id = this.#nextId++;
    if (signer !== null) {
      this.#lastCounter = Math.max(this.#lastCounter + 1, this.#counterNow());
    }
    const line = encodeRequestLine({ t: type, id, ...fields }, signer, this.#lastCounter);
    if (line === null) throw new ConsoleError('too-long', { request: type });
    for (let attempt = 0; attempt < (options.attempts ?? ATTEMPTS); attempt++) {
      await this.#untilHeard(options.silentMs ?? SILENT_MS, signal);
      const outcome = await this.#attempt(id, line, options.timeoutMs ?? ATTEMPT_MS, signal);
      if (outcome === null) continue;
      if (outcome instanceof ConsoleError) {
        throw new ConsoleError(outcome.code, { cause: outcome.cause, request: type });
      }
      if (!outcome.ok) throw new ConsoleError('refused', { reason: outcome.error, request: type });
      return outcome.result;
    }
    throw new ConsoleError('no-answer', { request: type });
  }

  /** Null when the time ran out. */
  async #attempt(
    id: number,
    line: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<BoardAnswer | ConsoleError | null> {
    signal?.throwIfAborted();
    if (this.#end !== null) return this.#end;
    const timer = new AbortController();
    const answered = new Promise<BoardAnswer | ConsoleError>((resolve) => {
      this.#pending = { id, settle: resolve };
    });
    try {
      const sent = this.#send(line, timer.signal)
        .then(() => answered)
        .catch((error: unknown) =>
          error instanceof ConsoleError ? error : new ConsoleError('unplugged', { cause: error }),
        );
      const timedOut = this.#clock
        .sleep(timeoutMs, AbortSignal.any(signal ? [timer.signal, signal] : [timer.signal]))
        .then(() => null);
      // `answered` on its own, too: a board that restarts while the write is stuck must end the attempt.
      return await Promise.race([sent, answered, timedOut]);
    } finally {
      this.#pending = null;
      timer.abort();
    }
  }

  /** A port takes one writer at a time: a busy host that needs seconds for a line must not look like a lost link. */
  async #send(line: Uint8Array, over: AbortSignal): Promise<void> {
    await this.#sending;
    if (over.aborted) return;
    const sending = this.#stream.write(line);
    this.#sending = sending.catch(() => undefined);
    return sending;
  }

  async #untilHeard(silentMs: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#end !== null) throw this.#end;
    if (this.#heard) return;
    const timer = new AbortController();
    const heard = new Promise<'heard'>((resolve) => {
      this.#waitingToHear.push(() => resolve('heard'));
    });
    const silent = this.#clock
      .sleep(silentMs, AbortSignal.any(signal ? [timer.signal, signal] : [timer.signal]))
      .then(() => 'silent' as const);
    try {
      if ((await Promise.race([heard, silent])) === 'silent') throw new ConsoleError('silent');
    } finally {
      timer.abort();
    }
    if (this.#end !== null) throw this.#end;
  }

  async #pump(): Promise<void> {
    await Promise.resolve();
    let end: ConsoleError | null = null;
    try {
      for (;;) {
        const bytes = await this.#stream.read();
        if (bytes === null) break;
        for (const item of this.#splitter.push(bytes)) this.#onItem(item);
        if (NOT_OUR_FIRMWARE.test(this.#splitter.pending())) this.#heard = false;
      }
      if (!this.#closing) end = new ConsoleError('unplugged');
    } catch (error) {
      end = error instanceof ConsoleError ? error : new ConsoleError('unplugged', { cause: error });
    }
    if (this.#closing) end = null;
    for (const item of this.#splitter.flush()) this.#emit(item);
    this.#end = end ?? new ConsoleError('closed');
    this.#pending?.settle(this.#end);
    this.#wakeWaiting();
    this.#emit({ kind: 'ended', error: end });
    await this.#stream.close();
  }

  #onItem(item: ConsoleItem): void {
    if (item.kind === 'log') {
      if (NOT_OUR_FIRMWARE.test(item.text)) this.#heard = false;
      this.#emit(item);
      return;
    }
    this.#onFrame(item.frame);
  }

  #onFrame(frame: BoardFrame): void {
    this.#heard = true;
    if (frame.t === 'hello') {
      this.#onHello(frame);
    } else {
      if (frame.t === 'answer' && frame.id === this.#pending?.id) this.#pending.settle(frame);
      this.#emit({ kind: 'frame', frame });
    }
    this.#wakeWaiting();
  }

  #onHello(frame: HelloFrame): void {
    const before = this.#hello;
    const nowMs = this.#clock.nowMs();
    // An uptime that went back, or stood nearly still: the board may run slower than our clock, but not eight times.
    const elapsedMs = nowMs - this.#helloAtMs;
    const rebooted =
      before !== null && (before.mac !== frame.mac || frame.uptime < before.uptime + elapsedMs / 8);
    const hello =
      before === null || rebooted || frame.firmware !== '' ? frame : fillUp(frame, before);
    this.#hello = hello;
    this.#helloAtMs = nowMs;
    this.#emit({ kind: 'frame', frame: hello });
    if (!rebooted) return;
    this.#pending?.settle(new ConsoleError('rebooted'));
    this.#emit({ kind: 'rebooted', hello });
  }

  #wakeWaiting(): void {
    const waiting = this.#waitingToHear;
    this.#waitingToHear = [];
    for (const wake of waiting) wake();
  }

  #emit(event: ConsoleEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** A short hello with the texts of the last full one of the same run. */
function fillUp(short: HelloFrame, full: HelloFrame): HelloFrame {
  return {
    ...short,
    name: short.name === '' ? full.name : short.name,
    zone: short.zone === '' ? full.zone : short.zone,
    firmware: full.firmware,
    runtime: short.runtime === '' ? full.runtime : short.runtime,
    chip: short.chip === '' ? full.chip : short.chip,
    reset: short.reset === '' ? full.reset : short.reset,
  };
}
