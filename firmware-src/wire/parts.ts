/**
 * Messages longer than a console line travel in numbered parts: part 0 to parts - 1, all of one size but the last.
 * A new part 0 begins a new message, so a lost part costs one message and nothing else.
 */
import { concatBytes } from '../std/bytes.ts';

/** Bytes of one part in a line to a board: 112 base64url characters beside the fields, within 200 bytes. */
export const HOST_PART_BYTES = 84;
/** Bytes of one part in a line from a board: 320 characters, well within 512 bytes. */
export const BOARD_PART_BYTES = 240;
/** More than any message needs; bounds what a broken sender can make us keep. */
const MOST_PARTS = 16;

export function splitParts(message: Uint8Array, partBytes: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < message.length || parts.length === 0) {
    parts.push(message.slice(at, Math.min(message.length, at + partBytes)));
    at += partBytes;
  }
  return parts;
}

export class PartJoiner {
  private kept: Uint8Array[] = [];

  /** The whole message when this was its last part, else null. A part out of order discards what was kept. */
  add(part: number, parts: number, bytes: Uint8Array): Uint8Array | null {
    if (part === 0) this.kept = [];
    if (parts < 1 || parts > MOST_PARTS || part >= parts || part !== this.kept.length) {
      this.kept = [];
      return null;
    }
    this.kept.push(bytes.slice());
    if (this.kept.length < parts) return null;
    const whole = concatBytes(...this.kept);
    this.kept = [];
    return whole;
  }
}
