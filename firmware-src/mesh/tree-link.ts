import { concatBytes } from '../std/bytes.ts';
import type { Crypto } from '../std/crypto.ts';
import { HmacKey } from '../std/hmac.ts';
import { NO_NODE, readKey, tailOf, writeKey } from '../wire/cells.ts';
import {
  encodeLinkFrame,
  isLinkFrame,
  LINK_HEADER_BYTES,
  LINK_HELLO,
  LINK_NONCE_BYTES,
  LINK_WELCOME,
  LinkReader,
  linkFrameType,
} from '../wire/link-frame.ts';

const HELLO_BYTES = LINK_HEADER_BYTES + 6 + LINK_NONCE_BYTES;

function macOf(key: string): Uint8Array {
  const mac = new Uint8Array(6);
  writeKey(mac, 0, key);
  return mac;
}

/** One connection to the parent or to a child: cuts it into frames, proves both ends, counts what goes either way. */
export class TreeLink {
  readonly id: number;
  /** MAC of the other end, NO_NODE at the parent's end until the child has said hello. */
  key: string;
  tail: number;
  /** The other end has proven that it holds the network's key, and lives. */
  isUp = false;
  /** What came was no frame of the other end: the owner drops the connection. */
  broken = false;
  heardAtMs: number;
  sentAtMs: number;
  /** The driver has enough to send: what can wait does. */
  blocked = false;

  private readonly selfKey: string;
  private readonly isParent: boolean;
  private readonly crypto: Crypto;
  private readonly linkKey: HmacKey;
  private readonly nonce: Uint8Array;
  private session: HmacKey | null = null;
  private readonly reader: LinkReader = new LinkReader();
  private countIn = 0;
  private countOut = 0;

  /** `key` is that of the parent at the child's end, NO_NODE at the parent's. */
  constructor(
    id: number,
    selfKey: string,
    key: string,
    crypto: Crypto,
    linkKey: HmacKey,
    atMs: number,
  ) {
    this.id = id;
    this.selfKey = selfKey;
    this.key = key;
    this.tail = key === NO_NODE ? 0 : tailOf(key);
    this.isParent = key === NO_NODE;
    this.crypto = crypto;
    this.linkKey = linkKey;
    this.nonce = crypto.random(LINK_NONCE_BYTES);
    this.heardAtMs = atMs;
    this.sentAtMs = atMs;
  }

  /** The child's first frame. */
  hello(): Uint8Array {
    const payload = concatBytes(macOf(this.selfKey), this.nonce);
    return encodeLinkFrame(this.linkKey, false, LINK_HELLO, 0, payload);
  }

  /** The parent's answer to a hello; `state` as in STATE. */
  welcome(state: Uint8Array, atMs: number): Uint8Array {
    return this.seal(LINK_WELCOME, concatBytes(this.nonce, state), atMs);
  }

  seal(type: number, payload: Uint8Array, atMs: number): Uint8Array {
    const key = this.session ?? this.linkKey;
    const count = this.countOut + 1;
    const frame = encodeLinkFrame(key, this.isParent, type, count, payload);
    // Not before: a frame that found no memory is not missed at the other end.
    this.countOut = count;
    this.sentAtMs = atMs;
    return frame;
  }

  /** Takes bytes from `at` on, as many as there is room for; call next() until it is null, then again with the others. */
  take(bytes: Uint8Array, at: number): number {
    return this.reader.take(bytes, at);
  }

  /** The next proven frame; null when there is none, or the connection is `broken`. */
  next(atMs: number): Uint8Array | null {
    if (this.broken) return null;
    const frame = this.reader.next();
    if (this.reader.broken) this.broken = true;
    if (frame === null) return null;
    if (this.session === null) {
      if (this.isParent) return this.greet(frame);
      const theirs = frame.slice(LINK_HEADER_BYTES, LINK_HEADER_BYTES + LINK_NONCE_BYTES);
      this.begin(this.nonce, theirs, this.selfKey, this.key);
    }
    const count = this.countIn + 1;
    const session = this.session;
    if (session === null || !isLinkFrame(session, !this.isParent, count, frame)) {
      this.broken = true;
      return null;
    }
    this.countIn = count;
    this.isUp = true;
    this.heardAtMs = atMs;
    return frame;
  }

  /** A hello names the child and gives its nonce; that it is no recording shows in the child's next frame. */
  private greet(frame: Uint8Array): Uint8Array | null {
    if (
      frame.length !== HELLO_BYTES ||
      linkFrameType(frame) !== LINK_HELLO ||
      !isLinkFrame(this.linkKey, false, 0, frame)
    ) {
      this.broken = true;
      return null;
    }
    this.key = readKey(frame, LINK_HEADER_BYTES);
    this.tail = tailOf(this.key);
    this.begin(frame.slice(LINK_HEADER_BYTES + 6), this.nonce, this.key, this.selfKey);
    return frame;
  }

  private begin(child: Uint8Array, parent: Uint8Array, childKey: string, parentKey: string): void {
    const secret = this.linkKey.tag(
      child,
      parent,
      macOf(childKey),
      macOf(parentKey),
      new Uint8Array([1]),
    );
    this.session = new HmacKey(this.crypto, secret);
  }
}
