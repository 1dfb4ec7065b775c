/**
 * Messages of applications on their way along the tree, hop by hop. Little-endian.
 *
 * Air frame type 0x44, one part of a message:
 *
 *    0       1      2          5             11        17         20     21
 *   +-------+------+----------+-------------+---------+----------+------+----------------
 *   | flags | hops | next hop | destination | origin  | number   | part | 1 to 205 bytes
 *   |       | left | tail u24 | MAC         | MAC     | u24      |      | (0 in a receipt)
 *   +-------+------+----------+-------------+---------+----------+------+----------------
 *
 * flags: bits 0-1 which try of the origin's this is (0, 1, 2; 3: a control message, which is for the node itself), bit 2 the origin wants a receipt, bit 3 this is a receipt: its
 * bytes are the u24 number of the message that arrived. hops left: 48 at the origin, one less with each hop, 0 is refused.
 * next hop: last three bytes of the MAC of the one neighbour that shall pass it on or keep it; ffffff: every neighbour.
 * destination ff:ff:ff:ff:ff:ff: all nodes. part: which (low half) and how many there are less one (high half); 8 at most.
 * (origin, number) names a message; part and try beside it name a frame, which no node takes twice.
 *
 * Air frame type 0x45, what the sender has taken and need not be sent again, 1 to 20 entries:
 *
 *    0         6            9      10
 *   +---------+------------+------+-----+---
 *   | origin  | number u24 | part | try | ...
 *   +---------+------------+------+-----+---
 *
 * Who passes a frame on is heard doing so: this spares the entry.
 */
import { BROADCAST_KEY, NO_NODE, readKey, readU24, writeKey, writeU24 } from './cells.ts';

export const APP_HEADER_BYTES = 21;
/** Bytes of a message in one frame of 250 bytes. */
export const APP_PART_BYTES = 205;
export const APP_MOST_PARTS = 8;
/** Longest message: within 8 parts. */
export const APP_MOST_BYTES = 1500;
/** Up from the deepest place of a tree and down to another one of that depth (mesh/tree.ts MAX_HOPS). */
export const APP_MOST_HOPS = 48;
/** Tries of the origin, each with frames of its own. */
export const APP_TRIES = 3;
/** In place of a try: for the node itself, not for its application; never to all, without receipts of this kind. */
export const APP_CONTROL_TRY = 3;
export const NEXT_EVERYONE = 0xffffff;

const FLAG_RECEIPT_WANTED = 4;
const FLAG_RECEIPT = 8;
const TAKEN_BYTES = 11;
export const TAKEN_MOST = 20;

/** Names one frame of one message. */
export class AppFrameName {
  origin = '';
  number = 0;
  part = 0;
  parts = 1;
  attempt = 0;

  /** The same for the same frame, and for no other. */
  text(): string {
    return this.origin + this.number.toString() + '.' + (this.attempt * 16 + this.part).toString();
  }
}

export class AppFrame extends AppFrameName {
  receiptWanted = false;
  receipt = false;
  hopsLeft = APP_MOST_HOPS;
  nextTail = NEXT_EVERYONE;
  destination = '';
  bytes: Uint8Array = new Uint8Array(0);

  isToAll(): boolean {
    return this.destination === BROADCAST_KEY;
  }
}

function partByte(name: AppFrameName): number {
  return (name.parts - 1) * 16 + name.part;
}

export function encodeAppFrame(frame: AppFrame): Uint8Array {
  const bytes = new Uint8Array(APP_HEADER_BYTES + frame.bytes.length);
  bytes[0] =
    frame.attempt +
    (frame.receiptWanted ? FLAG_RECEIPT_WANTED : 0) +
    (frame.receipt ? FLAG_RECEIPT : 0);
  bytes[1] = frame.hopsLeft;
  writeU24(bytes, 2, frame.nextTail);
  writeKey(bytes, 5, frame.destination);
  writeKey(bytes, 11, frame.origin);
  writeU24(bytes, 17, frame.number);
  bytes[20] = partByte(frame);
  bytes.set(frame.bytes, APP_HEADER_BYTES);
  return bytes;
}

/** Reads origin, number and part from `at`, where they lie 0, 6 and 9 bytes on; false when they cannot be. */
function readName(bytes: Uint8Array, at: number, attempt: number, name: AppFrameName): boolean {
  name.origin = readKey(bytes, at);
  name.number = readU24(bytes, at + 6);
  name.part = bytes[at + 9] & 15;
  name.parts = (bytes[at + 9] >> 4) + 1;
  name.attempt = attempt;
  return (
    name.origin !== NO_NODE &&
    name.origin !== BROADCAST_KEY &&
    name.parts <= APP_MOST_PARTS &&
    name.part < name.parts &&
    attempt <= APP_CONTROL_TRY
  );
}

/** Null when a size, count, flag or MAC is one that no sender writes. The bytes are a view of `bytes`. */
export function decodeAppFrame(bytes: Uint8Array): AppFrame | null {
  if (bytes.length < APP_HEADER_BYTES || bytes[0] > 15) return null;
  const frame = new AppFrame();
  if (!readName(bytes, 11, bytes[0] & 3, frame)) return null;
  frame.receiptWanted = (bytes[0] & FLAG_RECEIPT_WANTED) !== 0;
  frame.receipt = (bytes[0] & FLAG_RECEIPT) !== 0;
  frame.hopsLeft = bytes[1];
  frame.nextTail = readU24(bytes, 2);
  frame.destination = readKey(bytes, 5);
  frame.bytes = bytes.subarray(APP_HEADER_BYTES);
  const size = frame.bytes.length;
  if (frame.destination === NO_NODE || frame.destination === frame.origin) return null;
  if (frame.hopsLeft < 1 || frame.hopsLeft > APP_MOST_HOPS) return null;
  if (frame.isToAll() !== (frame.nextTail === NEXT_EVERYONE)) return null;
  if (frame.attempt === APP_CONTROL_TRY && (frame.isToAll() || bytes[0] !== APP_CONTROL_TRY)) {
    return null;
  }
  if (frame.isToAll() && (frame.receiptWanted || frame.receipt)) return null;
  if (frame.receipt) return size === 3 && frame.parts === 1 && !frame.receiptWanted ? frame : null;
  // All parts but the last are full, so that a part's place in the message follows from its number.
  const last = frame.part === frame.parts - 1;
  if (size > APP_PART_BYTES || size === 0 || (!last && size < APP_PART_BYTES)) return null;
  return frame.part * APP_PART_BYTES + size > APP_MOST_BYTES ? null : frame;
}

export function encodeTaken(names: readonly AppFrameName[]): Uint8Array {
  const bytes = new Uint8Array(TAKEN_BYTES * names.length);
  let at = 0;
  for (const name of names) {
    writeKey(bytes, at, name.origin);
    writeU24(bytes, at + 6, name.number);
    bytes[at + 9] = partByte(name);
    bytes[at + 10] = name.attempt;
    at += TAKEN_BYTES;
  }
  return bytes;
}

/** Null when it is not 1 to 20 whole entries that a sender can write. */
export function decodeTaken(bytes: Uint8Array): AppFrameName[] | null {
  const count = Math.floor(bytes.length / TAKEN_BYTES);
  if (count < 1 || count > TAKEN_MOST || count * TAKEN_BYTES !== bytes.length) return null;
  const names: AppFrameName[] = [];
  for (let at = 0; at < bytes.length; at += TAKEN_BYTES) {
    const name = new AppFrameName();
    if (!readName(bytes, at, bytes[at + 10], name)) return null;
    names.push(name);
  }
  return names;
}
