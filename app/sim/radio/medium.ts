/**
 * The air between the boards: ESP-NOW frames at 1 Mbit/s on 2.4 GHz channels, and the data frames of Wi-Fi among them.
 *
 * A frame waits until its sender hears no other (plus a random number of slots), is on the air for its air time, and is lost at
 * a receiver that is on another channel, deaf, sending itself, hit by another frame of similar strength, or unlucky by
 * signal strength. A unicast frame is acknowledged and repeated by the radio as on a real board.
 *
 * Air time: 192 us long preamble and header, then 8 us a byte for 43 bytes of MAC header, vendor element and checksum plus the
 * payload. (IEEE 802.11-2020 clause 15; ESP-IDF API guide ESP-NOW, "Frame format".) DIFS 50 us, slots of 20 us, 31 at most at first.
 */
import { seededRandom } from '../../base/random.ts';
import type { SeededRandom } from '../../base/random.ts';
import type { EventQueue } from '../event-queue.ts';
import type { DataFrame } from '../wifi/packet.ts';
import { Propagation } from './propagation.ts';
import { Reaches } from './reaches.ts';
import type { Reach } from './reaches.ts';
import type { Position, PropagationOptions, Wall } from './propagation.ts';

export const BROADCAST = 'ffffffffffff';
const DIFS_US = 50;
const SLOT_US = 20;
const FIRST_WINDOW = 31;
const MOST_ATTEMPTS = 8;
const ACKNOWLEDGE_US = 314; // SIFS and an acknowledgement at 1 Mbit/s
/** A stronger frame survives a weaker one from this difference on. */
const CAPTURE_DB = 8;

export interface AirFrame {
  /** 12 hex digits. */
  source: string;
  destination: string;
  payload: Uint8Array;
  channel: number;
  /** Hex of the key it is encrypted with, if it is. */
  key?: string | undefined;
  /** A Wi-Fi data frame, and its time on the air (wifi/packet.ts); ESP-NOW otherwise. */
  packet?: DataFrame;
  airUs?: number;
}

/** What the medium needs to know of a board. */
export interface Station {
  readonly id: string;
  position: Position;
  /** Undefined while its radio is off. */
  channel(): number | undefined;
  /** Whether the radio acknowledges frames to this address. */
  owns(address: string): boolean;
  /** A frame arrives; it may also be damaged. */
  receive(frame: AirFrame, rssiDbm: number): void;
}

export interface MediumFaults {
  /** Extra probability that a receiver loses a frame, is given it twice, or is given it with one bit flipped. */
  loss: number;
  duplicate: number;
  damage: number;
  /** Channels on which nothing gets through. */
  jammed: Set<number>;
  /** Frames between these two are lost ("from>to", ids). */
  cut: Set<string>;
}

export interface MediumCounters {
  sent: number;
  sentBytes: number;
  delivered: number;
  lostBySignal: number;
  lostByCollision: number;
}

interface Transmission {
  station: Station;
  frame: AirFrame;
  /** What it meets, as of `generation`. */
  reach: Reach | undefined;
  generation: number;
  endUs: number;
  attempt: number;
  hits: Transmission[];
  onDone: (acknowledged: boolean) => void;
}

export function airTimeUs(payloadBytes: number): number {
  return 192 + 8 * (43 + payloadBytes);
}

export class Medium {
  readonly faults: MediumFaults = {
    loss: 0,
    duplicate: 0,
    damage: 0,
    jammed: new Set(),
    cut: new Set(),
  };
  readonly counters: MediumCounters = {
    sent: 0,
    sentBytes: 0,
    delivered: 0,
    lostBySignal: 0,
    lostByCollision: 0,
  };
  readonly propagation: Propagation;
  readonly seed: number;
  readonly #queue: EventQueue;
  readonly #random: SeededRandom;
  readonly #reaches: Reaches;
  readonly #onAir: Transmission[] = [];

  constructor(queue: EventQueue, seed: number, options: Partial<PropagationOptions> = {}) {
    this.#queue = queue;
    this.seed = seed;
    this.#random = seededRandom(seed ^ 0x5ca1ab1e);
    this.propagation = new Propagation(seed, options);
    this.#reaches = new Reaches(this.propagation);
  }

  add(station: Station): void {
    this.#reaches.add(station);
  }

  remove(station: Station): void {
    this.#reaches.remove(station);
  }

