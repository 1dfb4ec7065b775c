/**
 * The radio side of one board: two interfaces on one radio and one channel, with ESP-NOW beside them. It survives a soft reset and is
 * gone after a hard one (platform facts, section 2).
 *
 *   wifi/station.ts       joining and losing an access point        wifi/stack.ts    addresses, routes, TCP and UDP
 *   wifi/access-point.ts  the board's own, and who is on its list   wifi/sockets.ts  what the socket module offers
 *   wifi/settings.ts      config() and active()                     wifi/link.ts     data frames on the air
 */
import { crc32 } from '../base/crc.ts';
import { hexToBytes, utf8 } from '../base/bytes.ts';
import { seededRandom } from '../base/random.ts';
import type { SeededRandom } from '../base/random.ts';
import { EspNow } from './esp-now.ts';
import type { QueuedEvent } from './event-queue.ts';
import type { AirFrame, Medium, Station } from './radio/medium.ts';
import type { Position } from './radio/propagation.ts';
import { AccessPoint } from './wifi/access-point.ts';
import { DataLink } from './wifi/link.ts';
import { WifiSettings } from './wifi/settings.ts';
import { Sockets } from './wifi/sockets.ts';
import { IpStack } from './wifi/stack.ts';
import { StationLink } from './wifi/station.ts';

/** 2.50 to 2.54 s; 2.9 s with the access point active or the station joined (platform facts, section 14). */
export const SCAN_US = 2_500_000;
const SCAN_BUSY_US = 2_900_000;
/** What the strongest of an access point's beacons is lost with before a scan misses it. */
const INAUDIBLE = 0.9;

export interface WirelessClock {
  /** Microseconds of the world, including what the board's current turn has used up. */
  nowUs(): number;
  /** Milliseconds since the board's start. */
  uptimeMs(): number;
  waitUntil(us: number): void;
  /** A frame is there for the firmware. */
  wake(): void;
  /** Runs something at a time of the world. */
  at(us: number, run: () => void): QueuedEvent;
}

export interface FoundPoint {
  ssid: Uint8Array;
  address: Uint8Array;
  channel: number;
  rssiDbm: number;
  security: number;
}

interface StationStep {
  event: QueuedEvent | undefined;
  run: () => void;
}

export class Wireless implements Station {
  // What every frame touches comes first, close together.
  /** One of the interfaces is active. */
  #isOn = false;
  channelNumber = 1;
  #deafUntilUs = 0;
  espNow: EspNow;
  readonly #clock: WirelessClock;
  /** Called for every ESP-NOW frame that reaches the driver, and for every one that leaves it. */
  onTraffic: (way: 'sent' | 'received', payload: Uint8Array, rssiDbm: number) => void = () =>
    undefined;
  readonly id: string;
  /** "esp32", for limits that differ. */
  readonly chip: string;
  position: Position;
  readonly active: [boolean, boolean] = [false, false];
  powerSave = 1;
  readonly random: SeededRandom;
  readonly ip: IpStack;
  readonly sockets: Sockets;
  readonly link: DataLink;
  readonly station: StationLink;
  readonly accessPoint: AccessPoint;
  readonly settings: WifiSettings;
  /** Called when something changes between stations and access points. */
  onWifi: (event: string) => void = () => undefined;
  #addresses: [string, string];
  readonly #medium: Medium;
  #powered = 0;
  readonly #steps = new Set<StationStep>();
  #asOfUs: number | undefined;

  /** @param id the station's address, 12 hex digits */
  constructor(
    id: string,
    position: Position,
    medium: Medium,
    clock: WirelessClock,
    chip = 'esp32',
  ) {
    this.#clock = clock;
    this.id = id;
    this.chip = chip;
    this.position = position;
    this.#medium = medium;
    this.random = seededRandom(crc32(utf8(`wifi ${id}`), medium.seed >>> 0));
    this.#addresses = factoryAddresses(id);
    this.ip = new IpStack(this);
    this.sockets = new Sockets(this.ip);
    this.link = new DataLink(this);
    this.station = new StationLink(this);
    this.accessPoint = new AccessPoint(this);
    this.settings = new WifiSettings(this);
    this.espNow = this.#newDriver();
  }

