import { WIFI_TREE } from '../features.ts';
import {
  type AppFrame,
  type AppFrameName,
  NEXT_EVERYONE,
  TAKEN_MOST,
} from '../wire/app-message.ts';
import { NO_NODE, tailOf } from '../wire/cells.ts';
import { Jitter } from './jitter.ts';
import type { NodeRecord } from './node-record.ts';
import type { NodeTable } from './node-table.ts';
import { isTreeNeighbour, nextHop } from './route.ts';
import type { Tree } from './tree.ts';

/** Frames on their way through this node; of these, its own may take fewer, so that it still passes on others'. */
const MOST_CARRIED = 16;
const MOST_OWN = 12;
/** Frames remembered as taken: more than can be sent again within the time that a hop is tried. */
const MOST_SEEN = 64;
/** Between two of our frames: the driver's queue is short, and the mesh's own frames come first. */
const GAP_MS = 8;
/**
 * A frame that nobody confirmed is sent again after these times, or later where neighbours take longer to confirm one: sent again
 * too soon, frames make slow neighbours slower. The way is chosen anew each time.
 */
const AGAIN_MS: readonly number[] = [90, 140, 250, 500, 900];
/** No neighbour is believed to need longer than this. */
const MOST_REPLY_MS = 800;
/** From this try on along the tree only: a direct neighbour may hear worse than its link promised. */
const DIRECT_TRIES = 2;
/** Neighbours that all have something to say about one frame spread it over this time. */
const SPREAD_MS = 24;
/** Who hears a message to all past the tree waits so long before passing it on: the parent mostly spares it. */
const ASIDE_MS = 40;

/** A frame that some neighbours still have to take. */
class Carried {
  readonly frame: AppFrame;
  readonly name: string;
  /** Who brought it, '' when it is our own. */
  readonly from: string;
  waiting: string[];
  tries = 0;
  nextAtMs: number;
  firstAtMs = 0;

  constructor(frame: AppFrame, from: string, waiting: string[], atMs: number) {
    this.frame = frame;
    this.name = frame.text();
    this.from = from;
    this.waiting = waiting;
    this.nextAtMs = atMs;
  }
}

/**
 * Passes frames of applications' messages on, hop by hop: one neighbour after the other takes a frame, and who has not been
 * heard to take it is sent it again. A frame that cannot be passed on is not taken, so whoever brought it keeps it and tries
 * another way. Works on authenticated frames of proven neighbours only.
 */
export class MessageRelay {
  /** Frames of others passed on, and frames given up: nobody took them. */
  relayed = 0;
  dropped = 0;
  /** How often the frame taken last has been sent, this time included. */
  tries = 0;

  private readonly selfKey: string;
  private readonly selfTail: number;
  private readonly table: NodeTable;
  private readonly tree: Tree;
  private readonly jitter: Jitter;
  private readonly carried: Carried[] = [];
  private readonly seen: string[] = [];
  private taken: AppFrameName[] = [];
  private takenAtMs = 0;
  private gapAtMs = 0;
  /** From sending a frame to hearing that it was taken, smoothed. */
  private replyMs = 0;

  constructor(selfKey: string, table: NodeTable, tree: Tree) {
    this.selfKey = selfKey;
    this.selfTail = tailOf(selfKey);
    this.table = table;
    this.tree = tree;
    this.jitter = new Jitter(this.selfTail & 0xffff);
  }

  /** Room for so many more frames of our own. */
  hasRoom(count: number): boolean {
    return this.carried.length + count <= MOST_OWN;
  }

  /** Sends a frame of our own; the caller asked hasRoom(). The frame's bytes are kept. */
  originate(frame: AppFrame, atMs: number): void {
    const waiting = this.targets(frame, NO_NODE, 0);
    if (frame.isToAll() && waiting.length === 0) return;
    this.carried.push(new Carried(frame, NO_NODE, waiting, atMs));
  }

  /** The neighbours that must take the frame next; none when there is no way on. */
  private targets(frame: AppFrame, from: string, tries: number): string[] {
    if (!frame.isToAll()) {
      const direct = tries < DIRECT_TRIES;
      const next = nextHop(this.table, this.tree, frame.destination, direct);
      return next === NO_NODE || next === from ? [] : [next];
    }
    const keys: string[] = [];
    for (const record of this.table.list) {
      if (record.key === from || record.key === frame.origin) continue;
      if (isTreeNeighbour(this.table, record)) keys.push(record.key);
    }
    return keys;
  }

  /**
   * A frame from a neighbour; its bytes may be a view. `hasInbox` false: what is for this node alone cannot be kept now.
   * Answers true when this node has to take the message for itself, for the first time.
   */
  receive(from: NodeRecord, frame: AppFrame, hasInbox: boolean, atMs: number): boolean {
    const name = frame.text();
    this.settle(name, from.key, atMs);
    if (frame.origin === this.selfKey) return false;
    const toAll = frame.isToAll();
    if (!toAll && frame.nextTail !== this.selfTail) return false;
    const answers = !toAll || isTreeNeighbour(this.table, from);
    if (this.seen.includes(name)) {
      if (answers) this.confirm(frame, toAll, atMs);
      return false;
    }
    const mine = frame.destination === this.selfKey;
    let passesOn = false;
    if (mine) {
      if (!hasInbox) return false;
    } else {
      const waiting = frame.hopsLeft > 1 ? this.targets(frame, from.key, 0) : [];
      passesOn = waiting.length > 0;
      if (passesOn ? this.carried.length >= MOST_CARRIED : !toAll) return false;
      if (passesOn) {
        frame.hopsLeft -= 1;
        frame.bytes = frame.bytes.slice();
        let waitMs = toAll ? this.jitter.below(SPREAD_MS) : 0;
        if (!answers) waitMs += ASIDE_MS;
        this.carried.push(new Carried(frame, from.key, waiting, atMs + waitMs));
      }
    }
    if (this.seen.length >= MOST_SEEN) this.seen.shift();
    this.seen.push(name);
    if (!passesOn && answers) this.confirm(frame, toAll, atMs);
    return mine || toAll;
  }

