import { toBase64Url } from '../std/base64url.ts';
import { concatBytes } from '../std/bytes.ts';
import type { Crypto } from '../std/crypto.ts';
import { deriveKey } from '../std/hkdf.ts';
import { HmacKey } from '../std/hmac.ts';
import { LABEL_LINK, LABEL_POINT } from '../std/key-labels.ts';
import { tailOf, writeKey, writeU24 } from '../wire/cells.ts';
import { encodeTails } from '../wire/link-frame.ts';
import { Jitter } from './jitter.ts';
import type { NodeTable } from './node-table.ts';
import type { Tree } from './tree.ts';
import { TreeLink } from './tree-link.ts';

/** What the driver is to do. `link` 0 is the connection to the parent, others are as it numbered them in accepted(). */
export type LinkOrder =
  /** Open the access point, take 10.x.y.1 with x.y the bytes of `subnet`, and listen; then opened(). */
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly password: string;
      readonly subnet: number;
      readonly stations: number;
    }
  /** Close it, with all connections to children. */
  | { readonly kind: 'shut' }
  /** Join, take 10.x.y.(slot + 2), connect to 10.x.y.1; then connected() or failed(). */
  | {
      readonly kind: 'join';
      readonly name: string;
      readonly password: string;
      readonly point: string;
      readonly subnet: number;
      readonly slot: number;
    }
  /** Close the connection to the parent and leave its access point. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'send'; readonly link: number; readonly bytes: Uint8Array }
  | { readonly kind: 'drop'; readonly link: number };

/** Silence of ours after which we speak, and of a link after which it is dead: three heartbeats. */
const HEARTBEAT_MS = 2000;
const SILENT_MS = 6500;

/** What the links of a network are proven with. */
export interface LinkSecret {
  readonly networkId: Uint8Array;
  readonly networkKey: Uint8Array;
  readonly epoch: number;
}

/** What the two sides of a node's links, to its parent and to its children, have in common. */
export class LinkHome {
  readonly crypto: Crypto;
  readonly selfKey: string;
  readonly selfTail: number;
  readonly table: NodeTable;
  readonly tree: Tree;
  readonly jitter: Jitter;
  readonly orders: LinkOrder[] = [];
  /** Tails above us, nearest first; `rooted` when they end at the root, or we are it. */
  path: readonly number[] = [];
  rooted = false;
  /** Our children, or whom we hear seek, have changed: the root shall know. */
  reportDue = false;
  /** The system has memory for another link: without, nothing is begun, for the radio itself would starve. */
  isRoomy = true;
  boot: number;

  private readonly secret: LinkSecret;
  private readonly linkKey: HmacKey;

  constructor(
    crypto: Crypto,
    secret: LinkSecret,
    selfKey: string,
    boot: number,
    table: NodeTable,
    tree: Tree,
  ) {
    this.crypto = crypto;
    this.secret = secret;
    this.selfKey = selfKey;
    this.selfTail = tailOf(selfKey);
    this.boot = boot;
    this.table = table;
    this.tree = tree;
    this.jitter = new Jitter((this.selfTail ^ 0x5a5a) & 0xffff);
    const context = concatBytes(secret.networkId, new Uint8Array([secret.epoch]));
    this.linkKey = new HmacKey(crypto, deriveKey(crypto, secret.networkKey, LABEL_LINK, context));
  }

  newLink(id: number, key: string, atMs: number): TreeLink {
    return new TreeLink(id, this.selfKey, key, this.crypto, this.linkKey, atMs);
  }

  send(link: TreeLink, type: number, payload: Uint8Array, atMs: number): void {
    this.orders.push({ kind: 'send', link: link.id, bytes: link.seal(type, payload, atMs) });
  }

  /** Payload of a STATE to a child. */
  state(): Uint8Array {
    return encodeTails([this.rooted ? 1 : 0], this.path);
  }

  isHeartbeatDue(link: TreeLink, atMs: number): boolean {
    return link.isUp && atMs - link.sentAtMs >= HEARTBEAT_MS;
  }

  isDead(link: TreeLink, atMs: number): boolean {
    return atMs - link.heardAtMs > SILENT_MS;
  }

  /** Name (16 characters) and password (16) of the access point that this node opened under this boot counter. */
  secretsOf(key: string, boot: number): string {
    const context = new Uint8Array(9);
    writeKey(context, 0, key);
    writeU24(context, 6, boot);
    const secret = deriveKey(this.crypto, this.secret.networkKey, LABEL_POINT, context);
    return toBase64Url(secret.subarray(0, 24));
  }
}
