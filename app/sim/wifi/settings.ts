/**
 * active() and config() as MicroPython's network.WLAN and the driver below it have them (ports/esp32/network_wlan.c,
 * network_wlan_active and network_wlan_config). What surprises, each seen on an emulated chip with stock 1.26.0:
 *
 * - config() sets one value after the other and hands the whole to the driver at the end, which may refuse it then: channel, power and
 *   the like have taken effect by that time. Every config() of the access point also sets the channel that it was given last.
 * - Before the first active() the driver is in access point mode: config(ssid=) is taken, on the station it is 'Wifi Invalid Mode'.
 * - Names of values travel as numbers (SETTING); results below zero are WIFI_ERROR.
 */
import { bytesToHex } from '../../base/bytes.ts';
import type { Wireless } from '../wireless.ts';
import { SECURITY } from './access-point.ts';

export const WIFI_ERROR = {
  internal: -1,
  mode: -2,
  notStarted: -3,
  notConnected: -4,
  argument: -5,
  failed: -6,
  password: -7,
  address: -8,
  stationRequired: -9,
  pointRequired: -10,
} as const;

export const SETTING = {
  mac: 0,
  ssid: 1,
  hidden: 2,
  security: 3,
  key: 4,
  channel: 5,
  maxClients: 6,
  reconnects: 7,
  txpower: 8,
  protocol: 9,
  pm: 10,
} as const;

const STATION_BIT = 1;
const POINT_BIT = 2;
const MOST_CHANNEL = 13;
/** Country XX. */
const MOST_POINT_CHANNEL = 11;
const LEAST_KEY = 8;
const MOST_KEY = 63;
const MOST_SSID = 32;
const MOST_SECURITY = 10;
/** Quarters of a dBm; the chip has these levels only (ESP-IDF, esp_wifi_set_max_tx_power, less 34: seen, 8.5 reads 7.0). */
const POWER_LEVELS = [8, 20, 28, 44, 52, 56, 60, 66, 72, 78];
const MOST_POWER = 84;
/** What reading max_clients of a station gives. */
const JUNK = 255;

export class WifiSettings {
  readonly #own: Wireless;
  #mode: number = POINT_BIT;
  #txpower = 78;
  #protocol: [number, number] = [7, 7];
  /** The access point's, until commit(). */
  #staged = new Map<number, number | Uint8Array>();

  constructor(own: Wireless) {
    this.#own = own;
  }

  reset(): void {
    this.#mode = POINT_BIT;
    this.#txpower = 78;
    this.#protocol = [7, 7];
    this.#staged.clear();
  }

  get started(): boolean {
    return this.#own.active[0] || this.#own.active[1];
  }

  get stationMode(): boolean {
    return (this.#mode & STATION_BIT) !== 0;
  }

  setActive(index: number, active: boolean): void {
    const bit = index === 0 ? STATION_BIT : POINT_BIT;
    const before = this.started ? this.#mode : 0;
    const mode = active ? before | bit : before & ~bit;
    if (mode !== 0) this.#mode = mode; // stopped altogether, the driver keeps its mode
    this.#own.setActive(index, active);
  }

  /** @returns 0 or an error; `bytes` for mac, ssid and key */
  set(index: number, setting: number, value: number, bytes: Uint8Array): number {
    const own = this.#own;
    const isPoint = index === 1;
    switch (setting) {
      case SETTING.mac:
        if ((bytes[0]! & 1) !== 0) return WIFI_ERROR.address;
        own.setAddress(index, bytesToHex(bytes));
        return 0;
      case SETTING.channel:
        if (!isPoint) return this.#tuneStation(value);
        this.#staged.set(setting, value);
        return 0;
      case SETTING.reconnects:
        own.station.reconnects = value < 0 ? -1 : value;
        return isPoint ? WIFI_ERROR.stationRequired : 0;
      case SETTING.txpower:
        return this.#setPower(value);
      case SETTING.protocol:
        this.#protocol[isPoint ? 1 : 0] = value;
        return 0;
      case SETTING.pm:
        if (value < 0 || value > 2) return WIFI_ERROR.argument;
        own.powerSave = value;
        return 0;
      default:
        if (!isPoint) return WIFI_ERROR.pointRequired;
        this.#staged.set(
          setting,
          setting === SETTING.ssid || setting === SETTING.key ? bytes : value,
        );
        return 0;
    }
  }

