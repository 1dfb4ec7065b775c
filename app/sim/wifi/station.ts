/**
 * The station of one board: from connect() to an address, and back to nothing.
 *
 *   connect() -> scan, channel by channel up to the one where the name is found
 *             -> authentication, association, key handshake -> DHCP (or a fixed address) -> 1010
 *
 * Durations as seen on an emulated chip with stock 1.26.0, whose radio takes no time but whose drivers' timers are real: a scan of
 * all channels for a name that is not there 2.4 to 2.9 s; joined and addressed 1.1 s, with a fixed address 0.4 s; a wrong password
 * 3.2 s the first time (reason 15), then 2.5 s (202) and 3.2 s in turn; a password for an access point with security missing: 210.
 * An access point that falls silent is given up after 6 s without a beacon (ESP-IDF, esp_wifi_set_inactive_time) and 2.4 s of probing
 * (platform facts, section 14: 8.4 s).
 *
 * What status() says is MicroPython's logic (ports/esp32/network_wlan.c, network_wlan_status): the last reason outlives a new
 * connect(), and so 201, 202 and, after disconnect(), 1000 are read while the next attempt is under way.
 */
import type { Wireless } from '../wireless.ts';
import { ANY } from './address.ts';
import { REASON, SECURITY } from './access-point.ts';

export const STATUS = { idle: 1000, connecting: 1001, gotIp: 1010 } as const;
const CHANNEL_US = 120_000;
/** 11 active channels and the two that are only listened to. */
const FULL_SCAN_US = 2_450_000;
const CHANNELS = 13;
const HANDSHAKE_US = 200_000;
const FIRST_WRONG_KEY_US = 3_200_000;
const SECOND_WRONG_KEY_US = 2_500_000;
const AUTH_TIMEOUT_US = 1_000_000;
const DHCP_US = 650_000;
const DHCP_AGAIN_US = 4_000_000;
const BEACON_CHECK_US = 500_000;
const BEACON_TIMEOUT_US = 6_000_000;
const PROBING_US = 2_400_000;
const BEACON_US = 102_400;
/** The driver leaves a moment between two attempts of its own. */
const RETRY_US = 20_000;

export interface StationConfig {
  ssid: Uint8Array;
  key: Uint8Array;
  bssid: string | undefined;
}

type Phase = 'idle' | 'connecting' | 'associated';

export class StationLink {
  config: StationConfig = { ssid: new Uint8Array(), key: new Uint8Array(), bssid: undefined };
  /** As config(reconnects=) has it; -1 for ever. */
  reconnects = -1;
  /** The access point that it is associated with. */
  bssid: string | undefined;
  connected = false;
  readonly #own: Wireless;
  #phase: Phase = 'idle';
  #point: Wireless | undefined;
  #requested = false;
  #reason = 0;
  #tries = 0;
  #wrongKeys = 0;
  /** Events of an earlier attempt are of no use. */
  #attempt = 0;
  #heardUs = 0;

  constructor(own: Wireless) {
    this.#own = own;
  }

  get associated(): boolean {
    return this.#phase === 'associated';
  }

  get connecting(): boolean {
    return this.#phase === 'connecting';
  }

  get point(): Wireless | undefined {
    return this.#point;
  }

  /** The station was switched off (with a word to its access point) or lost its power (without). */
  stopped(clean: boolean): void {
    if (clean && this.associated) this.#sayGoodbye();
    this.#forget();
    this.#phase = 'idle';
    if (clean) return;
    this.#requested = false;
    this.#reason = 0;
    this.#tries = 0;
    this.#wrongKeys = 0;
    this.reconnects = -1;
    this.config = { ssid: new Uint8Array(), key: new Uint8Array(), bssid: undefined };
  }

  started(): void {
    this.#tries = 0;
  }

