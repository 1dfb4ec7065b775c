/**
 * Frames of the tree plane: what parent and child say to each other over their TCP connection. Little-endian.
 *
 *    0           2      3            6              14
 *   +-----------+------+------------+--------------+---------------------
 *   | size u16  | type | count u24  | tag, 8 bytes | payload, 0 to 242
 *   +-----------+------+------------+--------------+---------------------
 *
 * size: of the whole frame. type: below; its highest bit says that the parent speaks, so that nothing can be sent back to where it
 * came from. count: 0 in a hello, then 1, 2, 3 ... in each direction; TCP keeps the order, so any other number is an attack or an error.
 * tag: first 8 bytes of HMAC-SHA256(key, bytes 0..5, then the payload). The key of a hello and of what it answers to is
 * HKDF(network key, LABEL_LINK, network id and epoch); all later frames have one of their own:
 *   HMAC-SHA256(link key, child's nonce, parent's nonce, child's MAC, parent's MAC, 01)      which is HKDF-Expand, RFC 5869 section 2.3
 *
 *   child                                              parent
 *     HELLO    MAC of the child, nonce (8)         ->            under the link key
 *              nonce (8), then as STATE            <-  WELCOME   under the key of this connection: proves the parent
 *     STATE    nothing                             ->            proves the child
 *     STATE    nothing                             <-> STATE     flags (bit 0: the path ends at the root), count, tails (u24) above
 *                                                                the parent, nearest first; also every two seconds, as heartbeat
 *     REPORT   wire/link-report.ts                 ->            the child's own, or of somebody below it
 *                                                  <-  GRANT     wire/link-report.ts
 *     APP      wire/app-message.ts, one frame      <-> APP
 *     TAKEN    wire/app-message.ts, list of frames <-> TAKEN
 */
import type { HmacKey } from '../std/hmac.ts';
import { readU16, readU24, writeU16, writeU24 } from './cells.ts';

export const LINK_HEADER_BYTES = 14;
export const LINK_MOST_BYTES = 256;
export const LINK_NONCE_BYTES = 8;
/** Where every access point of a mesh listens. */
export const LINK_PORT = 4404;

export const LINK_HELLO = 1;
export const LINK_WELCOME = 2;
export const LINK_STATE = 3;
export const LINK_REPORT = 4;
export const LINK_GRANT = 5;
export const LINK_APP = 6;
export const LINK_TAKEN = 7;
const FROM_PARENT = 0x80;

const COUNT_AT = 3;
const TAG_AT = 6;
const TAG_BYTES = 8;

function tagOf(key: HmacKey, frame: Uint8Array): Uint8Array {
  return key.tag(frame.subarray(0, TAG_AT), frame.subarray(LINK_HEADER_BYTES));
}

export function encodeLinkFrame(
  key: HmacKey,
  fromParent: boolean,
  type: number,
  count: number,
  payload: Uint8Array,
): Uint8Array {
  const frame = new Uint8Array(LINK_HEADER_BYTES + payload.length);
  writeU16(frame, 0, frame.length);
  frame[2] = fromParent ? FROM_PARENT + type : type;
  writeU24(frame, COUNT_AT, count);
  frame.set(payload, LINK_HEADER_BYTES);
  frame.set(tagOf(key, frame).subarray(0, TAG_BYTES), TAG_AT);
  return frame;
}

/** Type of a frame, whoever it is from. */
export function linkFrameType(frame: Uint8Array): number {
  return frame[2] & 0x7f;
}

/** Whether this is frame number `count` from that side, made with the key. */
export function isLinkFrame(
  key: HmacKey,
  fromParent: boolean,
  count: number,
  frame: Uint8Array,
): boolean {
  const tag = tagOf(key, frame);
  let difference = readU24(frame, COUNT_AT) ^ count;
  if (frame[2] >= FROM_PARENT !== fromParent) difference = 1;
  for (let i = 0; i < TAG_BYTES; i += 1) difference |= frame[TAG_AT + i] ^ tag[i];
  return difference === 0;
}

/** Cuts the bytes of a connection into frames, in a buffer of fixed size. */
export class LinkReader {
  /** The bytes were no frames: nothing more comes out, and the connection is of no use any more. */
  broken = false;
  private readonly buffer: Uint8Array = new Uint8Array(LINK_MOST_BYTES);
  private filled = 0;

  /** Takes what fits from `bytes`, from `at` on; answers how many it took. */
  take(bytes: Uint8Array, at: number): number {
    const room = LINK_MOST_BYTES - this.filled;
    const left = bytes.length - at;
    const count = left < room ? left : room;
    this.buffer.set(bytes.subarray(at, at + count), this.filled);
    this.filled += count;
    return count;
  }

  /** The next whole frame, a copy; null when there is none. */
  next(): Uint8Array | null {
    if (this.broken || this.filled < 2) return null;
    const size = readU16(this.buffer, 0);
    if (size < LINK_HEADER_BYTES || size > LINK_MOST_BYTES) {
      this.broken = true;
      return null;
    }
    if (this.filled < size) return null;
    const frame = this.buffer.slice(0, size);
    this.buffer.copyWithin(0, size, this.filled);
    this.filled -= size;
    return frame;
  }
}

/** Where a node hangs in the tree of links: the tails above it, nearest first, and whether they end at the root. */
export class LinkPath {
  rooted = false;
  tails: readonly number[] = [];
}

export function encodeTails(lead: readonly number[], tails: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(lead.length + 1 + 3 * tails.length);
  let at = 0;
  for (const byte of lead) {
    bytes[at] = byte;
    at += 1;
  }
  bytes[at] = tails.length;
  at += 1;
  for (const tail of tails) {
    writeU24(bytes, at, tail);
    at += 3;
  }
  return bytes;
}

/** A count at `at` and so many tails up to the end of `bytes`; null when the count says otherwise. */
export function decodeTails(bytes: Uint8Array, at: number): number[] | null {
  if (bytes.length <= at || bytes.length !== at + 1 + 3 * bytes[at]) return null;
  const tails: number[] = [];
  for (let next = at + 1; next < bytes.length; next += 3) tails.push(readU24(bytes, next));
  return tails;
}
