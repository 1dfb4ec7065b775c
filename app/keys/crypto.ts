/** The primitives of firmware-src/std/crypto.ts in V8: the same code that runs on boards then works in the app too. */
import { ecb } from '@noble/ciphers/aes.js';
import { concatBytes } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import type { BlockCipher, Crypto } from '../../firmware-src/std/crypto.ts';

/** `sizeBytes` bytes from the platform's generator; fit for keys. At most 65536. */
export function randomBytes(sizeBytes: number): Uint8Array<ArrayBuffer> {
  return globalThis.crypto.getRandomValues(new Uint8Array(sizeBytes));
}

export const v8Crypto: Crypto = {
  sha256: (...parts) => sha256(parts.length === 1 ? parts[0]! : concatBytes(...parts)),
  aesEcb(key): BlockCipher {
    if (key.length !== 16 && key.length !== 32) {
      throw new RangeError(`AES key: expected 16 or 32 bytes, got ${key.length}`);
    }
    const cipher = ecb(key, { disablePadding: true });
    return { encrypt: (blocks) => cipher.encrypt(blocks) };
  },
  random: randomBytes,
};
