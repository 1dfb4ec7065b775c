import type { Crypto } from '../std/crypto.ts';
import { NO_NODE, tailOf, writeU24 } from '../wire/cells.ts';
import {
  LINK_APP,
  LINK_GRANT,
  LINK_HEADER_BYTES,
  LINK_HELLO,
  LINK_REPORT,
  LINK_STATE,
  LINK_TAKEN,
  LINK_WELCOME,
  linkFrameType,
} from '../wire/link-frame.ts';
import {
  decodeGrant,
  decodeOffer,
  decodeReport,
  decodeSeek,
  decodeTell,
  encodeGrant,
  encodeReport,
  encodeTell,
  type Grant,
  HEARD_BYTES,
  LinkReport,
  MOST_HEARD,
  SEEKS,
  TELL_LEAD_BYTES,
} from '../wire/link-report.ts';
import { ChildLinks } from './child-links.ts';
import { Claims } from './claims.ts';
import { LinkHome, type LinkOrder, type LinkSecret } from './link-home.ts';
import type { NodeTable } from './node-table.ts';
import type { Tree } from './tree.ts';
import type { TreeLink } from './tree-link.ts';
import { Uplink } from './uplink.ts';

const TICK_MS = 50;
/** A seeker is believed for a little longer than its longest gap. */
const SEEKER_MS = 70000;
const REPORT_GAP_MS = 500;
const REPORT_AGAIN_MS = 30000;
/** Links weaker than this are no better than none. */
const WORST_RSSI = -90;

class Seeker {
  readonly key: string;
  atMs = 0;
  refusesUs = false;

  constructor(key: string) {
    this.key = key;
  }
}

/** Holds the code of this part on a board: links are made anew without loading it again. */
export class LinkMaker {
  make(
    crypto: Crypto,
    secret: LinkSecret,
    selfKey: string,
    boot: number,
    table: NodeTable,
    tree: Tree,
  ): Links {
    return new Links(crypto, secret, selfKey, boot, table, tree);
  }
}

export function openLinkMaker(): LinkMaker {
  return new LinkMaker();
}

/** A frame of an application's message, or a list of those taken, that came over a link. */
export interface LinkPayload {
  readonly from: string;
  readonly taken: boolean;
  readonly bytes: Uint8Array;
}

/**
 * This node's Wi-Fi links: one up to its parent, some down to its children. The logical tree (tree.ts) stays the authority and needs
 * none of them; it only prefers a parent that we are linked to. Who is linked to whom is the root's decision (claims.ts). Every link
 * carries the path above it, so that nobody takes a parent that hangs below itself.
 *
 *   driver -> opened, accepted, received, closed, block; connected, failed      takeOrder -> driver
 *   air    -> hear                                                              takeAir -> air
 *   relay  -> carry                                                             takePayload -> relay
 */
export class Links {
  readonly uplink: Uplink;
  readonly children: ChildLinks;

  private readonly home: LinkHome;
  private readonly claims: Claims = new Claims();
  private readonly inbox: LinkPayload[] = [];
  private seekers: Seeker[] = [];
  /** A report for the air, for lack of a link. */
  private tell: Uint8Array | null = null;
  private wasRoot = false;
  private tickAtMs = 0;
  private reportAtMs = 0;

  constructor(
    crypto: Crypto,
    secret: LinkSecret,
    selfKey: string,
    boot: number,
    table: NodeTable,
    tree: Tree,
  ) {
    this.home = new LinkHome(crypto, secret, selfKey, boot, table, tree);
    this.uplink = new Uplink(this.home);
    this.children = new ChildLinks(this.home);
  }

  renew(boot: number): void {
    this.home.boot = boot;
  }

  /** Whether the links above us end at the root. */
  isRooted(): boolean {
    return this.home.rooted;
  }

  takeOrder(): LinkOrder | null {
    return this.home.orders.shift() ?? null;
  }

  takePayload(): LinkPayload | null {
    return this.inbox.shift() ?? null;
  }

  /** The next payload for a frame of type TYPE_LINK on the air. */
  takeAir(atMs: number): Uint8Array | null {
    const seek = this.uplink.seek;
    this.uplink.seek = null;
    if (seek !== null) return seek;
    const tell = this.tell;
    this.tell = null;
    return tell ?? this.children.takeOffer(atMs);
  }

