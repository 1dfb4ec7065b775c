/**
 * The ESP-NOW driver of one board as MicroPython 1.25 to 1.28 shows it: peers, transmit counters and the receive ring.
 * Source: platform facts, sections 1 and 14. Results below zero are ESP-IDF error numbers; the Python shim names them.
 */
import { hexToBytes } from '../base/bytes.ts';
import { BROADCAST, airTimeUs } from './radio/medium.ts';
import type { AirFrame } from './radio/medium.ts';

export const ESPNOW_ERROR = {
  notInit: -12389,
  argument: -12390,
  noMemory: -12391,
  full: -12392,
  notFound: -12393,
  exists: -12395,
  interface: -12396,
  channel: -12397,
} as const;

/** Length, marker, sender, signal and time before the payload of each queued packet. */
const RING_OVERHEAD_BYTES = 13;
const DEFAULT_RING_BYTES = 526;
const MOST_PEERS = 20;
/** The constant in Python says 6; seven are taken. */
const MOST_ENCRYPTED = 7;
const MOST_PAYLOAD_BYTES = 1470;
const RING_PAYLOAD_BYTES = 250;
/** Frames that the driver queues before send() blocks. */
const QUEUE_FRAMES = 16;
/** A synchronous send waits so long for the driver's answer, then raises ETIMEDOUT. */
const ANSWER_US = 100_000;
const TIMED_OUT = -116;

export interface Peer {
  address: string;
  key: string;
  channel: number;
  interface: number;
  encrypt: boolean;
}

export interface Packet {
  /** The sender's address; shared by all packets of this sender. */
  sourceBytes: Uint8Array;
  rssiDbm: number;
  timeMs: number;
  /** Over 250 bytes break the ring. */
  payload: Uint8Array;
}

/** What the driver asks of the radio. */
export interface EspNowRadio {
  channel(): number;
  interfaceActive(index: number): boolean;
  address(interfaceIndex: number): string;
  nowUs(): number;
  /** The sender's clock moves on: it was blocked. */
  waitUntil(us: number): void;
  send(frame: AirFrame, onDone: (acknowledged: boolean) => void): void;
  sendAndWait(frame: AirFrame): boolean;
}

const addresses = new Map<string, Uint8Array>();
const MOST_ADDRESSES = 4096;
/** That of the last frame, which one receiver after the other asks for. */
let lastAddress = '';
let lastBytes: Uint8Array = new Uint8Array();

/** Not to be changed by anybody. */
function bytesOfAddress(address: string): Uint8Array {
  if (address === lastAddress) return lastBytes;
  let bytes = addresses.get(address);
  if (!bytes) {
    if (addresses.size >= MOST_ADDRESSES) addresses.clear(); // a forger may use any number of them
    bytes = hexToBytes(address);
    addresses.set(address, bytes);
  }
  lastAddress = address;
  lastBytes = bytes;
  return bytes;
}

export class EspNow {
  active = false;
  everActive = false;
  #jammed = false;
  /** 0 only when the ring is empty. */
  #ringUsed = 0;
  #ringSize = DEFAULT_RING_BYTES;
  #ring: Packet[] = [];
  readonly stats = { txPackets: 0, txResponses: 0, txFailures: 0, rxPackets: 0, rxDropped: 0 };
  ringBytes = DEFAULT_RING_BYTES;
  readonly #radio: EspNowRadio;
  readonly #peers = new Map<string, Peer>();
  #queueFreeUs = 0;
  /** Answers of the driver that will never come, and that have not come. */
  #toLose = 0;
  #lost = 0;

  constructor(radio: EspNowRadio) {
    this.#radio = radio;
  }

  setActive(active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    if (active) {
      this.everActive = true;
      this.#ringSize = this.ringBytes;
    } else {
      this.#peers.clear();
      this.stats.txResponses = this.stats.txPackets;
      this.#lost = 0;
    }
    this.#ring = [];
    this.#ringUsed = 0;
    this.#jammed = false;
  }

