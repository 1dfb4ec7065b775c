/**
 * Faults that a test or the Station screen can switch on at a virtual board: each is one plain
 * property, may be changed at any time, and lasts until it is changed back (counted ones strike once).
 */

import { seededRandom } from '../base/random.ts';

export type Direction = 'to-board' | 'to-host';

export class Faults {
  /** The cable comes out as the loader receives its n-th command from now (1 = the next one). */
  unplugAtCommand = 0;
  /** The loader hangs from its n-th command on, until the chip is reset. */
  stuckAtCommand = 0;
  /** The loader never answers anything: a damaged TX line, or a sketch that holds the pins. */
  stuckLoader = false;
  /** Above this rate every byte arrives garbled, as with a bad cable or an old bridge. 0 = never. */
  garbledAboveBaud = 0;
  /** DTR and RTS are not wired to EN and IO0: people must press the buttons. */
  noAutoReset = false;
  /** Opening or closing the port pulses EN, as some drivers do. */
  resetOnOpen = false;
  /** open() fails with NetworkError: another program has the port. */
  portBusy = false;
  /** In each direction, every n-th byte never arrives, arrives twice, or has noise before it. 0 = never. */
  loseEvery = 0;
  doubleEvery = 0;
  noiseEvery = 0;
  /** What the board says arrives later by this. */
  lateMs = 0;
  /** The board talks and listens at so many times the rate it should, as with an unusual crystal. */
  rateFactor = 1;
  /** The flash chip loses power in its n-th operation (a page or a sector) from now. */
  powerLossAtOperation = 0;
  /** Secure boot is burned into the chip. */
  secured = false;
  /** The chip says it is one that nobody knows. */
  unknownChip = false;
  /** The flash chip says it has so many bytes. 0 = the truth. */
  flashSizeBytes = 0;
  readonly #lost: Record<Direction, number[]> = { 'to-board': [], 'to-host': [] };
  readonly #passed: Record<Direction, number> = { 'to-board': 0, 'to-host': 0 };
  readonly #noise = seededRandom(0xbad);

  /** The n-th byte from now in that direction never arrives (1 = the next one). */
  loseByte(direction: Direction, bytesFromNow: number): void {
    this.#lost[direction].push(bytesFromNow);
  }

  /** For the serial line: what arrives of these bytes. */
  surviving(direction: Direction, bytes: Uint8Array): Uint8Array {
    return this.#damaged(direction, this.#withoutLost(direction, bytes));
  }

  #withoutLost(direction: Direction, bytes: Uint8Array): Uint8Array {
    const lost = this.#lost[direction];
    if (lost.length === 0) return bytes;
    const gone = new Set(lost.filter((n) => n <= bytes.length));
    this.#lost[direction] = lost.filter((n) => n > bytes.length).map((n) => n - bytes.length);
    return gone.size === 0 ? bytes : bytes.filter((_, i) => !gone.has(i + 1));
  }

  #damaged(direction: Direction, bytes: Uint8Array): Uint8Array {
    const { loseEvery, doubleEvery, noiseEvery } = this;
    const before = this.#passed[direction];
    this.#passed[direction] += bytes.length;
    if (loseEvery + doubleEvery + noiseEvery === 0) return bytes;
    const heard: number[] = [];
    bytes.forEach((byte, i) => {
      const n = before + i + 1;
      if (noiseEvery > 0 && n % noiseEvery === 0) heard.push(...this.#noise.bytes(3));
      if (loseEvery > 0 && n % loseEvery === 0) return;
      heard.push(byte);
      if (doubleEvery > 0 && n % doubleEvery === 0) heard.push(byte);
    });
    return Uint8Array.from(heard);
  }

  /** For the loader, at each command: what happens to it. */
  strike(): 'unplug' | 'stuck' | 'none' {
    if (this.unplugAtCommand > 0 && --this.unplugAtCommand === 0) return 'unplug';
    if (this.stuckAtCommand > 0 && --this.stuckAtCommand === 0) return 'stuck';
    return 'none';
  }
}
