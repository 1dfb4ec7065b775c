import { readU24 } from '../wire/cells.ts';
import { Grant, HEARD_BYTES, type LinkReport, SEEKS } from '../wire/link-report.ts';
import { ALL_TRIED, FOUND, Move, NOWHERE, Picture, Placed } from './claims-picture.ts';

/** Linked nodes that the root places others at; their reports take about 150 bytes each. */
const MOST_REPORTS = 64;
/** A grant that has not led to a link after this is taken back. */
const GRANT_MS = 15000;
/** Reports are collected for so long, so that the best claimer is among them. */
export const WINDOW_MS = 600;
/** The next decision after one: the one before shows in what the nodes report by then. */
const NEXT_MS = 200;
/** RSSI counts in steps of so many dB: what differs less is the same link on another day. */
const STRENGTH_STEP = 8;
/** Children of a node that has not reported yet. */
const USUAL_LIMIT = 4;
/** Between two looks for a better arrangement where not all can be linked. */
const SEARCH_MS = 1000;
/** After one that did not come about, none is looked for; the time doubles up to the last. */
const SEARCH_AGAIN_MS = 60000;
const SEARCH_LAST_MS = 3600000;

class Pending {
  readonly grant: Grant;
  readonly parent: number;
  readonly untilMs: number;

  constructor(grant: Grant, parent: number, untilMs: number) {
    this.grant = grant;
    this.parent = parent;
    this.untilMs = untilMs;
  }
}

/**
 * The root's decisions who is linked to whom. Nodes with a link report their children and whom they hear; a node without one is
 * granted to the claimer that hears it best (then the one nearer to the root, then the one with fewer children, then the lower
 * tail of a MAC). When all who hear it are full, it is granted all the same if a child of that one, or of the next one, can be moved
 * to somebody else until nobody has too many: one move after the other, and after each of them the tree is whole.
 *
 * Where that is not enough, and putting somebody out lets in more than are put out, the arrangement that shows this becomes the goal,
 * and is reached from the root down: first the newcomers, at nodes that have one child too many for so long, then whoever has no place is
 * let go. So there are never fewer linked than before, and more when it is done: it cannot come back. Nodes without a link report, too,
 * along the logical tree, once they have sought in vain for a while: otherwise nobody would know who is behind them.
 */
export class Claims {
  /** When next() has something to look at; below 0: not before another report. */
  planAtMs = -1;
  private readonly reports: Map<number, LinkReport> = new Map();
  private pending: Pending[] = [];
  private placed: Map<number, Placed> = new Map();
  private picture: Picture = new Picture();
  /** Tails of nodes and of their parents to be. */
  private goal: Map<number, number> | null = null;
  /** A goal could not be reached: who came last where there are too many is let go. */
  private gaveUp = false;
  /** Where the search for another arrangement rests. */
  private tried = ALL_TRIED;
  /** Something came since the usual ways were found to lead nowhere. */
  private hasNews = false;
  private searchAtMs = 0;
  private searchGapMs = SEARCH_AGAIN_MS;

  /** This node is root from now on, or is not any more. */
  clear(): void {
    this.reports.clear();
    this.pending = [];
    this.planAtMs = -1;
    this.goal = null;
    this.gaveUp = false;
  }

  take(report: LinkReport, atMs: number): void {
    if (!this.reports.has(report.tail) && this.reports.size >= MOST_REPORTS) return;
    this.reports.set(report.tail, report);
    this.hasNews = true;
    this.pending = this.pending.filter(
      (one) =>
        one.parent !== report.tail ||
        report.children.includes(one.grant.candidate) === one.grant.releases,
    );
    if (this.planAtMs < 0) this.planAtMs = atMs + WINDOW_MS;
  }

  /** The next decision; null while there is none. */
  next(rootTail: number, atMs: number): Grant | null {
    if (this.planAtMs < 0 || atMs < this.planAtMs) return null;
    const open = this.pending.filter((one) => atMs < one.untilMs);
    if (open.length < this.pending.length) {
      this.hasNews = true;
      if (this.goal !== null) this.giveUp(atMs);
    }
    this.pending = open;
    this.draw(rootTail);
    let grant = this.goal === null ? null : this.follow(this.goal, atMs);
    if (this.goal === null) grant = this.decide(rootTail, atMs);
    if (grant !== null) this.planAtMs = atMs + NEXT_MS;
    else if (this.goal !== null || this.tried > 0) this.planAtMs = atMs + SEARCH_MS;
    else this.planAtMs = -1;
    this.picture = new Picture();
    this.placed = new Map();
    return grant;
  }

  private giveUp(atMs: number): void {
    this.goal = null;
    this.gaveUp = true;
    this.searchAtMs = atMs + this.searchGapMs;
    if (this.searchGapMs < SEARCH_LAST_MS) this.searchGapMs *= 2;
  }

  /** One move at a time: the next is decided on a tree that shows the last. */
  private decide(rootTail: number, atMs: number): Grant | null {
    const settled = this.pending.length === 0;
    const move = this.hasNews || !settled ? this.picture.step(settled) : null;
    if (move !== null) {
      this.tried = ALL_TRIED;
      return this.grant(move.child, move.parent, false, atMs);
    }
    if (!settled) return null;
    this.hasNews = false;
    const last = this.gaveUp ? this.whoGoes(null) : null;
    if (last !== null && last.up !== null) return this.grant(last, last.up, true, atMs);
    this.gaveUp = false;
    if (atMs < this.searchAtMs) return null;
    this.tried = this.picture.enlarge(this.tried);
    if (this.tried !== FOUND) return null;
    this.tried = ALL_TRIED;
    const goal: Map<number, number> = new Map();
    for (const node of this.picture.nodes) if (node.up !== null) goal.set(node.tail, node.up.tail);
    this.goal = goal;
    this.draw(rootTail);
    return this.follow(goal, atMs);
  }

