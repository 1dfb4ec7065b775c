/**
 * Setup over the air: finds the other side by broadcast, registers it as an ESP-NOW peer for the exchange, carries whole MPS
 * messages in parts, and forgets the peer in every outcome. Knows nothing of MPS itself; frames: wire/setup-frame.ts.
 *
 *   closed -open-> looking -seek or here-> with a partner -silence-> looking ... -window ends, or close-> closed
 *
 * A node without keys does not know the mesh's channel, so it looks on one after the other, the usual ones first.
 */
import { concatBytes, equalBytes, NO_BYTES } from '../std/bytes.ts';
import type { Crypto } from '../std/crypto.ts';
import { deriveKey } from '../std/hkdf.ts';
import { LABEL_AIR_LMK, LABEL_AIR_PMK, LABEL_SETUP_HINT } from '../std/key-labels.ts';
import { NO_NODE, readKey } from '../wire/cells.ts';
import { PartJoiner, splitParts } from '../wire/parts.ts';
import {
  encodeSetupFrame,
  SETUP_HEADER_BYTES,
  SETUP_HERE,
  SETUP_PART,
  SETUP_PART_BYTES,
  SETUP_SEEK,
} from '../wire/setup-frame.ts';
import type { NodeOutput } from './setup.ts';

export const ROLE_CLOSED = 0;
/** Looks for a registrar. */
export const ROLE_ASK = 1;
/** Waits for nodes, or for the one wanted. */
export const ROLE_SERVE = 2;

export const AIR_WINDOW_MS = 45000;
const CHANNELS: readonly number[] = [1, 6, 11, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13];
/** Two seeks on one channel, then the next one. All of them take 3.3 s. */
const SEEK_MS = 125;
/** A partner that is silent for longer is given up: MPS repeats itself every 4 s at the latest. */
const SILENCE_MS = 5000;
const KEY_BYTES = 16;
const HINT_BYTES = 4;

export class AirSetup {
  role = ROLE_CLOSED;
  /** Who we are talking with, '' nobody. */
  partner = NO_NODE;
  windowEndMs = 0;
  private readonly crypto: Crypto;
  private readonly selfKey: string;
  private readonly outputs: NodeOutput[];
  private readonly joiner: PartJoiner = new PartJoiner();
  private hint: Uint8Array = NO_BYTES;
  /** PMK, then LMK. */
  private secrets: Uint8Array = NO_BYTES;
  private wanted = NO_NODE;
  private heardAtMs = 0;
  private seekAtMs = 0;
  private seeks = 0;
  /** The last partner that led to nothing: somebody else comes first. */
  private avoided = NO_NODE;
  private waiting: Uint8Array = NO_BYTES;
  private settled = false;

  constructor(crypto: Crypto, selfKey: string, outputs: NodeOutput[]) {
    this.crypto = crypto;
    this.selfKey = selfKey;
    this.outputs = outputs;
  }

  /** Opens the window, or opens it for longer. `wanted`: serve this node only, '' any. */
  open(role: number, setupKey: Uint8Array | null, wanted: string, atMs: number): void {
    this.windowEndMs = atMs + AIR_WINDOW_MS;
    if (this.role === role && this.wanted === wanted) return;
    this.part();
    this.role = role;
    this.wanted = wanted;
    this.seekAtMs = atMs;
    this.seeks = 0;
    this.avoided = NO_NODE;
    this.waiting = NO_BYTES;
    this.settled = false;
    this.hint = new Uint8Array(HINT_BYTES);
    this.secrets = NO_BYTES;
    if (setupKey === null) return;
    const pmk = this.derive(setupKey, LABEL_AIR_PMK).slice(0, KEY_BYTES);
    this.secrets = concatBytes(pmk, this.derive(setupKey, LABEL_AIR_LMK).slice(0, KEY_BYTES));
    this.hint = this.derive(setupKey, LABEL_SETUP_HINT).slice(0, HINT_BYTES);
  }

  private derive(setupKey: Uint8Array, label: string): Uint8Array {
    return deriveKey(this.crypto, setupKey, label, NO_BYTES);
  }

