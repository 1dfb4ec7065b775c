/**
 * AES in counter mode (NIST SP 800-38A section 6.5), built from ECB because the runtime has no other: the counter
 * is the whole 16-byte block, big-endian. Encryption and decryption are the same operation.
 */
import type { Crypto } from './crypto.ts';

const BLOCK_BYTES = 16;

/** Adds one to a 16-byte big-endian number. */
function countUp(counter: Uint8Array): void {
  for (let i = BLOCK_BYTES - 1; i >= 0; i--) {
    counter[i] = (counter[i] + 1) & 0xff;
    if (counter[i] !== 0) return;
  }
}

/**
 * `firstCounter` has 16 bytes and is not changed. A pair of key and counter must never be used for two texts.
 */
export function aesCtr(
  crypto: Crypto,
  key: Uint8Array,
  firstCounter: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  if (text.length === 0) return new Uint8Array(0);
  const blockCount = Math.floor((text.length + BLOCK_BYTES - 1) / BLOCK_BYTES);
  const counters = new Uint8Array(blockCount * BLOCK_BYTES);
  const counter = firstCounter.slice();
  for (let block = 0; block < blockCount; block++) {
    counters.set(counter, block * BLOCK_BYTES);
    countUp(counter);
  }
  const stream = crypto.aesEcb(key).encrypt(counters);
  const result = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) result[i] = text[i] ^ stream[i];
  return result;
}
