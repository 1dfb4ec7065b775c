/**
 * The messages of MPS. Sizes in bytes; numbers of two bytes are big-endian; transports carry each message whole.
 *
 *   0     1         2      3           7                11                      size - 2
 *   | 'M' | version | type | node mark | registrar mark | body ...              | crc-16 |
 *     1       1        1         4             4                                     2
 *
 *   type 1 request      | kinds 1 | newest version 1 | mac 6 | node nonce 16 |                 node -> registrar
 *   type 2 offer        | kind 1 | registrar nonce 16 | network id 8 | tag 16 |                registrar -> node
 *   type 3 confirm      | tag 16 |                                                             node -> registrar
 *   type 4 credentials  | ciphertext of wire/credentials.ts | tag 16 |                         registrar -> node
 *   type 5 done         | tag 16 |                                                             node -> registrar
 *   type 6 refuse       | code 1 |                                                             either way, not authentic
 *
 *       node                                   registrar
 *        | --1 request: nonce, kinds ------------> |
 *        | <------- 2 offer: nonce, network, tag - |   the node knows: the registrar holds the key
 *        | --3 confirm: tag ---------------------> |   the registrar knows: the node holds the key
 *        | <------- 4 credentials, encrypted, tag  |
 *    commit                                        |
 *        | --5 done: tag ------------------------> |   commit
 *
 * A mark is the first 4 bytes of that side's nonce (the registrar's is zero in a request): it tells runs apart, so that
 * a delayed message of another run is no sign of a wrong key. The header is the same in every version. The checksum
 * (std/crc16.ts) tells damage on the way from a wrong key. kinds: bit 0 node key, bit 1 setup key. Tags and keys: run-keys.ts.
 */
import { concatBytes } from '../std/bytes.ts';
import { crc16 } from '../std/crc16.ts';

export const MPS_PROTOCOL_VERSION = 1;

export const REQUEST = 1;
export const OFFER = 2;
export const CONFIRM = 3;
export const CREDENTIALS = 4;
export const DONE = 5;
export const REFUSE = 6;

export const REFUSE_WRONG_KEY = 1;
export const REFUSE_BUSY = 2;
/** The registrar was reset, or is in another run: begin again. */
export const REFUSE_UNKNOWN_RUN = 3;
export const REFUSE_VERSION = 4;
export const REFUSE_BAD_CREDENTIALS = 5;
export const REFUSE_COMMIT_FAILED = 6;

export const NONCE_BYTES = 16;
export const MARK_BYTES = 4;
export const TAG_BYTES = 16;
export const HEADER_BYTES = 11;
const CRC_BYTES = 2;
const MAGIC = 0x4d;
const LARGEST_BYTES = 400;

/** The window of a side, from its opening. */
export const WINDOW_MS = 45000;
/** Retransmission: doubled each time up to the longest. */
export const FIRST_RESEND_MS = 1000;
export const LONGEST_RESEND_MS = 4000;

export class Message {
  readonly version: number;
  readonly type: number;
  readonly nodeMark: Uint8Array;
  readonly registrarMark: Uint8Array;
  readonly body: Uint8Array;
  /** Everything but the checksum: what transcripts hash. */
  readonly content: Uint8Array;

  constructor(content: Uint8Array) {
    this.version = content[1];
    this.type = content[2];
    this.nodeMark = content.slice(3, 7);
    this.registrarMark = content.slice(7, HEADER_BYTES);
    this.body = content.slice(HEADER_BYTES);
    this.content = content;
  }

  /** The body's last 16 bytes. */
  tag(): Uint8Array {
    return this.body.slice(this.body.length - TAG_BYTES);
  }

  /** What the tag covers beside the transcript so far. */
  beforeTag(): Uint8Array {
    return this.content.slice(0, this.content.length - TAG_BYTES);
  }
}

function bodyFits(type: number, sizeBytes: number): boolean {
  if (type === REQUEST) return sizeBytes === 24;
  if (type === OFFER) return sizeBytes === 41;
  if (type === CONFIRM || type === DONE) return sizeBytes === TAG_BYTES;
  if (type === CREDENTIALS) return sizeBytes > TAG_BYTES;
  return type === REFUSE && sizeBytes === 1;
}

/**
 * Null for anything that is no intact message. Bodies of another version are not looked at: only a request or a refusal
 * of another version is let through, for its header.
 */
export function parseMessage(bytes: Uint8Array): Message | null {
  const end = bytes.length - CRC_BYTES;
  if (end < HEADER_BYTES || bytes.length > LARGEST_BYTES || bytes[0] !== MAGIC) return null;
  const sum = crc16(bytes, end);
  if (bytes[end] !== sum >> 8 || bytes[end + 1] !== (sum & 0xff)) return null;
  const message = new Message(bytes.slice(0, end));
  if (message.version !== MPS_PROTOCOL_VERSION) return message.type === REQUEST ? message : null;
  return bodyFits(message.type, message.body.length) ? message : null;
}

/** Header and body; a tag may still have to follow. */
export function beginMessage(
  type: number,
  nodeMark: Uint8Array,
  registrarMark: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  const start = new Uint8Array([MAGIC, MPS_PROTOCOL_VERSION, type]);
  return concatBytes(start, nodeMark, registrarMark, body);
}

/** Appends the checksum: the bytes to send. */
export function sealMessage(content: Uint8Array): Uint8Array {
  const sum = crc16(content, content.length);
  return concatBytes(content, new Uint8Array([sum >> 8, sum & 0xff]));
}

export function refusal(code: number, nodeMark: Uint8Array, registrarMark: Uint8Array): Uint8Array {
  return sealMessage(beginMessage(REFUSE, nodeMark, registrarMark, new Uint8Array([code])));
}
