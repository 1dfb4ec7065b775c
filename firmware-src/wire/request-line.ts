/**
 * Requests: the lines from the laptop to a board (console-line.ts has the other way, and what frames both). A board has this code in
 * its memory while somebody asks (features.ts, LAZY_PARTS).
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
 */
import { toBase64Url } from '../std/base64url.ts';
import { fromBase64Url } from '../std/base64url-decode.ts';
import { concatBytes } from '../std/bytes.ts';
import { equalTags } from '../std/constant-time.ts';
import { crc16 } from '../std/crc16.ts';
import type { Crypto } from '../std/crypto.ts';
import { deriveKey } from '../std/hkdf.ts';
import { HmacKey } from '../std/hmac.ts';
import { LABEL_CONSOLE } from '../std/key-labels.ts';
import { utf8Decode, utf8Encode } from '../std/utf8.ts';
import { HOST_LINE_BYTES, LINE_FEED, RECORD_SEPARATOR } from './console-line.ts';

const TAG_BYTES = 12;
const CRC_SUFFIX_BYTES = 14; // ,"crc":"xxxx"}
const TAG_SUFFIX_BYTES = 25; // ,"tag":"16 characters"

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
