/**
 * Frames of setup by button, over ESP-NOW. They carry no tag: MPS protects what is in them from end to end.
 *
 *    0       1      2               3            9
 *   +-----+------+---------------+------------+------------------
 *   | 'S' | kind | parts-1, part | to, MAC 6  | 0 to 240 bytes
 *   +-----+------+---------------+------------+------------------
 *
 *   keyless node                                            registrar, or carrier of one
 *    | 1 seek, broadcast on each channel: hint 4 -------------> |   registers the node as a peer
 *    | <-------------------- 2 here, broadcast: hint 4, to: node |
 *    |   registers it as a peer, stays on the channel            |
 *    | <-- 3 parts of MPS messages, unicast, under the LMK ----> |   until done, refused or silent; then both forget the peer
 *
 * hint: first 4 bytes of HKDF of the setup key, zeros without one. Only where both hints are the same do the two have an LMK in
 * common; else they talk without, MPS alone proves the keys, and a wrong one has its code. In a seek `to` is zeros.
 */
import { writeKey } from './cells.ts';

export const SETUP_MAGIC = 0x53;
export const SETUP_SEEK = 1;
export const SETUP_HERE = 2;
export const SETUP_PART = 3;
export const SETUP_HEADER_BYTES = 9;
/** Bytes of an MPS message in one frame of 250 bytes. */
export const SETUP_PART_BYTES = 240;

/** `to`: a key, '' for nobody. */
export function encodeSetupFrame(
  kind: number,
  part: number,
  parts: number,
  to: string,
  bytes: Uint8Array,
): Uint8Array {
  const frame = new Uint8Array(SETUP_HEADER_BYTES + bytes.length);
  frame[0] = SETUP_MAGIC;
  frame[1] = kind;
  frame[2] = (parts - 1) * 16 + part;
  writeKey(frame, 3, to);
  frame.set(bytes, SETUP_HEADER_BYTES);
  return frame;
}

/** Whether the bytes belong to this protocol at all. */
export function isSetupFrame(bytes: Uint8Array): boolean {
  return bytes.length >= SETUP_HEADER_BYTES && bytes[0] === SETUP_MAGIC;
}
