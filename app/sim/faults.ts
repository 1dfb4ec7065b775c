/**
 * Faults that a test or the Station screen can switch on at a virtual board: each is one plain
 * property, may be changed at any time, and lasts until it is changed back (counted ones strike once).
 */

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
  readonly #lost: Record<Direction, number[]> = { 'to-board': [], 'to-host': [] };

  /** The n-th byte from now in that direction never arrives (1 = the next one). */
  loseByte(direction: Direction, bytesFromNow: number): void {
    this.#lost[direction].push(bytesFromNow);
  }

  /** For the serial line: the bytes that survive. */
  surviving(direction: Direction, bytes: Uint8Array): Uint8Array {
    const lost = this.#lost[direction];
    if (lost.length === 0) return bytes;
    const gone = new Set(lost.filter((n) => n <= bytes.length));
    this.#lost[direction] = lost.filter((n) => n > bytes.length).map((n) => n - bytes.length);
    return gone.size === 0 ? bytes : bytes.filter((_, i) => !gone.has(i + 1));
  }

  /** For the loader, at each command: what happens to it. */
  strike(): 'unplug' | 'stuck' | 'none' {
    if (this.unplugAtCommand > 0 && --this.unplugAtCommand === 0) return 'unplug';
    if (this.stuckAtCommand > 0 && --this.stuckAtCommand === 0) return 'stuck';
    return 'none';
  }
}