  /** @returns false while an attempt is under way: the driver refuses. When associated, nothing happens. */
  connect(): boolean {
    if (this.#phase === 'connecting') return false;
    this.#requested = true;
    this.#tries = 0;
    if (this.#phase === 'idle') this.#begin();
    return true;
  }

  disconnect(): void {
    this.#requested = false;
    const was = this.#phase;
    if (was === 'associated') this.#sayGoodbye();
    if (was !== 'idle') {
      this.#lost(REASON.stationLeaving);
      this.#own.note('left');
    }
  }

  status(): number {
    const reason = this.#reason;
    if (this.connected) return STATUS.gotIp;
    if (reason === REASON.noApFound || (reason >= 210 && reason <= 212)) return reason;
    if (reason === REASON.authFail || reason === 205) return REASON.authFail;
    if (reason === REASON.stationLeaving) return STATUS.idle;
    const limit = this.reconnects + 1;
    if (this.#requested && (limit === 0 || this.#tries < limit)) return STATUS.connecting;
    return reason === 0 ? STATUS.idle : reason;
  }

  /** Signal of the access point; undefined when not associated. */
  rssiDbm(): number | undefined {
    if (!this.#point || !this.associated) return undefined;
    return Math.round(this.#own.rssiFrom(this.#point));
  }

  /** The access point said so, or its silence did. */
  dropped(reason: number): void {
    if (this.#phase !== 'associated') return;
    this.#own.note(`lost ${this.bssid} ${reason}`);
    this.#failed(reason);
  }

  /** The fixed address was given back while joined. */
  askAgain(): void {
    if (!this.associated) return;
    const attempt = this.#attempt;
    this.#address((us, run) => {
      this.#own.stationLater(us, () => {
        if (attempt === this.#attempt) run();
      });
    });
  }

  /** A frame of the access point came in. */
  heard(): void {
    this.#heardUs = this.#own.nowUs();
  }

  #sayGoodbye(): void {
    const point = this.#point;
    const address = this.#own.address(0);
    if (!point || !this.#own.reaches(point)) return;
    point.later(1000, () => point.accessPoint.left(address));
  }

  #forget(): void {
    this.#attempt++;
    this.#point = undefined;
    this.bssid = undefined;
    this.connected = false;
    this.#own.ip.stationDown();
  }

  #lost(reason: number): void {
    this.#forget();
    this.#phase = 'idle';
    this.#reason = reason;
  }

  #failed(reason: number): void {
    this.#lost(reason);
    this.#own.wake();
    if (!this.#requested) return;
    const limit = this.reconnects + 1;
    if (limit > 0 && ++this.#tries >= limit) {
      this.#own.note(`gave up ${reason}`);
      return;
    }
    this.#begin(RETRY_US);
  }

  #begin(delayUs = 0): void {
    this.#phase = 'connecting';
    const attempt = ++this.#attempt;
    const own = this.#own;
    const step = (us: number, run: () => void): void => {
      own.stationLater(us, () => {
        if (attempt === this.#attempt && own.active[0]) run();
      });
    };
    const scan = (): void => {
      const first = this.#candidate();
      const us = first ? CHANNEL_US * first.channelNumber : FULL_SCAN_US;
      own.deafen(us);
      step(us, () => {
        const point = this.#candidate();
        if (point) this.#join(point, step);
        else if (this.#candidate(false)) this.#failed(REASON.noCompatibleSecurity);
        else this.#failed(REASON.noApFound);
      });
    };
    if (delayUs > 0) step(delayUs, scan);
    else scan();
  }

  /** The first channel where it is heard counts, there the strongest. */
  #candidate(secure = true): Wireless | undefined {
    const { ssid, key, bssid } = this.config;
    let best: Wireless | undefined;
    for (const other of this.#own.others()) {
      const point = other.accessPoint;
      if (!point.active || other.channelNumber > CHANNELS || !sameBytes(point.name, ssid)) continue;
      if (bssid !== undefined && other.address(1) !== bssid) continue;
      // A password sets the least security (ESP-IDF Wi-Fi guide, "station basic configuration": threshold).
      if (secure && (key.length === 0) !== (point.security === SECURITY.open)) continue;
      if (!this.#own.hears(other)) continue;
      const nearer =
        !best ||
        other.channelNumber < best.channelNumber ||
        (other.channelNumber === best.channelNumber &&
          this.#own.rssiFrom(other) > this.#own.rssiFrom(best));
      if (nearer) best = other;
    }
    return best;
  }

  #join(other: Wireless, step: (us: number, run: () => void) => void): void {
    const own = this.#own;
    own.tune(other.channelNumber); // the own access point is dragged along
    if (!own.reaches(other)) {
      step(AUTH_TIMEOUT_US, () => this.#failed(REASON.authFail));
      return;
    }
    const point = other.accessPoint;
    const refusal = point.refuses(own.address(0));
    if (refusal !== REASON.none) {
      step(HANDSHAKE_US / 4, () => this.#failed(refusal));
      return;
    }
    if (point.security !== SECURITY.open && !sameBytes(point.key, this.config.key)) {
      const first = this.#wrongKeys++ % 2 === 0;
      step(first ? FIRST_WRONG_KEY_US : SECOND_WRONG_KEY_US, () =>
        this.#failed(first ? REASON.handshakeTimeout15 : REASON.authFail),
      );
      return;
    }
    const { starts } = point;
    step(HANDSHAKE_US, () => {
      if (!point.active || point.starts !== starts || !own.reaches(other)) {
        this.#failed(REASON.handshakeTimeout);
        return;
      }
      // Others may have taken the last places meanwhile.
      const late = point.refuses(own.address(0));
      if (late !== REASON.none) {
        this.#failed(late);
        return;
      }
      this.#wrongKeys = 0;
      this.#phase = 'associated';
      this.#point = other;
      this.bssid = other.address(1);
      this.#heardUs = own.nowUs();
      point.admit(own);
      own.note(`joined ${this.bssid}`);
      this.#watchBeacons(step);
      this.#address(step);
    });
  }

  #address(step: (us: number, run: () => void) => void): void {
    const own = this.#own;
    if (!own.ip.usesDhcp) {
      step(1000, () => this.#gotIp());
      return;
    }
    step(DHCP_US, () => {
      const point = this.#point?.accessPoint;
      const ip = this.#point && own.reaches(this.#point) && point?.dhcp.addressFor(own.address(0));
      if (ip === undefined || ip === false) {
        step(DHCP_AGAIN_US, () => this.#address(step));
        return;
      }
      const { config } = this.#point!.ip.interfaces[1];
      const dns = config.dns === ANY ? config.ip : config.dns;
      own.ip.stationUp({ ip, mask: config.mask, gateway: config.ip, dns });
      this.#gotIp();
    });
  }

  #gotIp(): void {
    const own = this.#own;
    this.connected = true;
    this.#reason = 0;
    own.ip.interfaces[0].up = true;
    const client = this.#point?.accessPoint.clients.get(own.address(0));
    if (client) client.ip = own.ip.interfaces[0].config.ip; // its gratuitous ARP
    own.note('got ip');
    own.wake();
  }

  #watchBeacons(step: (us: number, run: () => void) => void): void {
    step(BEACON_CHECK_US, () => {
      const own = this.#own;
      const point = this.#point!;
      if (point.accessPoint.active && own.hearsOneOf(point, BEACON_CHECK_US / BEACON_US)) {
        this.#heardUs = own.nowUs();
      }
      if (own.nowUs() - this.#heardUs >= BEACON_TIMEOUT_US) {
        step(PROBING_US, () => {
          if (point.accessPoint.active && own.reaches(point)) {
            this.#heardUs = own.nowUs();
            this.#watchBeacons(step);
          } else this.dropped(REASON.beaconTimeout);
        });
      } else this.#watchBeacons(step);
    });
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
