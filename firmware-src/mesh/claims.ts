import { readU24 } from '../wire/cells.ts';
import { Grant, HEARD_BYTES, type LinkReport, SEEKS } from '../wire/link-report.ts';

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
/** Moves that may be needed to make room for one node, and how many are looked at: a decision may take 30 ms, not more. */
const DEPTH = 4;
const MOST_LOOKS = 400;
/** Children of a node that has not reported yet. */
const USUAL_LIMIT = 4;

class Pending {
  readonly candidate: number;
  readonly parent: number;
  readonly untilMs: number;

  constructor(candidate: number, parent: number, untilMs: number) {
    this.candidate = candidate;
    this.parent = parent;
    this.untilMs = untilMs;
  }
}

/** Depth of a candidate. */
const NOWHERE = 255;

/** A node in the root's picture. */
class Placed {
  readonly tail: number;
  /** Null of the root, and of a candidate. */
  up: Placed | null;
  readonly depth: number;
  load = 0;
  readonly limit: number;
  /** Nodes that it hears, and how well. */
  readonly near: Placed[] = [];
  readonly strength: number[] = [];

  constructor(tail: number, limit: number, up: Placed | null, depth: number) {
    this.tail = tail;
    this.limit = limit;
    this.up = up;
    this.depth = depth;
  }

  hasRoom(): boolean {
    return this.load < this.limit;
  }

  /** A child of `parent` from now on. */
  hang(parent: Placed | null): void {
    const before = this.up;
    if (before !== null) before.load -= 1;
    if (parent !== null) parent.load += 1;
    this.up = parent;
  }
}

function isBelow(node: Placed, top: Placed): boolean {
  let at: Placed | null = node;
  while (at !== null) {
    if (at === top) return true;
    at = at.up;
  }
  return false;
}

class Move {
  readonly child: Placed;
  readonly parent: Placed;

  constructor(child: Placed, parent: Placed) {
    this.child = child;
    this.parent = parent;
  }
}

/**
 * The root's decisions who is linked to whom. Nodes with a link report their children and whom they hear; a node without one is
 * granted to the claimer that hears it best (then the one nearer to the root, then the one with fewer children, then the lower
 * tail of a MAC). When all who hear it are full, it is granted all the same if a child of that one, or of the next one, can be moved
 * to somebody else until nobody has too many: one move after the other, and after each of them the tree is whole.
 */
export class Claims {
  private readonly reports: Map<number, LinkReport> = new Map();
  private pending: Pending[] = [];
  private planAtMs = -1;
  private nodes: Placed[] = [];
  private looks = 0;

  /** This node is root from now on, or is not any more. */
  clear(): void {
    this.reports.clear();
    this.pending = [];
    this.planAtMs = -1;
  }

  take(report: LinkReport, atMs: number): void {
    if (!this.reports.has(report.tail) && this.reports.size >= MOST_REPORTS) return;
    this.reports.set(report.tail, report);
    this.pending = this.pending.filter(
      (one) => one.parent !== report.tail || !report.children.includes(one.candidate),
    );
    if (this.planAtMs < 0) this.planAtMs = atMs + WINDOW_MS;
  }

  /** The next decision; null while there is none. */
  next(rootTail: number, atMs: number): Grant | null {
    if (this.planAtMs < 0 || atMs < this.planAtMs) return null;
    this.pending = this.pending.filter((one) => atMs < one.untilMs);
    this.draw(rootTail);
    const grant = this.decide(atMs);
    this.planAtMs = grant === null ? -1 : atMs + NEXT_MS;
    this.nodes = [];
    return grant;
  }

  /** One move at a time: the next is decided on a tree that shows the last. */
  private decide(atMs: number): Grant | null {
    const settled = this.pending.length === 0;
    for (const over of this.nodes) {
      if (over.load <= over.limit || !settled) continue;
      this.looks = 0;
      const move = this.relief(over);
      if (move !== null) return this.grant(move.child, move.parent, true, atMs);
    }
    const best = this.bestPair();
    if (best !== null) return this.grant(best.child, best.parent, false, atMs);
    return settled ? this.makeRoom(atMs) : null;
  }

  /** Who is linked, walked down from the root, and behind them who seeks. */
  private draw(rootTail: number): void {
    const nodes: Placed[] = [];
    const placed: Map<number, Placed> = new Map();
    this.nodes = nodes;
    const root = this.reports.get(rootTail);
    if (root === undefined) return;
    this.put(rootTail, null, 0, placed);
    for (let at = 0; at < nodes.length; at += 1) {
      const node = nodes[at];
      const report = this.reports.get(node.tail);
      if (report === undefined) continue;
      for (const child of report.children) {
        if (placed.has(child)) continue;
        this.put(child, node, node.depth + 1, placed);
        node.load += 1;
      }
    }
    if (this.reports.size >= MOST_REPORTS) {
      for (const tail of Array.from(this.reports.keys()))
        if (!placed.has(tail)) this.reports.delete(tail);
    }
    for (const node of nodes.slice()) this.hear(node, placed);
    for (const one of this.pending) {
      const parent = placed.get(one.parent);
      if (parent !== undefined) parent.load += 1;
    }
  }

