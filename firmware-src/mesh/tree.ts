import { ROUTER, WIFI_TREE } from '../features.ts';
import { COST_NONE, HOPS_NONE, MOST_CENTRALITY } from '../wire/advert.ts';
import { NO_NODE, tailOf } from '../wire/cells.ts';
import { isNewer } from './freshness.ts';
import type { Jitter } from './jitter.ts';
import { centralityOf, linkCost, signalOf } from './link.ts';
import type { NodeRecord } from './node-record.ts';
import type { NodeTable } from './node-table.ts';
import type { Profile } from './profile.ts';

/** Dense places begin deep, since 16 neighbours are kept; the path of 24 tails still leaves room for news in an advert. */
export const MAX_HOPS = 24;
/** A new parent must be better by this much path cost, or links of equal quality would flap. */
const PARENT_MARGIN = 24;
/** ... and by a quarter of what weak links have in it, for that wavers; but no more than this, or a link that breaks is kept. */
const MOST_WAVERING = 72;
/** Who hears the router better than the root by so much takes over; who hears it while the root does not, takes over sooner. */
const SIGNAL_MARGIN_DB = 8;
const SIGNAL_STEP_DB = 4;
const FINDER_MS = 10000;
/** The first parent is the one that was heard first: after this, the best of those who answered as well. */
const FIRST_KEEP_MS = 1000;
const DEAD_ROOTS_KEPT = 8;
/** A linked neighbour's newer stamp is waited for so long, and again after the second time. */
const HOLD_MS = 7000;
const HOLD_AGAIN_MS = 30000;

/** A root that was given up, with the newest of its frames known then: only a newer one brings it back. */
class DeadRoot {
  readonly key: string;
  boot = 0;
  sequence = 0;

  constructor(key: string) {
    this.key = key;
  }
}

/** Whether root a beats root b: higher score, then lower MAC. The same order on every node, so all end at one root. */
export function rootBeats(aScore: number, aKey: string, bScore: number, bKey: string): boolean {
  return aScore > bScore || (aScore === bScore && aKey < bKey);
}

/**
 * This node's root and its parent. Every root stamps its adverts with its own frame counter, and the stamp travels down
 * the tree. A neighbour may become parent only if it has a newer stamp than we ever had, or the same stamp at a lower
 * cost than we ever announced with it (the feasibility condition of DUAL and Babel, RFC 8966 section 2.4), which no
 * node below us can satisfy; and never if its path holds us. So no loop forms, not even while news travels.
 * A dead root stops stamping, so its name cannot be kept alive by nodes that repeat it to each other.
 */
export class Tree {
  root = NO_NODE;
  rootEpoch = 0;
  rootScore = 0;
  rootBoot = 0;
  rootSequence = 0;
  parent = NO_NODE;
  hops = HOPS_NONE;
  cost = COST_NONE;
  /** Tails of the parent's parent and so on up to the root. */
  ancestors: number[] = [];
  /** Our place changed: advertise it. The owner resets it. */
  moved = false;
  /** Our depth alone changed: tell it, at the usual pace. The owner resets it. */
  sank = false;
  /** Ask all neighbours to advertise. The owner resets it. */
  wantsAdverts = false;
  /** How well this node hears the router, as a part of its score. */
  routerShare = 0;
  /** Console events, oldest first: [name, key of the node concerned]. */
  readonly events: string[][] = [];

  private readonly selfKey: string;
  private readonly selfTail: number;
  private boot: number;
  private readonly profile: Profile;
  private readonly table: NodeTable;
  private readonly jitter: Jitter;
  private readonly deadRoots: DeadRoot[] = [];
  private highestEpoch = 0;
  private feasibleBoot = 0;
  private feasibleSequence = 0;
  private feasibleCost = COST_NONE;
  private parentSinceMs = 0;
  private rootSinceMs = 0;
  private rootNewsAtMs = 0;
  /** Without a valid path since; -1 the path is valid. */
  private lostSinceMs = -1;
  /** When to become root for want of another; set whenever there is none. */
  private candidateAtMs = 0;
  private listening = true;
  private challengeSinceMs = -1;
  private hadParent = false;
  /** The neighbour that we have a Wi-Fi link to, and until when its newer stamp is waited for. */
  private preferred = NO_NODE;
  private holdUntilMs = 0;