  /** The same for a frame that came over a link: whether it was taken is answered there, not on the air. */
  receiveLinked(from: NodeRecord, frame: AppFrame, hasInbox: boolean, atMs: number): boolean {
    const before = this.taken.length;
    const isOurs = this.receive(from, frame, hasInbox, atMs);
    this.taken.splice(before, this.taken.length - before);
    return isOurs;
  }

  /** Whether we have taken this frame: it need not be sent to us again. */
  hasTaken(frame: AppFrame): boolean {
    return this.seen.includes(frame.text());
  }

  /** Tells the neighbours with our next frame that we have this one. */
  private confirm(name: AppFrameName, spread: boolean, atMs: number): void {
    if (this.taken.length >= TAKEN_MOST) return;
    if (this.taken.length === 0 || !spread)
      this.takenAtMs = spread ? atMs + this.jitter.below(SPREAD_MS) : atMs;
    this.taken.push(name);
  }

  /** A neighbour says which frames it has. */
  receiveTaken(from: string, names: readonly AppFrameName[], atMs: number): void {
    for (const name of names) this.settle(name.text(), from, atMs);
  }

  /** `key` has that frame: it need not be sent there. */
  private settle(name: string, key: string, atMs: number): void {
    for (let i = 0; i < this.carried.length; i += 1) {
      const one = this.carried[i];
      if (one.name !== name) continue;
      if (!one.waiting.includes(key)) return;
      if (one.tries > 0) this.learn(atMs - one.firstAtMs);
      one.waiting = one.waiting.filter((other) => other !== key);
      if (one.waiting.length > 0) return;
      this.carried.splice(i, 1);
      if (one.from === NO_NODE) return;
      if (one.tries === 0) this.confirm(one.frame, true, atMs);
      return;
    }
  }

  /** What was sent more than once may have been lost before: the time is too long then, never too short. */
  private learn(tookMs: number): void {
    const known = tookMs < MOST_REPLY_MS ? tookMs : MOST_REPLY_MS;
    this.replyMs += (known - this.replyMs) >> 2;
  }

  /** How long to wait before a frame is sent once more. */
  private againMs(tries: number): number {
    const slowMs = this.replyMs + (this.replyMs >> 1);
    return (AGAIN_MS[tries] > slowMs ? AGAIN_MS[tries] : slowMs) + this.jitter.below(SPREAD_MS);
  }

  /** Names of frames to confirm now, null when there are none. */
  takeTaken(atMs: number): AppFrameName[] | null {
    if (this.taken.length === 0 || atMs < this.takenAtMs) return null;
    const names = this.taken;
    this.taken = [];
    return names;
  }

  /** The frame to send now, null when there is none. */
  takeFrame(atMs: number): AppFrame | null {
    if (this.carried.length === 0 || atMs < this.gapAtMs) return null;
    for (let i = 0; i < this.carried.length; i += 1) {
      const one = this.carried[i];
      if (atMs < one.nextAtMs) continue;
      if (one.tries >= AGAIN_MS.length) {
        this.carried.splice(i, 1);
        this.dropped += 1;
        return null;
      }
      this.chooseWay(one);
      if (one.waiting.length === 0 && one.frame.isToAll()) {
        this.carried.splice(i, 1);
        return null;
      }
      one.nextAtMs = atMs + this.againMs(one.tries);
      if (one.tries === 0) one.firstAtMs = atMs;
      one.tries += 1;
      if (one.waiting.length === 0) continue;
      const frame = one.frame;
      frame.nextTail = frame.isToAll() ? NEXT_EVERYONE : tailOf(one.waiting[0]);
      if (one.from !== NO_NODE && one.tries === 1) this.relayed += 1;
      this.gapAtMs = atMs + GAP_MS;
      if (WIFI_TREE) this.tries = one.tries;
      return frame;
    }
    return null;
  }

  /** Who must take it now: the tree may have changed since the last try. */
  private chooseWay(one: Carried): void {
    if (one.tries === 0) return;
    const targets = this.targets(one.frame, one.from, one.tries);
    if (one.frame.isToAll()) one.waiting = one.waiting.filter((key) => targets.includes(key));
    else one.waiting = targets;
  }

  /** When there will be something to take; later than any other time when there is nothing. */
  wakeAtMs(idleMs: number): number {
    let wake = this.taken.length > 0 && this.takenAtMs < idleMs ? this.takenAtMs : idleMs;
    for (const one of this.carried) if (one.nextAtMs < wake) wake = one.nextAtMs;
    return wake;
  }
}
