/**
 * Ask (air frame type 0x42): a node wants something from one neighbour, or from all.
 *
 *    0      1              7       8
 *   +------+--------------+-------+--------------------------
 *   | kind | answerer MAC | count | subject MACs, 6 bytes each
 *   +------+--------------+-------+--------------------------
 *
 * kind 1: advertise now, in full (no subjects); kind 4: just let yourself be heard. kind 2: send the info (name, zone) of these nodes.
 * kind 3: a frame of yours had a counter below the newest that I know; the one subject is that: boot u24, sequence u24, both
 * big-endian. A node whose own counter is behind it (its flash was written anew) goes on above.
 * answerer ff:ff:ff:ff:ff:ff: whoever hears it. Kind 2 always names one answerer, so that one answer comes.
 */
import { readKey, writeKey } from './cells.ts';

export const ASK_ADVERT = 1;
export const ASK_INFO = 2;
export const ASK_PASS = 3;
export const ASK_SIGN = 4;
export const ASK_MAX_SUBJECTS = 16;
const FIXED_BYTES = 8;

export class Ask {
  kind = ASK_ADVERT;
  answerer = '';
  subjects: string[] = [];
}

export function encodeAsk(ask: Ask): Uint8Array {
  const bytes = new Uint8Array(FIXED_BYTES + 6 * ask.subjects.length);
  bytes[0] = ask.kind;
  writeKey(bytes, 1, ask.answerer);
  bytes[7] = ask.subjects.length;
  let at = FIXED_BYTES;
  for (const subject of ask.subjects) {
    writeKey(bytes, at, subject);
    at += 6;
  }
  return bytes;
}

/** null when the size is wrong, the kind is unknown, or a MAC is missing. */
export function decodeAsk(bytes: Uint8Array): Ask | null {
  if (bytes.length < FIXED_BYTES) return null;
  const count = bytes[7];
  if (count > ASK_MAX_SUBJECTS || bytes.length !== FIXED_BYTES + 6 * count) return null;
  const ask = new Ask();
  ask.kind = bytes[0];
  if (ask.kind < ASK_ADVERT || ask.kind > ASK_SIGN) return null;
  if (ask.kind === ASK_PASS && count !== 1) return null;
  ask.answerer = readKey(bytes, 1);
  if (ask.answerer === '') return null;
  for (let i = 0; i < count; i += 1) {
    const subject = readKey(bytes, FIXED_BYTES + 6 * i);
    if (subject === '') return null;
    ask.subjects.push(subject);
  }
  return ask;
}