  /** MicroPython takes ESP-NOW and sockets down in a soft reset, but not the interfaces. */
  softReset(): void {
    this.sockets.closeAll();
    this.espNow = this.#newDriver();
  }

  /**
   * The chip stops. With esp_restart() (machine.reset) the driver still says goodbye (ESP-IDF, esp_wifi/src/wifi_default.c registers
   * esp_wifi_stop as shutdown handler; the station noticed at once on an emulated chip with stock 1.26.0); after a power
   * cut, a watchdog or a crash nobody is told.
   */
  powerOff(clean: boolean): void {
    if (clean) {
      if (this.active[0]) this.station.stopped(true);
      if (this.active[1]) this.accessPoint.stopped(true);
    }
    this.#powered++;
    this.#steps.clear();
    this.station.stopped(false);
    this.accessPoint.powerOff();
    this.settings.reset();
    this.sockets.reset();
    this.ip.reset();
    this.link.reset();
    this.active[0] = false;
    this.active[1] = false;
    this.#isOn = false;
    this.channelNumber = 1;
    this.powerSave = 1;
    this.#deafUntilUs = 0;
    this.#addresses = factoryAddresses(this.id);
    this.espNow = this.#newDriver();
  }

  address(index: number): string {
    return this.#addresses[index === 1 ? 1 : 0];
  }

  setAddress(index: number, address: string): void {
    this.#addresses[index === 1 ? 1 : 0] = address;
  }

