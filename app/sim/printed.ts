/** What the firmware printed in a turn: it leaves the board at the time at which it was printed, which the world reaches later. */
import { concatBytes } from '../base/bytes.ts';
import type { EventQueue } from './event-queue.ts';

const LF = 10;
const CR = 13;
/** What is printed within so long leaves together. */
const TOGETHER_US = 1000;

export class Printed {
  readonly #queue: EventQueue;
  readonly #onOutput: (bytes: Uint8Array) => void;
  #chunks: { atUs: number; parts: Uint8Array[] }[] = [];

  constructor(queue: EventQueue, onOutput: (bytes: Uint8Array) => void) {
    this.#queue = queue;
    this.#onOutput = onOutput;
  }

  /** @param bytes copied @returns how many bytes leave */
  add(atUs: number, bytes: Uint8Array, cooked: boolean): number {
    let chunk = this.#chunks.at(-1);
    if (!chunk || atUs > chunk.atUs + TOGETHER_US) {
      chunk = { atUs, parts: [] };
      this.#chunks.push(chunk);
    }
    const leaving = cooked ? withReturns(bytes) : bytes.slice();
    chunk.parts.push(leaving);
    return leaving.length;
  }

  flush(): void {
    if (this.#chunks.length === 0) return;
    const { nowUs } = this.#queue;
    const due: Uint8Array[] = [];
    for (const { atUs, parts } of this.#chunks) {
      const text = parts.length === 1 ? parts[0]! : concatBytes(...parts);
      if (atUs <= nowUs) due.push(text);
      else this.#queue.at(atUs, () => this.#onOutput(text));
    }
    this.#chunks = [];
    if (due.length > 0) this.#onOutput(due.length === 1 ? due[0]! : concatBytes(...due));
  }
}

/** Text as the console shows it: a line feed is led by a carriage return. */
function withReturns(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(LF)) return bytes.slice();
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte === LF) out.push(CR);
    out.push(byte);
  }
  return Uint8Array.from(out);
}
