/**
 * Info (air frame type 0x41): names and zones, which change so seldom that adverts carry only a 16-bit hash of them.
 * One frame holds as many entries as fit; the sender may speak for nodes that the receiver cannot hear.
 *
 *    0       1
 *   +-------+--------------------------------------------------------------
 *   | count | entries: MAC (6) | name length | name | zone length | zone     texts in UTF-8, 32 bytes at most each
 *   +-------+--------------------------------------------------------------
 */
import { concatBytes } from '../std/bytes.ts';
import { crc16 } from '../std/crc16.ts';
import { readKey, writeKey } from './cells.ts';

export const INFO_TEXT_MAX = 32;

export class InfoEntry {
  key = '';
  name: Uint8Array = new Uint8Array(0);
  zone: Uint8Array = new Uint8Array(0);
}

/** Bytes that this entry adds to a frame. */
export function infoEntryBytes(entry: InfoEntry): number {
  return 8 + entry.name.length + entry.zone.length;
}

/** Never 0, which stands for "nothing known": CRC-16 of name, zero byte, zone. Tells whether names must be asked for. */
export function infoHash(name: Uint8Array, zone: Uint8Array): number {
  const both = concatBytes(name, new Uint8Array(1), zone);
  const sum = crc16(both, both.length);
  return sum === 0 ? 1 : sum;
}

export function encodeInfo(entries: InfoEntry[]): Uint8Array {
  let size = 1;
  for (const entry of entries) size += infoEntryBytes(entry);
  const bytes = new Uint8Array(size);
  bytes[0] = entries.length;
  let at = 1;
  for (const entry of entries) {
    writeKey(bytes, at, entry.key);
    bytes[at + 6] = entry.name.length;
    bytes.set(entry.name, at + 7);
    at += 7 + entry.name.length;
    bytes[at] = entry.zone.length;
    bytes.set(entry.zone, at + 1);
    at += 1 + entry.zone.length;
  }
  return bytes;
}

/** null when an entry is cut short or too long, or bytes are left over. */
export function decodeInfo(bytes: Uint8Array): InfoEntry[] | null {
  if (bytes.length < 1) return null;
  const entries: InfoEntry[] = [];
  const count = bytes[0];
  let at = 1;
  for (let i = 0; i < count; i += 1) {
    if (at + 8 > bytes.length) return null;
    const entry = new InfoEntry();
    entry.key = readKey(bytes, at);
    const nameBytes = bytes[at + 6];
    at += 7;
    if (entry.key === '' || nameBytes > INFO_TEXT_MAX || at + nameBytes + 1 > bytes.length)
      return null;
    entry.name = bytes.slice(at, at + nameBytes);
    at += nameBytes;
    const zoneBytes = bytes[at];
    at += 1;
    if (zoneBytes > INFO_TEXT_MAX || at + zoneBytes > bytes.length) return null;
    entry.zone = bytes.slice(at, at + zoneBytes);
    at += zoneBytes;
    entries.push(entry);
  }
  return at === bytes.length ? entries : null;
}
