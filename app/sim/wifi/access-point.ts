/**
 * The access point of one board: who may join, who is on its list, and their addresses.
 *
 * A station that leaves with a word is off the list at once; one that is killed or walks away stays on it. ESP-IDF removes it when
 * it has been silent for 300 s (esp_wifi_set_inactive_time, default for the access point) and then does not answer; one was still
 * listed after 400 s (platform facts, section 14). Here it is asked after 300 s and removed at the second time.
 *
 * Reasons are 802.11 reason codes as ESP-IDF numbers them (esp_wifi_types.h, wifi_err_reason_t).
 */
import type { Wireless } from '../wireless.ts';
import { DhcpServer } from './dhcp-server.ts';

export const REASON = {
  none: 0,
  notAssociated: 7,
  stationLeaving: 8,
  tooMany: 5,
  authLeave: 3,
  handshakeTimeout15: 15,
  beaconTimeout: 200,
  noApFound: 201,
  authFail: 202,
  assocFail: 203,
  handshakeTimeout: 204,
  noCompatibleSecurity: 210,
} as const;

export const SECURITY = { open: 0, wep: 1, wpa: 2, wpa2: 3 } as const;
const ASK_AFTER_US = 300e6;
const ASK_EVERY_US = 150e6;
const SILENT_TIMES = 2;
/** ESP-IDF, ESP_WIFI_MAX_CONN_NUM: mesh notes, P6. */
const MOST_STATIONS: Readonly<Record<string, number>> = {
  esp32c3: 10,
  esp32c6: 10,
  esp32c2: 4,
  router: Infinity,
};
const MOST_STATIONS_USUALLY = 15;
/** Without a setting (seen on an emulated chip with stock 1.26.0). */
const USUAL_MOST_CLIENTS = 10;

export interface Client {
  readonly wireless: Wireless;
  readonly address: string;
  heardUs: number;
  silent: number;
  /** What ARP would find; undefined before the station has an address. */
  ip: number | undefined;
}

export class AccessPoint {
  ssid: Uint8Array | undefined;
  key: Uint8Array = new Uint8Array();
  security: number = SECURITY.open;
  hidden = false;
  maxClients = USUAL_MOST_CLIENTS;
  /** As set; while the own station is connected its channel counts. */
  channelSetting = 1;
  readonly clients = new Map<string, Client>();
  readonly dhcp = new DhcpServer();
  readonly #own: Wireless;
  /** Counts the times it was started: those that joined before do not belong to it. */
  starts = 0;

  constructor(own: Wireless) {
    this.#own = own;
  }

  get name(): Uint8Array {
    if (this.ssid) return this.ssid;
    const tail = this.#own.address(1).slice(6).toUpperCase();
    return new TextEncoder().encode(`ESP_${tail}`);
  }

  get active(): boolean {
    return this.#own.active[1];
  }

  get mostClients(): number {
    const most = MOST_STATIONS[this.#own.chip] ?? MOST_STATIONS_USUALLY;
    return Math.min(this.maxClients, most);
  }

  started(): void {
    this.starts++;
    this.clients.clear();
    this.dhcp.restart(this.#own.ip.interfaces[1].config.ip);
    const { starts } = this;
    const check = (): void => {
      if (starts !== this.starts || !this.active) return;
      this.#askSilent();
      this.#own.later(ASK_EVERY_US, check);
    };
    this.#own.later(ASK_AFTER_US, check);
  }

  /** @param clean stations are told; without, they only hear nothing any more (power cut) */
  stopped(clean: boolean): void {
    const clients = [...this.clients.values()];
    this.clients.clear();
    this.starts++;
    if (clean) for (const client of clients) this.#tell(client, REASON.authLeave);
  }

  /** As after power-on. */
  powerOff(): void {
    this.stopped(false);
    this.ssid = undefined;
    this.key = new Uint8Array();
    this.security = SECURITY.open;
    this.hidden = false;
    this.maxClients = USUAL_MOST_CLIENTS;
    this.channelSetting = 1;
  }

  /** Everyone has to join again: the setting of name, key or security has changed. */
  kickAll(): void {
    const clients = [...this.clients.values()];
    this.clients.clear();
    for (const client of clients) this.#tell(client, REASON.authLeave);
  }

  #tell({ wireless, address }: Client, reason: number): void {
    const own = this.#own;
    const bssid = own.address(1);
    if (!own.reaches(wireless)) return;
    // On the other's clock: this board may be off by then.
    wireless.later(1000, () => {
      if (wireless.station.bssid === bssid && wireless.address(0) === address) {
        wireless.station.dropped(reason);
      }
    });
  }

  /** Why a station may not join; 0 when it may. Its key is checked later, in the handshake. */
  refuses(address: string): number {
    if (this.clients.has(address)) return REASON.none;
    return this.clients.size >= this.mostClients ? REASON.tooMany : REASON.none;
  }

  admit(wireless: Wireless): void {
    const address = wireless.address(0);
    this.clients.delete(address); // a new one goes to the end of the list
    const heardUs = this.#own.nowUs();
    this.clients.set(address, { wireless, address, heardUs, silent: 0, ip: undefined });
    this.#own.note(`station ${address} joined`);
  }

  left(address: string): void {
    if (this.clients.delete(address)) this.#own.note(`station ${address} left`);
  }

  /** A frame came from this station. @returns undefined for a stranger, who is told so */
  heard(address: string, wireless: Wireless | undefined): Client | undefined {
    const client = this.clients.get(address);
    if (client) {
      client.heardUs = this.#own.nowUs();
      client.silent = 0;
      return client;
    }
    if (wireless) {
      this.#tell({ wireless, address, heardUs: 0, silent: 0, ip: undefined }, REASON.notAssociated);
    }
    return undefined;
  }

  #askSilent(): void {
    const now = this.#own.nowUs();
    for (const client of [...this.clients.values()]) {
      if (now - client.heardUs < ASK_AFTER_US) continue;
      const { wireless, address } = client;
      const here = wireless.active[0] && wireless.address(0) === address;
      if (here && wireless.station.bssid === this.#own.address(1) && this.#own.reaches(wireless)) {
        client.heardUs = now;
        client.silent = 0;
      } else if (++client.silent >= SILENT_TIMES) this.left(address);
    }
  }
}
