/**
 * Credentials that come to a joined node over the mesh (wire/delivery.ts), and a plugged-in node's part in bringing them there.
 *
 *   laptop -- deliver: to, data --> plugged-in node == control messages over the mesh ==> node: checks, stores, answers
 *          <-- receipt: mac, data --                <== its receipt ====================
 *
 * A control message is an application message's frames with the try 3: relays pass them on like any, no application sees them.
 * They are sent once; the laptop sends again what brought no receipt.
 *
 * A new network key in three steps, each one atomic write of the credentials, so that a cut leaves the one before:
 *   told      two keys; sends under the older one, takes both                   a delivery of a newer epoch
 *   switched  two keys; sends under the newer one, takes both                   a delivery that says so, or a frame under it heard
 *   done      one key; frames under the older one are refused ("epoch")         two minutes later, or a delivery that says so
 */
import { concatBytes, equalBytes } from '../std/bytes.ts';
import { fromBase64Url, toBase64Url } from '../std/base64url.ts';
import { macBytes, toHex } from '../std/hex.ts';
import { APP_CONTROL_TRY, APP_PART_BYTES, AppFrame } from '../wire/app-message.ts';
import { keyToMac, NO_NODE } from '../wire/cells.ts';
import { integerField, textField } from '../wire/console-line.ts';
import { type Credentials, decodeCredentials, encodeCredentials } from '../wire/credentials.ts';
import {
  DELIVERED,
  type Delivery,
  DELIVERY_NOT_STORED,
  DELIVERY_PAST,
  DELIVERY_REFUSED,
  DELIVERY_STALE,
  KIND_RECEIPT,
  openDelivery,
  PHASE_ONE_KEY,
  PHASE_SWITCHED,
  PHASE_TOLD,
  sealReceipt,
} from '../wire/delivery.ts';
import { PartJoiner, splitParts } from '../wire/parts.ts';
import { REJECT_FORGED, REJECT_REPLAYED } from './frame-gate.ts';
import type { Node } from './node.ts';
import type { NodeSetup } from './setup.ts';

/** From sending under the new key to forgetting the old one: long enough for everybody near to notice. */
const FORGET_MS = 120000;
/** A write that failed is tried again after so long. */
const AGAIN_MS = 10000;

/** What a delivery wants, as far as this node may go along: null when it may not. */
function merged(now: Credentials, next: Credentials): number {
  if (!equalBytes(next.networkId, now.networkId)) return DELIVERY_REFUSED;
  const ahead = (next.epoch - now.epoch) & 0xff;
  if (ahead > 127) return DELIVERY_REFUSED;
  if (ahead > 0) return DELIVERED;
  if (!equalBytes(next.networkKey, now.networkKey)) return DELIVERY_REFUSED;
  const had = now.previous;
  const gets = next.previous;
  if (gets === null || (had !== null && (gets.retired || !had.retired))) return DELIVERED;
  return DELIVERY_PAST;
}

export class Deliveries {
  private readonly node: Node;
  private readonly setup: NodeSetup;
  /** Parts from the console, and parts of the message that is coming in over the mesh. */
  private readonly joiner: PartJoiner = new PartJoiner();
  private incoming = '';
  private incomingParts: (Uint8Array | null)[] = [];
  private count = 0;
  private counter: number;
  /** The delivery that is being stored, or was last, and who gets the receipt. */
  private last: Delivery | null = null;
  private lastStatus = DELIVERED;
  private lastFrom = '';
  private isStoring = false;
  /** When the old key is forgotten, or a failed write tried again; -1 never. */
  private stepAtMs = -1;

  constructor(node: Node, setup: NodeSetup) {
    this.node = node;
    this.setup = setup;
    this.counter = setup.deliveryCounter;
  }

  /** The laptop's request `deliver`. '' or the code of what is wrong. */
  serve(fields: Record<string, unknown>, atMs: number): string {
    const mac = macBytes(textField(fields, 'to') ?? '');
    const data = fromBase64Url(textField(fields, 'data') ?? '*');
    if (mac === null) return 'bad-mac';
    if (data === null) return 'bad-data';
    const part = integerField(fields, 'part') ?? 0;
    const whole = this.joiner.add(part, integerField(fields, 'parts') ?? 1, data);
    if (whole === null) return '';
    return this.send(toHex(mac), whole, atMs);
  }

  /** To this node itself, too. */
  private send(to: string, message: Uint8Array, atMs: number): string {
    if (to === this.node.key) {
      this.handle(to, message, atMs);
      return '';
    }
    const network = this.node.network;
    if (network === null) return 'no-network';
    const parts = splitParts(message, APP_PART_BYTES);
    if (!network.relay.hasRoom(parts.length)) return 'busy';
    this.count = (this.count + 1) & 0xfff;
    for (let part = 0; part < parts.length; part += 1) {
      const frame = new AppFrame();
      frame.origin = this.node.key;
      frame.number = (this.node.boot & 0xfff) * 4096 + this.count;
      frame.destination = to;
      frame.nextTail = 0;
      frame.attempt = APP_CONTROL_TRY;
      frame.part = part;
      frame.parts = parts.length;
      frame.bytes = parts[part];
      network.relay.originate(frame, atMs);
    }
    return '';
  }