  close(): void {
    this.part();
    this.role = ROLE_CLOSED;
  }

  /** Forgets the partner; the window stays open for the next one. */
  part(): void {
    if (this.partner === NO_NODE) return;
    this.partner = NO_NODE;
    this.outputs.push({ kind: 'peer', to: NO_NODE, secrets: NO_BYTES });
  }

  /** Ends the search: what is left is to answer a partner that repeats itself, until it is silent. */
  settle(): void {
    this.settled = true;
    if (this.partner === NO_NODE) this.close();
  }

  /** A frame of this protocol; the whole MPS message when this was its last part. */
  receive(from: string, bytes: Uint8Array, atMs: number): Uint8Array | null {
    const kind = bytes[1];
    const body = bytes.slice(SETUP_HEADER_BYTES);
    if (kind === SETUP_SEEK) {
      const busy = this.partner !== NO_NODE && this.partner !== from;
      if (this.role !== ROLE_SERVE || busy) return null;
      if (this.wanted !== NO_NODE && this.wanted !== from) return null;
      this.meet(from, body, atMs);
      this.frame(SETUP_HERE, 0, 1, from, this.hint, NO_NODE);
      return null;
    }
    if (readKey(bytes, 3) !== this.selfKey) return null;
    if (kind === SETUP_PART && from === this.partner) {
      this.heardAtMs = atMs;
      return this.joiner.add(bytes[2] & 15, (bytes[2] >> 4) + 1, body);
    }
    if (kind !== SETUP_HERE || this.role !== ROLE_ASK) return null;
    if (this.partner !== NO_NODE || from === this.avoided) return null;
    this.meet(from, body, atMs);
    this.send(this.waiting);
    return null;
  }

  private meet(from: string, hint: Uint8Array, atMs: number): void {
    this.heardAtMs = atMs;
    if (this.partner === from) return;
    this.partner = from;
    const same = this.secrets.length > 0 && equalBytes(hint, this.hint);
    this.outputs.push({ kind: 'peer', to: from, secrets: same ? this.secrets : NO_BYTES });
  }

  /** Sends an MPS message to the partner, and to the next one as soon as there is one. */
  send(message: Uint8Array): void {
    this.waiting = message;
    if (this.partner === NO_NODE || message.length === 0) return;
    const parts = splitParts(message, SETUP_PART_BYTES);
    for (let part = 0; part < parts.length; part += 1) {
      this.frame(SETUP_PART, part, parts.length, this.partner, parts[part], this.partner);
    }
  }

  private frame(
    kind: number,
    part: number,
    parts: number,
    to: string,
    bytes: Uint8Array,
    peer: string,
  ): void {
    const frame = encodeSetupFrame(kind, part, parts, to, bytes);
    this.outputs.push({ kind: 'frame', bytes: frame, to: peer });
  }

  tick(atMs: number): void {
    if (this.role === ROLE_CLOSED) return;
    if (atMs >= this.windowEndMs) this.close();
    else if (this.partner !== NO_NODE) {
      if (atMs - this.heardAtMs < SILENCE_MS) return;
      this.avoided = this.partner;
      this.part();
      if (this.settled) this.close();
    } else if (this.role === ROLE_ASK && atMs >= this.seekAtMs) {
      const turn = this.seeks % (2 * CHANNELS.length);
      if (turn === CHANNELS.length) this.avoided = NO_NODE;
      if (turn % 2 === 0) {
        this.outputs.push({ kind: 'radio', channel: CHANNELS[Math.floor(turn / 2)] });
      }
      this.seeks += 1;
      this.seekAtMs = atMs + SEEK_MS;
      this.frame(SETUP_SEEK, 0, 1, NO_NODE, this.hint, NO_NODE);
    }
  }

  wakeAtMs(wakeMs: number): number {
    if (this.role === ROLE_CLOSED) return wakeMs;
    const looking = this.role === ROLE_ASK && this.partner === NO_NODE;
    let own = looking ? this.seekAtMs : this.windowEndMs;
    if (this.partner !== NO_NODE) own = Math.min(own, this.heardAtMs + SILENCE_MS);
    return own < wakeMs ? own : wakeMs;
  }
}
