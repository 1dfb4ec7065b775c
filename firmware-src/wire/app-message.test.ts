import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  APP_HEADER_BYTES,
  APP_MOST_BYTES,
  APP_MOST_HOPS,
  APP_PART_BYTES,
  AppFrame,
  decodeAppFrame,
  decodeTaken,
  encodeAppFrame,
  encodeTaken,
} from './app-message.ts';
import { AIR_MAX_PAYLOAD } from './air-frame.ts';

function frameOf(fields: Partial<AppFrame>): AppFrame {
  return Object.assign(new AppFrame(), {
    origin: '240ac4000001',
    destination: '240ac4000002',
    number: 0x123456,
    nextTail: 3,
    bytes: Uint8Array.of(1, 2, 3),
    ...fields,
  });
}

describe('a frame of an application message', () => {
  it('has the layout of the drawing', () => {
    const frame = frameOf({ attempt: 2, receiptWanted: true, hopsLeft: 9 });
    expect(Buffer.from(encodeAppFrame(frame)).toString('hex')).toBe(
      '06' + '09' + '030000' + '240ac4000002' + '240ac4000001' + '563412' + '00' + '010203',
    );
    expect(APP_HEADER_BYTES + APP_PART_BYTES).toBe(AIR_MAX_PAYLOAD);
  });

  it('comes back as it was sent, single or in parts, to one or to all, and as a receipt', () => {
    const full = new Uint8Array(APP_PART_BYTES).fill(7);
    for (const frame of [
      frameOf({}),
      frameOf({ part: 2, parts: 4, bytes: full, attempt: 1 }),
      frameOf({ part: 7, parts: 8, bytes: full.slice(0, APP_MOST_BYTES - 7 * APP_PART_BYTES) }),
      frameOf({ destination: 'ffffffffffff', nextTail: 0xffffff }),
      frameOf({ receipt: true }),
    ])
      expect(decodeAppFrame(encodeAppFrame(frame))).toEqual(frame);
  });

  it('is refused when it is cut short, empty, too long or not full before the last part', () => {
    const bytes = encodeAppFrame(frameOf({}));
    for (let size = 0; size <= APP_HEADER_BYTES; size += 1)
      expect(decodeAppFrame(bytes.slice(0, size))).toBeNull();
    const long = new Uint8Array(APP_PART_BYTES + 1);
    for (const fields of [
      { bytes: long },
      { parts: 2, bytes: Uint8Array.of(1) },
      { part: 7, parts: 8, bytes: long.slice(1) },
      { receipt: true, bytes: Uint8Array.of(1, 2) },
      { receipt: true, bytes: Uint8Array.of(1, 2, 3, 4) },
    ])
      expect(decodeAppFrame(encodeAppFrame(frameOf(fields)))).toBeNull();
  });

  it('is refused when a field holds what no sender writes', () => {
    for (const fields of [
      { attempt: 3, receipt: true },
      { attempt: 3, receiptWanted: true },
      { attempt: 3, destination: 'ffffffffffff', nextTail: 0xffffff },
      { hopsLeft: 0 },
      { hopsLeft: APP_MOST_HOPS + 1 },
      { parts: 9, part: 8 },
      { parts: 1, part: 1 },
      { origin: '' },
      { origin: 'ffffffffffff' },
      { destination: '' },
      { destination: '240ac4000001' },
      { nextTail: 0xffffff },
      { destination: 'ffffffffffff' },
      { destination: 'ffffffffffff', nextTail: 0xffffff, receiptWanted: true },
      { destination: 'ffffffffffff', nextTail: 0xffffff, receipt: true },
      { receipt: true, receiptWanted: true },
    ])
      expect(decodeAppFrame(encodeAppFrame(frameOf(fields)))).toBeNull();
    const flags = encodeAppFrame(frameOf({}));
    flags[0] = 16;
    expect(decodeAppFrame(flags)).toBeNull();
  });

  it('never throws, and what is accepted is written back as the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: AIR_MAX_PAYLOAD }), (bytes) => {
        const frame = decodeAppFrame(bytes);
        if (frame !== null) expect(encodeAppFrame(frame)).toEqual(bytes);
        const names = decodeTaken(bytes);
        if (names !== null) expect(encodeTaken(names)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('has a name that no other frame has', () => {
    const names = new Set<string>();
    for (const number of [1, 11, 111])
      for (const part of [0, 1, 7])
        for (const attempt of [0, 1, 2])
          for (const origin of ['240ac4000001', '240ac4000011'])
            names.add(frameOf({ number, part, parts: 8, attempt, origin }).text());
    expect(names.size).toBe(54);
  });
});

describe('the list of frames that were taken', () => {
  it('comes back, up to twenty entries, and no other size is accepted', () => {
    const names = Array.from({ length: 20 }, (_, i) => frameOf({ number: i, attempt: i % 3 }));
    const bytes = encodeTaken(names);
    expect(bytes.length).toBeLessThanOrEqual(AIR_MAX_PAYLOAD);
    expect(decodeTaken(bytes)!.map((name) => name.text())).toEqual(names.map((n) => n.text()));
    expect(decodeTaken(encodeTaken([...names, ...names.slice(0, 1)]))).toBeNull();
    for (const size of [0, 1, 10, 12, 219]) expect(decodeTaken(bytes.slice(0, size))).toBeNull();
  });
});
