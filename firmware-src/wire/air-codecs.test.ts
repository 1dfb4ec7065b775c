import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../app/base/bytes.ts';
import { Advert, decodeAdvert, ECHO_BYTES, encodeAdvert, RECORD_BYTES } from './advert.ts';
import {
  AirHeader,
  airPayload,
  airTagMatches,
  decodeAirHeader,
  encodeAirFrame,
  isAirFrame,
  taggedHeader,
  writeAirTag,
} from './air-frame.ts';
import { Ask, decodeAsk, encodeAsk } from './ask.ts';
import { keyToMac, readKey, tailOf, writeKey } from './cells.ts';
import { decodeInfo, encodeInfo, encodeInfoEntry, InfoEntry } from './info.ts';
import { ALL_DRAWERS, decodeView, DRAWERS, encodeView, View } from './view.ts';

const key = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .filter((mac) => mac.some((byte) => byte !== 0))
  .map((mac) => readKey(mac, 0));
const u16 = fc.integer({ min: 0, max: 0xffff });
const u24 = fc.integer({ min: 0, max: 0xffffff });
const u8 = fc.integer({ min: 0, max: 255 });

/** So many pieces of this size, none all zero. */
const pieces = (size: number, most: number) =>
  fc
    .array(fc.uint8Array({ minLength: size, maxLength: size }), { maxLength: most })
    .map((all) =>
      Uint8Array.from(all.flatMap((piece) => [...piece.slice(0, 1), 1, ...piece.slice(2)])),
    );
const place = fc.oneof(
  fc.record({
    isRoot: fc.constant(true),
    lost: fc.constant(false),
    root: key,
    parent: fc.constant(''),
  }),
  fc.record({ isRoot: fc.constant(false), lost: fc.constant(false), root: key, parent: key }),
  fc.record({
    isRoot: fc.constant(false),
    lost: fc.constant(true),
    root: fc.oneof(key, fc.constant('')),
    parent: fc.oneof(key, fc.constant('')),
  }),
);
const advert = fc
  .record({
    place,
    coordinator: fc.boolean(),
    hops: u8,
    score: u16,
    infoHash: u16,
    rootEpoch: u16,
    rootScore: u16,
    rootBoot: u24,
    rootSequence: u24,
    cost: u16,
    digest: u16,
    ancestors: fc.array(u24, { maxLength: 15 }),
    echoes: pieces(ECHO_BYTES, 10),
    records: pieces(RECORD_BYTES, 4),
  })
  .map(({ place: where, ...rest }) => Object.assign(new Advert(), where, rest));
const shortAdvert = fc
  .record({
    base: u24,
    rootSequence: u24,
    cost: u16,
    digest: u16,
    rootByte: u8,
    echoes: pieces(ECHO_BYTES, 10),
    records: pieces(RECORD_BYTES, 9),
  })
  .map((fields) => Object.assign(new Advert(), fields));
const ask = fc
  .record({
    kind: fc.constantFrom(1, 2),
    answerer: key,
    subjects: fc.array(key, { maxLength: 16 }),
  })
  .map((fields) => Object.assign(new Ask(), fields));
const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((t) => utf8(t).length <= 32);
const info = fc.array(
  fc
    .record({ key, name: text, zone: text })
    .map((fields) => Object.assign(new InfoEntry(), fields)),
  { maxLength: 5 },
);

const view = fc.oneof(
  fc
    .uint8Array({ minLength: 2 * DRAWERS, maxLength: 2 * DRAWERS })
    .map((sums) => Object.assign(new View(), { sums: Uint8Array.of(0, ...sums) })),
  fc
    .record({ drawers: fc.integer({ min: 1, max: ALL_DRAWERS }), tails: fc.array(u24), mark: u8 })
    .map(({ drawers, tails, mark }) =>
      Object.assign(new View(), {
        drawers,
        entries: tails
          .filter((tail) => ((drawers >> (tail % DRAWERS)) & 1) === 1)
          .map((tail) => tail * 256 + mark),
      }),
    ),
);

/** Whole, every cut, one byte too many; and every broken form decodes to something or null, never throws. */
function probe<T>(
  value: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
  decode: (bytes: Uint8Array) => T | null,
  entryBytes = 0,
  fixedBytes = 0,
): void {
  fc.assert(
    fc.property(value, u16, u8, (sample, where, mask) => {
      const bytes = encode(sample);
      expect(decode(bytes)).toEqual(sample);
      for (let size = 0; size < bytes.length; size += 1) {
        // A view has no count: cut at the end of an entry it is a shorter view.
        if (entryBytes > 0 && size >= fixedBytes && (size - fixedBytes) % entryBytes === 0)
          continue;
        expect(decode(bytes.slice(0, size))).toBeNull();
      }
      expect(decode(Uint8Array.from([...bytes, 0]))).toBeNull();
      const broken = bytes.slice();
      broken[where % bytes.length]! ^= mask;
      const read = decode(broken);
      if (read !== null) expect(encode(read)).toHaveLength(broken.length);
    }),
    { numRuns: 60 },
  );
}

