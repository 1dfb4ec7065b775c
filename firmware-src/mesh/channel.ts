/**
 * The channel that the mesh is on. Only a network with a router moves (S1-40): the router's channel becomes everybody's.
 *
 *   order -> told by everyone, three times, with the time that is left -> all tune at that moment
 *
 * Whoever missed it is left behind with others or alone, and ends up below a root of its own. Such a root, and every root that does
 * not hold the router, calls on the other channels, one for half a second at a time, and goes home in between: there it sends nothing
 * but one question, and listens only to trees that beat its own. Having found one, it takes its own tree there by a move. So
 * the worse of two parts always comes to the better one, whoever finds whom, and the two cannot change places.
 */
import type { Advert } from '../wire/advert.ts';
import { encodeMove, type Move } from '../wire/move.ts';
import type { Jitter } from './jitter.ts';
import { rootBeats, type Tree } from './tree.ts';

/** From the order to the moment: leaves each of 24 hops its turn, and a lost frame its repetition. */
const LEAD_MS = 4000;
const TELLS = 3;
const TELL_GAP_MS = 300;
/** A visit: the question, an answer within 250 ms, and another one's. */
const VISIT_MS = 500;
const CHANNELS: readonly number[] = [1, 6, 11, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13];
/** Between two visits, with nobody at home and with somebody; doubled after each round of all channels, up to the slowest. */
const ALONE_GAP_MS = 700;
const GAP_MS = 4000;
const SLOWEST_ALONE_MS = 10000;
const SLOWEST_MS = 60000;
/** A new root first waits for what is on its own channel. */
const SETTLE_MS = 3000;

/** A channel that the mesh moved to is kept for the next start once it has lasted so long. */
const KEEP_MS = 60000;

export class MeshChannel {
  /** Of the mesh, as far as this node knows. */
  current: number;
  /** The channel of the credentials, and others where the mesh was or the router is: visited first. */
  readonly likely: number[];
  /** The channel that is being visited, 0 none. */
  visiting = 0;
  /** The mesh moved, and nobody has asked for it yet; the owner resets it. */
  moved = false;

  private readonly selfKey: string;
  private readonly tree: Tree;
  private readonly jitter: Jitter;
  private wanted = 0;
  private moveTo = 0;
  private moveAtMs = 0;
  private moveRoot = '';
  private tells = 0;
  private tellAtMs = 0;
  private asks = false;
  private visitAtMs = -1;
  private visitEndMs = 0;
  private turn = 0;
  private gapMs = 0;
  private wasAlone = false;
  private movedAtMs = -1;

  /** `channels`: where to begin first. */
  constructor(selfKey: string, tree: Tree, jitter: Jitter, channels: readonly number[]) {
    this.selfKey = selfKey;
    this.tree = tree;
    this.jitter = jitter;
    this.current = channels[0];
    this.likely = channels.slice();
  }

  /** The radio shall be on this channel, now. */
  tune(channel: number): void {
    this.wanted = channel;
  }

  /** Settles on this channel, alone or with whoever is there. */
  settle(channel: number, atMs: number): void {
    if (this.current !== channel && !this.likely.includes(channel)) this.likely.push(channel);
    if (this.current !== channel) {
      this.moved = true;
      this.movedAtMs = atMs;
    }
    this.current = channel;
    this.visiting = 0;
    this.moveTo = 0;
    this.gapMs = 0;
    this.wanted = channel;
  }

  /** A channel for the driver, 0 none. */
  takeTune(): number {
    const wanted = this.wanted;
    this.wanted = 0;
    return wanted;
  }

  /** The channel to store, once after each move; 0 none. */
  takeKept(atMs: number): number {
    if (this.movedAtMs < 0 || atMs - this.movedAtMs < KEEP_MS || !this.tree.isPlaced()) return 0;
    this.movedAtMs = -1;
    return this.current;
  }

  isMoving(): boolean {
    return this.moveTo !== 0;
  }

  /** On the mesh's channel, with nothing under way. */
  isHome(): boolean {
    return this.visiting === 0 && this.moveTo === 0;
  }

