/**
 * The transport under esptool-js: its class of that name, rewritten on our port interface, with the
 * same methods. It differs where the original stands in the way of a good flasher: reads wake up
 * when bytes arrive (no 1 ms polling), text between frames is skipped and kept as evidence, a lost
 * device ends every wait at once, nothing is printed to the console.
 *
 * Framing is SLIP (RFC 1055): C0 ... C0, with DB DC for C0 and DB DD for DB.
 */
import { concatBytes } from '../base/bytes.ts';
import { LinkError, linkErrorOf } from '../link/link-error.ts';
import type { SerialPortLike } from '../link/serial-port.ts';

const END = 0xc0;
const ESCAPE = 0xdb;
/** How much of the board's text is kept for finding out why it does not answer. */
const HEARD_LIMIT = 4096;
const HOST_BUFFER_SIZE = 65536;
/** A data packet of 4 KB is the longest thing that a loader sends. */
const LONGEST_ANSWER = 0x4000;
/** A driver that has not opened, closed, or moved a line by now never will; a write gets four times the wire's time besides. */
const PATIENCE_MS = 5000;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** For work that cannot be waited for any longer: its outcome matters to nobody. */
function abandon(work: Promise<unknown>): void {
  work.catch(() => undefined);
}

export class LoaderTransport {
  readonly device: SerialPortLike;
  tracing = false;
  baudrate = 0;
  /** What the board said outside of frames since the port was first opened: its boot text. */
  heard = '';
  readonly #timeoutError: (text: string) => Error;
  #pending: Uint8Array[] = [];
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #reading: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  readonly #waits = new Set<(reason: Error) => void>();
  #lost: Error | undefined;
  #dtr = false;

