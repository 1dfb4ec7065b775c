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

/** A node in the root's picture. Places in the list of them stand for nodes. */
class Placed {
  readonly tail: number;
  readonly report: LinkReport | null;
  /** -1 the root's, and a candidate's. */
  up: number;
  depth: number;
  load = 0;
  limit: number;
  /** Nodes that it hears, and how well. */
  readonly near: number[] = [];
  readonly strength: number[] = [];

  constructor(tail: number, report: LinkReport | null, up: number, depth: number) {
    this.tail = tail;
    this.report = report;
    this.up = up;
    this.depth = depth;
    this.limit = report === null ? USUAL_LIMIT : report.limit;
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
    const grant = this.decide(rootTail, atMs);
    this.planAtMs = grant === null ? -1 : atMs + NEXT_MS;
    this.nodes = [];
    return grant;
  }

  private decide(rootTail: number, atMs: number): Grant | null {
    this.draw(rootTail);
    if (this.nodes.length === 0) return null;
    const nodes = this.nodes;
    for (let over = 0; over < nodes.length; over += 1) {
      if (nodes[over].load <= nodes[over].limit || this.hasPending()) continue;
      this.looks = 0;
      const move = this.relief(over, DEPTH);
      if (move !== null) return this.grant(move[0], move[1], true, atMs);
    }
    return this.place(atMs);
  }

  /** One move at a time: the next is decided on a tree that shows the last. */
  private hasPending(): boolean {
    return this.pending.length > 0;
  }

  /** Who is linked, walked down from the root, and behind them who seeks. */
  private draw(rootTail: number): void {
    const nodes: Placed[] = [];
    const placeOf: Map<number, number> = new Map();
    this.nodes = nodes;
    const root = this.reports.get(rootTail);
    if (root === undefined) return;
    nodes.push(new Placed(rootTail, root, -1, 0));
    placeOf.set(rootTail, 0);
    for (let at = 0; at < nodes.length; at += 1) {
      const report = nodes[at].report;
      if (report === null) continue;
      for (const child of report.children) {
        if (placeOf.has(child)) continue;
        placeOf.set(child, nodes.length);
        const known = this.reports.get(child) ?? null;
        nodes.push(new Placed(child, known, at, nodes[at].depth + 1));
        nodes[at].load += 1;
      }
    }
    for (const tail of Array.from(this.reports.keys())) {
      if (!placeOf.has(tail) && this.reports.size >= MOST_REPORTS) this.reports.delete(tail);
    }
    const linked = nodes.length;
    for (let at = 0; at < linked; at += 1) this.hear(at, placeOf);
    for (const one of this.pending) {
      const parent = placeOf.get(one.parent) ?? -1;
      if (parent >= 0) nodes[parent].load += 1;
    }
  }

  private hear(at: number, placeOf: Map<number, number>): void {
    const node = this.nodes[at];
    const report = node.report;
    if (report === null) return;
    const heard = report.heard;
    for (let next = 0; next < heard.length; next += HEARD_BYTES) {
      const tail = readU24(heard, next);
      const seeks = heard[next + 3] >= SEEKS;
      let place = placeOf.get(tail) ?? -1;
      if (place < 0) {
        if (!seeks) continue;
        place = this.nodes.length;
        placeOf.set(tail, place);
        this.nodes.push(new Placed(tail, null, -1, NOWHERE));
      } else if (this.nodes[place].depth === NOWHERE && !seeks) continue;
      node.near.push(place);
      node.strength.push(Math.floor((heard[next + 3] & 0x7f) / STRENGTH_STEP));
      // Whoever seeks reports nothing: that it hears us is what the neighbour has found out.
      if (this.nodes[place].depth === NOWHERE) this.nodes[place].near.push(at);
    }
  }

