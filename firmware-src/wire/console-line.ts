/**
 * The lines that a board and the laptop exchange on the serial console, between log text and tracebacks.
 *
 *   0x1E | JSON on one line, no spaces | LF                              RFC 7464, at most 512 bytes from a board
 *
 * Lines to a board are at most 200 bytes (its receive ring keeps 259) and are sealed:
 *
 *   0x1E | {"t":"reboot","id":7,"n":1234 | ,"tag":"AAAAAAAAAAAAAAAA" | ,"crc":"1d0f"} | LF
 *        |<------------ signed --------->|
 *        |<------------------- checked by crc ---------------------->|
 *
 * crc: CRC-16/CCITT-FALSE over everything between 0x1E and `,"crc"`; four hex digits. tag: first 12 bytes, base64url,
 * of HMAC-SHA256 under the board's console key over its 6 MAC bytes and everything between 0x1E and `,"tag"`; the
 * counter n must exceed the last one that the board accepted. The suffixes have fixed lengths, so that a reader finds
 * them from the end and nothing inside a string can pass for one.
 *
 * With an application: requests {"t":"app.button"} and {"t":"app.send","to":"an address, a name, * for all or ^ for the root",
 * "text":"..."}, both tagged, answered with ok or a code of node/application.ts; events {"t":"event","event":"app-failed","text":
 * "process: Error: ...","count":2}, "app-stopped" (text: why) and "app-slow" (text: the method, ms); in `stats` "app":{"state":
 * "running" or "stopped","reason","failures","lastError","longestMs","received","sent"}. Always in `stats`: "relayed" and "dropped",
 * frames of others' messages passed on, and frames that nobody took.
 */
import { fromBase64Url, toBase64Url } from '../std/base64url.ts';
import { concatBytes } from '../std/bytes.ts';
import { equalTags } from '../std/constant-time.ts';
import { crc16 } from '../std/crc16.ts';
import type { Crypto } from '../std/crypto.ts';
import { deriveKey } from '../std/hkdf.ts';
import { HmacKey } from '../std/hmac.ts';
import { LABEL_CONSOLE } from '../std/key-labels.ts';
import { utf8Decode, utf8Encode } from '../std/utf8.ts';

export const PROTOCOL_VERSION = 1;
/** Whole line with 0x1E and LF. */
export const BOARD_LINE_BYTES = 512;
export const HOST_LINE_BYTES = 200;

const RECORD_SEPARATOR = 0x1e;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAG_BYTES = 12;
const CRC_SUFFIX_BYTES = 14; // ,"crc":"xxxx"}
const TAG_SUFFIX_BYTES = 25; // ,"tag":"16 characters"

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

/** The key that tags requests to one board: HKDF of the network's admin key, bound to the board's MAC (6 bytes). */
export function consoleKeyFor(crypto: Crypto, adminKey: Uint8Array, mac: Uint8Array): Uint8Array {
  return deriveKey(crypto, adminKey, LABEL_CONSOLE, mac);
}

/** Makes and checks the tags of requests to one board. */
export class ConsoleSigner {
  private readonly key: HmacKey;
  private readonly mac: Uint8Array;

  /** `consoleKey` as consoleKeyFor() makes it and the credentials carry it; `mac` 6 bytes. */
  constructor(crypto: Crypto, consoleKey: Uint8Array, mac: Uint8Array) {
    this.key = new HmacKey(crypto, consoleKey);
    this.mac = mac;
  }

  tag(signed: Uint8Array): Uint8Array {
    return this.key.tag(this.mac, signed).slice(0, TAG_BYTES);
  }
}

/**
 * A request line to a board, sealed; with a signer also tagged, then `counter` is its n. Null when it would be longer
 * than 200 bytes. `fields` holds t and id and must not hold n, tag or crc.
 */
