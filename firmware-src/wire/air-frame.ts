/**
 * The ESP-NOW frame: a 24-byte header and its payload, 250 bytes at most, all integers little-endian.
 *
 *    0        1        2        3        4              10           13           16             24
 *   +--------+--------+--------+--------+--------------+------------+------------+--------------+---------
 *   | ver|ttl|  type  |  hint  | epoch  |  origin MAC  | boot (u24) | seq. (u24) | tag, 8 bytes | payload
 *   +--------+--------+--------+--------+--------------+------------+------------+--------------+---------
 *
 * ver = 1 in the high four bits; ttl in the low four is taken as 0 by the tag, so that a relay can count it down.
 * hint = first byte of the network id: tells another network's frames apart before any cryptography is spent on them.
 * (boot, sequence) rises with every frame of an origin; boot is stored in flash and rises with every start.
 * tag = first 8 bytes of HMAC-SHA256(frame key of that epoch, bytes 0..15 with ttl 0, then the payload).
 */
import type { HmacKey } from '../std/hmac.ts';
import { readKey, readU24, writeKey, writeU24 } from './cells.ts';

export const AIR_VERSION = 1;
export const AIR_HEADER_BYTES = 24;
export const AIR_TAG_BYTES = 8;
export const AIR_MAX_BYTES = 250;
export const AIR_MAX_PAYLOAD = 226;

const TAG_AT = 16;

/** 0x01..0x32 belong to the zone protocol; the mesh itself starts at 0x40. */
export const TYPE_ADVERT = 0x40;
export const TYPE_INFO = 0x41;
export const TYPE_ASK = 0x42;
export const TYPE_VIEW = 0x43;
export const TYPE_APP = 0x44;
export const TYPE_APP_TAKEN = 0x45;
export const TYPE_LINK = 0x46;
export const TYPE_MOVE = 0x47;

export class AirHeader {
  ttl = 0;
  type = 0;
  hint = 0;
  epoch = 0;
  origin = '';
  boot = 0;
  sequence = 0;
}

/** The header with its tag left at zero, followed by the payload: what sealing starts from. */
export function encodeAirFrame(header: AirHeader, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(AIR_HEADER_BYTES + payload.length);
  bytes[0] = AIR_VERSION * 16 + (header.ttl & 15);
  bytes[1] = header.type;
  bytes[2] = header.hint;
  bytes[3] = header.epoch;
  writeKey(bytes, 4, header.origin);
  writeU24(bytes, 10, header.boot);
  writeU24(bytes, 13, header.sequence);
  bytes.set(payload, AIR_HEADER_BYTES);
  return bytes;
}

/** Whether the bytes can be a frame of ours at all: size and version. */
export function isAirFrame(bytes: Uint8Array): boolean {
  return (
    bytes.length >= AIR_HEADER_BYTES &&
    bytes.length <= AIR_MAX_BYTES &&
    bytes[0] >> 4 === AIR_VERSION
  );
}

/** Fills `header` from bytes that isAirFrame accepts. */
export function decodeAirHeader(bytes: Uint8Array, header: AirHeader): void {
  header.ttl = bytes[0] & 15;
  header.type = bytes[1];
  header.hint = bytes[2];
  header.epoch = bytes[3];
  header.origin = readKey(bytes, 4);
  header.boot = readU24(bytes, 10);
  header.sequence = readU24(bytes, 13);
}

/** All of the tag, of which a frame carries the first eight bytes. */
export function airTag(key: HmacKey, bytes: Uint8Array): Uint8Array {
  return key.tag(taggedHeader(bytes), airPayload(bytes));
}

/** The first of the two parts that the tag covers. */
export function taggedHeader(bytes: Uint8Array): Uint8Array {
  const part = bytes.slice(0, TAG_AT);
  part[0] = part[0] & 0xf0;
  return part;
}

/** The second of the two parts that the tag covers (a view, no copy). */
export function airPayload(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(AIR_HEADER_BYTES);
}

export function writeAirTag(bytes: Uint8Array, tag: Uint8Array): void {
  for (let i = 0; i < AIR_TAG_BYTES; i += 1) bytes[TAG_AT + i] = tag[i];
}

/** Compares the frame's tag with the first eight bytes of `tag`, in constant time. */
export function airTagMatches(bytes: Uint8Array, tag: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < AIR_TAG_BYTES; i += 1) difference |= bytes[TAG_AT + i] ^ tag[i];
  return difference === 0;
}
