import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Credentials } from './credentials.ts';
import { decodeCredentials, encodeCredentials } from './credentials.ts';
import { PartJoiner, splitParts } from './parts.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const byte = fc.integer({ min: 0, max: 255 });
const text = (most: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: 'grapheme', maxLength: most })
    .filter((value) => new TextEncoder().encode(value).length <= most);
const credentials: fc.Arbitrary<Credentials> = fc.record({
  networkId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  epoch: byte,
  networkKey: key,
  channel: fc.integer({ min: 1, max: 14 }),
  timing: byte,
  name: text(32),
  zone: text(32),
  previous: fc.option(fc.record({ epoch: byte, key, retired: fc.boolean() })),
  consoleKey: fc.option(key),
  setupKey: fc.option(key),
  router: fc.option(
    fc.record({ ssid: text(32).filter((ssid) => ssid !== ''), password: text(63) }),
  ),
});

describe('credentials', () => {
  it('lie as the drawing says', () => {
    const fill = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);
    const bytes = encodeCredentials({
      networkId: fill(8, 1),
      epoch: 2,
      networkKey: fill(32, 3),
      channel: 6,
      timing: 4,
      name: 'ab',
      zone: 'c',
      previous: { epoch: 1, key: fill(32, 5), retired: false },
      consoleKey: fill(32, 6),
      setupKey: fill(32, 7),
      router: { ssid: 'S', password: 'PW' },
    });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '010f' +
        '01'.repeat(8) +
        '02' +
        '03'.repeat(32) +
        '0604' +
        '026162' +
        '0163' +
        `01${'05'.repeat(32)}` +
        '06'.repeat(32) +
        '07'.repeat(32) +
        '0153' +
        '025057',
    );
  });
  it('come back as they were, in at most 305 bytes', () => {
    fc.assert(
      fc.property(credentials, (each) => {
        const bytes = encodeCredentials(each);
        expect(bytes.length).toBeLessThanOrEqual(305);
        expect(decodeCredentials(bytes)).toEqual(each);
      }),
    );
  });
  it('cut short anywhere or followed by anything are none', () => {
    fc.assert(
      fc.property(credentials, (each) => {
        const bytes = encodeCredentials(each);
        for (let size = 0; size < bytes.length; size++) {
          expect(decodeCredentials(bytes.slice(0, size))).toBeNull();
        }
        expect(decodeCredentials(Uint8Array.from([...bytes, 0]))).toBeNull();
      }),
      { numRuns: 20 },
    );
  });
  it('of any other bytes never throw, and what decodes encodes to the same bytes', () => {
    fc.assert(
      fc.property(credentials, fc.nat(), byte, (each, at, value) => {
        const bytes = encodeCredentials(each);
        bytes[at % bytes.length] = value;
        const decoded = decodeCredentials(bytes);
        if (decoded !== null) expect(encodeCredentials(decoded)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        (bytes) => decodeCredentials(bytes) === null || bytes[0] === 1,
      ),
    );
  });
  it('with sizes outside the drawing are our own mistake', () => {
    const each = fc.sample(credentials, 1)[0]!;
    expect(() => encodeCredentials({ ...each, networkKey: new Uint8Array(31) })).toThrow();
    expect(() => encodeCredentials({ ...each, name: 'x'.repeat(33) })).toThrow();
  });
});

describe('parts', () => {
  it('make up the message again, for every size', () => {
    for (let size = 0; size <= 400; size++) {
      const message = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
      const parts = splitParts(message, 84);
      const joiner = new PartJoiner();
      const results = parts.map((bytes, part) => joiner.add(part, parts.length, bytes));
      expect(results.pop()).toEqual(message);
      expect(results.every((result) => result === null)).toBe(true);
    }
  });
  it('missing, doubled or impossible give nothing, and the next message is whole again', () => {
    const joiner = new PartJoiner();
    const bytes = new Uint8Array(3);
    for (const [part, parts] of [
      [1, 2],
      [0, 3],
      [2, 3],
      [0, 2],
      [0, 2],
      [0, 17],
      [5, 2],
      [-1, 2],
      [0, 0],
    ] as const) {
      expect(joiner.add(part, parts, bytes)).toBeNull();
    }
    expect(joiner.add(0, 2, bytes)).toBeNull();
    expect(joiner.add(1, 2, bytes)!.length).toBe(6);
  });
});
