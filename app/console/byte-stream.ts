/**
 * Bytes both ways: a serial port, or a TCP socket on the command line. The console speaks through this and knows
 * no more of the link.
 */
import type { SerialPortLike } from '../link/serial-port.ts';
import { ConsoleError } from './console-error.ts';

export interface ByteStream {
  /** The next bytes, at least one; null when the other side closed. Rejects when the link broke. */
  read(): Promise<Uint8Array | null>;
  /** Resolves when the bytes are on their way. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends a waiting read() with null. May be called more than once. */
  close(): Promise<void>;
}

export const CONSOLE_BAUD = 115200;
/** Chromium's default of 255 bytes loses text while the page is busy. */
const BUFFER_BYTES = 65536;

/**
 * Opens the port for the console. DTR and RTS are both asserted: on boards with the usual two-transistor reset circuit
 * that is neutral, and native USB consoles send nothing before DTR is set. Opening may reset the board all the same.
 */
export async function openSerialStream(port: SerialPortLike): Promise<ByteStream> {
  try {
    await port.open({ baudRate: CONSOLE_BAUD, bufferSize: BUFFER_BYTES });
  } catch (error) {
    throw new ConsoleError('in-use', { cause: error });
  }
  try {
    await port.setSignals({ dataTerminalReady: true, requestToSend: true });
  } catch {
    // Some bridges refuse control lines; the console needs none.
  }
  return new SerialStream(port);
}

/** A stream that fails for the moment (a framing error, a full buffer) leaves a new `readable` behind; this many in a row do not. */
const MOST_PASSING_ERRORS = 20;

class SerialStream implements ByteStream {
  readonly #port: SerialPortLike;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null;
  #passingErrors = 0;
  #closed: Promise<void> | null = null;

  constructor(port: SerialPortLike) {
    this.#port = port;
  }

  async read(): Promise<Uint8Array | null> {
    while (this.#closed === null) {
      const readable = this.#port.readable;
      if (readable === null) throw new ConsoleError('unplugged');
      this.#reader ??= readable.getReader();
      try {
        const { value, done } = await this.#reader.read();
        if (done) return this.#ended();
        this.#passingErrors = 0;
        if (value.length > 0) return value;
      } catch (error) {
        this.#release();
        this.#passingErrors++;
        if (this.#port.readable === null || this.#passingErrors > MOST_PASSING_ERRORS) {
          throw new ConsoleError('unplugged', { cause: error });
        }
      }
    }
    return null;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const writable = this.#port.writable;
    if (writable === null) throw new ConsoleError('unplugged');
    const writer = writable.getWriter();
    this.#writer = writer;
    try {
      await writer.write(bytes);
    } catch (error) {
      throw new ConsoleError('unplugged', { cause: error });
    } finally {
      writer.releaseLock();
      this.#writer = null;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      // A board that takes nothing holds a line for ever, and a port with a writer on it does not close.
      await Promise.all([this.#reader?.cancel(), this.#writer?.abort()]);
    } catch {
      // The link is gone already.
    }
    this.#release();
    try {
      await this.#port.close();
    } catch {
      // Likewise.
    }
  }

  #ended(): null {
    this.#release();
    if (this.#closed === null) throw new ConsoleError('unplugged');
    return null;
  }

  #release(): void {
    try {
      this.#reader?.releaseLock();
    } catch {
      // A read is still waiting; cancel() ends it.
    }
    this.#reader = null;
  }
}
