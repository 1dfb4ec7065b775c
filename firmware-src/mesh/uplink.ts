import { NO_NODE, tailOf } from '../wire/cells.ts';
import { decodeTails, LINK_NONCE_BYTES, LINK_STATE } from '../wire/link-frame.ts';
import { encodeSeek, type LinkOffer } from '../wire/link-report.ts';
import type { LinkHome } from './link-home.ts';
import { Refusals } from './refusals.ts';
import type { TreeLink } from './tree-link.ts';

/** A place in the logical tree is held so long before a link is looked for. */
const SETTLED_MS = 3000;
/** Gaps between seeks double up to the last; a parent believes a seeker for a little longer. */
const SEEK_FIRST_MS = 2500;
const SEEK_LAST_MS = 60000;
/** From this gap on, 38 s after the first seek, the root is told whom we hear. */
const SEEK_LATE_MS = 40000;
/** A node whose links do not lead to the root waits so long for those above it, then seeks a parent of its own. */
const PATIENCE_MS = 9000;
/** Joining (with a scan), connecting and greeting, all together. */
const JOIN_MS = 11000;
/** Between leaving an access point and joining another: the driver refuses what comes sooner. */
const LEAVE_MS = 400;
const AFTER_FAILURE_MS = 3000;
/** After so many failures in a row the node stays with ESP-NOW for a time that doubles up to an hour. */
const FAILURES = 3;
const PAUSE_MS = 300000;
const PAUSE_MOST_MS = 3600000;

const IDLE = 0;
const LEAVING = 1;
const JOINING = 2;
const GREETING = 3;
const UP = 4;

/** This node's link to its parent: seeks one, takes an offer, joins, and holds the connection while it lives. */
export class Uplink {
  /** Tails above us as the parent has told, nearest first. */
  path: readonly number[] = [];
  rooted = false;
  link: TreeLink | null = null;
  /** Key of the present or coming parent, NO_NODE without. */
  parent = NO_NODE;
  offer: LinkOffer | null = null;
  /** A seek for the air; the owner takes it. */
  seek: Uint8Array | null = null;
  /** It was not the first ones: the root shall hear from us without a link; the owner resets it. */
  isLate = false;

  private readonly home: LinkHome;
  private readonly refusals: Refusals = new Refusals();
  private phase = IDLE;
  private phaseAtMs = 0;
  private placedSinceMs = -1;
  private unrootedSinceMs = 0;
  private seekAtMs = 0;
  private seekGapMs = SEEK_FIRST_MS;
  private failures = 0;
  private quietUntilMs = 0;

  constructor(home: LinkHome) {
    this.home = home;
  }

  private event(name: string, key: string): void {
    this.home.tree.events.push([name, key]);
  }

  isUp(): boolean {
    return this.phase === UP;
  }

  /** Whether this offer, for us and authenticated, is one to take. */
  wants(from: string, offer: LinkOffer, atMs: number): boolean {
    const home = this.home;
    const tree = home.tree;
    const tail = tailOf(from);
    if (this.phase !== IDLE && this.phase !== UP) return false;
    if (this.phase === UP && (from === this.parent || (this.rooted && !offer.moves))) return false;
    if (tree.isRoot() || !tree.isPlaced() || !home.isRoomy || atMs < this.quietUntilMs)
      return false;
    // Nobody hangs below itself, and nobody joins another tree than the one that it belongs to.
    if (offer.path.includes(home.selfTail) || this.refusals.holds(tail, atMs)) return false;
    const top = offer.path.length === 0 ? tail : offer.path[offer.path.length - 1];
    if (top !== tailOf(tree.root)) return false;
    const record = home.table.get(from);
    return record !== null && record.twoWay();
  }

  refuse(from: string, atMs: number): void {
    this.refusals.add(tailOf(from), atMs);
  }

  take(from: string, offer: LinkOffer, atMs: number): void {
    if (this.phase === UP) this.event('link-lost', this.parent);
    this.clear();
    this.home.orders.push({ kind: 'leave' });
    this.offer = offer;
    this.parent = from;
    this.phase = LEAVING;
    this.phaseAtMs = atMs;
  }

  private join(atMs: number): void {
    const offer = this.offer;
    if (offer === null) return;
    const secrets = this.home.secretsOf(this.parent, offer.boot);
    this.phase = JOINING;
    this.phaseAtMs = atMs;
    this.home.orders.push({
      kind: 'join',
      name: secrets.slice(0, 16),
      password: secrets.slice(16),
      point: offer.point,
      subnet: offer.subnet,
      slot: offer.slot,
    });
  }

  /** The driver has a connection to the parent. */
  connected(atMs: number): void {
    if (this.phase !== JOINING) return;
    this.phase = GREETING;
    const link = this.home.newLink(0, this.parent, atMs);
    this.link = link;
    this.home.orders.push({ kind: 'send', link: 0, bytes: link.hello() });
  }

