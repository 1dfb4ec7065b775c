import { concatBytes, NO_BYTES } from '../std/bytes.ts';
import type { Crypto } from '../std/crypto.ts';
import { deriveKey } from '../std/hkdf.ts';
import { HmacKey } from '../std/hmac.ts';
import { LABEL_FRAME } from '../std/key-labels.ts';
import {
  AirHeader,
  airPayload,
  airTag,
  airTagMatches,
  decodeAirHeader,
  encodeAirFrame,
  isAirFrame,
  writeAirTag,
} from '../wire/air-frame.ts';
import type { Credentials } from '../wire/credentials.ts';
import { isNewer } from '../mesh/freshness.ts';
import { Floors } from './floors.ts';

export const ACCEPTED = '';
/** Not a frame of this protocol at all: size or version. */
export const REJECT_MALFORMED = 'malformed';
/** Another network's. */
export const REJECT_FOREIGN = 'foreign';
/** A key epoch that is neither the current nor the previous one: revoked, or far behind. */
export const REJECT_EPOCH = 'epoch';
/** The tag is wrong: made without the key, or changed on the way. */
export const REJECT_FORGED = 'forged';
/** The counter is not above the last one from that origin. */
export const REJECT_REPLAYED = 'replayed';
/** Names an origin other than the radio that sent it, or ourselves. */
export const REJECT_SPOOFED = 'spoofed';
/** Authentic, but the payload is not readable by this firmware. */
export const REJECT_UNREADABLE = 'unreadable';
/** More origins than this node can remember. */
export const REJECT_FULL = 'full';

/** Replay floors outlive the nodes they belong to; only holders of the key can make one, and this bounds them. */
const MAX_ORIGINS = 600;
const LAST_SEQUENCE = 0xffffff;

/** The frame key of one epoch: HKDF of the network key, bound to network and epoch. */
export function frameKey(
  crypto: Crypto,
  key: Uint8Array,
  networkId: Uint8Array,
  epoch: number,
): HmacKey {
  const context = concatBytes(networkId, new Uint8Array([epoch]));
  return new HmacKey(crypto, deriveKey(crypto, key, LABEL_FRAME, context));
}

/** Signs this node's frames and lets others' in: hint, epoch, tag, counter, in this order. */
export class FrameGate {
  /** Header and payload of the frame accepted last; the payload is a view of the frame. */
  readonly header: AirHeader = new AirHeader();
  payload: Uint8Array = NO_BYTES;
  /** Frames let in, and refused by cause, in order of first appearance. */
  accepted = 0;
  readonly rejected: Map<string, number> = new Map();
  boot: number;
  private sequence = 0;

  private readonly selfKey: string;
  private readonly hint: number;
  /** False while a rotation is being told: then frames go out under the previous key. A frame under the new one ends that. */
  switched = true;
  private epoch = 0;
  private key: HmacKey;
  private previousEpoch = -1;
  private previousKey: HmacKey | null = null;
  /** The newest counter let in from each origin. */
  readonly floors: Floors = new Floors(MAX_ORIGINS);
  private readonly out: AirHeader = new AirHeader();

  constructor(crypto: Crypto, selfKey: string, boot: number, credentials: Credentials) {
    const id = credentials.networkId;
    this.selfKey = selfKey;
    this.boot = boot;
    this.hint = id[0];
    this.key = frameKey(crypto, credentials.networkKey, id, credentials.epoch);
    this.rekey(crypto, credentials);
  }

  /** Goes on with other keys of the same network; counters and floors stay. */
  rekey(crypto: Crypto, credentials: Credentials): void {
    const id = credentials.networkId;
    this.epoch = credentials.epoch;
    this.key = frameKey(crypto, credentials.networkKey, id, credentials.epoch);
    const previous = credentials.previous;
    this.switched = previous === null || previous.retired;
    this.previousEpoch = -1;
    this.previousKey = null;
    if (previous === null) return;
    this.previousEpoch = previous.epoch;
    this.previousKey = frameKey(crypto, previous.key, id, previous.epoch);
  }

  /** Continues another gate's counter, after new credentials within one start. */
  continueFrom(other: FrameGate): void {
    this.boot = other.boot;
    this.sequence = other.sequence;
  }

  lastSequence(): number {
    return this.sequence;
  }

  /** The counter of the next frame; 0 when this start's counters are used up and a new boot counter is needed. */
  nextSequence(): number {
    return this.sequence >= LAST_SEQUENCE ? 0 : this.sequence + 1;
  }

  /** Goes on under a new boot counter. */
  renew(boot: number): void {
    this.boot = boot;
    this.sequence = 0;
  }

  /** The finished frame under nextSequence(). */
  seal(type: number, payload: Uint8Array): Uint8Array {
    const header = this.out;
    this.sequence = this.nextSequence();
    header.ttl = 1;
    header.type = type;
    header.hint = this.hint;
    const old = this.switched ? null : this.previousKey;
    header.epoch = old === null ? this.epoch : this.previousEpoch;
    header.origin = this.selfKey;
    header.boot = this.boot;
    header.sequence = this.sequence;
    const bytes = encodeAirFrame(header, payload);
    writeAirTag(bytes, airTag(old ?? this.key, bytes));
    return bytes;
  }

  /** ACCEPTED, or the cause of refusal, which is counted. `from` is the sending radio's key. */
  open(from: string, bytes: Uint8Array): string {
    const cause = this.judge(from, bytes);
    if (cause === ACCEPTED) this.accepted += 1;
    else this.count(cause);
    return cause;
  }

  count(cause: string): void {
    this.rejected.set(cause, (this.rejected.get(cause) ?? 0) + 1);
  }

  private judge(from: string, bytes: Uint8Array): string {
    if (!isAirFrame(bytes)) return REJECT_MALFORMED;
    if (bytes[2] !== this.hint) return REJECT_FOREIGN;
    const header = this.header;
    decodeAirHeader(bytes, header);
    let key: HmacKey | null = null;
    if (header.epoch === this.epoch) key = this.key;
    else if (header.epoch === this.previousEpoch) key = this.previousKey;
    if (key === null) return REJECT_EPOCH;
    if (header.origin !== from || header.origin === this.selfKey) return REJECT_SPOOFED;
    if (!airTagMatches(bytes, airTag(key, bytes))) return REJECT_FORGED;
    this.payload = airPayload(bytes);
    return this.raiseFloor(header);
  }

  private raiseFloor(header: AirHeader): string {
    const floors = this.floors;
    let floor = floors.find(header.origin);
    if (floor < 0) floor = floors.add(header.origin);
    else if (!isNewer(header.boot, header.sequence, floors.boot(floor), floors.sequence(floor)))
      return REJECT_REPLAYED;
    if (floor < 0) return REJECT_FULL;
    floors.raise(floor, header.boot, header.sequence);
    if (header.epoch === this.epoch) this.switched = true;
    return ACCEPTED;
  }
}
