/**
 * What a node does with a delivery (deliveries.ts): opens it, goes along with it or not, answers it. A board has this code in its
 * memory only while it works at one (features.ts, LAZY_PARTS); what lasts is in Deliveries.
 */
import { equalBytes } from '../std/bytes.ts';
import { toBase64Url } from '../std/base64url.ts';
import { APP_CONTROL_TRY, APP_PART_BYTES, AppFrame } from '../wire/app-message.ts';
import { keyToMac, NO_NODE } from '../wire/cells.ts';
import {
  type Credentials,
  decodeCredentials,
  encodeCredentials,
  type PreviousKey,
} from '../wire/credentials.ts';
import {
  DELIVERED,
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
import { splitParts } from '../wire/parts.ts';
import type { Deliveries } from './deliveries.ts';
import { REJECT_FORGED, REJECT_REPLAYED } from './frame-gate.ts';

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

/** To this node itself, too. */
export function send(all: Deliveries, to: string, message: Uint8Array, atMs: number): string {
  if (to === all.node.key) {
    handle(all, to, message, atMs);
    return '';
  }
  const network = all.node.network;
  if (network === null) return 'no-network';
  const parts = splitParts(message, APP_PART_BYTES);
  if (!network.relay.hasRoom(parts.length)) return 'busy';
  all.count = (all.count + 1) & 0xfff;
  for (let part = 0; part < parts.length; part += 1) {
    const frame = new AppFrame();
    frame.origin = all.node.key;
    frame.number = (all.node.boot & 0xfff) * 4096 + all.count;
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

export function handle(all: Deliveries, from: string, message: Uint8Array, atMs: number): void {
  if (message.length > 0 && message[0] === KIND_RECEIPT) {
    show(all, from, message);
    return;
  }
  const identity = all.setup.identity;
  const now = all.node.credentials;
  if (identity === null || identity.nodeKey === null || now === null || all.isStoring) return;
  const { crypto, mac } = all.setup;
  const delivery = openDelivery(crypto, identity.nodeKey, mac, message);
  if (delivery === null) {
    countRefused(all, REJECT_FORGED);
    return;
  }
  all.lastFrom = from;
  if (equalBytes(all.lastHeader, delivery.header)) answer(all, all.lastStatus, atMs);
  else if (delivery.counter <= all.counter) {
    all.lastHeader = delivery.header;
    countRefused(all, REJECT_REPLAYED);
    answer(all, DELIVERY_STALE, atMs);
  } else {
    // All that may find no memory first: what is noted below is never said of a delivery that was not taken.
    const next = decodeCredentials(delivery.credentials);
    const status = next === null ? DELIVERY_REFUSED : merged(now, next);
    const isNew = status === DELIVERED && !equalBytes(encodeCredentials(now), delivery.credentials);
    all.lastHeader = delivery.header;
    all.lastStatus = isNew ? DELIVERY_NOT_STORED : status;
    all.counter = delivery.counter;
    all.node.ask({ kind: 'number', key: 'deliv_n', value: all.counter });
    if (isNew) store(all, delivery.credentials);
    else answer(all, status, atMs);
  }
}

/** In `stats`, and as an event, like a refused frame. */
function countRefused(all: Deliveries, cause: string): void {
  const network = all.node.network;
  if (network !== null) network.gate.count(cause);
}

function store(all: Deliveries, credentials: Uint8Array): void {
  all.isStoring = true;
  all.node.ask({ kind: 'credentials', bytes: credentials });
}

/** Tells who sent the last delivery what became of it. */
export function answer(all: Deliveries, status: number, atMs: number): void {
  all.lastStatus = status;
  const { lastHeader, node } = all;
  const identity = all.setup.identity;
  const credentials = node.credentials;
  const from = all.lastFrom;
  all.lastFrom = NO_NODE;
  if (
    lastHeader.length === 0 ||
    credentials === null ||
    identity === null ||
    identity.nodeKey === null
  )
    return;
  const previous = credentials.previous;
  let phase = PHASE_ONE_KEY;
  if (previous !== null) phase = previous.retired ? PHASE_SWITCHED : PHASE_TOLD;
  const receipt = sealReceipt(
    all.setup.crypto,
    identity.nodeKey,
    lastHeader,
    status,
    credentials.epoch,
    phase,
    all.counter,
  );
  if (from === node.key) show(all, from, receipt);
  else send(all, from, receipt, atMs);
}

function show(all: Deliveries, from: string, receipt: Uint8Array): void {
  all.node.line(`{"t":"receipt","mac":"${keyToMac(from)}","data":"${toBase64Url(receipt)}"}`);
}

/** Stores the credentials with the previous key retired, or without it. */
export function retire(all: Deliveries, now: Credentials, keeps: boolean): void {
  const previous = now.previous;
  const left =
    keeps && previous !== null ? { epoch: previous.epoch, key: previous.key, retired: true } : null;
  store(all, changed(now, left, now.name, now.zone));
}

/** Stores them with another name, or another zone. */
export function rename(all: Deliveries, now: Credentials, isName: boolean, text: string): void {
  store(all, changed(now, now.previous, isName ? text : now.name, isName ? now.zone : text));
}

function changed(
  now: Credentials,
  previous: PreviousKey | null,
  name: string,
  zone: string,
): Uint8Array {
  return encodeCredentials({
    networkId: now.networkId,
    epoch: now.epoch,
    networkKey: now.networkKey,
    channel: now.channel,
    timing: now.timing,
    name: name,
    zone: zone,
    previous: previous,
    consoleKey: now.consoleKey,
    setupKey: now.setupKey,
    router: now.router,
  });
}
