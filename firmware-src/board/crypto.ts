import { aes } from 'cryptolib';
import { sha256 } from 'hashlib';
import { urandom } from 'os';
import type { BlockCipher, Crypto } from '../std/crypto.ts';

const MODE_ECB = 1;

class BoardCipher implements BlockCipher {
  private readonly cipher: aes;

  constructor(key: Uint8Array) {
    this.cipher = new aes(key, MODE_ECB);
  }

  encrypt(blocks: Uint8Array): Uint8Array {
    return new Uint8Array(this.cipher.encrypt(blocks));
  }
}

/** The runtime's own primitives. Results are copied, because the runtime's bytes cannot be written to. */
export class BoardCrypto implements Crypto {
  sha256(...parts: Uint8Array[]): Uint8Array {
    const hash = new sha256();
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  }

  aesEcb(key: Uint8Array): BlockCipher {
    return new BoardCipher(key);
  }

  random(sizeBytes: number): Uint8Array {
    return new Uint8Array(urandom(sizeBytes));
  }
}