  constructor(selfKey: string, boot: number, profile: Profile, table: NodeTable, jitter: Jitter) {
    this.selfKey = selfKey;
    this.selfTail = tailOf(selfKey);
    this.boot = boot;
    this.profile = profile;
    this.table = table;
    this.jitter = jitter;
  }

  /**
   * We have a Wi-Fi link to this neighbour (NO_NODE: to none): it becomes parent whatever its cost, as soon as the feasibility condition
   * lets it. A higher cost needs a stamp that we never had: for a while, we take none from the present parent.
   */
  prefer(key: string, atMs: number): void {
    if (key !== this.preferred) this.moved = true;
    this.preferred = key;
    this.holdUntilMs = atMs + HOLD_MS;
  }

  /** Our uplink is a Wi-Fi link. */
  isLinked(): boolean {
    return this.preferred !== NO_NODE && this.preferred === this.parent;
  }

  /** How well we hear and are heard: the sum over all two-way neighbours. */
  ownScore(): number {
    let score = 0;
    for (const record of this.table.list) {
      if (record.twoWay()) score += centralityOf(record.rssiDbm);
    }
    if (ROUTER) return (score > MOST_CENTRALITY ? MOST_CENTRALITY : score) + this.routerShare;
    return score > 0xffff ? 0xffff : score;
  }

  private holdsStill(atMs: number): boolean {
    if (this.preferred === NO_NODE || atMs > this.holdUntilMs) return false;
    const wanted = this.table.get(this.preferred);
    return wanted !== null && this.isParentSound(wanted);
  }

  renew(boot: number): void {
    this.boot = boot;
    if (this.isRoot()) this.rootBoot = boot;
  }

  start(atMs: number): void {
    this.candidateAtMs = atMs + this.profile.listenMs + this.jitter.below(400);
    this.lostSinceMs = atMs;
  }

  isRoot(): boolean {
    return this.root === this.selfKey;
  }

  /** On a valid path to a root, or root. */
  isPlaced(): boolean {
    return this.root !== NO_NODE && this.lostSinceMs < 0;
  }

  /** The root that our own path leads to, '' without. */
  placedRoot(): string {
    return this.isPlaced() ? this.root : NO_NODE;
  }

  /** A neighbour's advert (record.advert) is new. */
  consider(record: NodeRecord, atMs: number): void {
    const advert = record.advert;
    if (advert === null) return;
    if (advert.rootEpoch > this.highestEpoch) this.highestEpoch = advert.rootEpoch;
    if (record.key === this.root && advert.root !== this.root) {
      const merging =
        this.isAcceptable(record) &&
        rootBeats(advert.rootScore, advert.root, this.rootScore, this.root);
      if (!merging) this.loseRoot('root-lost', atMs);
    }
    if (record.key === this.parent) this.followParent(record, atMs);
    else if (this.isAcceptable(record)) {
      if (advert.root !== this.root) {
        const better =
          this.root === NO_NODE ||
          rootBeats(advert.rootScore, advert.root, this.rootScore, this.root);
        if (better) this.adopt(record, atMs);
      } else if (this.lostSinceMs >= 0) this.selectParent(atMs);
      else if (WIFI_TREE && record.key === this.preferred) this.attach(record, true, atMs);
    }
  }

  private followParent(record: NodeRecord, atMs: number): void {
    const advert = record.advert;
    if (advert === null) return;
    if (advert.parent === this.selfKey || advert.ancestors.includes(this.selfTail)) {
      this.loseParent(atMs);
    } else if (advert.root !== this.root) {
      const better =
        this.isAcceptable(record) &&
        rootBeats(advert.rootScore, advert.root, this.rootScore, this.root);
      if (better) this.adopt(record, atMs);
      else if (!this.selectParent(atMs)) {
        this.loseRoot('root-lost', atMs);
      }
    } else if (advert.lost || advert.cost >= COST_NONE) this.strand(atMs);
    else if (WIFI_TREE && record.key !== this.preferred && this.holdsStill(atMs)) return;
    else {
      const fresh = isNewer(advert.rootBoot, advert.rootSequence, this.rootBoot, this.rootSequence);
      this.attach(record, fresh, atMs);
    }
  }

