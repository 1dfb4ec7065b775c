/**
 * Little-endian integers and MAC addresses inside byte arrays. A node's key is its MAC as twelve lower-case hex digits;
 * the empty string stands for "no node" and is six zero bytes on the air.
 */
import { toHex } from '../std/hex.ts';

const NO_MAC = '000000000000';
export const NO_NODE = '';
export const BROADCAST_KEY = 'ffffffffffff';

export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function readU24(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >> 8) & 0xff;
}

export function writeU24(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, value);
  bytes[at + 2] = (value >> 16) & 0xff;
}

/** Key of the MAC at `at`; six zero bytes give the empty key. */
export function readKey(bytes: Uint8Array, at: number): string {
  const key = toHex(bytes.subarray(at, at + 6));
  return key === NO_MAC ? NO_NODE : key;
}

export function writeKey(bytes: Uint8Array, at: number, key: string): void {
  const digits = key === NO_NODE ? NO_MAC : key;
  for (let i = 0; i < 6; i += 1) bytes[at + i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
}

/** The last three bytes of a MAC as one number: enough to recognise a node among its neighbours and ancestors. */
export function tailOf(key: string): number {
  return key === NO_NODE ? 0 : parseInt(key.slice(6), 16) & 0xffffff;
}

/** `24:0a:c4:00:00:01` for the key `240ac4000001`. */
export function keyToMac(key: string): string {
  const first = `${key.slice(0, 2)}:${key.slice(2, 4)}:${key.slice(4, 6)}`;
  return `${first}:${key.slice(6, 8)}:${key.slice(8, 10)}:${key.slice(10)}`;
}
