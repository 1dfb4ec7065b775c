/**
 * SLIP framing of the ESP loaders. Source: RFC 1055; esptool serial protocol, "Packet Description".
 *
 *   C0 | bytes, with C0 sent as DB DC and DB as DB DD | C0
 *
 * Bytes outside a frame are ignored, as is an empty frame, so C0 C0 is one boundary.
 */
import { concatBytes } from '../base/bytes.ts';

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;

/** Longer frames are cut off and dropped: the largest legal one is a flash block of 64 KB. */
const MAX_FRAME = 0x10000 + 64;

export function slipEncode(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  let extra = 2;
  for (const byte of payload) if (byte === END || byte === ESCAPE) extra++;
  const frame = new Uint8Array(payload.length + extra);
  let at = 0;
  frame[at++] = END;
  for (const byte of payload) {
    if (byte === END) {
      frame[at++] = ESCAPE;
      frame[at++] = ESCAPED_END;
    } else if (byte === ESCAPE) {
      frame[at++] = ESCAPE;
      frame[at++] = ESCAPED_ESCAPE;
    } else frame[at++] = byte;
  }
  frame[at] = END;
  return frame;
}

export class SlipDecoder {
  readonly #onFrame: (payload: Uint8Array<ArrayBuffer>) => void;
  #buffer = new Uint8Array(1024);
  #length = 0;
  #inFrame = false;
  #escaping = false;
  #spoilt = false;

  constructor(onFrame: (payload: Uint8Array<ArrayBuffer>) => void) {
    this.#onFrame = onFrame;
  }

  /** Any cut of the stream is fine. A frame with a wrong escape is dropped. */
  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === END) this.#boundary();
      else if (!this.#inFrame) continue;
      else if (this.#escaping) {
        this.#escaping = false;
        if (byte === ESCAPED_END) this.#keep(END);
        else if (byte === ESCAPED_ESCAPE) this.#keep(ESCAPE);
        else this.#spoilt = true;
      } else if (byte === ESCAPE) this.#escaping = true;
      else this.#keep(byte);
    }
  }

  reset(): void {
    this.#length = 0;
    this.#inFrame = this.#escaping = this.#spoilt = false;
  }

  #boundary(): void {
    if (!this.#inFrame || this.#length === 0) {
      this.reset();
      this.#inFrame = true;
      return;
    }
    const frame = this.#spoilt || this.#escaping ? undefined : this.#buffer.slice(0, this.#length);
    this.reset();
    if (frame) this.#onFrame(frame);
  }

  #keep(byte: number): void {
    if (this.#length >= MAX_FRAME) {
      this.#spoilt = true;
      return;
    }
    if (this.#length === this.#buffer.length) {
      this.#buffer = concatBytes(this.#buffer, new Uint8Array(this.#buffer.length));
    }
    this.#buffer[this.#length++] = byte;
  }
}