  private put(tail: number, up: Placed | null, depth: number, placed: Map<number, Placed>): Placed {
    const report = depth === NOWHERE ? undefined : this.reports.get(tail);
    const node = new Placed(tail, report === undefined ? USUAL_LIMIT : report.limit, up, depth);
    placed.set(tail, node);
    this.nodes.push(node);
    return node;
  }

  private hear(node: Placed, placed: Map<number, Placed>): void {
    const report = this.reports.get(node.tail);
    if (report === undefined) return;
    const heard = report.heard;
    for (let next = 0; next + HEARD_BYTES <= heard.length; next += HEARD_BYTES) {
      const tail = readU24(heard, next);
      const strength = heard[next + 3];
      let other = placed.get(tail) ?? null;
      if (strength < SEEKS && (other === null || other.depth === NOWHERE)) continue;
      if (other === null) other = this.put(tail, null, NOWHERE, placed);
      node.near.push(other);
      node.strength.push(Math.floor((strength & 0x7f) / STRENGTH_STEP));
      // Whoever seeks reports nothing: that it hears us is what the neighbour has found out.
      if (other.depth === NOWHERE) other.near.push(node);
    }
  }

  /** The best pair of a candidate and a claimer with room. */
  private bestPair(): Move | null {
    let best: Move | null = null;
    let bestRank = 0;
    for (const node of this.nodes) {
      if (node.depth === NOWHERE || !node.hasRoom()) continue;
      for (let i = 0; i < node.near.length; i += 1) {
        const child = node.near[i];
        if (!this.isWaiting(child)) continue;
        const rank = (node.strength[i] * 256 + node.depth) * 16 + node.load;
        if (best !== null && rank > bestRank) continue;
        if (best !== null && rank === bestRank && node.tail >= best.parent.tail) continue;
        best = new Move(child, node);
        bestRank = rank;
      }
    }
    return best;
  }

  private isWaiting(node: Placed): boolean {
    if (node.depth !== NOWHERE) return false;
    for (const one of this.pending) if (one.candidate === node.tail) return false;
    return true;
  }

  /** All who hear a candidate are full: it goes to one of them if that one can be relieved again. */
  private makeRoom(atMs: number): Grant | null {
    this.looks = 0;
    for (const child of this.nodes) {
      if (!this.isWaiting(child)) continue;
      for (const parent of child.near.slice()) {
        if (parent.limit === 0) continue;
        child.hang(parent);
        const move = this.relief(parent);
        child.hang(null);
        if (move !== null) return this.grant(child, parent, false, atMs);
      }
    }
    return null;
  }

  /** The first of as few moves as possible after which `over` and everyone else is within its limit. */
  private relief(over: Placed): Move | null {
    for (let most = 1; most <= DEPTH; most += 1) {
      const move = this.search(over, most);
      if (move !== null) return move;
    }
    return null;
  }

  /** Whether a node from below `top` could be moved there. */
  private isElsewhere(to: Placed, top: Placed): boolean {
    return to.limit > 0 && (to.up !== null || to.depth === 0) && !isBelow(to, top);
  }

  private search(over: Placed, depth: number): Move | null {
    this.looks += 1;
    if (this.looks > MOST_LOOKS) return null;
    for (const child of this.nodes) {
      if (child.up !== over) continue;
      for (const to of child.near) {
        if (to === over || to.hasRoom() !== (depth === 1) || !this.isElsewhere(to, child)) continue;
        if (depth === 1) return new Move(child, to);
        child.hang(to);
        const rest = this.search(to, depth - 1);
        child.hang(over);
        if (rest !== null) return new Move(child, to);
      }
      const turn = depth > 1 ? this.turn(child) : null;
      if (turn !== null) return turn;
    }
    return null;
  }

  /** Somebody below `top` with room has a way out of that subtree: it goes there, and the path from it up to `top` turns round. */
  private turn(top: Placed): Move | null {
    for (const low of this.nodes) {
      if (low === top || !low.hasRoom() || !isBelow(low, top)) continue;
      for (const to of low.near)
        if (to.hasRoom() && this.isElsewhere(to, top)) return new Move(low, to);
    }
    return null;
  }

  private grant(child: Placed, parent: Placed, moves: boolean, atMs: number): Grant {
    const grant = new Grant();
    grant.moves = moves;
    grant.candidate = child.tail;
    let at = parent;
    while (at.up !== null) {
      grant.route.unshift(at.tail);
      at = at.up;
    }
    this.pending.push(new Pending(child.tail, parent.tail, atMs + GRANT_MS));
    return grant;
  }
}
