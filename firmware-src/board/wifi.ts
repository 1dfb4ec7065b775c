/**
 * The access point and the station of a node: carries out the orders of mesh/links.ts. Nothing here decides, and nothing waits. See
 * the table in board/main.ts.
 */
import { bytes, OSError, RuntimeError } from 'builtins';
import { HEAP_DATA, idf_heap_info } from 'esp32';
import { AP_IF, STA_IF, WLAN } from 'network';
import { toHex } from '../std/hex.ts';
import { writeKey } from '../wire/cells.ts';
import type { LinkOrder } from '../mesh/link-home.ts';
import type { Links } from '../mesh/links.ts';
import { LinkSockets } from './sockets.ts';

const STEP_MS = 8;
/** Between two looks whether the station has joined. */
const LOOK_MS = 100;
/** An attempt takes five seconds at most; before, what status() says may belong to an earlier one. */
const ATTEMPT_MS = 5000;
const STATUS_CONNECTING = 1001;
/** A link takes about 6 KB of the system's heap at its busiest, an access point 4 KB, and the radio needs some of it at all times. */
const ROOM_BYTES = 10000;
const ROOM_MS = 2000;
const WPA2 = 3;

/** 10.x.y.last, with x.y the bytes of `subnet`. */
function addressOf(subnet: number, last: number): string {
  return `10.${subnet >> 8}.${subnet & 0xff}.${last}`;
}

/** Address, mask, gateway and, never 0.0.0.0, name server. */
function rowOf(subnet: number, last: number): string[] {
  const gateway = addressOf(subnet, 1);
  return [addressOf(subnet, last), '255.255.255.0', gateway, gateway];
}

export function openWifi(): Wifi {
  return new Wifi();
}

export class Wifi {
  /** Everything of a mesh is on one channel. */
  channel = 1;
  private readonly station: WLAN = new WLAN(STA_IF);
  private readonly point: WLAN = new WLAN(AP_IF);
  private readonly sockets: LinkSockets = new LinkSockets();
  private stepAtMs = 0;
  private served: Links | null = null;
  /** Own address and that of the parent while the station joins; '' otherwise. */
  private own = '';
  private parent = '';
  private joinedAtMs = 0;
  private lookAtMs = 0;
  private roomAtMs = 0;

  step(links: Links, nowMs: number): void {
    if (nowMs < this.stepAtMs) return;
    this.stepAtMs = nowMs + STEP_MS;
    if (links !== this.served) {
      // New credentials: nothing of the old ones is left.
      this.served = links;
      this.shut();
      this.leave();
    }
    if (nowMs >= this.roomAtMs) {
      this.roomAtMs = nowMs + ROOM_MS;
      links.room(this.spareBytes() >= ROOM_BYTES);
    }
    for (;;) {
      const order = links.takeOrder();
      if (order === null) break;
      this.perform(order, links, nowMs);
    }
    if (this.own !== '' && nowMs >= this.lookAtMs) this.look(links, nowMs);
    this.sockets.step(links, nowMs);
  }

  private spareBytes(): number {
    let free = 0;
    for (const region of idf_heap_info(HEAP_DATA)) free += region[1];
    return free;
  }

  private perform(order: LinkOrder, links: Links, nowMs: number): void {
    switch (order.kind) {
      case 'open':
        links.opened(this.open(order.name, order.password, order.subnet, order.stations), nowMs);
        return;
      case 'shut':
        this.shut();
        return;
      case 'join':
        if (!this.join(order.name, order.password, order.point, order.subnet, order.slot, nowMs))
          links.failed(nowMs);
        return;
      case 'leave':
        this.leave();
        return;
      case 'drop':
        this.sockets.close(order.link);
        return;
      case 'send':
        this.sockets.send(order.link, order.bytes);
    }
  }

  /** MAC of the access point as a key, '' when it did not come up. */
  private open(name: string, password: string, subnet: number, stations: number): string {
    try {
      this.point.active(true);
      this.point.config({
        ssid: name,
        key: password,
        security: WPA2,
        channel: this.channel,
        max_clients: stations,
      });
      this.point.ifconfig(rowOf(subnet, 1));
      this.sockets.listen(addressOf(subnet, 1));
      return toHex(this.point.config('mac'));
    } catch (error) {
      if (!(error instanceof OSError) && !(error instanceof RuntimeError)) throw error;
      return '';
    }
  }

  private shut(): void {
    this.sockets.shut();
    try {
      this.point.active(false);
    } catch (error) {
      if (!(error instanceof OSError) && !(error instanceof RuntimeError)) throw error;
    }
  }

  private join(
    name: string,
    password: string,
    point: string,
    subnet: number,
    slot: number,
    nowMs: number,
  ): boolean {
    const address = new Uint8Array(6);
    writeKey(address, 0, point);
    try {
      this.station.ifconfig(rowOf(subnet, slot + 2));
      this.station.connect(name, password, { bssid: bytes(address) });
    } catch (error) {
      if (!(error instanceof OSError) && !(error instanceof RuntimeError)) throw error;
      return false;
    }
    this.own = addressOf(subnet, slot + 2);
    this.parent = addressOf(subnet, 1);
    this.joinedAtMs = nowMs;
    this.lookAtMs = nowMs + LOOK_MS;
    return true;
  }

  private look(links: Links, nowMs: number): void {
    this.lookAtMs = nowMs + LOOK_MS;
    if (this.station.isconnected()) {
      const own = this.own;
      this.own = '';
      if (!this.sockets.connect(own, this.parent)) links.failed(nowMs);
    } else if (
      nowMs - this.joinedAtMs > ATTEMPT_MS &&
      this.station.status() !== STATUS_CONNECTING
    ) {
      this.own = '';
      links.failed(nowMs);
    }
  }

  private leave(): void {
    this.own = '';
    this.sockets.close(0);
    try {
      this.station.disconnect();
    } catch (error) {
      if (!(error instanceof OSError) && !(error instanceof RuntimeError)) throw error;
    }
  }
}
