/**
 * Bytes from a board, in any pieces, to log lines and frames. Text outside frames is handed out by lines (or after
 * 4096 bytes without one); a frame that was cut or does not parse is counted, and its text is lost with it: it would
 * only confuse a reader of the log.
 */
import {
  BOARD_LINE_BYTES,
  BYTE_ENDS_FRAME,
  BYTE_IS_TEXT,
  LineReader,
} from '../../firmware-src/wire/console-line.ts';
import { parseFields } from '../../firmware-src/wire/request-line.ts';
import { fromUtf8 } from '../base/bytes.ts';
import type { BoardFrame } from './frames.ts';
import { readBoardFrame } from './frames.ts';

export type ConsoleItem =
  | { readonly kind: 'frame'; readonly frame: BoardFrame }
  /** One line of output that is no frame, without its line end. */
  | { readonly kind: 'log'; readonly text: string };

const LONGEST_LOG_BYTES = 4096;

export class ConsoleSplitter {
  /** Frames whose JSON or fields were wrong. */
  invalid = 0;
  /** Frames of types that this version does not know. */
  unknown = 0;
  readonly #reader = new LineReader(BOARD_LINE_BYTES);
  readonly #text = new Uint8Array(LONGEST_LOG_BYTES);
  #textLength = 0;

  /** Frames given up: too long, or cut by another. */
  get dropped(): number {
    return this.#reader.dropped;
  }

  push(bytes: Uint8Array): ConsoleItem[] {
    const items: ConsoleItem[] = [];
    for (const byte of bytes) {
      const what = this.#reader.push(byte);
      if (what === BYTE_IS_TEXT) this.#pushText(byte, items);
      else if (this.#textLength > 0) items.push(this.#takeText());
      if (what === BYTE_ENDS_FRAME) this.#pushFrame(items);
    }
    return items;
  }

  /** Text that has no line end yet, as a prompt has none. */
  pending(): string {
    return fromUtf8(this.#text.subarray(0, this.#textLength));
  }

  /** Hands out the text that has no line end yet. */
  flush(): ConsoleItem[] {
    return this.#textLength > 0 ? [this.#takeText()] : [];
  }

  #pushText(byte: number, items: ConsoleItem[]): void {
    if (byte === 0x0a) {
      items.push(this.#takeText());
      return;
    }
    if (this.#textLength === LONGEST_LOG_BYTES) items.push(this.#takeText());
    this.#text[this.#textLength++] = byte;
  }

  #takeText(): ConsoleItem {
    const text = fromUtf8(this.#text.subarray(0, this.#textLength)).replace(/\r+$/, '');
    this.#textLength = 0;
    return { kind: 'log', text };
  }

  #pushFrame(items: ConsoleItem[]): void {
    const fields = parseFields(this.#reader.frame());
    const reading = fields === null ? { kind: 'invalid' as const } : readBoardFrame(fields);
    if (reading.kind === 'frame') items.push({ kind: 'frame', frame: reading.frame });
    else if (reading.kind === 'unknown') this.unknown++;
    else this.invalid++;
  }
}
