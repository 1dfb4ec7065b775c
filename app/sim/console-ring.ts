/**
 * The receive ring between the serial line and MicroPython: 259 bytes on a UART, and what does not fit is dropped without a
 * word (platform facts, section 6). On USB the host is held back instead; here that ring is simply large.
 */
export const UART_RING_BYTES = 259;
export const USB_RING_BYTES = 65536;
const CTRL_C = 3;

export class ConsoleRing {
  /** The byte that interrupts instead of being stored; -1 for none. */
  interruptByte = CTRL_C;
  dropped = 0;
  readonly #bytes: Uint8Array;
  #first = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** @returns whether the interrupt byte was among them */
  push(bytes: Uint8Array): boolean {
    let interrupted = false;
    for (const byte of bytes) {
      if (byte === this.interruptByte) {
        interrupted = true;
        continue;
      }
      if (this.#count === this.#bytes.length) {
        this.dropped++;
        continue;
      }
      this.#bytes[(this.#first + this.#count) % this.#bytes.length] = byte;
      this.#count++;
    }
    return interrupted;
  }

  /** The oldest byte, or -1. */
  take(): number {
    if (this.#count === 0) return -1;
    const byte = this.#bytes[this.#first]!;
    this.#first = (this.#first + 1) % this.#bytes.length;
    this.#count--;
    return byte;
  }

  get length(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }
}
