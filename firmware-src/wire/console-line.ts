/**
 * The lines that a board and the laptop exchange on the serial console, between log text and tracebacks.
 *
 *   0x1E | JSON on one line, no spaces | LF                              RFC 7464, at most 512 bytes from a board
 *
 * Lines to a board are requests, and sealed: request-line.ts.
 *
 * With an application: requests {"t":"app.button"} and {"t":"app.send","to":"an address, a name, * for all or ^ for the root",
 * "text":"..."}, both tagged, answered with ok or a code of node/application.ts; events {"t":"event","event":"app-failed","text":
 * "process: Error: ...","count":2}, "app-stopped" (text: why) and "app-slow" (text: the method, ms); in `stats` "app":{"state":
 * "running" or "stopped","reason","failures","lastError","longestMs","received","sent"}. Always in `stats`: "relayed" and "dropped",
 * frames of others' messages passed on, and frames that nobody took.
 */
import { utf8Encode } from '../std/utf8.ts';

export const PROTOCOL_VERSION = 1;
/** Whole line with 0x1E and LF. */
export const BOARD_LINE_BYTES = 512;
export const HOST_LINE_BYTES = 200;

export const RECORD_SEPARATOR = 0x1e;
export const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What became of a byte given to LineReader.push(). */
export const BYTE_IS_TEXT = 0; // outside every frame: log text
export const BYTE_IN_FRAME = 1; // kept, or skipped inside a frame that was given up
export const BYTE_ENDS_FRAME = 2; // a whole frame is ready: frame()
export const BYTE_DROPS_FRAME = 3; // too long, cut by a new frame, or no JSON text: given up and counted

/** Finds frames in a stream of bytes, whatever stands between them. Keeps one buffer, allocates nothing else. */
export class LineReader {
  /** Frames given up since the start. */
  dropped: number = 0;
  private readonly buffer: Uint8Array;
  private length: number = 0;
  private inside: boolean = false;
  private skipping: boolean = false;

  /** `limitBytes`: the longest whole line, 0x1E and LF included. */
  constructor(limitBytes: number) {
    this.buffer = new Uint8Array(limitBytes - 2);
  }

  /** Takes one byte; answers one of the BYTE_ constants. */
  push(byte: number): number {
    if (byte === RECORD_SEPARATOR) {
      const cut = this.inside && !this.skipping;
      this.inside = true;
      this.skipping = false;
      this.length = 0;
      if (!cut) return BYTE_IN_FRAME;
      this.dropped += 1;
      return BYTE_DROPS_FRAME;
    }
    if (!this.inside) return BYTE_IS_TEXT;
    if (byte === LINE_FEED) {
      this.inside = false;
      if (this.skipping) return BYTE_IN_FRAME;
      while (this.length > 0 && this.endsInSpace()) this.length -= 1;
      return BYTE_ENDS_FRAME;
    }
    if (this.skipping || byte === CARRIAGE_RETURN) return BYTE_IN_FRAME;
    if (byte < 0x20 || this.length === this.buffer.length) {
      this.skipping = true;
      this.dropped += 1;
      return BYTE_DROPS_FRAME;
    }
    this.buffer[this.length] = byte;
    this.length += 1;
    return BYTE_IN_FRAME;
  }

  /** The frame's JSON text after BYTE_ENDS_FRAME; a view that the next push() may change. */
  frame(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** Forgets a frame in the making (the port was opened again, the baud rate changed). */
  reset(): void {
    this.inside = false;
    this.skipping = false;
    this.length = 0;
  }

  private endsInSpace(): boolean {
    return this.buffer[this.length - 1] === 0x20;
  }
}

/**
 * A line from a board, of a JSON text; null when it would be longer than 512 bytes. A line whose length is a multiple of 64
 * gets a space before its LF: USB-Serial-JTAG stalls on such writes.
 */
export function encodeBoardLine(json: string): Uint8Array | null {
  let line = utf8Encode(`\x1e${json}\n`);
  if (line.length % 64 === 0) line = utf8Encode(`\x1e${json} \n`);
  return line.length > BOARD_LINE_BYTES ? null : line;
}

function controlText(text: string): string {
  let safe = text;
  for (let code = 0; code < 0x20; code += 1) {
    safe = safe.split(String.fromCharCode(code)).join('\\u00' + code.toString(16).padStart(2, '0'));
  }
  return `"${safe}"`;
}

/** `text` as a JSON text, quotes included. Lines are written by templates around this: a board takes long to walk objects. */
export function jsonText(text: string): string {
  const safe = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  for (const character of text) if (character < ' ') return controlText(safe);
  return `"${safe}"`;
}