  add(address: string, change: Partial<Peer>): number {
    if (!this.active) return ESPNOW_ERROR.notInit;
    if (this.#peers.has(address)) return ESPNOW_ERROR.exists;
    if (this.#peers.size >= MOST_PEERS) return ESPNOW_ERROR.full;
    const peer: Peer = {
      address,
      key: '0'.repeat(32),
      channel: 0,
      interface: 0,
      encrypt: false,
      ...change,
    };
    if (change.key !== undefined && change.encrypt === undefined) peer.encrypt = true;
    return this.#store(peer);
  }

  modify(address: string, change: Partial<Peer>): number {
    if (!this.active) return ESPNOW_ERROR.notInit;
    const peer = this.#peers.get(address);
    if (!peer) return ESPNOW_ERROR.notFound;
    const next = { ...peer, ...change };
    if (change.key !== undefined && change.encrypt === undefined) next.encrypt = true;
    return this.#store(next);
  }

  #store(peer: Peer): number {
    if (peer.channel > 14 || peer.channel < 0) return ESPNOW_ERROR.argument;
    if (peer.interface > 1) return ESPNOW_ERROR.argument;
    if (peer.encrypt && peer.address === BROADCAST) return ESPNOW_ERROR.argument;
    const others = [...this.#peers.values()].filter((p) => p.encrypt && p.address !== peer.address);
    if (peer.encrypt && others.length >= MOST_ENCRYPTED) return ESPNOW_ERROR.full;
    this.#peers.set(peer.address, peer);
    return 0;
  }

  remove(address: string): number {
    if (!this.active) return ESPNOW_ERROR.notInit;
    return this.#peers.delete(address) ? 0 : ESPNOW_ERROR.notFound;
  }

  peer(address: string): Peer | number {
    if (!this.active) return ESPNOW_ERROR.notInit;
    return this.#peers.get(address) ?? ESPNOW_ERROR.notFound;
  }

  /** Unicast peers, in the order in which they were added. */
  peers(): Peer[] {
    return [...this.#peers.values()].filter((peer) => peer.address !== BROADCAST);
  }

  get peerCount(): number {
    return this.#peers.size;
  }

  get encryptedCount(): number {
    return [...this.#peers.values()].filter((peer) => peer.encrypt).length;
  }

  /** @returns 1 or 0 (True or False in Python), or an error below zero */
  send(destination: string | undefined, payload: Uint8Array, wait: boolean): number {
    if (!this.active) return ESPNOW_ERROR.notInit;
    if (payload.length === 0 || payload.length > MOST_PAYLOAD_BYTES) return ESPNOW_ERROR.argument;
    const single = destination === undefined ? undefined : this.#peers.get(destination);
    const targets = destination === undefined ? this.peers() : single ? [single] : [];
    if (targets.length === 0) return ESPNOW_ERROR.notFound;
    let ok = 1;
    for (const peer of targets) {
      if (!this.#radio.interfaceActive(peer.interface)) return ESPNOW_ERROR.interface;
      const channel = this.#radio.channel();
      if (peer.channel !== 0 && peer.channel !== channel) return ESPNOW_ERROR.channel;
      const frame: AirFrame = {
        source: this.#radio.address(peer.interface),
        destination: peer.address,
        payload: payload.slice(),
        channel,
        key: peer.encrypt ? peer.key : undefined,
      };
      // A sender that waits is held up by every answer that it has not had, for good (platform facts, section 1).
      if (wait && this.#lost > 0) return this.#timeOut();
      const sent = this.#sendOne(frame, wait);
      if (wait && this.#lost > 0) return this.#timeOut();
      if (!sent) ok = 0;
    }
    return ok;
  }

  /** The driver forgets to answer for the next frame: seen with busy radios, and reported (espressif/esp-idf#7496). */
  loseNextAnswer(): void {
    this.#toLose++;
  }

  #timeOut(): number {
    this.#radio.waitUntil(this.#radio.nowUs() + ANSWER_US);
    return TIMED_OUT;
  }

  #sendOne(frame: AirFrame, wait: boolean): boolean {
    this.stats.txPackets++;
    const isLost = this.#toLose > 0;
    if (isLost) {
      this.#toLose--;
      this.#lost++;
    }
    if (wait) {
      const acknowledged = this.#radio.sendAndWait(frame);
      if (!isLost) this.#sent(acknowledged);
      return acknowledged;
    }
    // A full queue blocks the sender until the radio has caught up.
    const cost = airTimeUs(frame.payload.length) + 200;
    const now = this.#radio.nowUs();
    this.#queueFreeUs = Math.max(this.#queueFreeUs, now) + cost;
    const earliest = this.#queueFreeUs - QUEUE_FRAMES * cost;
    if (earliest > now) this.#radio.waitUntil(earliest);
    this.#radio.send(frame, (acknowledged) => {
      if (!isLost) this.#sent(acknowledged);
    });
    return true;
  }

  #sent(acknowledged: boolean): void {
    this.stats.txResponses = Math.min(this.stats.txPackets, this.stats.txResponses + 1);
    if (!acknowledged) this.stats.txFailures++;
  }

  /** Nothing on its way out. */
  get idle(): boolean {
    return this.stats.txResponses >= this.stats.txPackets;
  }

  receive(frame: AirFrame, rssiDbm: number, timeMs: number): void {
    if (!this.active) return;
    const peer = frame.destination === BROADCAST ? undefined : this.#peers.get(frame.source);
    const expected = peer?.encrypt ? peer.key : undefined;
    if (expected !== frame.key) return; // acknowledged by the radio, dropped without a word
    const cost = RING_OVERHEAD_BYTES + frame.payload.length;
    this.stats.rxPackets++;
    if (cost >= this.#ringSize - this.#ringUsed) {
      this.stats.rxDropped++;
      return;
    }
    this.#ringUsed += cost;
    this.#ring.push({
      sourceBytes: bytesOfAddress(frame.source),
      rssiDbm,
      timeMs,
      payload: frame.payload,
    });
  }

  get any(): boolean {
    return this.#ringUsed > 0 || this.#jammed;
  }

  /** The oldest packet, undefined when there is none, 'broken' once an over-long frame has spoilt the ring. */
  take(): Packet | undefined | 'broken' | number {
    if (!this.active) return ESPNOW_ERROR.notInit;
    if (this.#jammed) return 'broken';
    if (this.#ringUsed === 0) return undefined;
    const packet = this.#ring.shift()!;
    this.#ringUsed -= RING_OVERHEAD_BYTES + packet.payload.length;
    const { length: airBytes } = packet.payload;
    if (airBytes <= RING_PAYLOAD_BYTES) return packet;
    // The ring stores the length in one byte: the rest of the frame is read as the next header.
    this.#jammed = true;
    const length = airBytes & 0xff;
    if (length > RING_PAYLOAD_BYTES) return 'broken';
    return { ...packet, payload: packet.payload.subarray(0, length) };
  }
}