  /** A payload of that type from a neighbour, authenticated; false when it is not readable. */
  hear(from: string, payload: Uint8Array, atMs: number): boolean {
    const refused = decodeSeek(payload);
    if (refused !== null) {
      this.hearSeek(from, refused, atMs);
      return true;
    }
    const next = decodeTell(payload);
    if (next === this.home.selfTail) this.raise(payload.slice(TELL_LEAD_BYTES), atMs);
    if (next >= 0) return true;
    const offer = decodeOffer(payload);
    if (offer === null) return false;
    const { home, uplink, children } = this;
    if (offer.candidate !== home.selfKey || !uplink.wants(from, offer, atMs)) return true;
    if (offer.subnet === children.subnet) {
      // Both sides of a node in one subnet: it would talk to itself. Where nobody is on it, ours can go.
      if (children.isUsed()) {
        uplink.refuse(from, atMs);
        return true;
      }
      children.shut();
    }
    uplink.take(from, offer, atMs);
    this.settle(atMs);
    return true;
  }

  private hearSeek(from: string, refused: readonly number[], atMs: number): void {
    let seeker: Seeker | null = null;
    for (const one of this.seekers) if (one.key === from) seeker = one;
    if (seeker === null) {
      if (this.seekers.length >= MOST_HEARD) this.seekers.shift();
      seeker = new Seeker(from);
      this.seekers.push(seeker);
    }
    seeker.atMs = atMs;
    seeker.refusesUs = refused.includes(this.home.selfTail);
    if (!seeker.refusesUs) this.home.reportDue = true;
  }

  private forgetSeeker(key: string): void {
    this.seekers = this.seekers.filter((one) => one.key !== key);
  }

  private wants(key: string): boolean {
    for (const one of this.seekers) if (one.key === key) return !one.refusesUs;
    return false;
  }

  /** The driver is connected to the parent. */
  connected(atMs: number): void {
    this.uplink.connected(atMs);
  }

  /** It could not join or connect, or found the connection to the parent closed. */
  failed(atMs: number): void {
    this.uplink.failed(atMs);
    this.settle(atMs);
  }

  /** The access point is open under this MAC, '' when it could not be opened. */
  opened(point: string, atMs: number): void {
    this.children.opened(point, atMs);
  }

  accepted(id: number, atMs: number): void {
    this.children.accepted(id, atMs);
  }

  /** The driver found a child's connection closed. */
  closed(id: number, atMs: number): void {
    this.children.drop(id, false, atMs);
  }

  /** Whether the system has memory for another link. */
  room(isRoomy: boolean): void {
    const home = this.home;
    if (isRoomy === home.isRoomy) return;
    home.isRoomy = isRoomy;
    home.reportDue = true;
    if (!isRoomy) home.tree.events.push(['links-no-memory', home.selfKey]);
  }

  /** The driver has enough to send on this link, or has room again. */
  block(id: number, blocked: boolean): void {
    const link = id === 0 ? this.uplink.link : this.children.find(id);
    if (link !== null) link.blocked = blocked;
  }

  /** Bytes of a connection; they may be reused afterwards. */
  received(id: number, bytes: Uint8Array, atMs: number): void {
    const link = id === 0 ? this.uplink.link : this.children.find(id);
    if (link === null) return;
    let at = 0;
    while (at < bytes.length && !link.broken) {
      at += link.take(bytes, at);
      for (;;) {
        const frame = link.next(atMs);
        if (frame === null) break;
        this.handle(link, frame, atMs);
      }
    }
    if (link.broken && id === 0) this.uplink.failed(atMs);
    else if (link.broken) this.children.drop(id, true, atMs);
    this.settle(atMs);
  }

  private handle(link: TreeLink, frame: Uint8Array, atMs: number): void {
    const type = linkFrameType(frame);
    const payload = frame.subarray(LINK_HEADER_BYTES);
    if (type === LINK_APP || type === LINK_TAKEN) {
      this.inbox.push({ from: link.key, taken: type === LINK_TAKEN, bytes: payload });
    } else if (link === this.uplink.link) {
      if (type === LINK_WELCOME) this.uplink.welcomed(link, payload, atMs);
      else if (type === LINK_STATE) this.uplink.follow(link, payload, atMs);
      else if (type === LINK_GRANT) {
        const grant = decodeGrant(payload);
        if (grant !== null) this.pass(grant, atMs);
      }
    } else if (type === LINK_HELLO) this.children.greet(link, atMs);
    else {
      if (this.children.prove(link)) this.forgetSeeker(link.key);
      if (type === LINK_REPORT) this.raise(payload, atMs);
    }
  }

