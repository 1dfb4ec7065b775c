/**
 * HMAC-SHA256: RFC 2104, `H(K XOR opad, H(K XOR ipad, text))`.
 *
 * The padded keys are made once for each key and kept: the runtime's hash objects are single-shot and cannot be
 * copied, and a tag is made for every frame.
 */
import type { Crypto } from './crypto.ts';

const BLOCK_BYTES = 64; // block size of SHA-256

export class HmacKey {
  private readonly crypto: Crypto;
  private readonly inner: Uint8Array;
  private readonly outer: Uint8Array;

  /** A key of any length; those over 64 bytes are hashed first, as the RFC says. */
  constructor(crypto: Crypto, key: Uint8Array) {
    this.crypto = crypto;
    const short = key.length > BLOCK_BYTES ? crypto.sha256(key) : key;
    this.inner = new Uint8Array(BLOCK_BYTES);
    this.outer = new Uint8Array(BLOCK_BYTES);
    for (let i = 0; i < BLOCK_BYTES; i++) {
      const byte = i < short.length ? short[i] : 0;
      this.inner[i] = byte ^ 0x36;
      this.outer[i] = byte ^ 0x5c;
    }
  }

  /** The 32-byte tag of the parts one after the other. */
  tag(...parts: Uint8Array[]): Uint8Array {
    return this.crypto.sha256(this.outer, this.crypto.sha256(this.inner, ...parts));
  }
}
