/** A byte stream whose far end is the test. */
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import type { ByteStream } from '../byte-stream.ts';

export class ScriptedStream implements ByteStream {
  /** Whole lines that were written, without 0x1E and LF. */
  readonly written: string[] = [];
  /** Called for each of them. */
  onWrite: (fields: Record<string, unknown>, line: string) => void = () => {};
  closed = false;
  /** Makes writes hang until it is false again, as a stuck port does. */
  get stuck(): boolean {
    return this.#stuck;
  }
  set stuck(stuck: boolean) {
    this.#stuck = stuck;
    if (!stuck) this.#loosen();
  }
  #stuck = false;
  #writing = false;
  #loosen: () => void = () => {};
  #queue: (Uint8Array | null | Error)[] = [];
  #waiting: (() => void) | null = null;

  say(text: string): void {
    this.sayBytes(utf8(text));
  }
  frame(fields: Record<string, unknown>): void {
    this.say(`\x1e${JSON.stringify(fields)}\n`);
  }
  sayBytes(bytes: Uint8Array): void {
    this.#put(bytes);
  }
  /** The far end is gone. */
  hangUp(error: Error | null = null): void {
    this.#put(error);
  }

  async read(): Promise<Uint8Array | null> {
    while (this.#queue.length === 0) {
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
    const next = this.#queue.shift()!;
    if (next instanceof Error) throw next;
    return next;
  }

  async write(bytes: Uint8Array): Promise<void> {
    // As the streams of a port: one writer at a time.
    if (this.#writing) throw new TypeError('Cannot create a writer for a locked stream');
    this.#writing = true;
    if (this.#stuck) await new Promise<void>((resolve) => (this.#loosen = resolve));
    this.#writing = false;
    const text = fromUtf8(bytes);
    if (!text.startsWith('\x1e') || !text.endsWith('\n')) throw new Error('not a line');
    const line = text.slice(1, -1);
    this.written.push(line);
    this.onWrite(JSON.parse(line) as Record<string, unknown>, line);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.#put(null);
  }

  #put(item: Uint8Array | null | Error): void {
    this.#queue.push(item);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }
}

export const HELLO = {
  t: 'hello',
  protocol: 1,
  mac: '24:0a:c4:00:00:01',
  name: 'lamp',
  zone: 'kitchen',
  firmware: '0.1.0+abcd1234',
  runtime: '1.26.0',
  chip: 'esp32',
  state: 'keyless',
  uptime: 2500,
  reset: 'hard',
  window: 200,
};
