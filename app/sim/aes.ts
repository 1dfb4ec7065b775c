/**
 * AES (FIPS 197) for the virtual boards' cryptolib: single blocks, keys of 16 or 32 bytes, ECB and CBC on top.
 * It serves simulated boards; the application's own keys use a maintained library.
 */

const SBOX = new Uint8Array(256);
const INVERSE = new Uint8Array(256);

// FIPS 197 section 5.1.1: the inverse in GF(2^8) followed by an affine map, built by walking the powers of 3.
for (let p = 1, q = 1, first = true; first || p !== 1; first = false) {
  p = (p ^ (p << 1) ^ (p & 0x80 ? 0x11b : 0)) & 0xff;
  q ^= q << 1;
  q ^= q << 2;
  q ^= q << 4;
  q &= 0xff;
  if (q & 0x80) q ^= 0x09;
  const rotated = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4);
  SBOX[p] = (rotated ^ 0x63) & 0xff;
}
SBOX[0] = 0x63;
for (let i = 0; i < 256; i++) INVERSE[SBOX[i]!] = i;

function rotate(byte: number, by: number): number {
  return ((byte << by) | (byte >> (8 - by))) & 0xff;
}

function double(byte: number): number {
  return ((byte << 1) ^ (byte & 0x80 ? 0x1b : 0)) & 0xff;
}

function times(a: number, b: number): number {
  let product = 0;
  for (let x = a, y = b; y > 0; y >>= 1, x = double(x)) if (y & 1) product ^= x;
  return product;
}

const TIMES = [9, 11, 13, 14].map((factor) =>
  Uint8Array.from({ length: 256 }, (_, i) => times(i, factor)),
);
const [BY_9, BY_11, BY_13, BY_14] = TIMES as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** Section 5.2: the round keys, 16 bytes each. @throws RangeError for another key size */
export function expandKey(key: Uint8Array): Uint8Array {
  if (key.length !== 16 && key.length !== 32) {
    throw new RangeError(`expected an AES key of 16 or 32 bytes, got ${key.length}`);
  }
  const words = key.length / 4;
  const rounds = words + 6;
  const w = new Uint8Array(16 * (rounds + 1));
  w.set(key);
  let rcon = 1;
  for (let i = words; i < 4 * (rounds + 1); i++) {
    let [a, b, c, d] = w.subarray(4 * i - 4, 4 * i) as unknown as [number, number, number, number];
    if (i % words === 0) {
      [a, b, c, d] = [SBOX[b]! ^ rcon, SBOX[c]!, SBOX[d]!, SBOX[a]!];
      rcon = double(rcon);
    } else if (words > 6 && i % words === 4) {
      [a, b, c, d] = [SBOX[a]!, SBOX[b]!, SBOX[c]!, SBOX[d]!];
    }
    const from = 4 * (i - words);
    w.set([w[from]! ^ a, w[from + 1]! ^ b, w[from + 2]! ^ c, w[from + 3]! ^ d], 4 * i);
  }
  return w;
}

function addRoundKey(s: Uint8Array, keys: Uint8Array, round: number): void {
  for (let i = 0; i < 16; i++) s[i]! ^= keys[16 * round + i]!;
}

/** Section 5.1, in place; `s` is one block. */
export function encryptBlock(keys: Uint8Array, s: Uint8Array): void {
  const rounds = keys.length / 16 - 1;
  const t = new Uint8Array(16);
  addRoundKey(s, keys, 0);
  for (let round = 1; round <= rounds; round++) {
    for (let i = 0; i < 16; i++) t[i] = SBOX[s[(i * 5) % 16]!]!;
    if (round < rounds) {
      for (let c = 0; c < 16; c += 4) {
        const [a, b, d, e] = [t[c]!, t[c + 1]!, t[c + 2]!, t[c + 3]!];
        const all = a ^ b ^ d ^ e;
        s[c] = a ^ all ^ double(a ^ b);
        s[c + 1] = b ^ all ^ double(b ^ d);
        s[c + 2] = d ^ all ^ double(d ^ e);
        s[c + 3] = e ^ all ^ double(e ^ a);
      }
    } else s.set(t);
    addRoundKey(s, keys, round);
  }
}

/** Section 5.3, in place. */
export function decryptBlock(keys: Uint8Array, s: Uint8Array): void {
  const rounds = keys.length / 16 - 1;
  const t = new Uint8Array(16);
  addRoundKey(s, keys, rounds);
  for (let round = rounds - 1; round >= 0; round--) {
    for (let i = 0; i < 16; i++) t[i] = INVERSE[s[(i * 13) % 16]!]!;
    s.set(t);
    addRoundKey(s, keys, round);
    if (round === 0) continue;
    for (let c = 0; c < 16; c += 4) {
      const [a, b, d, e] = [s[c]!, s[c + 1]!, s[c + 2]!, s[c + 3]!];
      s[c] = BY_14[a]! ^ BY_11[b]! ^ BY_13[d]! ^ BY_9[e]!;
      s[c + 1] = BY_9[a]! ^ BY_14[b]! ^ BY_11[d]! ^ BY_13[e]!;
      s[c + 2] = BY_13[a]! ^ BY_9[b]! ^ BY_14[d]! ^ BY_11[e]!;
      s[c + 3] = BY_11[a]! ^ BY_13[b]! ^ BY_9[d]! ^ BY_14[e]!;
    }
  }
}

/** Works in place on whole blocks; in CBC `iv` is left as the value for the next call. SP 800-38A sections 6.1 and 6.2. */
export function cryptBlocks(
  keys: Uint8Array,
  mode: 'ecb' | 'cbc',
  way: 'encrypt' | 'decrypt',
  data: Uint8Array,
  iv: Uint8Array,
): void {
  for (let at = 0; at < data.length; at += 16) {
    const block = data.subarray(at, at + 16);
    const cipher = way === 'decrypt' && mode === 'cbc' ? block.slice() : undefined;
    if (way === 'encrypt') {
      if (mode === 'cbc') for (let i = 0; i < 16; i++) block[i]! ^= iv[i]!;
      encryptBlock(keys, block);
      if (mode === 'cbc') iv.set(block);
    } else {
      decryptBlock(keys, block);
      if (!cipher) continue;
      for (let i = 0; i < 16; i++) block[i]! ^= iv[i]!;
      iv.set(cipher);
    }
  }
}