  /** Whether this neighbour could be our parent as far as its own words go. */
  private isAcceptable(record: NodeRecord): boolean {
    const advert = record.advert;
    if (advert === null || !record.twoWay()) return false;
    if (advert.lost || advert.root === NO_NODE || advert.root === this.selfKey) return false;
    if (advert.cost >= COST_NONE || advert.hops >= MAX_HOPS) return false;
    if (advert.parent === this.selfKey || advert.ancestors.includes(this.selfTail)) return false;
    if (this.table.isDead(advert.root, advert.rootBoot, advert.rootSequence)) return false;
    for (const dead of this.deadRoots) {
      if (
        dead.key === advert.root &&
        !isNewer(advert.rootBoot, advert.rootSequence, dead.boot, dead.sequence)
      ) {
        return false;
      }
    }
    if (advert.root !== this.root) return true;
    return (
      isNewer(advert.rootBoot, advert.rootSequence, this.feasibleBoot, this.feasibleSequence) ||
      (advert.rootBoot === this.feasibleBoot &&
        advert.rootSequence === this.feasibleSequence &&
        advert.cost < this.feasibleCost)
    );
  }

  /** Takes another root through this neighbour. */
  private adopt(record: NodeRecord, atMs: number): void {
    const advert = record.advert;
    if (advert === null) return;
    const before = this.root;
    const wasSettled = before !== NO_NODE && atMs - this.rootSinceMs > 2000;
    this.root = advert.root;
    this.rootSinceMs = atMs;
    this.feasibleBoot = 0;
    this.feasibleSequence = 0;
    this.feasibleCost = COST_NONE;
    this.parent = NO_NODE;
    this.challengeSinceMs = -1;
    this.events.push([wasSettled ? 'merged' : 'root-elected', this.root]);
    this.attach(record, true, atMs);
    if (!wasSettled) this.parentSinceMs -= this.profile.parentKeepMs - FIRST_KEEP_MS;
  }

  /** Makes this neighbour the parent, or takes over what the parent says now; `fresh` when its stamp is new to us. */
  private attach(record: NodeRecord, fresh: boolean, atMs: number): void {
    const advert = record.advert;
    if (advert === null) return;
    const cost = advert.cost + linkCost(record.linkDbm);
    const hops = advert.hops + 1;
    if (this.parent !== record.key) {
      if (this.lostSinceMs >= 0 && this.hadParent) this.events.push(['rejoined', record.key]);
      this.parent = record.key;
      this.parentSinceMs = atMs;
      this.hadParent = true;
      this.moved = true;
    }
    if (hops !== this.hops) this.sank = true;
    this.hops = hops;
    this.cost = cost;
    this.ancestors = advert.ancestors.slice();
    if (advert.parent !== NO_NODE) this.ancestors.unshift(tailOf(advert.parent));
    this.rootEpoch = advert.rootEpoch;
    this.rootScore = advert.rootScore;
    if (fresh) {
      this.rootBoot = advert.rootBoot;
      this.rootSequence = advert.rootSequence;
      this.rootNewsAtMs = atMs;
      this.table.confirmRoot(this.root, this.rootBoot, this.rootSequence, atMs);
    }
    this.noteFeasible();
    this.lostSinceMs = -1;
    this.listening = false;
  }

  /** Remembers the lowest cost ever held with the newest stamp. */
  private noteFeasible(): void {
    if (isNewer(this.rootBoot, this.rootSequence, this.feasibleBoot, this.feasibleSequence)) {
      this.feasibleBoot = this.rootBoot;
      this.feasibleSequence = this.rootSequence;
      this.feasibleCost = this.cost;
    } else if (this.cost < this.feasibleCost) this.feasibleCost = this.cost;
  }

  /** Looks for a (better) parent on the way to our root; true when there is a valid one now. */
  private selectParent(atMs: number): boolean {
    const present = this.table.get(this.parent);
    let valid = false;
    let bestCost = COST_NONE;
    if (present !== null && this.lostSinceMs < 0 && this.isParentSound(present)) {
      valid = true;
      const wavering = (this.cost - 32 * this.hops) >> 2;
      bestCost = this.cost - PARENT_MARGIN - (wavering < MOST_WAVERING ? wavering : MOST_WAVERING);
      if (WIFI_TREE && this.parent === this.preferred) return true;
      if (WIFI_TREE && atMs > this.holdUntilMs + HOLD_AGAIN_MS) this.holdUntilMs = atMs + HOLD_MS;
    }
    let best: NodeRecord | null = null;
    for (const record of this.table.list) {
      const advert = record.advert;
      if (advert === null || advert.root !== this.root || record.key === this.parent) continue;
      const cost = advert.cost + linkCost(record.linkDbm);
      const better =
        cost < bestCost || (cost === bestCost && best !== null && record.key < best.key);
      // Last what takes longest: this is asked ten times a second.
      if (!better || !this.isAcceptable(record)) continue;
      best = record;
      bestCost = cost;
    }
    if (best !== null) {
      this.attach(best, true, atMs);
      return true;
    }
    return valid;
  }

