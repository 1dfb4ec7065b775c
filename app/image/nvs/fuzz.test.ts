import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImageError } from '../image-error.ts';
import { readVector } from '../testing/read-vector.ts';
import { buildNvs, mergeNvs, parseNvs } from './nvs.ts';
import { NvsStore } from './store.ts';
import type { NvsEntry, NvsValue } from './value.ts';

const name = fc.stringMatching(/^[a-z_]{1,15}$/);
const value: fc.Arbitrary<NvsValue> = fc.oneof(
  fc
    .integer({ min: -0x80000000, max: 0x7fffffff })
    .map((n) => ({ kind: 'i32' as const, value: n })),
  fc.integer({ min: 0, max: 255 }).map((n) => ({ kind: 'u8' as const, value: n })),
  fc.bigInt(0n, (1n << 64n) - 1n).map((n) => ({ kind: 'u64' as const, value: n })),
  fc
    .string({ maxLength: 200, unit: 'grapheme' })
    .filter((text) => !text.includes('\0'))
    .map((text) => ({ kind: 'string' as const, text })),
  fc.uint8Array({ maxLength: 5000 }).map((bytes) => ({ kind: 'blob' as const, bytes })),
);
const entry: fc.Arbitrary<NvsEntry> = fc.record({ namespace: name, key: name, value });

function own(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageError) return error.code;
    throw error;
  }
  return 'none';
}

describe('NVS', () => {
  it('gives back any contents that fit, and says so when they do not', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { maxLength: 12, selector: (e) => `${e.namespace}/${e.key}` }),
        (entries) => {
          let bytes: Uint8Array;
          try {
            bytes = buildNvs(entries, 0x6000);
          } catch (error) {
            expect(error).toMatchObject({ code: 'nvs-full' });
            return;
          }
          expect(parseNvs(bytes)).toMatchObject({ entries, problems: [] });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('behaves like a map under any sequence of changes, loaded again after each', () => {
    const change = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.option(value) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const model = new Map<string, NvsValue>();
        let store = NvsStore.create(0x4000);
        for (const { key, value: next } of changes) {
          if (next === null) {
            expect(store.erase('n', key)).toBe(model.delete(key));
          } else if (own(() => store.set('n', key, next)) === 'none') {
            model.set(key, next);
          }
          store = NvsStore.load(store.bytes);
          expect(store.problems).toEqual([]);
          expect(new Map(store.list().map((e) => [e.key, e.value]))).toEqual(model);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('ends broken partitions in its own error at worst, and can still be written to', () => {
    const vector = readVector('nvs-rewritten.bin.gz');
    const hit = fc.tuple(fc.nat(vector.length - 1), fc.nat(255));
    const near = fc.tuple(fc.nat(200), fc.nat(255));
    fc.assert(
      fc.property(fc.array(fc.oneof(hit, near), { minLength: 1, maxLength: 30 }), (hits) => {
        const broken = vector.slice();
        for (const [at, byte] of hits) broken[at] = byte;
        if (own(() => parseNvs(broken)) !== 'none') return;
        const set: NvsEntry[] = [{ namespace: 'mesh', key: 'k', value: { kind: 'i32', value: 7 } }];
        let merged: Uint8Array;
        try {
          merged = mergeNvs(broken, { set }).bytes;
        } catch (error) {
          expect(error).toBeInstanceOf(ImageError);
          return;
        }
        // A damaged page stays as it is until it is needed; everything else was repaired.
        const left = parseNvs(merged).problems.filter((text) => !text.endsWith('content is lost'));
        expect(left).toEqual([]);
        expect(NvsStore.load(merged).get('mesh', 'k')).toEqual({ kind: 'i32', value: 7 });
      }),
      { numRuns: 150 },
    );
  });

  it('takes any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0x3000, maxLength: 0x3000 }), (bytes) => {
        own(() => parseNvs(bytes));
      }),
      { numRuns: 20 },
    );
  });
});