  move(station: Station, position: Position): void {
    station.position = position;
    this.#reaches.forget();
  }

  /** These walls, and no others. */
  build(walls: readonly Wall[]): void {
    this.propagation.walls = walls;
    this.#reaches.forget();
  }

  /** Mean strength at which `to` hears `from`. */
  rssiDbm(from: Station, to: Station): number {
    return this.#reaches.rssiDbm(from, to);
  }

  /** Probability that a frame on this channel is lost between these two, collisions left out; 1 where faults or range forbid it. */
  loss(from: Station, to: Station, channel: number): number {
    const rssiDbm = this.rssiDbm(from, to);
    if (rssiDbm < this.propagation.uselessDbm) return 1;
    const { jammed, cut, loss } = this.faults;
    if (jammed.has(channel) || cut.has(`${from.id}>${to.id}`)) return 1;
    return 1 - (1 - this.propagation.loss(rssiDbm)) * (1 - loss);
  }

  stations(): readonly Station[] {
    return this.#reaches.stations;
  }

  /** Sends at `atUs`. `onDone` tells whether the radio at the destination acknowledged (always true for a broadcast). */
  send(
    station: Station,
    frame: AirFrame,
    atUs: number,
    onDone: (acknowledged: boolean) => void,
  ): void {
    const t = this.#transmission(station, frame, onDone);
    this.#queue.at(atUs, () => this.#begin(t));
  }

