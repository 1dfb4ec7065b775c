/**
 * The Wi-Fi side of one board: two interfaces on one radio and one channel, with ESP-NOW beside them.
 * It survives a soft reset and is gone after a hard one (platform facts, section 2). Not modelled: joining an access point;
 * connect() searches for about three seconds (status 1001) and ends in 201, as for an unknown name (section 14).
 */
import { hexToBytes } from '../base/bytes.ts';
import { EspNow } from './esp-now.ts';
import type { AirFrame, Medium, Station } from './radio/medium.ts';
import type { Position } from './radio/propagation.ts';

const SEARCH_US = 3_000_000;
export const SCAN_US = 2_500_000;
const STATUS = { idle: 1000, connecting: 1001, noApFound: 201 } as const;

export interface WirelessClock {
  /** Microseconds of the world, including what the board's current turn has used up. */
  nowUs(): number;
  /** Milliseconds since the board's start. */
  uptimeMs(): number;
  waitUntil(us: number): void;
  /** A frame is there for the firmware. */
  wake(): void;
}

export interface AccessPoint {
  ssid: Uint8Array;
  address: Uint8Array;
  channel: number;
  rssiDbm: number;
}

export class Wireless implements Station {
  readonly id: string;
  position: Position;
  espNow: EspNow;
  readonly active: [boolean, boolean] = [false, false];
  powerSave = 1;
  channelNumber = 1;
  ssid = new Uint8Array();
  /** Called for every frame that reaches the driver, and for every one that leaves it. */
  onTraffic: (way: 'sent' | 'received', payload: Uint8Array, rssiDbm: number) => void = () =>
    undefined;
  readonly #addresses: [string, string];
  readonly #medium: Medium;
  readonly #clock: WirelessClock;
  #searchFromUs: number | undefined;
  #deafUntilUs = 0;

  /** @param id the station's address, 12 hex digits */
  constructor(id: string, position: Position, medium: Medium, clock: WirelessClock) {
    this.id = id;
    this.position = position;
    this.#medium = medium;
    this.#clock = clock;
    const bytes = hexToBytes(id);
    bytes[5] = (bytes[5]! + 1) & 0xff;
    this.#addresses = [id, [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')];
    this.espNow = this.#newDriver();
  }

  /** MicroPython takes ESP-NOW down in a soft reset, but not the interfaces. */
  restartEspNow(): void {
    this.espNow = this.#newDriver();
  }

  address(index: number): string {
    return this.#addresses[index === 1 ? 1 : 0];
  }

  setAddress(index: number, address: string): void {
    this.#addresses[index === 1 ? 1 : 0] = address;
  }

  channel(): number | undefined {
    if (!this.active[0] && !this.active[1]) return undefined;
    return this.#clock.nowUs() < this.#deafUntilUs ? undefined : this.channelNumber;
  }

  owns(address: string): boolean {
    return (
      (this.active[0] && this.#addresses[0] === address) ||
      (this.active[1] && this.#addresses[1] === address)
    );
  }

  receive(frame: AirFrame, rssiDbm: number): void {
    this.onTraffic('received', frame.payload, rssiDbm);
    this.espNow.receive(frame, rssiDbm, this.#clock.uptimeMs());
    this.#clock.wake();
  }

  setActive(index: number, active: boolean): void {
    this.active[index === 1 ? 1 : 0] = active;
    if (index === 0 && !active) this.#searchFromUs = undefined;
  }

  /** @returns false when a search is under way: the driver refuses */
  connect(forever: boolean): boolean {
    if (this.status() === STATUS.connecting) return false;
    if (this.#searchFromUs !== undefined && forever) return false;
    this.#searchFromUs = this.#clock.nowUs();
    return true;
  }

  disconnect(): void {
    this.#searchFromUs = undefined;
  }

  status(): number {
    if (this.#searchFromUs === undefined) return STATUS.idle;
    return this.#clock.nowUs() - this.#searchFromUs < SEARCH_US
      ? STATUS.connecting
      : STATUS.noApFound;
  }

  /** The access points in reach; the board is deaf to ESP-NOW for the two and a half seconds that it takes. */
  scan(): AccessPoint[] {
    const until = this.#clock.nowUs() + SCAN_US;
    this.#deafUntilUs = until;
    this.#clock.waitUntil(until);
    const found: AccessPoint[] = [];
    for (const other of this.#medium.stations()) {
      if (other === this || !(other instanceof Wireless) || !other.active[1]) continue;
      const rssiDbm = Math.round(this.#medium.rssiDbm(other, this));
      if (this.#medium.propagation.loss(rssiDbm) > 0.9) continue;
      found.push({
        ssid: other.ssid,
        address: hexToBytes(other.address(1)),
        channel: other.channelNumber,
        rssiDbm,
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
