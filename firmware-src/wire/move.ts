/**
 * Move (air frame type 0x47): the whole mesh goes to another channel, everybody at the same moment. Little-endian.
 *
 *    0         1        3          9
 *   +---------+--------+----------+
 *   | channel | in, ms | root MAC |     channel 1 to 13; the time that is left when the frame is sent; whose tree moves
 *   +---------+--------+----------+
 */
import { readKey, readU16, writeKey, writeU16 } from './cells.ts';

const MOVE_BYTES = 9;
const LAST_CHANNEL = 13;

export interface Move {
  readonly channel: number;
  readonly inMs: number;
  readonly root: string;
}

export function encodeMove(channel: number, inMs: number, root: string): Uint8Array {
  const bytes = new Uint8Array(MOVE_BYTES);
  bytes[0] = channel;
  writeU16(bytes, 1, inMs);
  writeKey(bytes, 3, root);
  return bytes;
}

/** null unless the bytes are exactly one move. */
export function decodeMove(bytes: Uint8Array): Move | null {
  if (bytes.length !== MOVE_BYTES || bytes[0] < 1 || bytes[0] > LAST_CHANNEL) return null;
  const root = readKey(bytes, 3);
  if (root === '') return null;
  return { channel: bytes[0], inMs: readU16(bytes, 1), root: root };
}