  /** The driver could not join or connect, or the connection is gone or of no use. */
  failed(atMs: number): void {
    if (this.phase === UP) this.lose(atMs);
    else if (this.phase === JOINING || this.phase === GREETING) this.giveUp(atMs);
  }

  private giveUp(atMs: number): void {
    const parent = this.parent;
    this.refuse(parent, atMs);
    this.failures += 1;
    this.event('link-failed', parent);
    let quietMs = AFTER_FAILURE_MS;
    if (this.failures >= FAILURES) {
      quietMs = PAUSE_MS;
      for (let i = FAILURES; i < this.failures && quietMs < PAUSE_MOST_MS; i += 1) quietMs *= 2;
      this.event('links-paused', parent);
    }
    this.quietUntilMs = atMs + quietMs;
    this.leave();
    this.seekFrom(this.quietUntilMs);
  }

  /** The link is over; what hangs on us stays. */
  lose(atMs: number): void {
    if (this.phase === IDLE) return;
    if (this.phase === UP) this.event('link-lost', this.parent);
    this.leave();
    this.seekFrom(atMs + this.home.jitter.below(300));
  }

  private leave(): void {
    this.clear();
    this.home.orders.push({ kind: 'leave' });
  }

  private clear(): void {
    this.phase = IDLE;
    this.link = null;
    this.offer = null;
    this.parent = NO_NODE;
    this.home.tree.prefer(NO_NODE, 0);
    this.path = [];
    this.rooted = false;
  }

  private seekFrom(atMs: number): void {
    this.seekAtMs = atMs;
    this.seekGapMs = SEEK_FIRST_MS;
  }

  /** The parent has proven itself. */
  welcomed(link: TreeLink, payload: Uint8Array, atMs: number): void {
    if (this.phase !== GREETING) return;
    this.phase = UP;
    this.failures = 0;
    this.refusals.forgive(link.tail);
    // Not before: an access point that cannot be joined changes nothing for the tree.
    this.home.tree.prefer(link.key, atMs);
    this.event('link-up', link.key);
    this.unrootedSinceMs = atMs;
    this.home.send(link, LINK_STATE, new Uint8Array(0), atMs);
    this.follow(link, payload.subarray(LINK_NONCE_BYTES), atMs);
  }

  /**
   * The parent says where it hangs. Whoever is in its own path is in a ring: the one with the lowest tail lets go of its parent
   * (S2-16); the others only stop believing that the ring leads to the root.
   */
  follow(link: TreeLink, state: Uint8Array, atMs: number): void {
    const tails = decodeTails(state, 1);
    if (tails === null) return;
    const at = tails.indexOf(this.home.selfTail);
    const ring = at >= 0;
    const path = ring ? tails.slice(0, at) : tails;
    path.unshift(link.tail);
    if (ring) {
      let isLowest = true;
      for (const tail of path) if (tail < this.home.selfTail) isLowest = false;
      if (isLowest) {
        this.lose(atMs);
        return;
      }
    }
    const rooted = !ring && state[0] === 1;
    if (this.rooted && !rooted) this.unrootedSinceMs = atMs;
    this.path = path;
    this.rooted = rooted;
  }

  tick(atMs: number): void {
    const home = this.home;
    const link = this.link;
    if (home.tree.isRoot()) this.lose(atMs);
    else if (this.phase === LEAVING) {
      if (atMs - this.phaseAtMs >= LEAVE_MS) this.join(atMs);
    } else if (this.phase === JOINING || this.phase === GREETING) {
      if (atMs - this.phaseAtMs > JOIN_MS) this.giveUp(atMs);
    } else if (this.phase === UP && link !== null) {
      if (home.isDead(link, atMs)) this.lose(atMs);
      else if (home.isHeartbeatDue(link, atMs))
        home.send(link, LINK_STATE, new Uint8Array(0), atMs);
    }
    this.look(atMs);
  }

  /** Seeks while there is no link, or none that leads to the root for too long. */
  private look(atMs: number): void {
    const tree = this.home.tree;
    if (tree.isRoot() || !tree.isPlaced()) {
      this.placedSinceMs = -1;
      return;
    }
    if (this.placedSinceMs < 0) {
      this.placedSinceMs = atMs;
      this.seekFrom(atMs + SETTLED_MS + this.home.jitter.below(1000));
    }
    const alone = this.phase === IDLE;
    const stranded = this.phase === UP && !this.rooted && atMs - this.unrootedSinceMs > PATIENCE_MS;
    if ((!alone && !stranded) || !this.home.isRoomy || atMs < this.seekAtMs) return;
    this.seek = encodeSeek(this.refusals.list(atMs));
    this.isLate = alone && this.seekGapMs >= SEEK_LATE_MS;
    this.seekAtMs = atMs + this.seekGapMs + this.home.jitter.below(1000);
    if (this.seekGapMs < SEEK_LAST_MS) this.seekGapMs *= 2;
  }
}
