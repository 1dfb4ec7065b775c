import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { toBase64Url } from './base64url.ts';
import { fromBase64Url } from './base64url-decode.ts';
import { concatBytes, equalBytes, isZero } from './bytes.ts';
import { equalTags } from './constant-time.ts';
import { crc16 } from './crc16.ts';
import { macBytes, macText, toHex } from './hex.ts';
import { utf8Decode, utf8Encode } from './utf8.ts';

const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'ascii'));

describe('UTF-8', () => {
  it('agrees with the platform for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const bytes = utf8Encode(text);
        expect(bytes).toEqual(new Uint8Array(new TextEncoder().encode(text)));
        expect(utf8Decode(bytes)).toBe(text);
      }),
    );
  });
  it('accepts exactly the bytes that a strict decoder accepts', () => {
    const strict = (bytes: Uint8Array): string | null => {
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return null;
      }
    };
    const nasty = fc.constantFrom(
      ...[0x41, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xe0, 0xed, 0xa0, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xf5],
    );
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 6 }), (list) => {
        const bytes = Uint8Array.from(list);
        expect(utf8Decode(bytes)).toBe(strict(bytes));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('base64url', () => {
  it('agrees with the platform for every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(bytes);
      }),
    );
  });
  it.each(['A', 'AAAAA', 'AA==', '+/8A', 'A A', 'AB', 'AAB', 'é'])('refuses "%s"', (text) => {
    expect(fromBase64Url(text)).toBeNull();
  });
});

describe('small helpers', () => {
  it('computes the published check value of CRC-16/CCITT-FALSE', () => {
    expect(crc16(ascii('123456789'), 9)).toBe(0x29b1);
    expect(crc16(ascii('123456789x'), 9)).toBe(0x29b1);
  });
  it('compares tags whole: any differing bit and any other length is unequal', () => {
    const tag = Uint8Array.from([1, 2, 3, 4]);
    expect(equalTags(tag, tag.slice())).toBe(true);
    expect(equalTags(tag, tag.slice(0, 3))).toBe(false);
    for (let bit = 0; bit < 32; bit++) {
      const other = tag.slice();
      other[bit >> 3] = other[bit >> 3]! ^ (1 << (bit & 7));
      expect(equalTags(tag, other)).toBe(false);
      expect(equalBytes(tag, other)).toBe(false);
    }
  });
  it('joins bytes and sees zero', () => {
    expect(concatBytes(ascii('a'), ascii(''), ascii('bc'))).toEqual(ascii('abc'));
    expect(isZero(new Uint8Array(3))).toBe(true);
    expect(isZero(ascii('a'))).toBe(false);
  });
  it('writes and reads MAC addresses', () => {
    const mac = Uint8Array.from([0x24, 0x0a, 0xc4, 0, 0, 0x1f]);
    expect(toHex(mac)).toBe('240ac400001f');
    expect(macText(mac)).toBe('24:0a:c4:00:00:1f');
    expect(macBytes('24:0a:c4:00:00:1f')).toEqual(mac);
    expect(macBytes('240ac400001f')).toEqual(mac);
    for (const bad of ['', '24:0a:c4:00:00', '24:0a:c4:00:00:1f:00', '24:0A:c4:00:00:1f', 'x']) {
      expect(macBytes(bad)).toBeNull();
    }
  });
});
