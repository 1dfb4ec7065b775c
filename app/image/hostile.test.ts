/** Copies of a whole flash, and its parts, with changes that keep the checksums right or not: always words, soon, and no more than was there. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { CHIPS } from './chips.ts';
import { buildEspImage, parseEspImage } from './esp-image.ts';
import { describeImage } from './identify.ts';
import { ImageError } from './image-error.ts';
import { buildLittleFs } from './littlefs/write.ts';
import { ENTRIES_AT, ENTRY, ENTRY_BYTES, entryCrc, TYPE } from './nvs/format.ts';
import { buildNvs, parseNvs } from './nvs/nvs.ts';
import { buildPartitionTable, parsePartitionTable } from './partition-table.ts';

const MEGABYTE = 0x100000;
const FILES_AT = 0x40000;
const NVS = buildNvs(
  [
    { namespace: 'mesh', key: 'name', value: { kind: 'blob', bytes: utf8('lamp') } },
    { namespace: 'mesh', key: 'big', value: { kind: 'blob', bytes: new Uint8Array(6000) } },
    { namespace: 'mesh', key: 'boot', value: { kind: 'i32', value: 7 } },
  ],
  0x6000,
);
const TABLE = buildPartitionTable([
  { type: 1, subtype: 2, at: 0x9000, sizeBytes: 0x6000, label: 'nvs', flags: 0 },
  { type: 0, subtype: 0, at: 0x10000, sizeBytes: FILES_AT - 0x10000, label: 'factory', flags: 0 },
]);

/** One megabyte of an ESP32-C3, whole and sound. */
function flash(): Uint8Array {
  const image = (text: string): Uint8Array =>
    buildEspImage({
      chipId: CHIPS.esp32c3.imageChipId,
      entry: 0x40380000,
      segments: [{ loadAddress: 0x3fc80000, bytes: utf8(text.padEnd(1024, '.')) }],
    });
  const bytes = new Uint8Array(MEGABYTE).fill(0xff);
  const blockCount = (MEGABYTE - FILES_AT) / 4096;
  const files = Array.from({ length: 12 }, (_, i) => ({
    path: `lib/part-${i}.mpy`,
    bytes: new Uint8Array(700 * i).fill(i),
  }));
  bytes.set(image('boot'));
  bytes.set(TABLE, 0x8000);
  bytes.set(NVS, 0x9000);
  bytes.set(image('MicroPython v1.26.0 on 2025-08-09; a test'), 0x10000);
  bytes.set(buildLittleFs(files, { blockCount, blockSize: 4096 }), FILES_AT);
  return bytes;
}
const SOUND = flash();

const own = (action: () => unknown): string => {
  try {
    action();
    return 'none';
  } catch (error) {
    if (error instanceof ImageError) return error.code;
    throw error;
  }
};

describe('a copy of a whole flash', () => {
  it('is described when it is sound', () => {
    expect(describeImage(SOUND)).toMatchObject({
      kind: 'flash',
      runtime: { chip: 'esp32c3' },
      nvs: { kind: 'nvs' },
      fileSystem: { kind: 'littlefs' },
    });
  });

  it('with any damage anywhere that matters is described, soon, and not larger than it is', () => {
    // The beginnings of everything, where structure is.
    const place = fc.oneof(
      fc.nat(0x100),
      fc.nat(0x100).map((at) => 0x8000 + at),
      fc.nat(0x1000).map((at) => 0x9000 + at),
      fc.nat(0x200).map((at) => 0x10000 + at),
      fc.nat(0x4000).map((at) => FILES_AT + at),
    );
    const hit = fc.tuple(place, fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0x80)));
    fc.assert(
      fc.property(fc.array(hit, { minLength: 1, maxLength: 12 }), fc.nat(40), (hits, cut) => {
        const broken = SOUND.slice(0, cut === 0 ? 0x9800 : MEGABYTE);
        for (const [at, byte] of hits) if (at < broken.length) broken[at] = byte;
        const startMs = performance.now();
        const report = describeImage(broken);
        expect(performance.now() - startMs).toBeLessThan(5000);
        expect(JSON.stringify(report).length).toBeLessThan(4 * MEGABYTE);
      }),
      { numRuns: 150 },
    );
  });

  it('of any size of nothing but one byte, or of random bytes, is described', () => {
    const bytes = fc.oneof(
      fc.tuple(fc.nat(70_000), fc.nat(255)).map(([size, byte]) => new Uint8Array(size).fill(byte)),
      fc.uint8Array({ maxLength: 5000 }),
    );
    fc.assert(
      fc.property(bytes, (any) => {
        expect(describeImage(any).kind).not.toBe('flash');
      }),
      { numRuns: 200 },
    );
  });
});

