/**
 * Deliveries: credentials that the laptop sends to one node across the mesh, and the node's receipt. Little-endian.
 *
 *    0         1       7       11        19
 *   +---------+-------+-------+---------+-----------------------------------+--------+
 *   | 1       | mac 6 | n u32 | nonce 8 | ciphertext of wire/credentials.ts | tag 16 |      delivery
 *   +---------+-------+-------+---------+--------+-------+-----------+-------+--------+
 *   | 2       | mac 6 | n u32 | nonce 8 | status | epoch | phase     | last n u32 | tag 16 | receipt, 42 bytes
 *   +---------+-------+-------+---------+--------+-------+-----------+------------+------+
 *
 * Each key is HKDF of the node's own key with a label and the first 19 bytes of the delivery: none is used twice, and no other
 * node has it. AES-256-CTR from zero; the tag is the first 16 bytes of HMAC-SHA256 over all before it. n must exceed the n of the
 * last delivery that the node accepted (`deliv_n`).
 * phase: 0 one network key, 1 two and sends under the older, 2 two and sends under the newer.
 */
import { aesCtr } from '../std/aes-ctr.ts';
import { concatBytes, equalBytes } from '../std/bytes.ts';
import { equalTags } from '../std/constant-time.ts';
import type { Crypto } from '../std/crypto.ts';
import { deriveKey } from '../std/hkdf.ts';
import { HmacKey } from '../std/hmac.ts';
import {
  LABEL_DELIVERY_CIPHER,
  LABEL_DELIVERY_RECEIPT,
  LABEL_DELIVERY_TAG,
} from '../std/key-labels.ts';
import { readU16, writeU16 } from './cells.ts';

export {
  DELIVERED,
  DELIVERY_NOT_STORED,
  DELIVERY_PAST,
  DELIVERY_REFUSED,
  DELIVERY_STALE,
} from './delivery-status.ts';

export const KIND_DELIVERY = 1;
export const KIND_RECEIPT = 2;
export const DELIVERY_NONCE_BYTES = 8;
export const DELIVERY_HEADER_BYTES = 19;
const TAG_BYTES = 16;
const RECEIPT_BYTES = 42;

export const PHASE_ONE_KEY = 0;
export const PHASE_TOLD = 1;
export const PHASE_SWITCHED = 2;

function tagOf(
  crypto: Crypto,
  nodeKey: Uint8Array,
  label: string,
  header: Uint8Array,
  signed: Uint8Array,
): Uint8Array {
  return new HmacKey(crypto, deriveKey(crypto, nodeKey, label, header))
    .tag(signed)
    .slice(0, TAG_BYTES);
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, value & 0xffff);
  writeU16(bytes, at + 2, (value >> 16) & 0x7fff);
}

function readU32(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at) + (readU16(bytes, at + 2) & 0x7fff) * 65536;
}

/** The laptop's side. `nonce` 8 fresh bytes, `counter` up to 2^31 - 1. */
export function sealDelivery(
  crypto: Crypto,
  nodeKey: Uint8Array,
  mac: Uint8Array,
  counter: number,
  nonce: Uint8Array,
  credentials: Uint8Array,
): Uint8Array {
  const header = new Uint8Array(DELIVERY_HEADER_BYTES);
  header[0] = KIND_DELIVERY;
  header.set(mac, 1);
  writeU32(header, 7, counter);
  header.set(nonce, 11);
  const key = deriveKey(crypto, nodeKey, LABEL_DELIVERY_CIPHER, header);
  const signed = concatBytes(header, aesCtr(crypto, key, new Uint8Array(16), credentials));
  return concatBytes(signed, tagOf(crypto, nodeKey, LABEL_DELIVERY_TAG, header, signed));
}

/** A delivery that its administrator made for this node. */
export class Delivery {
  readonly header: Uint8Array;
  readonly counter: number;
  /** As encodeCredentials() makes them. */
  readonly credentials: Uint8Array;

  constructor(header: Uint8Array, credentials: Uint8Array) {
    this.header = header;
    this.counter = readU32(header, 7);
    this.credentials = credentials;
  }
}

/** Null unless it is authentic and for this node. */
export function openDelivery(
  crypto: Crypto,
  nodeKey: Uint8Array,
  mac: Uint8Array,
  bytes: Uint8Array,
): Delivery | null {
  const end = bytes.length - TAG_BYTES;
  if (end < DELIVERY_HEADER_BYTES || bytes[0] !== KIND_DELIVERY) return null;
  const header = bytes.slice(0, DELIVERY_HEADER_BYTES);
  if (!equalBytes(header.slice(1, 7), mac)) return null;
  const tag = tagOf(crypto, nodeKey, LABEL_DELIVERY_TAG, header, bytes.slice(0, end));
  if (!equalTags(tag, bytes.slice(end))) return null;
  const key = deriveKey(crypto, nodeKey, LABEL_DELIVERY_CIPHER, header);
  const text = bytes.slice(DELIVERY_HEADER_BYTES, end);
  return new Delivery(header, aesCtr(crypto, key, new Uint8Array(16), text));
}

/** The node's side; `counter`: the last one it accepted. */
export function sealReceipt(
  crypto: Crypto,
  nodeKey: Uint8Array,
  header: Uint8Array,
  status: number,
  epoch: number,
  phase: number,
  counter: number,
): Uint8Array {
  const signed = new Uint8Array(RECEIPT_BYTES - TAG_BYTES);
  signed.set(header);
  signed[0] = KIND_RECEIPT;
  signed[19] = status;
  signed[20] = epoch;
  signed[21] = phase;
  writeU32(signed, 22, counter);
  return concatBytes(signed, tagOf(crypto, nodeKey, LABEL_DELIVERY_RECEIPT, header, signed));
}

export interface Receipt {
  readonly status: number;
  readonly epoch: number;
  readonly phase: number;
  readonly counter: number;
}

/** Null unless the node that holds this key made it for this delivery. */
export function openReceipt(
  crypto: Crypto,
  nodeKey: Uint8Array,
  delivery: Uint8Array,
  bytes: Uint8Array,
): Receipt | null {
  if (bytes.length !== RECEIPT_BYTES || bytes[0] !== KIND_RECEIPT) return null;
  const header = delivery.slice(0, DELIVERY_HEADER_BYTES);
  if (!equalBytes(header.slice(1), bytes.slice(1, DELIVERY_HEADER_BYTES))) return null;
  const signed = bytes.slice(0, RECEIPT_BYTES - TAG_BYTES);
  const tag = tagOf(crypto, nodeKey, LABEL_DELIVERY_RECEIPT, header, signed);
  if (!equalTags(tag, bytes.slice(RECEIPT_BYTES - TAG_BYTES))) return null;
  return {
    status: signed[19],
    epoch: signed[20],
    phase: signed[21],
    counter: readU32(signed, 22),
  };
}
