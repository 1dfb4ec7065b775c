import { describe, expect, it } from 'vitest';
import { bytesToHex, utf8 } from '../../base/bytes.ts';
import { ImageError } from '../image-error.ts';
import { readVector } from '../testing/read-vector.ts';
import { buildNvs, mergeNvs, parseNvs } from './nvs.ts';
import { NvsStore } from './store.ts';
import type { NvsEntry, NvsValue } from './value.ts';

const SIZE = 0x6000;
const i32 = (value: number): NvsValue => ({ kind: 'i32', value });
const blob = (bytes: Uint8Array): NvsValue => ({ kind: 'blob', bytes });
const mesh = (key: string, value: NvsValue): NvsEntry => ({ namespace: 'mesh', key, value });
const count = (size: number, step: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (step * i) & 255);

/** As documented in vectors/README.md, in the order of writing. */
const SMALL: NvsEntry[] = [
  mesh('channel', i32(6)),
  mesh('neg', i32(-123456)),
  mesh('max', i32(2147483647)),
  mesh('name', blob(utf8('kitchen.lamp.1'))),
  mesh('node_key', blob(count(32, 1))),
  mesh('one', blob(new Uint8Array(1))),
  mesh('b31', blob(new Uint8Array(31))),
  mesh('b32', blob(new Uint8Array(32))),
  mesh('b33', blob(new Uint8Array(33))),
  { namespace: 'fifteen_chars_x', key: 'fifteen_chars_k', value: i32(15) },
];

function rewrite(store: NvsStore): void {
  store.set('mesh', 'big', blob(count(6000, 7)));
  for (let channel = 0; channel < 30; channel++) store.set('mesh', 'channel', i32(channel));
  store.set('mesh', 'name', blob(utf8('kitchen.lamp.2')));
  store.set('mesh', 'big', blob(count(5000, 11)));
  store.erase('mesh', 'neg');
}

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageError) return error.code;
    throw error;
  }
  return 'none';
}

describe('against partitions that MicroPython 1.26.0 wrote', () => {
  it('reads every entry of the small one', () => {
    const contents = parseNvs(readVector('nvs-small.bin.gz'));
    expect(contents.entries).toEqual(SMALL);
    expect(contents.problems).toEqual([]);
    expect(contents.pages.map((page) => page.state)).toEqual([
      'active',
      ...Array<string>(5).fill('empty'),
    ]);
  });

  it('reads only the latest values of the rewritten one', () => {
    const contents = parseNvs(readVector('nvs-rewritten.bin.gz'));
    const values = new Map(contents.entries.map((entry) => [entry.key, entry.value]));
    expect([...values.keys()].sort()).toEqual(
      [
        'b31',
        'b32',
        'b33',
        'big',
        'channel',
        'fifteen_chars_k',
        'max',
        'name',
        'node_key',
        'one',
      ].sort(),
    );
    expect(contents.entries).toHaveLength(10);
    expect(values.get('channel')).toEqual(i32(29));
    expect(values.get('name')).toEqual(blob(utf8('kitchen.lamp.2')));
    expect(values.get('big')).toEqual(blob(count(5000, 11)));
    expect(contents.problems).toEqual([]);
  });

  it('builds the small one byte for byte', () => {
    expect(bytesToHex(buildNvs(SMALL, SIZE))).toBe(bytesToHex(readVector('nvs-small.bin.gz')));
  });

  it('turns the small one into the rewritten one byte for byte by the same operations', () => {
    const store = NvsStore.load(readVector('nvs-small.bin.gz'));
    rewrite(store);
    expect(bytesToHex(store.bytes)).toBe(bytesToHex(readVector('nvs-rewritten.bin.gz')));
  });

  it('frees pages like the chip: the same bytes after more writes than the partition holds', () => {
    const store = NvsStore.create(SIZE);
    store.set('mesh', 'keep', i32(77));
    for (let i = 0; i < 14; i++) {
      store.set('mesh', 'big', blob(Uint8Array.from({ length: 3000 }, (_, j) => (i + j) & 255)));
      store.set('mesh', 'n', i32(i));
    }
    expect(bytesToHex(store.bytes)).toBe(bytesToHex(readVector('nvs-collected.bin.gz')));
  });

  it('does not change a byte by loading', () => {
    const vector = readVector('nvs-rewritten.bin.gz');
    expect(bytesToHex(NvsStore.load(vector).bytes)).toBe(bytesToHex(vector));
  });
});

