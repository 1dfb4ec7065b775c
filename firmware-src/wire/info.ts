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
import { utf8Encode } from '../std/utf8.ts';
import { readKey, writeKey } from './cells.ts';
import { Cursor } from './cursor.ts';

export const INFO_TEXT_MAX = 32;

export class InfoEntry {
  key = '';
  name = '';
  zone = '';

  /** Never 0, which stands for "nothing known": CRC-16 of name, zero byte, zone. Tells whether names must be asked for. */
  hash(): number {
    const both = utf8Encode(`${this.name}\0${this.zone}`);
    const sum = crc16(both, both.length);
    return sum === 0 ? 1 : sum;
  }
}

export function encodeInfoEntry(entry: InfoEntry): Uint8Array {
  const mac = new Uint8Array(6);
  writeKey(mac, 0, entry.key);
  const first = utf8Encode(entry.name);
  const second = utf8Encode(entry.zone);
  return concatBytes(
    mac,
    new Uint8Array([first.length]),
    first,
    new Uint8Array([second.length]),
    second,
  );
}

/** A frame of entries made by encodeInfoEntry(). */
export function encodeInfo(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(new Uint8Array([entries.length]), ...entries);
}

/** null when an entry is cut short, too long or no text, or bytes are left over. */
export function decodeInfo(bytes: Uint8Array): InfoEntry[] | null {
  const entries: InfoEntry[] = [];
  const cursor = new Cursor(bytes);
  for (let left = cursor.byte(); left > 0; left -= 1) {
    const mac = cursor.take(6);
    if (cursor.bad) return null;
    const entry = new InfoEntry();
    entry.key = readKey(mac, 0);
    entry.name = cursor.text(0, INFO_TEXT_MAX);
    entry.zone = cursor.text(0, INFO_TEXT_MAX);
    if (entry.key === '') return null;
    entries.push(entry);
  }
  return cursor.isDone() ? entries : null;
}