describe('air payloads', () => {
  it('an advert survives the air, and cut, longer or changed ones are refused or read without failing', () => {
    probe(advert, encodeAdvert, decodeAdvert);
    // Whoever makes one knows the whole root.
    const encode = (advert: Advert): Uint8Array => {
      const root = `0000000000${advert.rootByte.toString(16).padStart(2, '0')}`;
      return encodeAdvert(Object.assign(new Advert(), advert, { root }));
    };
    probe(shortAdvert, encode, decodeAdvert);
  });

  it('an ask survives the air, and cut, longer or changed ones are refused or read without failing', () => {
    probe(ask, encodeAsk, decodeAsk);
  });

  it('names and zones survive the air, and cut, longer or changed ones are refused or read without failing', () => {
    const encode = (entries: readonly InfoEntry[]) => encodeInfo(entries.map(encodeInfoEntry));
    probe(info, encode, decodeInfo);
  });

  it('a view survives the air, and cut, longer or changed ones are refused or read without failing', () => {
    probe(view, encodeView, decodeView, 4, 3);
  });

  it('random bytes never make a decoder fail', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 250 }), (bytes) => {
        for (const decode of [decodeAdvert, decodeAsk, decodeInfo, decodeView]) decode(bytes);
      }),
    );
  });

  it('an advert that calls itself root and names a parent is refused', () => {
    const wrong = new Advert();
    wrong.isRoot = true;
    wrong.root = '240ac4000001';
    wrong.parent = '240ac4000002';
    expect(decodeAdvert(encodeAdvert(wrong))).toBeNull();
  });

  it('the hash of name and zone is never zero, and tells moved letters apart', () => {
    const hash = (name: string, zone: string) =>
      Object.assign(new InfoEntry(), { name, zone }).hash();
    expect(hash('', '')).not.toBe(0);
    expect(hash('ab', 'c')).not.toBe(hash('a', 'bc'));
    expect(hash('ab', '')).not.toBe(hash('ba', ''));
  });
});

describe('air frame', () => {
  const header = Object.assign(new AirHeader(), {
    ttl: 3,
    type: 0x40,
    hint: 0x5a,
    epoch: 7,
    origin: '240ac4000102',
    boot: 0x010203,
    sequence: 0x0a0b0c,
  });

  it('has the documented layout', () => {
    const bytes = encodeAirFrame(header, Uint8Array.of(0xee));
    writeAirTag(bytes, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
    expect([...bytes]).toEqual([
      0x13, 0x40, 0x5a, 7, 0x24, 0x0a, 0xc4, 0, 1, 2, 3, 2, 1, 0x0c, 0x0b, 0x0a, 1, 2, 3, 4, 5, 6,
      7, 8, 0xee,
    ]);
    const read = new AirHeader();
    decodeAirHeader(bytes, read);
    expect(read).toEqual(header);
    expect([...airPayload(bytes)]).toEqual([0xee]);
  });

  it('leaves the ttl and the tag out of what the tag covers', () => {
    const bytes = encodeAirFrame(header, new Uint8Array(0));
    const covered = taggedHeader(bytes);
    expect(covered).toHaveLength(16);
    expect(covered[0]).toBe(0x10);
    bytes[0] = 0x11;
    expect(taggedHeader(bytes)).toEqual(covered);
    expect(airTagMatches(bytes, new Uint8Array(32))).toBe(true);
    bytes[23]! ^= 1;
    expect(airTagMatches(bytes, new Uint8Array(32))).toBe(false);
  });

  it('is refused when too short, too long, or of another version', () => {
    expect(isAirFrame(new Uint8Array(24).fill(0x10))).toBe(true);
    expect(isAirFrame(new Uint8Array(23).fill(0x10))).toBe(false);
    expect(isAirFrame(new Uint8Array(250).fill(0x10))).toBe(true);
    expect(isAirFrame(new Uint8Array(251).fill(0x10))).toBe(false);
    expect(isAirFrame(new Uint8Array(24).fill(0x20))).toBe(false);
    expect(isAirFrame(new Uint8Array(0))).toBe(false);
  });
});

describe('node keys', () => {
  it('are the MAC in hex, with an empty key for none', () => {
    const bytes = new Uint8Array(8);
    writeKey(bytes, 1, '240ac4fe0102');
    expect([...bytes]).toEqual([0, 0x24, 0x0a, 0xc4, 0xfe, 1, 2, 0]);
    expect(readKey(bytes, 1)).toBe('240ac4fe0102');
    expect(tailOf('240ac4fe0102')).toBe(0xfe0102);
    expect(keyToMac('240ac4fe0102')).toBe('24:0a:c4:fe:01:02');
    writeKey(bytes, 1, '');
    expect(readKey(bytes, 1)).toBe('');
  });
});
