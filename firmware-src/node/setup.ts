import type { Crypto } from '../std/crypto.ts';

export const STATE_BLANK = 'blank';
export const STATE_KEYLESS = 'keyless';
export const STATE_JOINED = 'joined';

/** What a board was given when it was flashed. */
export interface Identity {
  readonly name: string;
  readonly zone: string;
  /** 32 bytes each, null when missing or of another size. */
  readonly nodeKey: Uint8Array | null;
  readonly setupKey: Uint8Array | null;
  /** Checks an administrator's requests where the credentials have no such key: those that another board handed out. */
  readonly consoleKey: Uint8Array | null;
}

/** Everything that the node is told once, at start. */
export interface NodeSetup {
  /** 6 bytes. */
  readonly mac: Uint8Array;
  readonly chip: string;
  readonly runtime: string;
  readonly firmware: string;
  /** power-on, hard, watchdog, deep-sleep or soft. */
  readonly reset: string;
  readonly identity: Identity | null;
  /** The blob `creds`, null when absent. */
  readonly credentials: Uint8Array | null;
  /** This start's boot counter, already stored; 0 when it could not be stored: then the node stays off the air. */
  readonly boot: number;
  /** Highest counter accepted in an administrator's request, kept over restarts. */
  readonly adminCounter: number;
  /** The same for deliveries over the mesh. */
  readonly deliveryCounter: number;
  /** The channel that the mesh was on last, 0 unknown; counts in networks with a router only. */
  readonly channel: number;
  readonly crypto: Crypto;
}

/** Send `bytes` by ESP-NOW (at most 250 of them), to the peer `to`, or to all when that is ''. */
export interface NodeFrame {
  readonly kind: 'frame';
  readonly bytes: Uint8Array;
  readonly to: string;
}

/**
 * Make `to` the only ESP-NOW peer beside the broadcast one, '' none, once the frames before it are out. secrets: PMK and LMK,
 * 16 bytes each; empty: frames to and from it are not encrypted.
 */
export interface NodePeer {
  readonly kind: 'peer';
  readonly to: string;
  readonly secrets: Uint8Array;
}

/** What the node asks of its driver; null from poll() means nothing more until wakeAtMs(). */
export type NodeOutput =
  | NodeFrame
  | NodePeer
  /** Write this to the console in one write. */
  | { readonly kind: 'line'; readonly bytes: Uint8Array }
  /** Store these as blob `creds` in one atomic write, then call stored(). */
  | { readonly kind: 'credentials'; readonly bytes: Uint8Array }
  /** Store this integer under this key in NVS; no answer wanted. */
  | { readonly kind: 'number'; readonly key: string; readonly value: number }
  /** Bring the radio up on this channel, or move it there. */
  | { readonly kind: 'radio'; readonly channel: number }
  /** Show this: one of the patterns of board/light.ts. */
  | { readonly kind: 'led'; readonly pattern: string }
  /** Restart the board once the console is drained. */
  | { readonly kind: 'reboot' };