  #transmission(
    station: Station,
    frame: AirFrame,
    onDone: (acknowledged: boolean) => void,
  ): Transmission {
    const generation = -1;
    return { station, frame, reach: undefined, generation, endUs: 0, attempt: 1, hits: [], onDone };
  }

  #reachOf(t: Transmission): Reach | undefined {
    const { generation } = this.#reaches;
    if (t.generation === generation) return t.reach;
    t.generation = generation;
    t.reach = this.#reaches.of(t.station);
    return t.reach;
  }

  /** Forgets what has ended. */
  #clearAir(now: number): void {
    const onAir = this.#onAir;
    let kept = 0;
    for (const t of onAir) if (t.endUs > now) onAir[kept++] = t;
    onAir.length = kept;
  }

  #begin(t: Transmission): void {
    const now = this.#queue.nowUs;
    this.#clearAir(now);
    let freeUs = 0;
    if (this.#onAir.length > 0) {
      const at = this.#reaches.numberOf(t.station);
      for (const other of this.#onAir) {
        if (other.frame.channel !== t.frame.channel || other.endUs <= freeUs) continue;
        if (other.station === t.station || this.#hears(t.station, at, other)) freeUs = other.endUs;
      }
    }
    if (freeUs > 0) {
      const slots = this.#random.int((FIRST_WINDOW + 1) << Math.min(t.attempt - 1, 5));
      this.#queue.at(freeUs + DIFS_US + SLOT_US * slots, () => this.#begin(t));
      return;
    }
    t.endUs = now + (t.frame.airUs ?? airTimeUs(t.frame.payload.length));
    for (const other of this.#onAir) {
      if (other.frame.channel !== t.frame.channel) continue;
      t.hits.push(other);
      other.hits.push(t);
    }
    this.#onAir.push(t);
    this.counters.sent++;
    this.counters.sentBytes += t.frame.payload.length;
    this.#queue.at(t.endUs, () => this.#end(t));
  }

  #hears(station: Station, number: number | undefined, t: Transmission): boolean {
    const reach = this.#reachOf(t);
    const rssiDbm =
      reach && number !== undefined ? reach.rssiDbm[number]! : this.rssiDbm(t.station, station);
    return rssiDbm >= this.propagation.uselessDbm;
  }

  #end(t: Transmission): void {
    const broadcast = t.frame.destination === BROADCAST;
    let acknowledged = broadcast;
    const reach = this.#reachOf(t);
    for (let i = 0; reach && i < reach.receivers.length; i++) {
      const receiver = reach.receivers[i]!;
      if (!broadcast && !receiver.owns(t.frame.destination)) continue;
      const rssi = this.#arrives(t, receiver, reach.receiverNumbers[i]!, reach.receivedDbm[i]!);
      if (rssi === undefined) continue;
      if (broadcast) {
        this.#deliver(receiver, t.frame, rssi);
        continue;
      }
      const back = this.rssiDbm(receiver, t.station);
      const heardBack = this.#random.next01() >= this.propagation.loss(back);
      if (t.attempt > 1 && this.#repeated.has(t)) {
        acknowledged ||= heardBack; // the receiver has it already and only acknowledges again
        continue;
      }
      this.#repeated.add(t);
      acknowledged ||= heardBack;
      this.#deliver(receiver, t.frame, rssi);
    }
    if (!acknowledged && t.attempt < MOST_ATTEMPTS) {
      t.attempt++;
      const slots = this.#random.int((FIRST_WINDOW + 1) << Math.min(t.attempt - 1, 5));
      const wait = ACKNOWLEDGE_US + DIFS_US + SLOT_US * slots;
      this.#queue.at(this.#queue.nowUs + wait, () => this.#begin(t));
      return;
    }
    t.onDone(acknowledged);
  }

  /** Unicast frames that got through at least once. */
  readonly #repeated = new WeakSet<Transmission>();

  /**
   * @param number of the receiver
   * @param mean its strength there
   */
  #arrives(t: Transmission, receiver: Station, number: number, mean: number): number | undefined {
    if (receiver.channel() !== t.frame.channel) return undefined;
    if (mean < this.propagation.uselessDbm) return undefined;
    const rssi = mean + 2 * (this.#random.next01() + this.#random.next01() - 1);
    const lucky = this.#random.next01() >= this.propagation.loss(rssi);
    const spared = this.#random.next01() >= this.faults.loss;
    const open =
      !this.faults.jammed.has(t.frame.channel) &&
      (this.faults.cut.size === 0 || !this.faults.cut.has(`${t.station.id}>${receiver.id}`));
    if (!lucky || !spared || !open) {
      this.counters.lostBySignal++;
      return undefined;
    }
    for (const other of t.hits) {
      if (other.station !== receiver) {
        const reach = this.#reachOf(other);
        const otherDbm = reach ? reach.rssiDbm[number]! : this.rssiDbm(other.station, receiver);
        if (otherDbm < rssi - CAPTURE_DB) continue;
      }
      this.counters.lostByCollision++;
      return undefined;
    }
    return rssi;
  }

  #deliver(receiver: Station, frame: AirFrame, rssi: number): void {
    this.counters.delivered++;
    const whole = Math.max(-127, Math.min(-1, Math.round(rssi)));
    if (this.faults.damage > 0 && this.#random.next01() < this.faults.damage) {
      if (frame.packet) return; // its integrity check finds it
      const payload = frame.payload.slice();
      const bit = this.#random.int(8 * payload.length);
      payload[bit >> 3]! ^= 1 << (bit & 7);
      receiver.receive({ ...frame, payload }, whole);
      return;
    }
    receiver.receive(frame, whole);
    if (this.faults.duplicate > 0 && this.#random.next01() < this.faults.duplicate) {
      receiver.receive(frame, whole);
    }
  }

  /**
   * What a blocking send would end with, decided at once (the turn of the sender cannot wait for events): the frame is
   * delivered to the destination after its air time. Contention with other frames is left out here.
   * @returns whether it was acknowledged, and when the sender knows
   */
  sendAndWait(station: Station, frame: AirFrame, atUs: number): { ok: boolean; doneUs: number } {
    let doneUs = atUs;
    if (frame.destination === BROADCAST) {
      this.send(station, frame, atUs, () => undefined);
      return { ok: true, doneUs: atUs + airTimeUs(frame.payload.length) };
    }
    const target = this.#reaches.stations.find((s) => s !== station && s.owns(frame.destination));
    let got = false;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      doneUs += airTimeUs(frame.payload.length) + ACKNOWLEDGE_US;
      this.counters.sent++;
      this.counters.sentBytes += frame.payload.length;
      if (!target) continue;
      const t = this.#transmission(station, frame, () => undefined);
      const rssi = this.#arrives(
        t,
        target,
        this.#reaches.numberOf(target)!,
        this.rssiDbm(station, target),
      );
      if (rssi === undefined) continue;
      if (!got) {
        got = true;
        this.#queue.at(doneUs, () => this.#deliver(target, frame, rssi));
      }
      if (this.#random.next01() >= this.propagation.loss(this.rssiDbm(target, station))) {
        return { ok: true, doneUs };
      }
    }
    return { ok: false, doneUs };
  }
}
