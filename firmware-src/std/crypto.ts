/**
 * The three primitives that everything secret is built on. They come in as an argument because every engine has its
 * own: the runtime's hashlib, cryptolib and os.urandom on boards, @noble/hashes and @noble/ciphers in V8.
 * HMAC, HKDF and AES-CTR are written once, on top of this (hmac.ts, hkdf.ts, aes-ctr.ts).
 */

export interface BlockCipher {
  /** `blocks` holds whole 16-byte blocks; the result is new and as long. */
  encrypt(blocks: Uint8Array): Uint8Array;
}

export interface Crypto {
  /** SHA-256 (FIPS 180-4) over the parts one after the other; 32 bytes. */
  sha256(...parts: Uint8Array[]): Uint8Array;
  /** AES in ECB mode, encryption only; the key has 16 or 32 bytes. */
  aesEcb(key: Uint8Array): BlockCipher;
  /** `sizeBytes` bytes fit for keys and nonces. */
  random(sizeBytes: number): Uint8Array;
}
