import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aesCtr } from '../../firmware-src/std/aes-ctr.ts';
import { hkdfExpand, hkdfExtract } from '../../firmware-src/std/hkdf.ts';
import { HmacKey } from '../../firmware-src/std/hmac.ts';
import { bytesToHex, hexToBytes, utf8 } from '../base/bytes.ts';
import { v8Crypto } from './crypto.ts';

const hex = (text: string): Uint8Array => hexToBytes(text.replaceAll(' ', ''));

describe('SHA-256 and AES-ECB in V8', () => {
  it('agree with the runtime of Node for every length around the block size', () => {
    for (let size = 0; size < 200; size += 7) {
      const data = new Uint8Array(randomBytes(size));
      const split = Math.floor(size / 3);
      expect(v8Crypto.sha256(data.subarray(0, split), data.subarray(split))).toEqual(
        new Uint8Array(createHash('sha256').update(data).digest()),
      );
    }
    for (const keyBytes of [16, 32]) {
      const key = new Uint8Array(randomBytes(keyBytes));
      const blocks = new Uint8Array(randomBytes(64));
      const cipher = createCipheriv(`aes-${keyBytes * 8}-ecb`, key, null).setAutoPadding(false);
      expect(v8Crypto.aesEcb(key).encrypt(blocks)).toEqual(new Uint8Array(cipher.update(blocks)));
    }
  });
  it('refuse a key of another size', () => {
    expect(() => v8Crypto.aesEcb(new Uint8Array(24))).toThrow('expected 16 or 32 bytes, got 24');
  });
});

describe('HMAC-SHA256', () => {
  // RFC 4231 sections 4.2, 4.3 and 4.7.
  it.each([
    [
      '0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b',
      bytesToHex(utf8('Hi There')),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      bytesToHex(utf8('Jefe')),
      bytesToHex(utf8('what do ya want for nothing?')),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      'aa'.repeat(131),
      bytesToHex(utf8('Test Using Larger Than Block-Size Key - Hash Key First')),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('gives the tags of RFC 4231 (key %s)', (key, data, tag) => {
    expect(bytesToHex(new HmacKey(v8Crypto, hex(key)).tag(hex(data)))).toBe(tag);
  });
  it('gives the same tag again and however the text is cut into parts', () => {
    const key = new Uint8Array(randomBytes(32));
    const text = new Uint8Array(randomBytes(100));
    const mine = new HmacKey(v8Crypto, key);
    const theirs = new Uint8Array(createHmac('sha256', key).update(text).digest());
    expect(mine.tag(text)).toEqual(theirs);
    expect(mine.tag(text.subarray(0, 31), new Uint8Array(0), text.subarray(31))).toEqual(theirs);
  });
});

describe('HKDF-SHA256', () => {
  // RFC 5869 appendix A.1, A.2 and A.3.
  const range = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, i) => (from + i).toString(16).padStart(2, '0')).join('');
  it.each([
    [
      '0b'.repeat(22),
      '000102030405060708090a0b0c',
      'f0f1f2f3f4f5f6f7f8f9',
      42,
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    [
      range(0, 80),
      range(0x60, 0xb0),
      range(0xb0, 0x100),
      82,
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    ],
    [
      '0b'.repeat(22),
      '',
      '',
      42,
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    ],
  ])('gives the keys of RFC 5869 (%s)', (material, salt, info, size, key) => {
    const pseudoRandomKey = hkdfExtract(v8Crypto, hex(salt), hex(material));
    expect(bytesToHex(hkdfExpand(v8Crypto, pseudoRandomKey, hex(info), size))).toBe(key);
    const node = hkdfSync('sha256', hex(material), hex(salt), hex(info), size);
    expect(bytesToHex(new Uint8Array(node))).toBe(key);
  });
  it('refuses lengths that the RFC does not allow', () => {
    for (const size of [0, 8161]) {
      expect(() => hkdfExpand(v8Crypto, new Uint8Array(32), new Uint8Array(0), size)).toThrow();
    }
  });
});

describe('AES in counter mode', () => {
  // NIST SP 800-38A, F.5.1 (AES-128) and F.5.5 (AES-256).
  const TEXT =
    '6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51' +
    '30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710';
  const COUNTER = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff';
  it.each([
    [
      '2b7e151628aed2a6abf7158809cf4f3c',
      '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee',
    ],
    [
      '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
      '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
    ],
  ])('gives the texts of SP 800-38A for key %s, cut at any length', (key, expected) => {
    for (const size of [64, 63, 49, 16, 1, 0]) {
      const text = hex(TEXT).subarray(0, size);
      const result = aesCtr(v8Crypto, hex(key), hex(COUNTER), text);
      expect(bytesToHex(result)).toBe(expected.slice(0, 2 * size));
      expect(aesCtr(v8Crypto, hex(key), hex(COUNTER), result)).toEqual(text);
    }
  });
  it('carries over all sixteen bytes of the counter', () => {
    const key = new Uint8Array(randomBytes(32));
    const counter = new Uint8Array(16).fill(0xff);
    const text = new Uint8Array(randomBytes(40));
    const cipher = createCipheriv('aes-256-ctr', key, counter);
    expect(aesCtr(v8Crypto, key, counter, text)).toEqual(new Uint8Array(cipher.update(text)));
    expect(counter).toEqual(new Uint8Array(16).fill(0xff));
  });
});