  /** Takes another parent on the way to our root; false when there is none, and the present one stays. */
  replaceParent(atMs: number): boolean {
    return this.isPlaced() && this.selectParent(atMs);
  }

  private isParentSound(record: NodeRecord): boolean {
    const advert = record.advert;
    return (
      advert !== null &&
      record.twoWay() &&
      !advert.lost &&
      advert.root === this.root &&
      advert.parent !== this.selfKey &&
      !advert.ancestors.includes(this.selfTail)
    );
  }

  /** The parent has lost its way: take another, or wait with it; our children do the same. */
  private strand(atMs: number): void {
    if (this.lostSinceMs < 0) {
      this.lostSinceMs = atMs;
      this.hops = HOPS_NONE;
      this.cost = COST_NONE;
      this.ancestors = [];
      this.moved = true;
    }
    this.selectParent(atMs);
  }

  /** The parent is gone, or is below us: take another, or wait for one. */
  loseParent(atMs: number): void {
    const old = this.parent;
    if (old === NO_NODE) return;
    this.parent = NO_NODE;
    this.events.push(['parent-lost', old]);
    this.moved = true;
    if (old === this.root) {
      this.loseRoot('root-lost', atMs);
      return;
    }
    this.strand(atMs);
    if (this.lostSinceMs >= 0) this.wantsAdverts = true;
  }

  /** The root is gone, or given up: no frame of it that we know counts any more. */
  loseRoot(event: string, atMs: number): void {
    if (this.root === NO_NODE) return;
    const lost = this.root;
    this.remember(lost);
    this.events.push([event, lost]);
    this.root = NO_NODE;
    this.parent = NO_NODE;
    this.hops = HOPS_NONE;
    this.cost = COST_NONE;
    this.ancestors = [];
    this.moved = true;
    this.wantsAdverts = true;
    this.lostSinceMs = atMs;
    this.challengeSinceMs = -1;
    this.candidateAtMs = atMs + this.candidateDelayMs();
    this.adoptBest(atMs);
  }

  private remember(key: string): void {
    let entry: DeadRoot | null = null;
    for (const dead of this.deadRoots) if (dead.key === key) entry = dead;
    if (entry === null) {
      if (this.deadRoots.length >= DEAD_ROOTS_KEPT) this.deadRoots.shift();
      entry = new DeadRoot(key);
      this.deadRoots.push(entry);
    }
    entry.boot = this.rootBoot;
    entry.sequence = this.rootSequence;
  }

  /** Takes the best root that any neighbour leads to. */
  private adoptBest(atMs: number): void {
    let best: NodeRecord | null = null;
    let bestRoot = NO_NODE;
    let bestScore = 0;
    let bestCost = COST_NONE;
    for (const record of this.table.list) {
      const advert = record.advert;
      if (advert === null || !this.isAcceptable(record)) continue;
      const cost = advert.cost + linkCost(record.linkDbm);
      const better =
        best === null ||
        rootBeats(advert.rootScore, advert.root, bestScore, bestRoot) ||
        (advert.root === bestRoot && cost < bestCost);
      if (better) {
        best = record;
        bestRoot = advert.root;
        bestScore = advert.rootScore;
        bestCost = cost;
      }
    }
    if (best !== null) this.adopt(best, atMs);
  }

  /** Short for the best-placed node around, longer for the others, so that mostly one offers itself. */
  private candidateDelayMs(): number {
    let rank = 0;
    const ownScore = this.ownScore();
    for (const record of this.table.list) {
      const advert = record.advert;
      if (advert === null || !record.twoWay()) continue;
      if (rootBeats(advert.score, record.key, ownScore, this.selfKey)) rank += 1;
    }
    const profile = this.profile;
    if (rank === 0) return profile.candidateLeastMs + this.jitter.below(100);
    return (
      profile.candidateLeastMs +
      profile.candidateSpreadMs +
      (rank < 5 ? rank : 5) * 60 +
      this.jitter.below(200)
    );
  }

