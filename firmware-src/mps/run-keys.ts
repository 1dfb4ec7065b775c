/**
 * Keys, tags and transcript of one MPS run.
 *
 *   T1 = SHA-256(request)               T(i) = SHA-256(T(i-1) | message i)      messages without their checksum
 *   proof key = HKDF(node key or setup key, label of its kind), see std/key-labels.ts
 *   salt = SHA-256(T1 | offer without tag)             holds both nonces, the MAC, the network id and the kind
 *   PRK = HKDF-Extract(salt, proof key)                RFC 5869; fresh in every run
 *   K(label) = HKDF-Expand(PRK, label, 32)             one key for each tag, one for the cipher
 *   tag of message i = first 16 bytes of HMAC-SHA256(K(its label), T(i-1) | message i without tag)
 *   ciphertext = AES-256-CTR under K(cipher), counter from zero (the key is used once)
 */
import { aesCtr } from '../std/aes-ctr.ts';
import { concatBytes } from '../std/bytes.ts';
import { equalTags } from '../std/constant-time.ts';
import type { Crypto } from '../std/crypto.ts';
import { deriveKey, hkdfExtract } from '../std/hkdf.ts';
import { HmacKey } from '../std/hmac.ts';
import {
  LABEL_MPS_CIPHER,
  LABEL_MPS_CONFIRM,
  LABEL_MPS_CREDENTIALS,
  LABEL_MPS_DONE,
  LABEL_MPS_OFFER,
  LABEL_NODE_PROOF,
  LABEL_SETUP_PROOF,
} from '../std/key-labels.ts';
import { utf8Encode } from '../std/utf8.ts';
import type { Message } from './messages.ts';
import { CONFIRM, CREDENTIALS, DONE, OFFER, sealMessage, TAG_BYTES } from './messages.ts';
import { KIND_NODE_KEY } from './outputs.ts';

function labelOf(type: number): string {
  if (type === OFFER) return LABEL_MPS_OFFER;
  if (type === CONFIRM) return LABEL_MPS_CONFIRM;
  if (type === CREDENTIALS) return LABEL_MPS_CREDENTIALS;
  if (type === DONE) return LABEL_MPS_DONE;
  throw new Error('MPS: this message carries no tag');
}

export class RunKeys {
  /** T(i) after the last message that was taken in. */
  transcript: Uint8Array;
  private readonly crypto: Crypto;
  private readonly expander: HmacKey;

  /**
   * @param masterKey the node key or the setup key
   * @param request message 1 without checksum
   * @param offerBeforeTag message 2 up to its tag
   */
  constructor(
    crypto: Crypto,
    masterKey: Uint8Array,
    keyKind: number,
    request: Uint8Array,
    offerBeforeTag: Uint8Array,
  ) {
    this.crypto = crypto;
    this.transcript = crypto.sha256(request);
    const label = keyKind === KIND_NODE_KEY ? LABEL_NODE_PROOF : LABEL_SETUP_PROOF;
    const proofKey = deriveKey(crypto, masterKey, label, new Uint8Array(0));
    const salt = crypto.sha256(this.transcript, offerBeforeTag);
    this.expander = new HmacKey(crypto, hkdfExtract(crypto, salt, proofKey));
  }

  /** Appends tag and checksum to a message of `type`, takes it into the transcript, and answers the bytes to send. */
  seal(type: number, beforeTag: Uint8Array): Uint8Array {
    const content = concatBytes(beforeTag, this.tagOf(type, beforeTag));
    this.transcript = this.crypto.sha256(this.transcript, content);
    return sealMessage(content);
  }

  /** Checks the tag of a message; only a right one goes into the transcript. */
  accept(message: Message): boolean {
    if (!equalTags(message.tag(), this.tagOf(message.type, message.beforeTag()))) return false;
    this.transcript = this.crypto.sha256(this.transcript, message.content);
    return true;
  }

  /** Both ways. */
  cipher(text: Uint8Array): Uint8Array {
    return aesCtr(this.crypto, this.expand(LABEL_MPS_CIPHER), new Uint8Array(16), text);
  }

  private tagOf(type: number, beforeTag: Uint8Array): Uint8Array {
    const key = new HmacKey(this.crypto, this.expand(labelOf(type)));
    return key.tag(this.transcript, beforeTag).slice(0, TAG_BYTES);
  }

  /** The first and only block of HKDF-Expand: HMAC(PRK, label | 0x01). */
  private expand(label: string): Uint8Array {
    return this.expander.tag(utf8Encode(label), new Uint8Array([1]));
  }
}
