/**
 * Little-endian integers and MAC addresses inside byte arrays. A node's key is its MAC as twelve lower-case hex digits;
 * the empty string stands for "no node" and is six zero bytes on the air.
 */
const HEX = '0123456789abcdef';
export const NO_NODE = '';
export const BROADCAST_KEY = 'ffffffffffff';

export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at] + bytes[at + 1] * 256;
}

export function readU24(bytes: Uint8Array, at: number): number {
  return bytes[at] + bytes[at + 1] * 256 + bytes[at + 2] * 65536;
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >> 8) & 0xff;
}

export function writeU24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >> 8) & 0xff;
  bytes[at + 2] = (value >> 16) & 0xff;
}

/** Key of the MAC at `at`; six zero bytes give the empty key. */
export function readKey(bytes: Uint8Array, at: number): string {
  let key = '';
  let any = 0;
  for (let i = at; i < at + 6; i += 1) {
    const value = bytes[i];
    any |= value;
    key += HEX.charAt(value >> 4) + HEX.charAt(value & 15);
  }
  return any === 0 ? NO_NODE : key;
}

function nibble(key: string, at: number): number {
  const code = key.charCodeAt(at);
  return code >= 97 ? code - 87 : code - 48;
}

export function writeKey(bytes: Uint8Array, at: number, key: string): void {
  if (key === NO_NODE) {
    for (let i = 0; i < 6; i += 1) bytes[at + i] = 0;
    return;
  }
  for (let i = 0; i < 6; i += 1) bytes[at + i] = nibble(key, 2 * i) * 16 + nibble(key, 2 * i + 1);
}

/** The last three bytes of a MAC as one number: enough to recognise a node among its neighbours and ancestors. */
export function tailOf(key: string): number {
  let tail = 0;
  for (let i = 6; i < 12; i += 1) tail = tail * 16 + nibble(key, i);
  return tail;
}

/** `24:0a:c4:00:00:01` for the key `240ac4000001`. */
export function keyToMac(key: string): string {
  let text = key.slice(0, 2);
  for (let i = 2; i < 12; i += 2) text += ':' + key.slice(i, i + 2);
  return text;
}
