import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { seededRandom } from '../base/random.ts';
import { ImageError } from './image-error.ts';
import {
  buildPartitionTable,
  fileSystemExtent,
  findApp,
  findNvs,
  parsePartitionTable,
} from './partition-table.ts';
import { readVector } from './testing/read-vector.ts';

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    throw error;
  }
  return 'no error';
}

const NEW = readVector('partition-table-esp32-1.26.bin');
const OLD = readVector('partition-table-esp32-1.20.bin');

describe('the tables of stock MicroPython', () => {
  it('reads the one of 1.26, which has no row for the file system', () => {
    const table = parsePartitionTable(NEW);
    expect(table.hasMd5).toBe(true);
    expect(table.rows).toEqual([
      { type: 1, subtype: 2, at: 0x9000, sizeBytes: 0x6000, label: 'nvs', flags: 0 },
      { type: 1, subtype: 1, at: 0xf000, sizeBytes: 0x1000, label: 'phy_init', flags: 0 },
      { type: 0, subtype: 0, at: 0x10000, sizeBytes: 0x1f0000, label: 'factory', flags: 0 },
    ]);
    expect(findNvs(table)?.at).toBe(0x9000);
    expect(findApp(table)?.at).toBe(0x10000);
  });

  it.each([
    ['1.20', OLD],
    ['1.26', NEW],
  ])('builds the one of %s again byte for byte', (_version, bytes) => {
    expect(bytesToHex(buildPartitionTable(parsePartitionTable(bytes).rows))).toBe(
      bytesToHex(bytes),
    );
  });

  it('finds the file system after the last row, to the end of any flash, when there is no row', () => {
    const table = parsePartitionTable(NEW);
    expect(fileSystemExtent(table, 0x400000)).toEqual({ at: 0x200000, sizeBytes: 0x200000 });
    expect(fileSystemExtent(table, 0x1000000)).toEqual({ at: 0x200000, sizeBytes: 0xe00000 });
    expect(message(() => fileSystemExtent(table, 0x200000))).toContain('no room for a file system');
  });

  it('finds the file system in its row when there is one', () => {
    const table = parsePartitionTable(OLD);
    expect(fileSystemExtent(table, 0x1000000)).toEqual({ at: 0x200000, sizeBytes: 0x200000 });
    expect(message(() => fileSystemExtent(table, 0x200000))).toContain('only 0x200000');
  });
});

describe('broken tables', () => {
  it.each([
    ['an erased sector', new Uint8Array(0xc00).fill(0xff), 'no rows'],
    ['nothing', new Uint8Array(), 'the end is missing: 0 bytes'],
    ['a table cut inside a row', NEW.subarray(0, 70), 'cut inside row 2'],
    ['text', new Uint8Array(0xc00).fill(0x41), 'or the end (FF FF) at offset 0x0, found 41 41'],
  ])('says what is wrong with %s', (_what, bytes, expected) => {
    expect(message(() => parsePartitionTable(bytes))).toContain(expected);
  });

  it('notices any changed bit in the rows and the checksum', () => {
    for (let bit = 0; bit < 4 * 32 * 8; bit++) {
      const broken = NEW.slice();
      broken[bit >> 3]! ^= 1 << (bit & 7);
      expect(message(() => parsePartitionTable(broken))).not.toBe('no error');
    }
  });

  it('never ends in anything but its own error', () => {
    const random = seededRandom(3);
    for (let i = 0; i < 500; i++) {
      const broken = NEW.slice(0, random.int(0xc00));
      for (let k = 0; k < 4 && broken.length > 0; k++)
        broken[random.int(broken.length)] = random.int(256);
      message(() => parsePartitionTable(broken));
    }
  });

  it('refuses to build overlapping, unaligned or unnamed rows', () => {
    const row = parsePartitionTable(NEW).rows[0]!;
    expect(message(() => buildPartitionTable([row, { ...row, label: 'b' }]))).toContain(
      'after "b"',
    );
    expect(message(() => buildPartitionTable([{ ...row, sizeBytes: 100 }]))).toContain('4096-byte');
    expect(message(() => buildPartitionTable([{ ...row, label: 'seventeen letters' }]))).toContain(
      '16 ASCII',
    );
    expect(message(() => buildPartitionTable([{ ...row, at: 0x8000 }]))).toContain(
      'the table itself',
    );
    expect(message(() => buildPartitionTable([]))).toContain('no rows');
  });
});
