import { concatBytes, NO_BYTES } from '../std/bytes.ts';
import { APP_PART_BYTES, APP_TRIES, AppFrame, NEXT_EVERYONE } from '../wire/app-message.ts';
import { BROADCAST_KEY, readU24, writeU24 } from '../wire/cells.ts';
import type { MessageRelay } from '../mesh/message-relay.ts';

/** Received messages waiting for the application; with so many, the neighbour keeps the next one and tries again. */
const MOST_INBOX = 6;
/** Own messages whose receipt is awaited. */
const MOST_AWAITED = 4;
/**
 * After so long without a receipt the message is sent again; after the last of them it counts as lost. The third try comes when
 * the mesh has noticed a node that died at the first.
 */
const AWAIT_MS: readonly number[] = [1500, 4500, 5000];
const FULL_AGAIN_MS = 200;
/** Messages of which some parts are there; kept for longer than the origin's tries take. */
const MOST_PARTIAL = 3;
const PARTIAL_MS = 12000;
/** Messages remembered as received, so that a later try of the origin brings none twice. */
const MOST_DONE = 24;

/** A whole message for this node. */
export interface Received {
  readonly from: string;
  readonly toAll: boolean;
  readonly bytes: Uint8Array;
}

/** How a message with a receipt ended. */
export interface Outcome {
  readonly number: number;
  readonly arrived: boolean;
}

class Awaited {
  readonly number: number;
  readonly to: string;
  readonly bytes: Uint8Array;
  attempt = 0;
  nextAtMs: number;

  constructor(number: number, to: string, bytes: Uint8Array, nextAtMs: number) {
    this.number = number;
    this.to = to;
    this.bytes = bytes;
    this.nextAtMs = nextAtMs;
  }
}

/** Parts are kept one by one: the heap of a board in traffic has room for many of them, but hardly a hole of 1500 bytes. */
class Partial {
  readonly name: string;
  readonly parts: Uint8Array[] = [];
  /** Bits of the parts that are there. */
  there = 0;
  readonly startedAtMs: number;

  constructor(name: string, parts: number, startedAtMs: number) {
    this.name = name;
    this.startedAtMs = startedAtMs;
    for (let part = 0; part < parts; part += 1) this.parts.push(NO_BYTES);
  }
}

function partsOf(sizeBytes: number): number {
  return Math.floor((sizeBytes + APP_PART_BYTES - 1) / APP_PART_BYTES);
}

/** Messages from end to end: cut into frames and joined again, numbered, acknowledged, sent again. */
export class Messages {
  /** Messages given to us whole, and messages of ours that went out. */
  received = 0;
  sent = 0;

  private readonly selfKey: string;
  private readonly relay: MessageRelay;
  private readonly firstNumber: number;
  private count = 0;
  private readonly inbox: Received[] = [];
  private readonly outcomes: Outcome[] = [];
  private readonly awaited: Awaited[] = [];
  private readonly partials: Partial[] = [];
  private readonly done: string[] = [];

  /** Numbers carry the boot counter, so that after a restart none is taken for an earlier one. */
  constructor(selfKey: string, boot: number, relay: MessageRelay) {
    this.selfKey = selfKey;
    this.relay = relay;
    this.firstNumber = (boot & 0xfff) * 4096;
  }

  isInboxFull(): boolean {
    return this.inbox.length >= MOST_INBOX;
  }

  /** `to` a key or BROADCAST_KEY, `bytes` 1 to 1500 and kept. The message's number, -1 when there is no room now. */
  send(to: string, bytes: Uint8Array, receiptWanted: boolean, atMs: number): number {
    const awaits = receiptWanted && to !== this.selfKey;
    if (awaits && this.awaited.length >= MOST_AWAITED) return -1;
    if (to === this.selfKey) {
      if (this.isInboxFull()) return -1;
    } else if (!this.relay.hasRoom(partsOf(bytes.length))) return -1;
    this.count = (this.count + 1) & 0xfff;
    const number = this.firstNumber + this.count;
    if (to === this.selfKey) {
      this.keep({ from: to, toAll: false, bytes: bytes });
      if (receiptWanted) this.outcomes.push({ number: number, arrived: true });
    } else this.sendParts(number, to, bytes, awaits, 0, atMs);
    if (awaits) this.awaited.push(new Awaited(number, to, bytes, atMs + AWAIT_MS[0]));
    this.sent += 1;
    return number;
  }

