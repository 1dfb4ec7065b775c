/**
 * The station towards the router: carries out the orders of mesh/router.ts. Nothing here decides. See the table in board/main.ts.
 */
import { bytes, OSError, RuntimeError } from 'builtins';
import { STA_IF, WLAN } from 'network';
import { WIFI_TREE } from '../features.ts';
import { equalBytes } from '../std/bytes.ts';
import { macBytes, toHex } from '../std/hex.ts';
import { utf8Encode } from '../std/utf8.ts';
import { ORDER_JOIN, ORDER_LEAVE, ORDER_SCAN, type RouterPart } from '../mesh/router.ts';
import type { BoardClock } from './clock.ts';

const LOOK_MS = 250;
const WATCH_MS = 1000;
/**
 * A wrong password takes up to 3.5 s; an address 1 s, or 5 s where the first question was lost. From 1000 on status() gives no reason:
 * 1000 is what remains of the last disconnect(), 1001 an attempt under way.
 */
const ATTEMPT_MS = 5000;
const ADDRESS_MS = 15000;
const STATUS_IDLE = 1000;

export function openStation(): RouterStation {
  return new RouterStation();
}

export class RouterStation {
  private readonly station: WLAN = new WLAN(STA_IF);
  private joining = false;
  private watching = false;
  private begunAtMs = 0;
  private lookAtMs = 0;
  private served: RouterPart | null = null;

  step(part: RouterPart, clock: BoardClock): void {
    if (part !== this.served) {
      // New credentials: nothing of the old ones is left.
      if (this.joining || this.watching) this.leave();
      this.served = part;
    }
    const order = part.takeOrder();
    if (order === ORDER_SCAN) this.scan(part, clock);
    else if (order === ORDER_JOIN) this.join(part, clock.nowMs());
    else if (order === ORDER_LEAVE) this.leave();
    const nowMs = clock.nowMs();
    if (nowMs < this.lookAtMs) return;
    if (this.joining) this.look(part, nowMs);
    else if (this.watching) this.watch(part, nowMs);
  }

  private scan(part: RouterPart, clock: BoardClock): void {
    const name = utf8Encode(part.ssid);
    let rssiDbm = 0;
    let channel = 0;
    let point = '';
    try {
      for (const row of this.station.scan()) {
        if (!equalBytes(row[0], name) || row[3] >= 0) continue;
        if (rssiDbm < 0 && row[3] <= rssiDbm) continue;
        rssiDbm = row[3];
        channel = row[2];
        point = toHex(row[1]);
      }
    } catch (error) {
      if (!(error instanceof OSError) && !(error instanceof RuntimeError)) throw error;
    }
    part.scanned(rssiDbm, channel, point, clock.nowMs());
  }

  private join(part: RouterPart, nowMs: number): void {
    const address = macBytes(part.point);
    try {
      if (WIFI_TREE) this.askAddress();
      if (address === null) this.station.connect(part.ssid, part.password, {});
      else this.station.connect(part.ssid, part.password, { bssid: bytes(address) });
    } catch (error) {
      if (!(error instanceof OSError) && !(error instanceof RuntimeError)) throw error;
      part.failed(0, nowMs);
      return;
    }
    this.joining = true;
    this.begunAtMs = nowMs;
    this.lookAtMs = nowMs + LOOK_MS;
  }

  /** A link to a parent had a fixed address. */
  private askAddress(): void {
    try {
      this.station.ifconfig('dhcp');
    } catch (error) {
      if (!(error instanceof OSError) && !(error instanceof RuntimeError)) throw error;
    }
  }

  private look(part: RouterPart, nowMs: number): void {
    this.lookAtMs = nowMs + LOOK_MS;
    if (this.station.isconnected()) {
      this.joining = false;
      this.watching = true;
      // Modem sleep would lose ESP-NOW frames.
      this.station.config({ pm: 0 });
      part.joined(this.station.ifconfig()[0], this.signal(), this.channel(), nowMs);
      return;
    }
    const tookMs = nowMs - this.begunAtMs;
    const status = this.station.status();
    if (tookMs < ATTEMPT_MS || (status >= STATUS_IDLE && tookMs < ADDRESS_MS)) return;
    this.joining = false;
    part.failed(status, nowMs);
  }

  private watch(part: RouterPart, nowMs: number): void {
    this.lookAtMs = nowMs + WATCH_MS;
    if (this.station.isconnected()) part.signal(this.signal(), this.channel(), nowMs);
    else {
      this.watching = false;
      part.lost(nowMs);
    }
  }

  private channel(): number {
    return this.station.config('channel');
  }

  /** dBm; the station may have lost its router since it was asked for. */
  private signal(): number {
    try {
      return this.station.status('rssi');
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      return -95;
    }
  }

  private leave(): void {
    this.joining = false;
    this.watching = false;
    try {
      this.station.disconnect();
    } catch (error) {
      if (!(error instanceof OSError) && !(error instanceof RuntimeError)) throw error;
    }
  }
}
