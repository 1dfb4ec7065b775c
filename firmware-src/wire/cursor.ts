/** Reading formats whose parts have lengths of their own, one part after the other. */
import { utf8Decode } from '../std/utf8.ts';

/** Reads on through the bytes; `bad` once something did not fit, and stays so. */
export class Cursor {
  bad: boolean = false;
  at: number = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    if (this.at >= this.bytes.length) {
      this.bad = true;
      return 0;
    }
    this.at += 1;
    return this.bytes[this.at - 1];
  }

  take(size: number): Uint8Array {
    if (this.bad || this.at + size > this.bytes.length) {
      this.bad = true;
      return new Uint8Array(0);
    }
    this.at += size;
    return this.bytes.slice(this.at - size, this.at);
  }

  text(least: number, most: number): string {
    const size = this.byte();
    if (size < least || size > most) this.bad = true;
    const text = utf8Decode(this.take(size));
    if (text === null) {
      this.bad = true;
      return '';
    }
    return text;
  }

  /** Nothing was missing or wrong, and nothing is left. */
  isDone(): boolean {
    return !this.bad && this.at === this.bytes.length;
  }
}