export function encodeRequestLine(
  fields: Record<string, unknown>,
  signer: ConsoleSigner | null,
  counter: number,
): Uint8Array | null {
  const json = JSON.stringify(fields);
  let text = utf8Encode(json.slice(0, -1));
  if (signer !== null) {
    text = concatBytes(text, utf8Encode(',"n":' + counter.toString()));
    const tag = toBase64Url(signer.tag(text));
    text = concatBytes(text, utf8Encode(',"tag":"' + tag + '"'));
  }
  const sum = hexOf(crc16(text, text.length));
  const suffix = utf8Encode(',"crc":"' + sum + '"}');
  if (text.length + suffix.length + 2 > HOST_LINE_BYTES) return null;
  return concatBytes(new Uint8Array([RECORD_SEPARATOR]), text, suffix, new Uint8Array([LINE_FEED]));
}

/** The value of a JSON text; null also when it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The object on a line, or null when it is not one JSON object with a text `t`. Fields are unchecked. */
export function parseFields(frame: Uint8Array): Record<string, unknown> | null {
  if (frame.length < 2 || frame[0] !== 0x7b || frame[frame.length - 1] !== 0x7d) return null;
  const text = utf8Decode(frame);
  if (text === null) return null;
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const fields = value as Record<string, unknown>;
  return typeof fields['t'] === 'string' ? fields : null;
}

/** The field when it is text, else null. */
export function textField(fields: Record<string, unknown>, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}

/** The field when it is a whole number, else null. */
export function integerField(fields: Record<string, unknown>, name: string): number | null {
  const value = fields[name];
  return typeof value === 'number' && Number.isInteger(value) ? value : null;
}

/** A request as the board sees it. */
export class RequestLine {
  readonly type: string;
  readonly id: number;
  readonly fields: Record<string, unknown>;
  /** The request's n when it carries a tag, else -1. Trust it only after verify(). */
  readonly counter: number;
  private readonly signed: Uint8Array;
  private readonly tag: Uint8Array | null;

  constructor(
    type: string,
    id: number,
    fields: Record<string, unknown>,
    signed: Uint8Array,
    tag: Uint8Array | null,
  ) {
    this.type = type;
    this.id = id;
    this.fields = fields;
    this.signed = signed;
    this.tag = tag;
    this.counter = tag === null ? -1 : (integerField(fields, 'n') ?? -1);
  }

  /** True when the tag is there and was made with this board's console key. The caller compares `counter`. */
  verify(signer: ConsoleSigner): boolean {
    if (this.tag === null || this.counter < 0) return false;
    return equalTags(this.tag, signer.tag(this.signed));
  }
}

function hexOf(sum: number): string {
  return (sum & 0xffff).toString(16).padStart(4, '0');
}

/** True when `bytes` holds the ASCII text `wanted` at `at`. */
function holds(bytes: Uint8Array, at: number, wanted: string): boolean {
  if (at < 0 || at + wanted.length > bytes.length) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (bytes[at + i] !== wanted.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * Parses a frame from the laptop: null when the crc is wrong, or it is not an object with a text t and an id from
 * 0 to 2^30 - 1. The crc may be missing (a person at a terminal).
 */
export function parseRequestLine(frame: Uint8Array): RequestLine | null {
  let end = frame.length - 1;
  const crcAt = frame.length - CRC_SUFFIX_BYTES;
  if (holds(frame, crcAt, ',"crc":"')) {
    if (!holds(frame, crcAt + 8, hexOf(crc16(frame, crcAt)))) return null;
    end = crcAt;
  }
  const fields = parseFields(frame);
  if (fields === null) return null;
  const type = textField(fields, 't');
  const id = integerField(fields, 'id');
  if (type === null || id === null || id < 0 || id >= 0x40000000) return null;
  const tagAt = end - TAG_SUFFIX_BYTES;
  let tag: Uint8Array | null = null;
  let signed = new Uint8Array(0);
  if (holds(frame, tagAt, ',"tag":"')) {
    tag = fromBase64Url(textField(fields, 'tag') ?? '');
    if (tag === null || tag.length !== TAG_BYTES) return null;
    signed = frame.slice(0, tagAt);
  }
  return new RequestLine(type, id, fields, signed, tag);
}

/** Requests that a joined board refuses without a valid tag, because they change something. */
export function needsTag(type: string): boolean {
  return !(
    type === 'hello' ||
    type === 'topology' ||
    type === 'stats' ||
    type === 'config.get' ||
    type === 'identify' ||
    type === 'mps.payload' ||
    type === 'mps.close'
  );
}