  /** Takes this node's tree to another channel. */
  order(channel: number, atMs: number): void {
    this.plan(channel, atMs + LEAD_MS, this.selfKey, atMs);
  }

  private plan(channel: number, moveAtMs: number, root: string, atMs: number): void {
    this.moveTo = channel;
    this.moveAtMs = moveAtMs;
    this.moveRoot = root;
    this.tells = TELLS;
    this.tellAtMs = atMs + this.jitter.below(60);
  }

  /** A proven neighbour says that the mesh moves: ours, if it is our parent, or of our tree, or we have none. */
  hear(move: Move, from: string, atMs: number): void {
    const tree = this.tree;
    if (this.moveTo !== 0 || this.visiting !== 0 || move.channel === this.current) return;
    if (move.inMs > LEAD_MS || move.root === this.selfKey) return;
    if (tree.isPlaced() && from !== tree.parent && move.root !== tree.root) return;
    this.plan(move.channel, atMs + move.inMs, move.root, atMs);
  }

  /** The announcement to send now, or null. */
  takeMove(atMs: number): Uint8Array | null {
    if (this.tells === 0 || this.moveTo === 0 || atMs < this.tellAtMs) return null;
    this.tells -= 1;
    this.tellAtMs = atMs + TELL_GAP_MS + this.jitter.below(200);
    const left = this.moveAtMs - atMs;
    return encodeMove(this.moveTo, left > 0 ? left : 0, this.moveRoot);
  }

  /** The one question of a visit is due. */
  takeAsk(): boolean {
    const asks = this.asks && this.wanted === 0;
    if (asks) this.asks = false;
    return asks;
  }

  /** On a visit, only full adverts of a tree that beats ours count. */
  counts(advert: Advert | null): boolean {
    if (this.visiting === 0) return true;
    if (advert === null || advert.base >= 0 || advert.lost) return false;
    const tree = this.tree;
    return rootBeats(advert.rootScore, advert.root, tree.rootScore, tree.root);
  }

  /** `searches`: this node is a root that does not hold the router; `alone`: nobody else is present. */
  tick(searches: boolean, alone: boolean, atMs: number): void {
    if (this.moveTo !== 0) {
      if (atMs >= this.moveAtMs) this.settle(this.moveTo, atMs);
    } else if (this.visiting !== 0) {
      const found = !this.tree.isRoot();
      if (atMs >= this.visitEndMs || found) this.endVisit(found, atMs);
    } else if (!searches) this.visitAtMs = -1;
    else if (this.visitAtMs < 0) {
      this.gapMs = 0;
      this.turn = 0;
      this.visitAtMs = atMs + SETTLE_MS;
    } else if (atMs >= this.visitAtMs) {
      if (alone && !this.wasAlone) this.gapMs = 0;
      this.wasAlone = alone;
      this.visit(alone, atMs);
    }
  }

  private visit(alone: boolean, atMs: number): void {
    const likely = this.likely;
    const count = likely.length + CHANNELS.length;
    if (this.gapMs === 0) this.gapMs = alone ? ALONE_GAP_MS : GAP_MS;
    for (;;) {
      if (this.turn >= count) {
        this.turn = 0;
        const slowest = alone ? SLOWEST_ALONE_MS : SLOWEST_MS;
        this.gapMs = this.gapMs * 2 < slowest ? this.gapMs * 2 : slowest;
      }
      const at = this.turn;
      this.turn += 1;
      const channel = at < likely.length ? likely[at] : CHANNELS[at - likely.length];
      if (channel === this.current || (at >= likely.length && likely.includes(channel))) continue;
      this.visiting = channel;
      break;
    }
    this.visitEndMs = atMs + VISIT_MS;
    this.visitAtMs = atMs + VISIT_MS + this.gapMs + this.jitter.below(300);
    this.asks = true;
    this.tune(this.visiting);
  }

  /** With a better tree found there: alone we stay, else we fetch the others. */
  private endVisit(found: boolean, atMs: number): void {
    const channel = this.visiting;
    this.visiting = 0;
    this.asks = false;
    if (found && this.wasAlone) this.settle(channel, atMs);
    else {
      this.tune(this.current);
      if (found) this.order(channel, atMs);
    }
  }
}
