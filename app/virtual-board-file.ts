/**
 * A virtual board's remains (flash, address, place) as one run of bytes, for keeping.
 *
 *   length of the head, 4 bytes little-endian | head, JSON in UTF-8 | pieces of flash, one after the other
 *
 * The head is the state of app/sim/board-state.ts with the pieces as { at, length }, and whether the power is on.
 */
import { concatBytes, fromUtf8, utf8 } from './base/bytes.ts';
import type { BoardState } from './sim/board-state.ts';

export interface KeptBoard {
  readonly state: BoardState;
  readonly powered: boolean;
}

interface Head extends Omit<BoardState, 'flash'> {
  readonly powered: boolean;
  readonly flash: { sizeBytes: number; pieces: { at: number; length: number }[] };
}

export function packBoard({ state, powered }: KeptBoard): Uint8Array<ArrayBuffer> {
  const { sizeBytes, pieces } = state.flash;
  const places = pieces.map(({ at, bytes }) => ({ at, length: bytes.length }));
  const head = utf8(
    JSON.stringify({ ...state, powered, flash: { sizeBytes, pieces: places } } satisfies Head),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length, true);
  return concatBytes(length, head, ...pieces.map((piece) => piece.bytes));
}

/** Null when the bytes are of another layout: the board is lost, which costs no more than making it again. */
export function unpackBoard(bytes: Uint8Array<ArrayBuffer>): KeptBoard | null {
  try {
    const headLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const head = JSON.parse(fromUtf8(bytes.subarray(4, 4 + headLength))) as Head;
    if (head.version !== 1) return null;
    const { powered, flash, ...rest } = head;
    let at = 4 + headLength;
    const pieces = flash.pieces.map((piece) => {
      const part = bytes.slice(at, at + piece.length);
      at += piece.length;
      return { at: piece.at, bytes: part };
    });
    if (at !== bytes.length) return null;
    return { powered, state: { ...rest, flash: { sizeBytes: flash.sizeBytes, pieces } } };
  } catch {
    return null;
  }
}
