/**
 * Network credentials: what MPS hands to a node and what its NVS keeps in the blob `creds`, byte for byte.
 * One-byte numbers only; texts are UTF-8 behind their length; no padding; nothing may follow.
 *
 *   0         1       2            10      11            43        44
 *   | version | flags | network id | epoch | network key | channel | timing |
 *        1        1         8          1        32            1        1
 *   44: | length | name, 0 to 32 | length | zone, 0 to 32 |
 *   flag 0x01: | previous epoch 1 | previous network key 32 |            still accepted while the key is rotated
 *   flag 0x02: | console key 32 |                                        admin verification: HKDF of the admin key, bound to this node's MAC
 *   flag 0x04: | setup key 32 |
 *   flag 0x08: | length | router SSID, 1 to 32 | length | password, 0 to 63 |
 *   flag 0x10, with 0x01 only: the previous key is retired; frames go out under the new one
 *
 * Version 1. channel: 1 to 14. timing: a profile's number, see the node. An empty name or zone means: keep your own.
 * Source: this file.
 */
import { concatBytes } from '../std/bytes.ts';
import { utf8Encode } from '../std/utf8.ts';
import { Cursor } from './cursor.ts';

const VERSION = 1;
const FIXED_BYTES = 45;
const FLAG_PREVIOUS = 0x01;
const FLAG_CONSOLE = 0x02;
const FLAG_SETUP = 0x04;
const FLAG_ROUTER = 0x08;
const FLAG_RETIRED = 0x10;
const ALL_FLAGS = 0x1f;

export const NETWORK_ID_BYTES = 8;
export const KEY_BYTES = 32;
export const NAME_BYTES = 32;
export const ZONE_BYTES = 32;
export const SSID_BYTES = 32;
export const PASSWORD_BYTES = 63;

export interface PreviousKey {
  readonly epoch: number;
  readonly key: Uint8Array;
  /** Nothing is sent under it any more; until then, nothing is sent under the new one. */
  readonly retired: boolean;
}

export interface RouterCredentials {
  readonly ssid: string;
  readonly password: string;
}

export interface Credentials {
  /** 8 bytes; the first is the hint in air frames. */
  readonly networkId: Uint8Array;
  /** 0 to 255. */
  readonly epoch: number;
  readonly networkKey: Uint8Array;
  /** 1 to 14. */
  readonly channel: number;
  /** 0 to 255. */
  readonly timing: number;
  readonly name: string;
  readonly zone: string;
  readonly previous: PreviousKey | null;
  /** 32 bytes, this node's own: verifies console requests. */
  readonly consoleKey: Uint8Array | null;
  readonly setupKey: Uint8Array | null;
  readonly router: RouterCredentials | null;
}

function withLength(text: string, most: number): Uint8Array {
  const bytes = utf8Encode(text);
  if (bytes.length > most) throw new Error('credentials: a text is too long');
  return concatBytes(new Uint8Array([bytes.length]), bytes);
}

function sized(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw new Error('credentials: a key or id has the wrong size');
  return bytes;
}

/** At most 305 bytes. Throws on sizes outside the drawing: that is our own mistake. */
export function encodeCredentials(credentials: Credentials): Uint8Array {
  const parts: Uint8Array[] = [
    new Uint8Array([VERSION, 0]),
    sized(credentials.networkId, NETWORK_ID_BYTES),
    new Uint8Array([credentials.epoch]),
    sized(credentials.networkKey, KEY_BYTES),
    new Uint8Array([credentials.channel, credentials.timing]),
    withLength(credentials.name, NAME_BYTES),
    withLength(credentials.zone, ZONE_BYTES),
  ];
  let flags = 0;
  const previous = credentials.previous;
  if (previous !== null) {
    flags |= previous.retired ? FLAG_PREVIOUS | FLAG_RETIRED : FLAG_PREVIOUS;
    parts.push(new Uint8Array([previous.epoch]), sized(previous.key, KEY_BYTES));
  }
  const consoleKey = credentials.consoleKey;
  if (consoleKey !== null) {
    flags |= FLAG_CONSOLE;
    parts.push(sized(consoleKey, KEY_BYTES));
  }
  const setupKey = credentials.setupKey;
  if (setupKey !== null) {
    flags |= FLAG_SETUP;
    parts.push(sized(setupKey, KEY_BYTES));
  }
  const router = credentials.router;
  if (router !== null) {
    flags |= FLAG_ROUTER;
    parts.push(withLength(router.ssid, SSID_BYTES), withLength(router.password, PASSWORD_BYTES));
  }
  const bytes = concatBytes(...parts);
  bytes[1] = flags;
  return bytes;
}

/** Null unless the bytes are exactly one valid set of credentials; never throws. */
export function decodeCredentials(bytes: Uint8Array): Credentials | null {
  if (bytes.length < FIXED_BYTES || bytes[0] !== VERSION) return null;
  const cursor = new Cursor(bytes);
  cursor.at = 1;
  const flags = cursor.byte();
  if ((flags & ~ALL_FLAGS) !== 0) return null;
  const networkId = cursor.take(NETWORK_ID_BYTES);
  const epoch = cursor.byte();
  const networkKey = cursor.take(KEY_BYTES);
  const channel = cursor.byte();
  const timing = cursor.byte();
  const name = cursor.text(0, NAME_BYTES);
  const zone = cursor.text(0, ZONE_BYTES);
  let previous: PreviousKey | null = null;
  if ((flags & FLAG_PREVIOUS) !== 0) {
    const previousEpoch = cursor.byte();
    const key = cursor.take(KEY_BYTES);
    previous = { epoch: previousEpoch, key: key, retired: (flags & FLAG_RETIRED) !== 0 };
  } else if ((flags & FLAG_RETIRED) !== 0) return null;
  const consoleKey = (flags & FLAG_CONSOLE) !== 0 ? cursor.take(KEY_BYTES) : null;
  const setupKey = (flags & FLAG_SETUP) !== 0 ? cursor.take(KEY_BYTES) : null;
  let router: RouterCredentials | null = null;
  if ((flags & FLAG_ROUTER) !== 0) {
    const ssid = cursor.text(1, SSID_BYTES);
    router = { ssid: ssid, password: cursor.text(0, PASSWORD_BYTES) };
  }
  if (!cursor.isDone() || channel < 1 || channel > 14) return null;
  return {
    networkId,
    epoch,
    networkKey,
    channel,
    timing,
    name,
    zone,
    previous,
    consoleKey,
    setupKey,
    router,
  };
}