  private sendParts(
    number: number,
    to: string,
    bytes: Uint8Array,
    receiptWanted: boolean,
    attempt: number,
    atMs: number,
  ): void {
    const parts = partsOf(bytes.length);
    for (let part = 0; part < parts; part += 1) {
      const frame = this.frame(number, to);
      frame.part = part;
      frame.parts = parts;
      frame.attempt = attempt;
      frame.receiptWanted = receiptWanted;
      const at = part * APP_PART_BYTES;
      // No copy: a message is in memory once, however many of its parts are on their way.
      frame.bytes = bytes.subarray(at, Math.min(bytes.length, at + APP_PART_BYTES));
      this.relay.originate(frame, atMs);
    }
  }

  private frame(number: number, to: string): AppFrame {
    const frame = new AppFrame();
    frame.origin = this.selfKey;
    frame.number = number;
    frame.destination = to;
    frame.nextTail = to === BROADCAST_KEY ? NEXT_EVERYONE : 0;
    return frame;
  }

  /** A frame that the relay found to be for us, for the first time. */
  receive(frame: AppFrame, atMs: number): void {
    if (frame.receipt) {
      this.settle(readU24(frame.bytes, 0), frame.origin);
      return;
    }
    const name = frame.origin + frame.number.toString();
    if (!this.done.includes(name)) {
      const whole = frame.parts === 1 ? frame.bytes.slice() : this.join(name, frame, atMs);
      if (whole === null || this.isInboxFull()) return;
      if (this.done.length >= MOST_DONE) this.done.shift();
      this.done.push(name);
      this.received += 1;
      this.keep({ from: frame.origin, toAll: frame.isToAll(), bytes: whole });
    } else if (frame.part !== frame.parts - 1) return;
    if (frame.receiptWanted) this.sendReceipt(frame, atMs);
  }

  private keep(message: Received): void {
    this.inbox.push(message);
  }

  private sendReceipt(frame: AppFrame, atMs: number): void {
    if (!this.relay.hasRoom(1)) return;
    this.count = (this.count + 1) & 0xfff;
    const receipt = this.frame(this.firstNumber + this.count, frame.origin);
    receipt.receipt = true;
    receipt.bytes = new Uint8Array(3);
    writeU24(receipt.bytes, 0, frame.number);
    this.relay.originate(receipt, atMs);
  }

  /** The whole message when this part was the last missing one. */
  private join(name: string, frame: AppFrame, atMs: number): Uint8Array | null {
    let partial: Partial | null = null;
    for (const one of this.partials) if (one.name === name) partial = one;
    if (partial === null) {
      if (this.partials.length >= MOST_PARTIAL) this.partials.shift();
      partial = new Partial(name, frame.parts, atMs);
      this.partials.push(partial);
    }
    if (frame.parts !== partial.parts.length) return null;
    const bit = 1 << frame.part;
    if ((partial.there & bit) === 0) {
      partial.parts[frame.part] = frame.bytes.slice();
      partial.there |= bit;
    }
    if (partial.there !== (1 << partial.parts.length) - 1) return null;
    this.partials.splice(this.partials.indexOf(partial), 1);
    try {
      return concatBytes(...partial.parts);
    } catch {
      // No memory for it in one piece: as if it had been lost on the way.
      return null;
    }
  }

  private settle(number: number, from: string): void {
    for (let i = 0; i < this.awaited.length; i += 1) {
      const one = this.awaited[i];
      if (one.number !== number || one.to !== from) continue;
      this.awaited.splice(i, 1);
      this.outcomes.push({ number: number, arrived: true });
      return;
    }
  }

  tick(atMs: number): void {
    if (this.partials.length > 0 && atMs - this.partials[0].startedAtMs > PARTIAL_MS)
      this.partials.shift();
    for (let i = 0; i < this.awaited.length; i += 1) {
      const one = this.awaited[i];
      if (atMs < one.nextAtMs) continue;
      if (one.attempt + 1 >= APP_TRIES) {
        this.awaited.splice(i, 1);
        this.outcomes.push({ number: one.number, arrived: false });
        return;
      }
      if (this.relay.hasRoom(partsOf(one.bytes.length))) {
        one.attempt += 1;
        one.nextAtMs = atMs + AWAIT_MS[one.attempt];
        this.sendParts(one.number, one.to, one.bytes, true, one.attempt, atMs);
      } else one.nextAtMs = atMs + FULL_AGAIN_MS;
    }
  }

  takeReceived(): Received | null {
    return this.inbox.shift() ?? null;
  }

  takeOutcome(): Outcome | null {
    return this.outcomes.shift() ?? null;
  }
}