  private becomeRoot(atMs: number): void {
    this.highestEpoch = (this.highestEpoch + 1) & 0xffff;
    this.root = this.selfKey;
    this.rootEpoch = this.highestEpoch;
    this.rootScore = this.ownScore();
    this.rootBoot = this.boot;
    this.rootSequence = 0;
    this.parent = NO_NODE;
    this.hops = 0;
    this.cost = 0;
    this.ancestors = [];
    this.rootSinceMs = atMs;
    this.lostSinceMs = -1;
    this.listening = false;
    this.challengeSinceMs = -1;
    this.hadParent = false;
    this.moved = true;
    this.events.push(['root-elected', this.selfKey]);
  }

  /** Our path is valid, but no newer stamp of the root came along it since `atMs`. */
  isStaleSince(atMs: number): boolean {
    return !this.isRoot() && this.isPlaced() && this.rootNewsAtMs <= atMs;
  }

  /** Called with each advert that we send as root: its counter is the stamp. */
  stamp(sequence: number): void {
    if (this.isRoot()) this.rootSequence = sequence;
  }

  /** Clockwork; a few times a second is enough. */
  tick(atMs: number): void {
    if (this.isRoot()) {
      const ownScore = this.ownScore();
      let grown = ownScore > this.rootScore + Math.floor(this.rootScore / 4) + 10;
      if (ROUTER) grown = this.hasNewSignal(ownScore, grown);
      if (grown && atMs - this.rootSinceMs > 10000) {
        this.highestEpoch = (this.highestEpoch + 1) & 0xffff;
        this.rootEpoch = this.highestEpoch;
        this.rootScore = ownScore;
        this.rootSinceMs = atMs;
        this.moved = true;
      }
      return;
    }
    if (this.root === NO_NODE) {
      if (atMs < this.candidateAtMs) return;
      if (this.listening) {
        this.listening = false;
        this.candidateAtMs = atMs + this.candidateDelayMs();
      } else this.becomeRoot(atMs);
      return;
    }
    if (this.table.isDead(this.root, this.rootBoot, this.rootSequence)) {
      this.loseRoot('root-lost', atMs);
      return;
    }
    const parentRecord = this.table.get(this.parent);
    if (parentRecord === null) this.loseParent(atMs);
    if (!this.isPlaced()) {
      if (this.root === NO_NODE) return;
      if (atMs - this.lostSinceMs > this.profile.orphanMs) this.loseRoot('root-lost', atMs);
      return;
    }
    if (atMs - this.rootNewsAtMs > this.profile.rootStaleMs) {
      this.loseRoot('root-silent', atMs);
      return;
    }
    if (atMs - this.parentSinceMs > this.profile.parentKeepMs) this.selectParent(atMs);
    this.challenge(atMs);
  }

  /** The root says anew how it hears the router when that changed, or what it is without one. */
  private hasNewSignal(ownScore: number, grown: boolean): boolean {
    const own = signalOf(ownScore);
    const said = signalOf(this.rootScore);
    if (own === 0 && said === 0) return grown;
    return own === 0 || said === 0 || Math.abs(own - said) >= SIGNAL_STEP_DB;
  }

  /** A node that stays much better placed than the root takes over, slowly, so that the root never flaps. */
  private challenge(atMs: number): void {
    const ownScore = this.ownScore();
    let better = ownScore > this.rootScore + Math.floor(this.rootScore / 2) + 40;
    let waitMs = this.profile.challengeMs;
    if (ROUTER) {
      const own = signalOf(ownScore);
      const known = signalOf(this.rootScore);
      if (own < 0 && known === 0) {
        better = true;
        // The best of those that found the router comes first.
        waitMs = FINDER_MS - 50 * own;
      } else if (known < 0) better = own < 0 && own >= known + SIGNAL_MARGIN_DB;
    }
    if (!better) this.challengeSinceMs = -1;
    else if (this.challengeSinceMs < 0) this.challengeSinceMs = atMs;
    else if (atMs - this.challengeSinceMs > waitMs) this.becomeRoot(atMs);
  }
}
