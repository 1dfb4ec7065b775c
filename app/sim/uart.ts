/**
 * The serial line between the page and a virtual chip: 8N1, so ten bit times a byte.
 *
 * When paced, bytes take the time that the rate says, by the clock that was passed in; otherwise
 * they arrive at once. If both ends disagree about the rate by more than 3 %, bytes arrive garbled.
 * A USB-Serial-JTAG port has no rate: it is never garbled and runs at full-speed USB's pace.
 */
import type { Clock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import type { Faults } from './faults.ts';

export const ROM_BAUD = 115200;
/** What a USB-Serial-JTAG port moves in practice, in the same unit. */
const USB_BAUD = 6_000_000;
/** Bytes arrive in portions of about this time. */
const PORTION_MS = 10;
/** From the end of a transfer until the host's program sees it. */
const HOST_LATENCY_MS = 1;
/** What the host keeps of a line that nobody reads; the rest is lost. */
const HOST_BUFFER_SIZE = 1 << 20;

export interface UartOptions {
  clock: Clock;
  paced: boolean;
  usbJtag: boolean;
  faults: Faults;
}

interface Outgoing {
  bytes: Uint8Array;
  baud: number;
  notBeforeMs: number;
}

export class Uart {
  /** Bits a second at the host's end; 0 while the port is closed. */
  hostBaud = 0;
  boardBaud = ROM_BAUD;
  /** The ROM measures the rate from the SYNC pattern: until then it understands any rate. */
  autoBaud = false;
  onBoardInput: (bytes: Uint8Array) => void = () => undefined;
  onHostInput: (bytes: Uint8Array) => void = () => undefined;
  readonly #options: UartOptions;
  readonly #noise = seededRandom(0x5eed);
  readonly #toHost: Outgoing[] = [];
  #toHostBytes = 0;
  #pumping = false;
  #toBoardFreeAtMs = 0;
  #toHostFreeAtMs = 0;

  constructor(options: UartOptions) {
    this.#options = options;
  }

  get paced(): boolean {
    return this.#options.paced;
  }

  nowMs(): number {
    return this.#options.clock.nowMs();
  }

  /** Resolves when the last bit has left the host. `alive` turns false when the cable is pulled. */
  async sendToBoard(bytes: Uint8Array, alive: () => boolean): Promise<void> {
    if (!this.#options.paced) {
      this.#arriveAtBoard(bytes);
      return;
    }
    const rate = this.#options.usbJtag ? USB_BAUD : this.hostBaud;
    const portion = Math.max(1, Math.round((rate * PORTION_MS) / 10_000));
    this.#toBoardFreeAtMs = Math.max(this.#toBoardFreeAtMs, this.nowMs());
    for (let at = 0; at < bytes.length && alive(); at += portion) {
      const part = bytes.subarray(at, at + portion);
      this.#toBoardFreeAtMs += (part.length * 10_000) / rate;
      await this.#until(this.#toBoardFreeAtMs);
      if (alive()) this.#arriveAtBoard(part);
    }
  }

  /** Queues bytes; they leave the board one after another, the first no earlier than `notBeforeMs`. */
  sendToHost(bytes: Uint8Array, notBeforeMs = 0): void {
    if (bytes.length === 0) return;
    const { lateMs } = this.#options.faults;
    if (!this.#options.paced) {
      const baud = this.boardBaud;
      if (lateMs === 0) this.#arriveAtHost(bytes, baud);
      else {
        const spoken = bytes.slice();
        void this.#options.clock.sleep(lateMs).then(() => this.#arriveAtHost(spoken, baud));
      }
      return;
    }
    if (lateMs > 0) notBeforeMs = Math.max(notBeforeMs, this.nowMs() + lateMs);
    if (this.#toHostBytes + bytes.length > HOST_BUFFER_SIZE) return;
    this.#toHostBytes += bytes.length;
    this.#toHost.push({ bytes: bytes.slice(), baud: this.boardBaud, notBeforeMs });
    if (!this.#pumping) void this.#pump();
  }

  /** The board lost power or was reset: what it still had to say is gone. */
  dropOutgoing(): void {
    this.#toHost.length = 0;
    this.#toHostBytes = 0;
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    for (let next = this.#toHost[0]; next; next = this.#toHost[0]) {
      const rate = this.#options.usbJtag ? USB_BAUD : next.baud;
      const portion = Math.max(1, Math.round((rate * PORTION_MS) / 10_000));
      const part = next.bytes.subarray(0, portion);
      this.#toHostFreeAtMs =
        Math.max(this.#toHostFreeAtMs, this.nowMs(), next.notBeforeMs) +
        (part.length * 10_000) / rate;
      await this.#until(this.#toHostFreeAtMs + HOST_LATENCY_MS);
      if (this.#toHost[0] !== next) continue; // dropped meanwhile
      this.#toHostBytes -= part.length;
      next.bytes = next.bytes.subarray(part.length);
      next.notBeforeMs = 0;
      if (next.bytes.length === 0) this.#toHost.shift();
      this.#arriveAtHost(part, next.baud);
    }
    this.#pumping = false;
  }

  async #until(atMs: number): Promise<void> {
    const ms = atMs - this.nowMs();
    // Timers of a browser or of Node are late by a millisecond: sleeping less costs more than it gives.
    if (ms >= 0.5) await this.#options.clock.sleep(ms);
  }

  #arriveAtBoard(bytes: Uint8Array): void {
    const heard = this.#options.faults.surviving('to-board', bytes);
    const readable = this.autoBaud ? this.#cleanSync() : this.#agree(this.boardBaud);
    this.onBoardInput(readable ? heard : this.#garble(heard));
  }

  #arriveAtHost(bytes: Uint8Array, boardBaud: number): void {
    if (this.hostBaud === 0) return;
    const heard = this.#options.faults.surviving('to-host', bytes);
    this.onHostInput(this.#agree(boardBaud) ? heard : this.#garble(heard));
  }

  /** The ROM follows any rate, but then answers with its own clock. */
  #cleanSync(): boolean {
    return this.#clean(this.hostBaud) && (this.#options.usbJtag || this.#rateFactor() === 1);
  }

  #agree(boardBaud: number): boolean {
    if (this.#options.usbJtag) return true;
    const real = boardBaud * this.#rateFactor();
    return Math.abs(this.hostBaud - real) <= 0.03 * real && this.#clean(boardBaud);
  }

  #rateFactor(): number {
    return this.#options.faults.rateFactor;
  }

  #clean(baud: number): boolean {
    const limit = this.#options.faults.garbledAboveBaud;
    return this.#options.usbJtag || limit === 0 || baud <= limit;
  }

  #garble(bytes: Uint8Array): Uint8Array {
    return this.#noise.bytes(bytes.length);
  }
}