  channel(): number | undefined {
    if (!this.#isOn) return undefined;
    if (this.#deafUntilUs > 0 && this.#clock.nowUs() < this.#deafUntilUs) return undefined;
    return this.channelNumber;
  }

  owns(address: string): boolean {
    return (
      (this.active[0] && this.#addresses[0] === address) ||
      (this.active[1] && this.#addresses[1] === address)
    );
  }

  receive(frame: AirFrame, rssiDbm: number): void {
    if (frame.packet) {
      this.link.receive(frame, frame.packet);
      return;
    }
    this.onTraffic('received', frame.payload, rssiDbm);
    this.espNow.receive(frame, rssiDbm, this.#clock.uptimeMs());
    this.#clock.wake();
  }

  setActive(index: number, active: boolean): void {
    const which = index === 1 ? 1 : 0;
    if (this.active[which] === active) return;
    if (!active && which === 0) this.station.stopped(true);
    if (!active && which === 1) {
      this.accessPoint.stopped(true);
      this.ip.interfaces[1].up = false;
    }
    this.active[which] = active;
    this.#isOn = this.active[0] || this.active[1];
    if (!active) return;
    if (which === 0) this.station.started();
    else {
      this.ip.interfaces[1].up = true;
      // The access point starts on its own channel and takes the station along, unless that is joined (seen, stock 1.26.0).
      if (!this.station.associated) this.tune(this.accessPoint.channelSetting);
      this.accessPoint.started();
    }
  }

  /** The radio goes to another channel, with everything that lives on it. */
  tune(channel: number): void {
    this.channelNumber = channel;
  }

  /** Nothing is heard for so long: the radio visits other channels. */
  deafen(us: number): void {
    this.#deafUntilUs = Math.max(this.#deafUntilUs, this.nowUs() + us);
  }

  nowUs(): number {
    return this.#asOfUs ?? this.#clock.nowUs();
  }

  /**
   * The station's own next steps, which a turn that sleeps and asks again does not have to wait for: catchUp() takes those that
   * are due on the board's own clock before the world gets there.
   */
  stationLater(us: number, run: () => void): void {
    const step = { event: undefined as QueuedEvent | undefined, run };
    step.event = this.later(us, () => {
      this.#steps.delete(step);
      run();
    });
    this.#steps.add(step);
  }

  catchUp(): void {
    const now = this.#clock.nowUs();
    for (;;) {
      let next: StationStep | undefined;
      for (const step of this.#steps) {
        if (step.event!.atUs <= now && (!next || step.event!.atUs < next.event!.atUs)) next = step;
      }
      if (!next) return;
      this.#steps.delete(next);
      next.event!.cancelled = true;
      this.#asOfUs = next.event!.atUs;
      next.run();
      this.#asOfUs = undefined;
    }
  }

  wake(): void {
    this.#clock.wake();
  }

  note(event: string): void {
    this.onWifi(event);
  }

  /** Runs something after so long, unless the board has lost its power by then. */
  later(us: number, run: () => void): QueuedEvent {
    const powered = this.#powered;
    return this.#clock.at(this.nowUs() + us, () => {
      if (powered === this.#powered) run();
    });
  }

  /** Runs something when the radio is back on its channel. */
  whenTuned(run: () => void): void {
    const us = this.#deafUntilUs - this.#clock.nowUs();
    if (us > 0) this.later(us, () => this.whenTuned(run));
    else run();
  }

  transmit(frame: AirFrame, onDone: () => void): void {
    this.#medium.send(this, frame, this.#clock.nowUs(), onDone);
  }

  others(): Wireless[] {
    const found: Wireless[] = [];
    for (const other of this.#medium.stations()) {
      if (other !== this && other instanceof Wireless) found.push(other);
    }
    return found;
  }

  stationAt(address: string): Wireless | undefined {
    return this.others().find((other) => other.active[0] && other.address(0) === address);
  }

  rssiFrom(other: Wireless): number {
    return this.#medium.rssiDbm(other, this);
  }

  /** Whether a scan would find it: on whatever channel it is. */
  hears(other: Wireless): boolean {
    return this.#medium.loss(other, this, other.channelNumber) <= INAUDIBLE;
  }

  /** Whether one of so many beacons comes through. */
  hearsOneOf(other: Wireless, beacons: number): boolean {
    if (this.channelNumber !== other.channelNumber || other.channel() === undefined) return false;
    if (this.channel() === undefined) return false;
    const loss = this.#medium.loss(other, this, this.channelNumber);
    return this.random.next01() >= loss ** beacons;
  }

  /** Whether a short frame gets there and its acknowledgement back, in the four tries that a radio makes at least. */
  reaches(other: Wireless): boolean {
    if (this.channelNumber !== other.channelNumber || other.channel() === undefined) return false;
    const there = this.#medium.loss(this, other, this.channelNumber);
    const back = this.#medium.loss(other, this, this.channelNumber);
    const once = (1 - there) * (1 - back);
    return this.random.next01() >= (1 - once) ** 4;
  }

  /** The access points in reach; the board is deaf for the two and a half seconds or more that it takes. */
  scan(): FoundPoint[] {
    const busy = this.active[1] || this.station.associated;
    const us = busy ? SCAN_BUSY_US : SCAN_US;
    this.deafen(us);
    this.#clock.waitUntil(this.#clock.nowUs() + us);
    const found: FoundPoint[] = [];
    for (const other of this.others()) {
      if (!other.active[1] || !this.hears(other)) continue;
      found.push({
        ssid: other.accessPoint.hidden ? new Uint8Array() : other.accessPoint.name,
        address: hexToBytes(other.address(1)),
        channel: other.channelNumber,
        rssiDbm: Math.round(this.rssiFrom(other)),
        security: other.accessPoint.security,
      });
    }
    return found.sort((a, b) => b.rssiDbm - a.rssiDbm);
  }

  #newDriver(): EspNow {
    return new EspNow({
      channel: () => this.channelNumber,
      interfaceActive: (index) => this.active[index === 1 ? 1 : 0],
      address: (index) => this.address(index),
      nowUs: () => this.#clock.nowUs(),
      waitUntil: (us) => this.#clock.waitUntil(us),
      send: (frame, onDone) => {
        this.onTraffic('sent', frame.payload, 0);
        this.#medium.send(this, frame, this.#clock.nowUs(), onDone);
      },
      sendAndWait: (frame) => {
        this.onTraffic('sent', frame.payload, 0);
        const { ok, doneUs } = this.#medium.sendAndWait(this, frame, this.#clock.nowUs());
        this.#clock.waitUntil(doneUs);
        return ok;
      },
    });
  }
}

/** Station, and access point one above. */
function factoryAddresses(id: string): [string, string] {
  const bytes = hexToBytes(id);
  bytes[5] = (bytes[5]! + 1) & 0xff;
  return [id, [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')];
}
