import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, utf8 } from '../../base/bytes.ts';
import { ImageError } from '../image-error.ts';
import { readVector } from '../testing/read-vector.ts';
import type { LittleFsFile } from './format.ts';
import { parseLittleFs, readLittleFs } from './read.ts';
import { buildLittleFs } from './write.ts';

const part = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter(
    (name) => !/[/\0]/.test(name) && name !== '.' && name !== '..' && utf8(name).length <= 255,
  )
  // Lone surrogates have no UTF-8.
  .filter((name) => new TextDecoder().decode(utf8(name)) === name);
const file: fc.Arbitrary<LittleFsFile> = fc.record(
  {
    path: fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(30000).map((size) => Uint8Array.from({ length: size }, (_, i) => (i * 7) >> 3)),
    ),
    modifiedAtMs: fc.nat(2 ** 41),
  },
  { requiredKeys: ['path', 'bytes'] },
);

function key(f: LittleFsFile): string {
  return `${f.path} ${f.modifiedAtMs} ${bytesToHex(f.bytes)}`;
}

describe('LittleFS', () => {
  it('gives back any files that fit, and says so when they do not', () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 25 }), (files) => {
        let image: Uint8Array;
        try {
          image = buildLittleFs(files, { blockCount: 100 });
        } catch (error) {
          expect(['littlefs-full', 'value-invalid']).toContain((error as ImageError).code);
          return;
        }
        expect(readLittleFs(image, { blockCount: 100 }).map(key).sort()).toEqual(
          files.map(key).sort(),
        );
      }),
      { numRuns: 80 },
    );
  });

  it('ends broken images in its own error at worst, and never gives back more than the image could hold', () => {
    const vectors = ['1.25.0-churned', '1.28.0-tree'].map((name) =>
      readVector(`lfs2-micropython-${name}.bin.gz`),
    );
    const hits = fc.array(fc.tuple(fc.oneof(fc.nat(262143), fc.nat(12000)), fc.nat(255)), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.constantFrom(...vectors), hits, fc.nat(262144), (vector, changes, size) => {
        const broken = vector.slice(0, size < 200000 ? vector.length : size);
        for (const [at, byte] of changes) broken[at % broken.length] = byte;
        try {
          const { files } = parseLittleFs(broken);
          const total = files.reduce((sum, f) => sum + f.bytes.length, 0);
          expect(total).toBeLessThanOrEqual(vector.length);
        } catch (error) {
          if (!(error instanceof ImageError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
