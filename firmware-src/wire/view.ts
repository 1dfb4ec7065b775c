/**
 * View (air frame type 0x43): whom the sender counts as present, in short, for a neighbour whose digest differs. Nodes are
 * dealt into 15 drawers by the tail of their MAC (last three bytes) modulo 15.
 *
 *    0   1                              31
 *   +---+------------------------------+          the sum of the marks in each drawer, u16: drawers that differ
 *   | 0 | 15 sums                      |          are then shown
 *   +---+------------------------------+
 *   | 1 | drawers (u16) | entries: tail (u24) | mark (u8)
 *   +---+---------------+--------------------------------
 *    0   1               3
 *
 * Little-endian; a mark is the low byte of the node's state mark (mesh/mark.ts). The second form speaks for the drawers whose
 * bits are set: a node that belongs there and has no entry is not present.
 */
import { NO_BYTES } from '../std/bytes.ts';
import { readU16, readU24, writeU16, writeU24 } from './cells.ts';

export const DRAWERS = 15;
export const ALL_DRAWERS = 0x7fff;

/** In which of the drawers a node is looked for. */
export function drawerOf(tail: number): number {
  return (tail & 0xffffff) % DRAWERS;
}
export const SUMS_BYTES = 31;
const FIXED_BYTES = 3;
const ENTRY_BYTES = 4;
export const VIEW_MAX_ENTRIES = 55;

export class View {
  /** Drawers that the entries speak for; 0 when the view is the sums. */
  drawers = 0;
  /** The sums, as the whole payload. */
  sums: Uint8Array = NO_BYTES;
  /** Tail times 256 and mark of each node. */
  entries: number[] = [];
}

export function encodeView(view: View): Uint8Array {
  if (view.drawers === 0) return view.sums;
  const bytes = new Uint8Array(FIXED_BYTES + ENTRY_BYTES * view.entries.length);
  bytes[0] = 1;
  writeU16(bytes, 1, view.drawers);
  let at = FIXED_BYTES;
  for (const entry of view.entries) {
    writeU24(bytes, at, Math.floor(entry / 256));
    bytes[at + 3] = entry & 0xff;
    at += ENTRY_BYTES;
  }
  return bytes;
}

/** null when the size is wrong, or an entry is in none of the drawers. Sums are a view of `bytes`. */
export function decodeView(bytes: Uint8Array): View | null {
  const size = bytes.length;
  const view = new View();
  if (size === SUMS_BYTES && bytes[0] === 0) {
    view.sums = bytes;
    return view;
  }
  if (size < FIXED_BYTES || bytes[0] !== 1 || (size - FIXED_BYTES) % ENTRY_BYTES !== 0) return null;
  view.drawers = readU16(bytes, 1);
  if (view.drawers === 0 || view.drawers > ALL_DRAWERS) return null;
  for (let at = FIXED_BYTES; at < size; at += ENTRY_BYTES) {
    const tail = readU24(bytes, at);
    if ((view.drawers & (1 << drawerOf(tail))) === 0) return null;
    view.entries.push(tail * 256 + bytes[at + 3]);
  }
  return view;
}