  /** @param timeoutError makes the error that the loader library expects when nothing comes in time. */
  constructor(device: SerialPortLike, timeoutError: (text: string) => Error) {
    this.device = device;
    this.#timeoutError = timeoutError;
    device.addEventListener('disconnect', this.#onDisconnect);
  }

  /** Why nothing more can be read or written, or undefined. */
  get lost(): Error | undefined {
    return this.#lost;
  }

  /** Ends every wait, now and later, with that error: for cancelling. */
  fail(reason: Error): void {
    this.#lost ??= reason;
    this.#wake();
    for (const end of this.#waits) end(this.#lost);
  }

  readonly #onDisconnect = (): void => {
    this.fail(new LinkError('unplugged'));
  };

  /** The last thing to call. */
  dispose(): void {
    this.device.removeEventListener('disconnect', this.#onDisconnect);
  }

  getInfo(): string {
    return '';
  }
  getVid(): number | undefined {
    return this.device.getInfo().usbVendorId;
  }
  getPid(): number | undefined {
    return this.device.getInfo().usbProductId;
  }
  trace(): void {
    // The original prints to the console here.
  }
  hexConvert(): string {
    return '';
  }
  hexify(bytes: Uint8Array): string {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  async connect(baud = 115200): Promise<void> {
    this.#throwIfLost();
    try {
      await this.#inTime(this.device.open({ baudRate: baud, bufferSize: HOST_BUFFER_SIZE }));
    } catch (error) {
      throw this.#lost ?? linkErrorOf(error, 'opening');
    }
    this.baudrate = baud;
  }

  readLoop(): void {
    this.#reading = this.#readUntilClosed();
  }

  async disconnect(): Promise<void> {
    const reader = this.#reader;
    const readingEnds = (async (): Promise<void> => {
      await reader?.cancel().catch(() => undefined);
      await this.#reading;
    })();
    await this.#inTime(readingEnds, PATIENCE_MS, false).catch(() => undefined);
    this.flushInput();
    try {
      await this.#inTime(this.device.close(), PATIENCE_MS, false);
    } catch (error) {
      if (!this.#lost) throw linkErrorOf(error, 'using');
    }
  }

  async changeBaudrate(baud: number): Promise<boolean> {
    // The library waits before and drains the line after, so that no pause is needed here.
    await this.disconnect();
    await this.connect(baud);
    this.readLoop();
    return true;
  }

  flushInput(): void {
    this.#pending = [];
  }

  inWaiting(): number {
    return this.#pending.reduce((sum, part) => sum + part.length, 0);
  }

  peek(): Uint8Array {
    return concatBytes(...this.#pending);
  }

  /** Waits until nothing comes for a while: longer than a bridge holds bytes back (16 ms at FTDI). */
  async drainInput(quietMs = 40, maxMs = 400): Promise<void> {
    const deadline = Date.now() + maxMs;
    for (let before = -1; Date.now() < deadline && this.inWaiting() !== before;) {
      before = this.inWaiting();
      await pause(quietMs);
    }
    this.flushInput();
  }

  async write(data: Uint8Array): Promise<void> {
    this.#throwIfLost();
    const writable = this.device.writable;
    if (!writable) throw new LinkError('port-closed');
    const writer = writable.getWriter();
    const frame = encodeSlip(data);
    const wireMs = (frame.length * 10_000) / (this.baudrate || 115_200);
    try {
      await this.#inTime(writer.write(frame), PATIENCE_MS + 4 * wireMs);
    } catch (error) {
      // The driver may still hold the bytes: only an abort makes it let go, so that the port can be closed.
      abandon(writer.abort(error));
      const worded = linkErrorOf(error, 'using');
      if (worded.code === 'port-stuck') this.fail(worded);
      throw this.#lost ?? worded;
    } finally {
      writer.releaseLock();
    }
  }

  /**
   * The next frame's payload. What lies outside of frames is skipped.
   * @param timeoutMs until the frame starts, and then for each further portion of it.
   */
  async read(timeoutMs: number): Promise<Uint8Array> {
    const payload: number[] = [];
    let inFrame = false;
    let escaping = false;
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const waitMs = inFrame ? timeoutMs : deadline - Date.now();
      const bytes = await this.#nextBytes(waitMs, inFrame);
      for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i]!;
        if (byte === END) {
          if (!inFrame || payload.length === 0) {
            inFrame = true;
            continue;
          }
          if (i + 1 < bytes.length) this.#pending.unshift(bytes.subarray(i + 1));
          return Uint8Array.from(payload);
        }
        if (!inFrame) continue;
        if (payload.length > LONGEST_ANSWER) throw this.#timeoutError('An answer without end.');
        if (escaping) {
          escaping = false;
          if (byte !== 0xdc && byte !== 0xdd) {
            throw this.#timeoutError(`Invalid SLIP escape (0xdb, 0x${byte.toString(16)})`);
          }
          payload.push(byte === 0xdc ? END : ESCAPE);
        } else if (byte === ESCAPE) escaping = true;
        else payload.push(byte);
      }
    }
  }

  async setRTS(state: boolean): Promise<void> {
    await this.#signals({ requestToSend: state });
    // Some Windows drivers only send both lines together, when DTR is set.
    await this.setDTR(this.#dtr);
  }

  async setDTR(state: boolean): Promise<void> {
    this.#dtr = state;
    await this.#signals({ dataTerminalReady: state });
  }

  async setSignals(dtr: boolean, rts: boolean): Promise<void> {
    this.#dtr = dtr;
    await this.#signals({ dataTerminalReady: dtr, requestToSend: rts });
  }

  async #signals(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void> {
    this.#throwIfLost();
    try {
      await this.#inTime(this.device.setSignals(signals));
    } catch (error) {
      throw this.#lost ?? linkErrorOf(error, 'using');
    }
  }

  /**
   * The work's outcome; LinkError port-stuck once the time is over, and what fail() is given, even when the driver never answers.
   * @param endsWhenLost false for giving the port back, which is still worth trying after a loss.
   */
  async #inTime<T>(work: Promise<T>, limitMs = PATIENCE_MS, endsWhenLost = true): Promise<T> {
    let giveUp: (reason: Error) => void = () => undefined;
    const end = new Promise<never>((_resolve, reject) => (giveUp = reject));
    const timer = setTimeout(() => giveUp(new LinkError('port-stuck')), limitMs);
    if (endsWhenLost) this.#waits.add(giveUp);
    try {
      return await Promise.race([work, end]);
    } catch (error) {
      abandon(work);
      throw error;
    } finally {
      clearTimeout(timer);
      this.#waits.delete(giveUp);
    }
  }

  #throwIfLost(): void {
    if (this.#lost) throw this.#lost;
  }

  async #nextBytes(timeoutMs: number, inFrame: boolean): Promise<Uint8Array> {
    if (this.#pending.length === 0 && !this.#lost && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = () => undefined;
    }
    const bytes = timeoutMs > 0 ? this.#pending.shift() : undefined;
    if (bytes) return bytes;
    this.#throwIfLost();
    throw this.#timeoutError(inFrame ? 'The answer broke off.' : 'No answer in time.');
  }

  async #readUntilClosed(): Promise<void> {
    for (let readable = this.device.readable; readable; readable = this.device.readable) {
      const reader = readable.getReader();
      this.#reader = reader;
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          this.#pending.push(value);
          this.#hear(value);
          this.#wake();
        }
      } catch (error) {
        // Framing, parity and overrun errors pass: the port offers a new stream after them.
        if (linkErrorOf(error, 'using').code === 'unplugged') {
          this.fail(new LinkError('unplugged', error));
          return;
        }
      } finally {
        reader.releaseLock();
        this.#reader = undefined;
      }
    }
  }

  #hear(bytes: Uint8Array): void {
    if (this.heard.length >= HEARD_LIMIT) return;
    this.heard += String.fromCharCode(...bytes.subarray(0, HEARD_LIMIT - this.heard.length));
  }
}

function encodeSlip(data: Uint8Array): Uint8Array<ArrayBuffer> {
  let extra = 2;
  for (const byte of data) if (byte === END || byte === ESCAPE) extra++;
  const frame = new Uint8Array(data.length + extra);
  let at = 0;
  frame[at++] = END;
  for (const byte of data) {
    if (byte === END || byte === ESCAPE) {
      frame[at++] = ESCAPE;
      frame[at++] = byte === END ? 0xdc : 0xdd;
    } else frame[at++] = byte;
  }
  frame[at] = END;
  return frame;
}
