import { describe, expect, it } from 'vitest';
import {
  bytesToHex,
  concatBytes,
  equalBytes,
  fromBase64Url,
  fromUtf8,
  hexToBytes,
  toBase64Url,
  utf8,
} from './bytes.ts';

describe('bytes', () => {
  it('turns bytes into hex and back', () => {
    expect(bytesToHex(new Uint8Array([0, 15, 255]))).toBe('000fff');
    expect(hexToBytes('000FfF')).toEqual(new Uint8Array([0, 15, 255]));
  });
  it('refuses hex of odd length or with foreign characters', () => {
    expect(() => hexToBytes('abc')).toThrow(SyntaxError);
    expect(() => hexToBytes('zz')).toThrow(SyntaxError);
  });
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foobar', 'Zm9vYmFy'],
  ])('encodes "%s" as RFC 4648 section 10 does, without padding', (text, encoded) => {
    expect(toBase64Url(utf8(text))).toBe(encoded);
    expect(fromUtf8(fromBase64Url(encoded))).toBe(text);
  });
  it('uses the URL-safe alphabet and refuses the other one', () => {
    expect(toBase64Url(new Uint8Array([0xfb, 0xff]))).toBe('-_8');
    expect(() => fromBase64Url('+/8')).toThrow(SyntaxError);
    expect(() => fromBase64Url('A')).toThrow(SyntaxError);
  });
  it('joins and compares', () => {
    const whole = concatBytes(new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3]));
    expect(equalBytes(whole, new Uint8Array([1, 2, 3]))).toBe(true);
    expect(equalBytes(whole, new Uint8Array([1, 2]))).toBe(false);
    expect(equalBytes(whole, new Uint8Array([1, 2, 4]))).toBe(false);
  });
});
