/**
 * HKDF-SHA256: RFC 5869. Extract: `PRK = HMAC(salt, IKM)`. Expand: `T(N) = HMAC(PRK, T(N-1) | info | N)`.
 */
import { concatBytes } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { HmacKey } from './hmac.ts';
import { utf8Encode } from './utf8.ts';

const HASH_BYTES = 32;

/** RFC 5869 section 2.2; an empty salt stands for 32 zero bytes. */
export function hkdfExtract(crypto: Crypto, salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array {
  return new HmacKey(crypto, salt).tag(keyMaterial);
}

/** RFC 5869 section 2.3; `sizeBytes` from 1 to 8160. */
export function hkdfExpand(
  crypto: Crypto,
  pseudoRandomKey: Uint8Array,
  info: Uint8Array,
  sizeBytes: number,
): Uint8Array {
  if (sizeBytes < 1 || sizeBytes > 255 * HASH_BYTES) throw new Error('HKDF: 1 to 8160 bytes');
  const key = new HmacKey(crypto, pseudoRandomKey);
  const output = new Uint8Array(sizeBytes);
  const counter = new Uint8Array(1);
  let block: Uint8Array = new Uint8Array(0);
  let at = 0;
  while (at < sizeBytes) {
    counter[0] = counter[0] + 1;
    block = concatBytes(key.tag(block, info, counter));
    const take = Math.min(HASH_BYTES, sizeBytes - at);
    output.set(block.subarray(0, take), at);
    at += take;
  }
  return output;
}

/**
 * The 32-byte key for one purpose: HKDF of a master key without salt, info = label, a zero byte, context.
 * Labels come from key-labels.ts and nowhere else.
 */
export function deriveKey(
  crypto: Crypto,
  masterKey: Uint8Array,
  label: string,
  context: Uint8Array,
): Uint8Array {
  const pseudoRandomKey = hkdfExtract(crypto, new Uint8Array(0), masterKey);
  const info = concatBytes(utf8Encode(label), new Uint8Array(1), context);
  return hkdfExpand(crypto, pseudoRandomKey, info, HASH_BYTES);
}
