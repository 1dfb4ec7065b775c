/** What a connection has been sent and nobody has read yet, and how much more it may be sent. */
import { NO_DATA } from './packet.ts';
import { MSS, WINDOW_BYTES } from './tcp-facts.ts';

export class TcpInbox {
  /** Sequence number of the next byte. */
  expected = 0;
  /** The window that the other side was told last. */
  advertised = WINDOW_BYTES;
  /** The other side has said that it sends no more. */
  isClosed = false;
  #bytes: Uint8Array = NO_DATA;

  get size(): number {
    return this.#bytes.length;
  }

  get window(): number {
    return Math.max(0, WINDOW_BYTES - this.#bytes.length);
  }

  /** Reading has made so much room that the other side should be told at once. */
  get hasOpened(): boolean {
    return this.window - this.advertised >= MSS;
  }

  /** @returns how many of the bytes found room */
  put(data: Uint8Array): number {
    const taken = data.subarray(0, this.window);
    if (taken.length > 0) this.#bytes = joined(this.#bytes, taken);
    this.expected += taken.length;
    return taken.length;
  }

  take(most: number): Uint8Array {
    const bytes = this.#bytes.slice(0, most);
    this.#bytes = this.#bytes.slice(bytes.length);
    return bytes;
  }

  /** The byte that a FIN counts for. */
  close(): void {
    this.expected++;
    this.isClosed = true;
  }
}

export function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b.slice();
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
