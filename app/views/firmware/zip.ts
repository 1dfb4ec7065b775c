/**
 * A ZIP archive of texts, stored without compression (an application is a few KiB). Little-endian throughout; times are
 * left at the format's beginning, so that the same files give the same archive.
 *
 *   for each file:  'PK\3\4' | version 20 | flags 0x0800 (UTF-8 names) | method 0 | time, date | CRC-32 | size | size
 *                   | length of the name | 0 | name | bytes
 *   then for each:  'PK\1\2' | made by 20 | the same fields | 0 0 0 | 0 0 | offset of the file | name
 *   then:           'PK\5\6' | 0 0 | count | count | size of the directory | its offset | 0
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16.
 */
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc.ts';
import type { ApplicationFiles } from '../shared/firmware-ports.ts';

const VERSION = 20;
const UTF8_NAMES = 0x0800;
/** 1 January 1980. */
const DATE = 0x0021;

function record(
  size: number,
  signature: number,
  fields: readonly [at: number, value: number, bytes: 2 | 4][],
): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  for (const [at, value, width] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return bytes;
}

export function zip(files: ApplicationFiles): Uint8Array<ArrayBuffer> {
  const entries: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const name = utf8(path);
    const bytes = utf8(text);
    const crc = crc32(bytes) >>> 0;
    const local = record(30, 0x04034b50, [
      [4, VERSION, 2],
      [6, UTF8_NAMES, 2],
      [12, DATE, 2],
      [14, crc, 4],
      [18, bytes.length, 4],
      [22, bytes.length, 4],
      [26, name.length, 2],
    ]);
    const central = record(46, 0x02014b50, [
      [4, VERSION, 2],
      [6, VERSION, 2],
      [8, UTF8_NAMES, 2],
      [14, DATE, 2],
      [16, crc, 4],
      [20, bytes.length, 4],
      [24, bytes.length, 4],
      [28, name.length, 2],
      [42, offset, 4],
    ]);
    entries.push(local, name, bytes);
    directory.push(central, name);
    offset += local.length + name.length + bytes.length;
  }
  const count = Object.keys(files).length;
  const end = record(22, 0x06054b50, [
    [8, count, 2],
    [10, count, 2],
    [12, directory.reduce((sum, each) => sum + each.length, 0), 4],
    [16, offset, 4],
  ]);
  return concatBytes(...entries, ...directory, end);
}