  /** A control frame for this node, heard for the first time. */
  receive(frame: AppFrame, atMs: number): void {
    const name = frame.origin + frame.number.toString();
    if (name !== this.incoming || this.incomingParts.length !== frame.parts) {
      this.incoming = name;
      this.incomingParts = [];
      for (let part = 0; part < frame.parts; part += 1) this.incomingParts.push(null);
    }
    this.incomingParts[frame.part] = frame.bytes.slice();
    let whole: Uint8Array = new Uint8Array(0);
    for (const part of this.incomingParts) {
      if (part === null) return;
      whole = concatBytes(whole, part);
    }
    this.incoming = '';
    this.handle(frame.origin, whole, atMs);
  }

  private handle(from: string, message: Uint8Array, atMs: number): void {
    if (message.length > 0 && message[0] === KIND_RECEIPT) {
      this.show(from, message);
      return;
    }
    const identity = this.setup.identity;
    const now = this.node.credentials;
    if (identity === null || identity.nodeKey === null || now === null || this.isStoring) return;
    const { crypto, mac } = this.setup;
    const delivery = openDelivery(crypto, identity.nodeKey, mac, message);
    if (delivery === null) {
      this.countRefused(REJECT_FORGED);
      return;
    }
    this.lastFrom = from;
    const last = this.last;
    if (last !== null && equalBytes(last.header, delivery.header))
      this.answer(this.lastStatus, atMs);
    else if (delivery.counter <= this.counter) {
      this.last = delivery;
      this.countRefused(REJECT_REPLAYED);
      this.answer(DELIVERY_STALE, atMs);
    } else {
      this.last = delivery;
      this.counter = delivery.counter;
      this.node.ask({ kind: 'number', key: 'deliv_n', value: this.counter });
      const next = decodeCredentials(delivery.credentials);
      const status = next === null ? DELIVERY_REFUSED : merged(now, next);
      if (status !== DELIVERED || equalBytes(encodeCredentials(now), delivery.credentials)) {
        this.answer(status, atMs);
      } else this.store(delivery.credentials);
    }
  }

  /** In `stats`, and as an event, like a refused frame. */
  private countRefused(cause: string): void {
    const network = this.node.network;
    if (network !== null) network.gate.count(cause);
  }

  private store(credentials: Uint8Array): void {
    this.isStoring = true;
    this.node.ask({ kind: 'credentials', bytes: credentials });
  }

  /** The driver wrote credentials, or could not; the node goes by them already. */
  stored(ok: boolean, atMs: number): void {
    if (!this.isStoring) return;
    this.isStoring = false;
    if (this.lastFrom !== NO_NODE) this.answer(ok ? DELIVERED : DELIVERY_NOT_STORED, atMs);
    this.plan(ok ? FORGET_MS : AGAIN_MS, atMs);
  }

  /** Plans the end of a rotation that this node has switched in. */
  plan(waitMs: number, atMs: number): void {
    const credentials = this.node.credentials;
    const previous = credentials === null ? null : credentials.previous;
    this.stepAtMs = previous !== null && previous.retired ? atMs + waitMs : -1;
  }

  private answer(status: number, atMs: number): void {
    this.lastStatus = status;
    const { last, node } = this;
    const identity = this.setup.identity;
    const credentials = node.credentials;
    const from = this.lastFrom;
    this.lastFrom = NO_NODE;
    if (last === null || credentials === null || identity === null || identity.nodeKey === null)
      return;
    const previous = credentials.previous;
    let phase = PHASE_ONE_KEY;
    if (previous !== null) phase = previous.retired ? PHASE_SWITCHED : PHASE_TOLD;
    const receipt = sealReceipt(
      this.setup.crypto,
      identity.nodeKey,
      last.header,
      status,
      credentials.epoch,
      phase,
      this.counter,
    );
    if (from === node.key) this.show(from, receipt);
    else this.send(from, receipt, atMs);
  }

  private show(from: string, receipt: Uint8Array): void {
    this.node.line(`{"t":"receipt","mac":"${keyToMac(from)}","data":"${toBase64Url(receipt)}"}`);
  }

  tick(atMs: number): void {
    const network = this.node.network;
    const credentials = this.node.credentials;
    if (network === null || credentials === null || this.isStoring) return;
    const previous = credentials.previous;
    if (previous === null) return;
    if (!previous.retired) {
      // A frame under the new key was heard: others have switched.
      if (network.gate.switched && atMs >= this.stepAtMs) {
        this.stepAtMs = atMs + AGAIN_MS;
        this.store(withPrevious(credentials, true));
      }
    } else if (this.stepAtMs >= 0 && atMs >= this.stepAtMs) {
      this.stepAtMs = atMs + AGAIN_MS;
      this.store(withPrevious(credentials, false));
    }
  }
}

/** The same credentials, with the previous key retired, or without one. */
function withPrevious(now: Credentials, keeps: boolean): Uint8Array {
  const previous = now.previous;
  return encodeCredentials({
    networkId: now.networkId,
    epoch: now.epoch,
    networkKey: now.networkKey,
    channel: now.channel,
    timing: now.timing,
    name: now.name,
    zone: now.zone,
    previous:
      keeps && previous !== null
        ? { epoch: previous.epoch, key: previous.key, retired: true }
        : null,
    consoleKey: now.consoleKey,
    setupKey: now.setupKey,
    router: now.router,
  });
}
