/**
 * View (air frame type 0x43): whom the sender counts as present, in short, for a neighbour whose digest differs.
 *
 *    0              3              6
 *   +--------------+--------------+--------------------------------------
 *   | first (u24)  | last (u24)   | entries: tail (u24) | mark (u8), ascending by tail
 *   +--------------+--------------+--------------------------------------
 *
 * A tail is the last three bytes of a MAC, little-endian; a mark is the low byte of the node's state mark (boot counter
 * and parent). The frame speaks for every tail from first to last: one in that range without an entry is not present.
 */
import { readU24, writeU24 } from './cells.ts';

const FIXED_BYTES = 6;
const ENTRY_BYTES = 4;
export const VIEW_MAX_ENTRIES = 55;

export class View {
  first = 0;
  last = 0;
  /** Each is its tail times 256 and its mark, ascending. */
  entries: number[] = [];
}

export function encodeView(view: View): Uint8Array {
  const bytes = new Uint8Array(FIXED_BYTES + ENTRY_BYTES * view.entries.length);
  writeU24(bytes, 0, view.first);
  writeU24(bytes, 3, view.last);
  let at = FIXED_BYTES;
  for (const entry of view.entries) {
    writeU24(bytes, at, Math.floor(entry / 256));
    bytes[at + 3] = entry & 0xff;
    at += ENTRY_BYTES;
  }
  return bytes;
}

/** null when the size is wrong, or the entries are not in order and in range. */
export function decodeView(bytes: Uint8Array): View | null {
  const entryBytes = bytes.length - FIXED_BYTES;
  if (entryBytes < 0 || entryBytes % ENTRY_BYTES !== 0) return null;
  const view = new View();
  view.first = readU24(bytes, 0);
  view.last = readU24(bytes, 3);
  if (view.last < view.first) return null;
  let at = FIXED_BYTES;
  let least = view.first;
  while (at < bytes.length) {
    const tail = readU24(bytes, at);
    if (tail < least || tail > view.last) return null;
    least = tail + 1;
    view.entries.push(tail * 256 + bytes[at + 3]);
    at += ENTRY_BYTES;
  }
  return view;
}