describe('values', () => {
  const values: NvsValue[] = [
    { kind: 'u8', value: 255 },
    { kind: 'i8', value: -128 },
    { kind: 'u16', value: 65535 },
    { kind: 'i16', value: -32768 },
    { kind: 'u32', value: 0xffffffff },
    { kind: 'i32', value: -0x80000000 },
    { kind: 'u64', value: 0xffffffffffffffffn },
    { kind: 'i64', value: -0x8000000000000000n },
    { kind: 'string', text: '' },
    { kind: 'string', text: 'Küche 💡' },
    { kind: 'string', text: 'x'.repeat(3999) },
    { kind: 'blob', bytes: new Uint8Array() },
    { kind: 'blob', bytes: count(12000, 3) },
  ];

  it.each(values.map((value, i) => [value.kind, i] as const))(
    'reads back a %s at its limit (case %i)',
    (_kind, i) => {
      const entry = mesh('k', values[i]!);
      expect(parseNvs(buildNvs([entry], SIZE)).entries).toEqual([entry]);
    },
  );

  it('replaces a value by one of another kind', () => {
    const store = NvsStore.create(SIZE);
    store.set('mesh', 'k', i32(1));
    store.set('mesh', 'k', blob(utf8('two')));
    store.set('mesh', 'k', { kind: 'string', text: 'three' });
    expect(store.list()).toEqual([mesh('k', { kind: 'string', text: 'three' })]);
    expect(parseNvs(store.bytes).entries).toHaveLength(1);
  });

  it.each([
    ['a key of 16 characters', mesh('k'.repeat(16), i32(1))],
    ['an empty key', mesh('', i32(1))],
    ['a key outside ASCII', mesh('schlüssel', i32(1))],
    ['a namespace of 16 characters', { namespace: 'n'.repeat(16), key: 'k', value: i32(1) }],
    ['an i32 over its range', mesh('k', i32(0x80000000))],
    ['a fraction', mesh('k', i32(1.5))],
    ['a string of 4000 bytes', mesh('k', { kind: 'string' as const, text: 'x'.repeat(4000) })],
    ['a string with NUL', mesh('k', { kind: 'string' as const, text: 'a\0b' })],
    ['a blob over five pages', mesh('k', blob(new Uint8Array(20001)))],
  ])('refuses %s', (_what, entry) => {
    expect(code(() => buildNvs([entry], SIZE))).toBe('value-invalid');
  });

  it('refuses partitions that are too small or not made of pages', () => {
    expect(code(() => buildNvs([], 0x2000))).toBe('nvs-invalid');
    expect(code(() => parseNvs(new Uint8Array(0x3001)))).toBe('nvs-invalid');
    expect(code(() => parseNvs(new Uint8Array(0x3000)))).toBe('nvs-invalid');
  });
});

describe('space', () => {
  it('goes on for thousands of rewrites, always keeping one page free', () => {
    const store = NvsStore.create(0x3000);
    store.set('phy', 'cal_data', blob(count(1904, 5)));
    for (let i = 0; i < 3000; i++) store.set('mesh', 'boot', i32(i));
    expect(store.get('mesh', 'boot')).toEqual(i32(2999));
    expect(store.get('phy', 'cal_data')).toEqual(blob(count(1904, 5)));
    expect(store.freePageCount).toBeGreaterThanOrEqual(1);
    expect(parseNvs(store.bytes).entries).toEqual(store.list());
  });

  it('refuses what does not fit and keeps the old value', () => {
    const store = NvsStore.create(0x3000);
    store.set('mesh', 'name', blob(utf8('old')));
    store.set('mesh', 'big', blob(count(5000, 1)));
    expect(code(() => store.set('mesh', 'big', blob(count(7000, 3))))).toBe('nvs-full');
    expect(store.get('mesh', 'big')).toEqual(blob(count(5000, 1)));
    expect(store.get('mesh', 'name')).toEqual(blob(utf8('old')));
    expect(parseNvs(store.bytes).entries).toHaveLength(2);
  });

  it('fills all 254 namespaces and refuses the next', () => {
    const store = NvsStore.create(SIZE);
    for (let i = 0; i < 254; i++) store.set(`n${i}`, 'k', { kind: 'u8', value: i });
    expect(code(() => store.set('n254', 'k', { kind: 'u8', value: 0 }))).toBe('nvs-full');
    expect(store.get('n253', 'k')).toEqual({ kind: 'u8', value: 253 });
  });

  it('does not write an equal value again', () => {
    const store = NvsStore.load(buildNvs(SMALL, SIZE));
    const before = bytesToHex(store.bytes);
    for (const { namespace, key, value } of SMALL) store.set(namespace, key, value);
    expect(bytesToHex(store.bytes)).toBe(before);
  });
});

describe("merging into a board's own NVS", () => {
  const phy: NvsEntry = { namespace: 'phy', key: 'cal_data', value: blob(count(1904, 9)) };
  const version: NvsEntry = {
    namespace: 'phy',
    key: 'cal_version',
    value: { kind: 'u32', value: 7 },
  };

  it('keeps foreign namespaces and changes only what it is told to', () => {
    const board = buildNvs([phy, version, ...SMALL], SIZE);
    const merged = mergeNvs(board, {
      set: [mesh('name', blob(utf8('hall.lamp.7')))],
      erase: [{ namespace: 'mesh', key: 'neg' }],
    });
    expect(merged.replaced).toBe(false);
    const entries = parseNvs(merged.bytes).entries;
    expect(entries).toContainEqual(phy);
    expect(entries).toContainEqual(version);
    expect(entries).toContainEqual(mesh('name', blob(utf8('hall.lamp.7'))));
    expect(entries.some((entry) => entry.key === 'neg')).toBe(false);
    expect(entries).toHaveLength(SMALL.length + 1);
  });

  it('starts anew and says so when the board holds something else', () => {
    const noise = new Uint8Array(SIZE).map((_, i) => (i * 31) & 255);
    const merged = mergeNvs(noise, { set: SMALL });
    expect(merged.replaced).toBe(true);
    expect(merged.problems.join()).toContain('valid header');
    expect(parseNvs(merged.bytes).entries).toEqual(SMALL);
  });

  it('takes an erased board as an empty NVS', () => {
    const merged = mergeNvs(new Uint8Array(SIZE).fill(0xff), { set: SMALL });
    expect(merged).toEqual({ bytes: buildNvs(SMALL, SIZE), problems: [], replaced: false });
  });
});
