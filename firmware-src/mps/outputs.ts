/**
 * What the machines of MPS ask of their driver. After every call drain poll() until it answers `wake`; the machines own
 * no clock, no transport and no randomness of their own.
 */

export type MpsOutput =
  /** Give these bytes (at most 400) to the other side, whole; they may get lost. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** Node only. Write these bytes to NVS blob `creds` in one atomic write, then call committed(). */
  | { readonly kind: 'commit'; readonly credentials: Uint8Array }
  /** The run is complete on this side. */
  | { readonly kind: 'done'; readonly proof: MpsProof }
  /** The run ended without success; one of the MPS_ codes. */
  | { readonly kind: 'failed'; readonly code: string }
  /** Nothing more until then: call tick() at `atMs`, or never when it is -1. Always the last of a drain. */
  | { readonly kind: 'wake'; readonly atMs: number };

/** What a finished run proved; nothing in it is secret. */
export interface MpsProof {
  /** 6 bytes: the board that holds the key. */
  readonly mac: Uint8Array;
  /** KIND_NODE_KEY or KIND_SETUP_KEY: which key it proved. */
  readonly keyKind: number;
  readonly networkId: Uint8Array;
  /** SHA-256 over all five messages: the same on both sides, different for each run. */
  readonly transcript: Uint8Array;
}

export const KIND_NODE_KEY = 1;
export const KIND_SETUP_KEY = 2;

/** The other side proved a key that is not the expected one (or none that both know). Same code whatever differed. */
export const MPS_WRONG_KEY = 'wrong-key';
/** The window of 45 s ended and the other side had said nothing that belonged to this run. */
export const MPS_NO_ANSWER = 'no-answer';
/** The window ended in the middle: messages got lost, or the other side was reset. Run again. */
export const MPS_TIMEOUT = 'timeout';
/** The node was busy with another registrar until the window ended. */
export const MPS_BUSY = 'busy';
/** Registrar: the board on the line is not the one expected (another MAC). */
export const MPS_WRONG_BOARD = 'wrong-board';
/** No protocol version in common. */
export const MPS_VERSION = 'version';
/** Node: the credentials decrypted but are not readable by this firmware, or are for another network than offered. */
export const MPS_BAD_CREDENTIALS = 'bad-credentials';
/** Node: the credentials could not be stored. */
export const MPS_COMMIT_FAILED = 'commit-failed';
/** close() was called before the end. */
export const MPS_CLOSED = 'closed';
