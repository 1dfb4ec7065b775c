/** Depth of a node without a link. */
export const NOWHERE = 255;
/** Moves that may be needed to make room for one node, and how many nodes are looked at for that: not measured on a board. */
const DEPTH = 4;
const MOST_LOOKS = 4000;
/** The same for one arrangement, and looks after which the search for another one rests until the next decision. */
const MOST_SETTLING = 2000;
const MOST_SPENT = 1000;
export const ALL_TRIED = 0;
export const FOUND = -1;

/** A node in the root's picture. */
export class Placed {
  readonly tail: number;
  /** Null of the root, and of a node without a link. */
  up: Placed | null;
  readonly depth: number;
  load = 0;
  readonly limit: number;
  /** It was granted to somebody, and has not come yet. */
  isPending = false;
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

  isLinked(): boolean {
    return this.up !== null || this.depth === 0;
  }

  isWaiting(): boolean {
    return !this.isLinked() && !this.isPending;
  }

  /** A child of `parent` from now on. */
  hang(parent: Placed | null): void {
    const before = this.up;
    if (before !== null) before.load -= 1;
    if (parent !== null) parent.load += 1;
    this.up = parent;
  }
}

export function isBelow(node: Placed, top: Placed): boolean {
  let at: Placed | null = node;
  while (at !== null) {
    if (at === top) return true;
    at = at.up;
  }
  return false;
}

export class Move {
  readonly child: Placed;
  readonly parent: Placed;

  constructor(child: Placed, parent: Placed) {
    this.child = child;
    this.parent = parent;
  }
}

/**
 * Who is linked to whom, who could be, and what should be changed. The root comes first, then the others that have a link, those above
 * before those below them, then those without.
 */
export class Picture {
  readonly nodes: Placed[] = [];
  private looks = 0;
  private most = MOST_LOOKS;
  /** The worst pair comes first instead of the best. */
  private isTurned = false;

  /** The next change; null when no other one lets anybody in without putting somebody out. `settled`: no grant is under way. */
  step(settled: boolean): Move | null {
    let isOver = false;
    for (const over of this.nodes) {
      if (over.load <= over.limit || !settled) continue;
      const move = this.relief(over);
      if (move !== null) return move;
      isOver = true;
    }
    return this.bestPair() ?? (settled && !isOver ? this.makeRoom() : null);
  }

  /** The best pair of a candidate and a claimer with room. */
  private bestPair(): Move | null {
    let best: Move | null = null;
    let bestRank = 0;
    for (const node of this.nodes) {
      if (!node.isLinked() || !node.hasRoom()) continue;
      this.looks += node.near.length;
      for (let i = 0; i < node.near.length; i += 1) {
        const child = node.near[i];
        if (child.up !== null || !child.isWaiting()) continue;
        const rank = (node.strength[i] * 256 + node.depth) * 16 + node.load;
        if (best !== null) {
          const isTie = rank === bestRank && node.tail >= best.parent.tail;
          if ((isTie || rank > bestRank) !== this.isTurned) continue;
        }
        best = new Move(child, node);
        bestRank = rank;
      }
    }
    return best;
  }

  /** All who hear a candidate are full: it goes to one of them if that one can be relieved again. */
  private makeRoom(): Move | null {
    for (const child of this.nodes) {
      if (!child.isWaiting()) continue;
      for (const parent of child.near.slice()) {
        if (parent.limit === 0 || !parent.isLinked()) continue;
        child.hang(parent);
        const move = this.relief(parent);
        child.hang(null);
        if (move !== null) return new Move(child, parent);
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
    return to.limit > 0 && to.isLinked() && !isBelow(to, top);
  }

  private search(over: Placed, depth: number): Move | null {
    this.looks += this.nodes.length;
    if (this.looks > this.most) return null;
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
    this.looks += this.nodes.length;
    for (const low of this.nodes) {
      if (low === top || !low.hasRoom() || !isBelow(low, top)) continue;
      for (const to of low.near)
        if (to.hasRoom() && this.isElsewhere(to, top)) return new Move(low, to);
    }
    return null;
  }

  /**
   * Looks for an arrangement in which more are linked than now: somebody is put out with all below it (or nobody is), somebody who waits
   * comes to one of those who hear it, full or not, and then everything goes on as ever. Where not all can be linked, two behind a node
   * that waits are worth more than the one whose place it takes. When its time is over it answers where it is, and goes on from there if
   * `tried` says so the next time. ALL_TRIED: there is none, or it begins; FOUND: this picture shows it now.
   */
  enlarge(tried: number): number {
    const before = this.linked();
    if (before === this.nodes.length) return ALL_TRIED;
    const count = this.nodes.length;
    const ups = this.ups();
    let skip = tried & 0x3ff;
    let spent = 0;
    for (let turn = tried >> 10; turn < 2 * count; turn += 1) {
      const out = this.nodes[turn % count];
      // Leaves come first; the root stands for nobody.
      const isLater = out.depth > 0 && out.load > 0;
      if (!out.isLinked() || isLater !== turn >= count) continue;
      if (out.depth > 0) this.putOut(out);
      const without = this.ups();
      let number = 0;
      spent += count;
      for (const child of this.nodes) {
        if (!child.isWaiting()) continue;
        for (const parent of child.near) {
          if (parent.limit === 0 || !parent.isLinked()) continue;
          number += 1;
          if (number <= skip) continue;
          if (spent >= MOST_SPENT) return turn * 1024 + number - 1;
          for (let order = 0; order < 2; order += 1) {
            this.isTurned = order === 1;
            child.hang(parent);
            spent += this.settle();
            if (this.linked() > before && !this.isOver()) return FOUND;
            this.restore(without);
          }
        }
      }
      skip = 0;
      this.restore(ups);
    }
    return ALL_TRIED;
  }

  /** All changes, one after the other; answers what it cost. */
  private settle(): number {
    this.looks = this.nodes.length;
    this.most = MOST_SETTLING;
    while (this.looks < this.most) {
      this.looks += 1;
      const move = this.step(true);
      if (move === null) break;
      move.child.hang(move.parent);
    }
    return this.looks;
  }

  private linked(): number {
    let count = 0;
    for (const node of this.nodes) if (node.isLinked()) count += 1;
    return count;
  }

  private isOver(): boolean {
    for (const node of this.nodes) if (node.load > node.limit) return true;
    return false;
  }

  private putOut(top: Placed): void {
    for (let i = this.nodes.length - 1; i > 0; i -= 1)
      if (isBelow(this.nodes[i], top)) this.nodes[i].hang(null);
  }

  private ups(): (Placed | null)[] {
    return this.nodes.map((node) => node.up);
  }

  private restore(ups: (Placed | null)[]): void {
    for (let i = 0; i < ups.length; i += 1) this.nodes[i].hang(ups[i]);
  }
}