  #tuneStation(channel: number): number {
    const own = this.#own;
    if (!this.started) return WIFI_ERROR.notStarted;
    if (own.station.associated || own.station.connecting) return WIFI_ERROR.failed;
    if (channel < 1 || channel > MOST_CHANNEL) return WIFI_ERROR.argument;
    own.tune(channel);
    return 0;
  }

  #setPower(quarters: number): number {
    if (!this.started) return WIFI_ERROR.notStarted;
    if (quarters < POWER_LEVELS[0]! || quarters > MOST_POWER) return WIFI_ERROR.argument;
    this.#txpower = POWER_LEVELS.findLast((level) => level <= quarters)!;
    return 0;
  }

  /** The end of a config(): the driver is given the whole. An error has left what came before it in place. */
  commit(index: number, failed: boolean): number {
    const staged = this.#staged;
    this.#staged = new Map();
    if (failed) return 0;
    if ((this.#mode & (index === 0 ? STATION_BIT : POINT_BIT)) === 0) return WIFI_ERROR.mode;
    if (index === 0) return 0;
    const point = this.#own.accessPoint;
    const key = bytesOr(staged.get(SETTING.key), point.key).subarray(0, MOST_KEY);
    const security = Number(staged.get(SETTING.security) ?? point.security);
    const channel = Number(staged.get(SETTING.channel) ?? point.channelSetting);
    if (security < 0 || security > MOST_SECURITY) return WIFI_ERROR.argument;
    if (channel > MOST_POINT_CHANNEL) return WIFI_ERROR.argument;
    const needsKey = security !== SECURITY.open || key.length > 0;
    if (needsKey && key.length < LEAST_KEY) return WIFI_ERROR.password;
    const name = point.name;
    const before = `${bytesToHex(name)} ${bytesToHex(point.key)} ${point.security}`;
    const ssid = staged.get(SETTING.ssid);
    if (ssid instanceof Uint8Array)
      point.ssid = ssid.length === 0 ? undefined : ssid.slice(0, MOST_SSID);
    point.key = key.slice();
    point.security = security;
    if (staged.has(SETTING.hidden)) point.hidden = staged.get(SETTING.hidden) === 1;
    point.maxClients = Number(staged.get(SETTING.maxClients) ?? point.maxClients);
    if (channel > 0) point.channelSetting = channel;
    const after = `${bytesToHex(point.name)} ${bytesToHex(point.key)} ${point.security}`;
    const moves = this.#applyChannel();
    if (point.active && (moves || before !== after)) point.kickAll();
    return 0;
  }

  /** The joined station's channel counts; nothing moves then. */
  #applyChannel(): boolean {
    const { station, accessPoint, channelNumber } = this.#own;
    if (!accessPoint.active || station.associated || station.connecting) return false;
    this.#own.tune(accessPoint.channelSetting);
    return channelNumber !== accessPoint.channelSetting;
  }

  /** @returns the value, or bytes, or an error */
  get(index: number, setting: number): number | Uint8Array {
    const own = this.#own;
    const isPoint = index === 1;
    const point = own.accessPoint;
    switch (setting) {
      case SETTING.ssid:
        return isPoint ? point.name : own.station.config.ssid;
      case SETTING.hidden:
        return isPoint ? (point.hidden ? 1 : 0) : WIFI_ERROR.pointRequired;
      case SETTING.security:
        return isPoint ? point.security : WIFI_ERROR.pointRequired;
      case SETTING.channel:
        return this.started ? own.channelNumber : 0;
      case SETTING.maxClients:
        return isPoint ? point.maxClients : JUNK;
      case SETTING.reconnects:
        // -1 is a value here: one more travels.
        return isPoint ? WIFI_ERROR.stationRequired : own.station.reconnects + 1;
      case SETTING.txpower:
        return this.#txpower;
      case SETTING.protocol:
        return this.#protocol[isPoint ? 1 : 0]!;
      case SETTING.pm:
        return own.powerSave;
      default:
        return WIFI_ERROR.failed;
    }
  }
}

function bytesOr(value: number | Uint8Array | undefined, other: Uint8Array): Uint8Array {
  return value instanceof Uint8Array ? value : other;
}