  /** The best pair of a candidate and a claimer with room; else a candidate for whom room can be made. */
  private place(atMs: number): Grant | null {
    const nodes = this.nodes;
    let bestParent = -1;
    let bestChild = -1;
    let bestRank = 0;
    for (let at = 0; at < nodes.length; at += 1) {
      const node = nodes[at];
      if (node.depth === NOWHERE || node.load >= node.limit) continue;
      for (let i = 0; i < node.near.length; i += 1) {
        const child = node.near[i];
        if (!this.isWaiting(child)) continue;
        const rank = (node.strength[i] * 256 + node.depth) * 16 + node.load;
        const better =
          bestParent < 0 ||
          rank < bestRank ||
          (rank === bestRank && node.tail < nodes[bestParent].tail);
        if (!better) continue;
        bestParent = at;
        bestChild = child;
        bestRank = rank;
      }
    }
    if (bestParent >= 0) return this.grant(bestChild, bestParent, false, atMs);
    return this.hasPending() ? null : this.makeRoom(atMs);
  }

  private isWaiting(place: number): boolean {
    const node = this.nodes[place];
    if (node.depth !== NOWHERE) return false;
    for (const one of this.pending) if (one.candidate === node.tail) return false;
    return true;
  }

  /** All who hear a candidate are full: it goes to one of them if that one can be relieved again. */
  private makeRoom(atMs: number): Grant | null {
    const nodes = this.nodes;
    this.looks = 0;
    for (let child = 0; child < nodes.length; child += 1) {
      if (!this.isWaiting(child)) continue;
      const candidate = nodes[child];
      for (const parent of candidate.near.slice()) {
        if (nodes[parent].limit === 0) continue;
        candidate.up = parent;
        nodes[parent].load += 1;
        const move = this.relief(parent, DEPTH);
        candidate.up = -1;
        nodes[parent].load -= 1;
        if (move !== null) return this.grant(child, parent, false, atMs);
      }
    }
    return null;
  }

  private isBelow(place: number, top: number): boolean {
    let at = place;
    for (let steps = 0; at >= 0 && steps <= this.nodes.length; steps += 1) {
      if (at === top) return true;
      at = this.nodes[at].up;
    }
    return false;
  }

  private shift(child: number, parent: number): void {
    const nodes = this.nodes;
    nodes[nodes[child].up].load -= 1;
    nodes[parent].load += 1;
    nodes[child].up = parent;
  }

  /** The first of at most `depth` moves after which `over` and everyone else is within its limit: [who, to whom]. */
  private relief(over: number, depth: number): number[] | null {
    for (let most = 1; most <= depth; most += 1) {
      const move = this.search(over, most);
      if (move !== null) return move;
    }
    return null;
  }

  private search(over: number, depth: number): number[] | null {
    const nodes = this.nodes;
    this.looks += 1;
    if (this.looks > MOST_LOOKS) return null;
    for (let child = 0; child < nodes.length; child += 1) {
      if (nodes[child].up !== over) continue;
      for (const to of nodes[child].near) {
        const target = nodes[to];
        if (to === over || target.limit === 0 || this.isBelow(to, child)) continue;
        if (target.up < 0 && to !== 0) continue;
        if (depth === 1) {
          if (target.load < target.limit) return [child, to];
          continue;
        }
        if (target.load < target.limit) continue;
        this.shift(child, to);
        const rest = this.search(to, depth - 1);
        this.shift(child, over);
        if (rest !== null) return [child, to];
      }
      if (depth > 1) {
        const turn = this.turn(child);
        if (turn !== null) return turn;
      }
    }
    return null;
  }

  /** Somebody below `top` with room has a way out of that subtree: it goes there, and the path from it up to `top` turns round. */
  private turn(top: number): number[] | null {
    const nodes = this.nodes;
    for (let low = 0; low < nodes.length; low += 1) {
      if (low === top || nodes[low].load >= nodes[low].limit || !this.isBelow(low, top)) continue;
      for (const to of nodes[low].near) {
        const target = nodes[to];
        if (target.load >= target.limit || this.isBelow(to, top)) continue;
        if (target.up < 0 && to !== 0) continue;
        return [low, to];
      }
    }
    return null;
  }

  private grant(child: number, parent: number, moves: boolean, atMs: number): Grant {
    const grant = new Grant();
    grant.moves = moves;
    grant.candidate = this.nodes[child].tail;
    for (let at = parent; at > 0; at = this.nodes[at].up) grant.route.unshift(this.nodes[at].tail);
    this.pending.push(new Pending(grant.candidate, this.nodes[parent].tail, atMs + GRANT_MS));
    return grant;
  }
}