describe('an NVS whose checksums hold', () => {
  /** Changes one entry of the first page and makes its CRC right again. */
  function changed(
    number: number,
    change: (entry: Uint8Array, view: DataView) => void,
  ): Uint8Array {
    const bytes = NVS.slice();
    const at = ENTRIES_AT + number * ENTRY_BYTES;
    const entry = bytes.subarray(at, at + ENTRY_BYTES);
    change(entry, new DataView(bytes.buffer, at, ENTRY_BYTES));
    ENTRY.crc.set(new DataView(bytes.buffer), at, entryCrc(entry));
    return bytes;
  }

  it('and any value in any field of any entry ends in words or values, never in more than was there', () => {
    const field = fc.record({
      number: fc.nat(20),
      at: fc.constantFrom(0, 1, 2, 3, 8, 23, 24, 25, 26, 28, 29),
      byte: fc.oneof(
        fc.constantFrom(0, 1, 0xfe, 0xff, TYPE.blobIndex, TYPE.blobChunk),
        fc.nat(255),
      ),
    });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), (fields) => {
        let bytes: Uint8Array = NVS;
        for (const { number, at, byte } of fields) {
          bytes = changed(number, (entry) => (entry[at] = byte));
        }
        const startMs = performance.now();
        let size = 0;
        own(() => {
          for (const { value } of parseNvs(bytes).entries) {
            if (value.kind === 'blob') size += value.bytes.length;
          }
        });
        expect(size).toBeLessThanOrEqual(2 * NVS.length);
        expect(performance.now() - startMs).toBeLessThan(3000);
      }),
      { numRuns: 400 },
    );
  });

  it('and a blob that claims four gigabytes, or 255 pieces, is not believed', () => {
    for (let number = 0; number < 40; number++) {
      const claimed = changed(number, (entry, view) => {
        if (entry[1] !== TYPE.blobIndex) return;
        view.setUint32(24, 0xffffffff, true);
        view.setUint8(28, 255);
      });
      own(() => {
        for (const { value } of parseNvs(claimed).entries) {
          if (value.kind === 'blob') expect(value.bytes.length).toBeLessThanOrEqual(NVS.length);
        }
      });
    }
  });
});

describe('a partition table whose MD5 holds', () => {
  it('and any numbers in its rows is read or refused in words', () => {
    const row = fc.record({
      type: fc.nat(255),
      subtype: fc.nat(255),
      at: fc.oneof(fc.nat(0x400000), fc.constantFrom(0, 0xffffffff, 0xfffff000)),
      size: fc.oneof(fc.nat(0x400000), fc.constantFrom(0, 0xffffffff, 0xfffff000)),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 90 }), fc.boolean(), (rows, inFlash) => {
        const table = new Uint8Array(0xc00).fill(0xff);
        const view = new DataView(table.buffer);
        rows.forEach(({ type, subtype, at, size }, i) => {
          table.fill(0, 32 * i, 32 * i + 32);
          view.setUint16(32 * i, 0x50aa, true);
          view.setUint8(32 * i + 2, type);
          view.setUint8(32 * i + 3, subtype);
          view.setUint32(32 * i + 4, at, true);
          view.setUint32(32 * i + 8, size, true);
          table.set(utf8(`row-${i}`), 32 * i + 12);
        });
        view.setUint16(32 * rows.length, 0xebeb, true);
        table.set(md5(table.subarray(0, 32 * rows.length)), 32 * rows.length + 16);
        expect(['none', 'partition-table-invalid']).toContain(
          own(() => parsePartitionTable(table)),
        );
        if (!inFlash) return;
        const broken = SOUND.slice();
        broken.set(table, 0x8000);
        expect(describeImage(broken).kind).toMatch(/flash|runtime|broken/);
      }),
      { numRuns: 120 },
    );
  });
});

it('an ESP image with any header and segment table is read or refused in words', () => {
  const sound = buildEspImage({
    chipId: 5,
    entry: 0,
    segments: [1, 2, 3].map((byte) => ({ loadAddress: 0, bytes: new Uint8Array(64).fill(byte) })),
  });
  const hit = fc.tuple(fc.nat(sound.length - 1), fc.constantFrom(0, 1, 16, 17, 0x7f, 0x80, 0xff));
  fc.assert(
    fc.property(
      fc.array(hit, { minLength: 1, maxLength: 10 }),
      fc.nat(sound.length),
      (hits, cut) => {
        const broken = sound.slice(0, cut);
        for (const [at, byte] of hits) if (at < broken.length) broken[at] = byte;
        expect(['none', 'esp-image-invalid']).toContain(own(() => parseEspImage(broken)));
      },
    ),
    { numRuns: 500 },
  );
});