  /** The next step on the way to the goal: to where there is room, else away from where there are too many, else to where there will be. */
  private follow(goal: Map<number, number>, atMs: number): Grant | null {
    if (this.pending.length > 0) return null;
    for (const tail of Array.from(goal.keys())) {
      if (this.placed.has(tail)) continue;
      this.giveUp(atMs);
      return null;
    }
    let tight: Move | null = null;
    for (const child of this.picture.nodes) {
      const parent = this.placed.get(goal.get(child.tail) ?? -1) ?? null;
      if (parent === null || child.up === parent) continue;
      if (!this.isThere(parent, goal)) continue;
      if (parent.hasRoom()) return this.grant(child, parent, false, atMs);
      const presses = child.up !== null && child.up.load > child.up.limit;
      if (parent.load === parent.limit && (tight === null || presses))
        tight = new Move(child, parent);
    }
    if (tight !== null) return this.grant(tight.child, tight.parent, false, atMs);
    const leaf = this.whoGoes(goal);
    if (leaf !== null && leaf.up !== null) return this.grant(leaf, leaf.up, true, atMs);
    this.goal = null;
    this.searchGapMs = SEARCH_AGAIN_MS;
    return null;
  }

  /** Whether this node and all above it are where the goal has them: who comes to it now stays there. */
  private isThere(node: Placed, goal: Map<number, number>): boolean {
    let at = node;
    while (at.up !== null) {
      if (goal.get(at.tail) !== at.up.tail) return false;
      at = at.up;
    }
    return at.depth === 0;
  }

  /** A leaf that is not in the goal, below a node with too many children; without a goal, the one that came last to such a node. */
  private whoGoes(goal: Map<number, number> | null): Placed | null {
    const nodes = this.picture.nodes;
    for (let i = nodes.length - 1; i > 0; i -= 1) {
      const leaf = nodes[i];
      if (leaf.load > 0 || (goal !== null && goal.has(leaf.tail))) continue;
      let at = leaf.up;
      while (at !== null) {
        if (at.load > at.limit) return leaf;
        at = goal === null ? null : at.up;
      }
    }
    return null;
  }

  /** Who is linked, walked down from the root, and behind them who seeks. */
  private draw(rootTail: number): void {
    const placed: Map<number, Placed> = new Map();
    this.placed = placed;
    this.picture = new Picture();
    const nodes = this.picture.nodes;
    if (!this.reports.has(rootTail)) return;
    this.put(rootTail, null, 0);
    for (let at = 0; at < nodes.length; at += 1) {
      const node = nodes[at];
      const report = this.reports.get(node.tail);
      if (report === undefined) continue;
      for (const child of report.children) {
        if (placed.has(child)) continue;
        this.put(child, node, node.depth + 1);
        node.load += 1;
      }
    }
    if (this.reports.size >= MOST_REPORTS) {
      for (const tail of Array.from(this.reports.keys()))
        if (!placed.has(tail)) this.reports.delete(tail);
    }
    // Who is heard by a node without a link comes behind it.
    for (let at = 0; at < nodes.length; at += 1) this.hear(nodes[at]);
    for (const one of this.pending) {
      const parent = placed.get(one.parent);
      if (parent !== undefined) parent.load += 1;
      const child = placed.get(one.grant.candidate);
      if (child !== undefined) child.isPending = true;
    }
  }

  private put(tail: number, up: Placed | null, depth: number): Placed {
    const report = this.reports.get(tail);
    const node = new Placed(tail, report === undefined ? USUAL_LIMIT : report.limit, up, depth);
    // Who lost its link has kept its children.
    if (depth === NOWHERE && report !== undefined) node.load = report.children.length;
    this.placed.set(tail, node);
    this.picture.nodes.push(node);
    return node;
  }

  private hear(node: Placed): void {
    const report = this.reports.get(node.tail);
    if (report === undefined) return;
    const heard = report.heard;
    for (let next = 0; next + HEARD_BYTES <= heard.length; next += HEARD_BYTES) {
      const tail = readU24(heard, next);
      const seeks = heard[next + 3] >= SEEKS;
      const strength = Math.floor((heard[next + 3] & 0x7f) / STRENGTH_STEP);
      let other = this.placed.get(tail) ?? null;
      if (other === null ? !seeks : other.depth === NOWHERE && !seeks) continue;
      // What is between a node with a link and one without is known from the former.
      if (other !== null && other.depth !== NOWHERE && node.depth === NOWHERE) continue;
      if (other === null) other = this.put(tail, null, NOWHERE);
      node.near.push(other);
      node.strength.push(strength);
      // Who seeks has not reported this, or not as the parent: that it hears us is what the neighbour has found out.
      if (other.depth === NOWHERE) {
        other.near.push(node);
        other.strength.push(strength);
      }
    }
  }

  private grant(child: Placed, parent: Placed, releases: boolean, atMs: number): Grant {
    const grant = new Grant();
    grant.moves = !releases && child.isLinked();
    grant.releases = releases;
    grant.candidate = child.tail;
    let at = parent;
    while (at.up !== null) {
      grant.route.unshift(at.tail);
      at = at.up;
    }
    this.pending.push(new Pending(grant, parent.tail, atMs + GRANT_MS));
    return grant;
  }
}
