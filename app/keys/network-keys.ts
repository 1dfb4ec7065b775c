/**
 * The secrets of a network and of a node. All come from the platform's random generator, none from a passphrase;
 * what is derived from them, and under which label, stands in firmware-src/std/key-labels.ts.
 */
import { randomBytes } from './crypto.ts';

export const NETWORK_ID_BYTES = 8;
export const KEY_BYTES = 32;

export interface EpochKey {
  /** 0 to 255; goes up by one with each rotation and wraps. */
  readonly epoch: number;
  /** 32 bytes, secret. */
  readonly key: Uint8Array;
}

export interface NetworkKeys {
  /** 8 bytes, public. */
  readonly networkId: Uint8Array;
  /** Authenticates every frame on the air. */
  readonly current: EpochKey;
  /** Still accepted while a rotation is under way. */
  readonly previous: EpochKey | null;
  /** Lets two boards of the fleet admit each other by button. */
  readonly setupKey: Uint8Array;
  /** Stays on the laptop; boards get keys derived from it. */
  readonly adminKey: Uint8Array;
}

export function newNetworkKeys(): NetworkKeys {
  return {
    networkId: randomBytes(NETWORK_ID_BYTES),
    current: { epoch: 1, key: randomBytes(KEY_BYTES) },
    previous: null,
    setupKey: randomBytes(KEY_BYTES),
    adminKey: randomBytes(KEY_BYTES),
  };
}

export function newNodeKey(): Uint8Array<ArrayBuffer> {
  return randomBytes(KEY_BYTES);
}

/** The next epoch: boards that are not told the new key are out once the grace period ends. */
export function rotateNetworkKey(keys: NetworkKeys): NetworkKeys {
  const epoch = (keys.current.epoch + 1) & 0xff;
  return { ...keys, previous: keys.current, current: { epoch, key: randomBytes(KEY_BYTES) } };
}

/** Ends the grace period: only the current key is handed out from now on. */
export function forgetPreviousKey(keys: NetworkKeys): NetworkKeys {
  return { ...keys, previous: null };
}