  /** Sends a frame of a message, or a list of those taken, if there is a link to this neighbour, and room on it. */
  carry(tail: number, taken: boolean, payload: Uint8Array, atMs: number): boolean {
    const link = this.linkTo(tail);
    if (link === null || link.blocked) return false;
    this.home.send(link, taken ? LINK_TAKEN : LINK_APP, payload, atMs);
    return true;
  }

  private linkTo(tail: number): TreeLink | null {
    const uplink = this.uplink.link;
    if (uplink !== null && uplink.isUp && uplink.tail === tail) return uplink;
    for (const link of this.children.links) if (link.isUp && link.tail === tail) return link;
    return null;
  }

  /** A report, ours or of somebody below us, on its way to the root. */
  private raise(payload: Uint8Array, atMs: number): void {
    const { home, uplink } = this;
    const link = uplink.link;
    if (home.tree.isRoot()) {
      const report = decodeReport(payload);
      if (report !== null) this.claims.take(report, atMs);
    } else if (link !== null && link.isUp) home.send(link, LINK_REPORT, payload, atMs);
    else if (home.tree.parent !== NO_NODE)
      this.tell = encodeTell(tailOf(home.tree.parent), payload);
  }

  private report(atMs: number): void {
    const report = new LinkReport();
    report.tail = this.home.selfTail;
    report.limit = this.children.limit(atMs);
    report.children = this.children.tails();
    const heard = new Uint8Array(HEARD_BYTES * MOST_HEARD);
    let at = 0;
    for (const record of this.home.table.list) {
      if (at >= heard.length) break;
      if (!record.twoWay() || record.rssiDbm < WORST_RSSI) continue;
      writeU24(heard, at, record.tail);
      heard[at + 3] = (-record.rssiDbm & 0x7f) + (this.wants(record.key) ? SEEKS : 0);
      at += HEARD_BYTES;
    }
    report.heard = heard.slice(0, at);
    this.raise(encodeReport(report), atMs);
  }

  /** A grant on its way down; at the end of its route it is for us. */
  private pass(grant: Grant, atMs: number): void {
    const route = grant.route;
    if (route.length > 0 && route[0] === this.home.selfTail) route.shift();
    if (route.length === 0) {
      const offer = this.uplink.offer;
      this.children.grant(grant, offer === null ? -1 : offer.subnet, atMs);
      return;
    }
    const link = this.linkTo(route[0]);
    if (link !== null && link !== this.uplink.link)
      this.home.send(link, LINK_GRANT, encodeGrant(grant), atMs);
  }

  /** Where we hang may have changed: the children learn it at once, and the root hears from us when it can. */
  private settle(atMs: number): void {
    const { home, uplink } = this;
    const isRoot = home.tree.isRoot();
    const rooted = isRoot || uplink.rooted;
    const path = isRoot ? [] : uplink.path;
    if (isRoot !== this.wasRoot) {
      this.wasRoot = isRoot;
      this.claims.clear();
    }
    if (rooted === home.rooted && path.join() === home.path.join()) return;
    if (rooted) home.reportDue = true;
    home.rooted = rooted;
    home.path = path;
    this.children.announce(atMs);
  }

  /** We listened to nobody for so long: no link was silent meanwhile. */
  excuse(ms: number): void {
    const up = this.uplink.link;
    if (up !== null) up.heardAtMs += ms;
    for (const link of this.children.links) link.heardAtMs += ms;
  }

  tick(atMs: number): void {
    if (atMs < this.tickAtMs) return;
    this.tickAtMs = atMs + TICK_MS;
    const { home, children } = this;
    this.uplink.tick(atMs);
    children.tick(atMs);
    this.settle(atMs);
    if (children.absent !== '') {
      this.forgetSeeker(children.absent);
      children.absent = '';
      home.reportDue = true;
    }
    const first = this.seekers.length > 0 ? this.seekers[0] : null;
    if (first !== null && atMs - first.atMs > SEEKER_MS) this.seekers.shift();
    if (this.uplink.isLate) {
      this.uplink.isLate = false;
      this.report(atMs);
    }
    if (!home.rooted) return;
    const again = atMs - this.reportAtMs > REPORT_AGAIN_MS;
    if ((home.reportDue || again) && atMs >= this.reportAtMs) {
      home.reportDue = false;
      this.reportAtMs = atMs + REPORT_GAP_MS;
      this.report(atMs);
    }
    if (!this.wasRoot) return;
    const grant = this.claims.next(home.selfTail, atMs);
    if (grant !== null) this.pass(grant, atMs);
  }

  /** When tick() should come at the latest. */
  wakeAtMs(): number {
    return this.tickAtMs;
  }
}
