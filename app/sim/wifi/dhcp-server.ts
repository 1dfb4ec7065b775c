/**
 * The access point's DHCP server: addresses from the one after its own on (or from 100 below it, when its last octet is 128 or
 * more), a hundred at most. It remembers eight leases: the ninth station gets an address too, and the oldest lease is forgotten, so
 * that its holder gets another one when it comes back. (ESP-IDF, lwip/apps/dhcpserver/dhcpserver.c: dhcps_poll_set, parse_msg,
 * kill_oldest_dhcps_pool; Kconfig LWIP_DHCPS_MAX_STATION_NUM = 8.)
 */
const POOL = 100;
const MOST_LEASES = 8;

export class DhcpServer {
  running = true;
  mostLeases = MOST_LEASES;
  /** By the station's address, oldest first. */
  readonly #leases = new Map<string, number>();
  #start = 0;
  #next = 0;

  /** Leases are forgotten. */
  restart(ownIp: number): void {
    this.running = true;
    this.#leases.clear();
    const last = ownIp & 255;
    this.#start = ((ownIp & ~255) | (last >= 128 ? last - POOL : last + 1)) >>> 0;
    this.#next = this.#start;
  }

  get leases(): number {
    return this.#leases.size;
  }

  addressFor(station: string): number | undefined {
    if (!this.running) return undefined;
    const known = this.#leases.get(station);
    if (known !== undefined) return known;
    const taken = new Set(this.#leases.values());
    for (let tried = 0; tried < POOL; tried++) {
      const ip = this.#next;
      this.#next = ip + 1 >= this.#start + POOL ? this.#start : ip + 1;
      if (taken.has(ip)) continue;
      this.#leases.set(station, ip);
      if (this.#leases.size > this.mostLeases) {
        const [oldest] = this.#leases.keys();
        this.#leases.delete(oldest!);
      }
      return ip;
    }
    return undefined;
  }
}
