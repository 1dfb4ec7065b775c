import type * as ts from 'typescript';
import { isNothing, NOTHING, union, widen, type Range } from './range.ts';

/** What a variable, parameter, field or function holds or gives back: a number, or bytes of some length. */
export type What = 'value' | 'length';

interface Holder {
  of: ts.Symbol | ts.Node;
  what: What;
  range: Range;
  changes: number;
  /** Whose bounds follow from this one's. */
  users: Set<Holder>;
  isWaiting: boolean;
}

const CHANGES_BEFORE_WIDENING = 4;
const ROUNDS_BACK = 2;

/**
 * Bounds that depend on each other, in circles too. Everything that one question needs grows from nothing until no giver adds
 * anything; what keeps growing is put to a far bound, and two rounds take back what was too much: every state of them is one
 * that no giver leaves.
 */
export class Fixpoint {
  private readonly holders = new Map<ts.Symbol | ts.Node, Map<What, Holder>>();
  private readonly settled = new Set<Holder>();
  private readonly evaluate: (of: ts.Symbol | ts.Node, what: What) => Range;
  private group: Set<Holder> | undefined;
  private open: Holder[] = [];
  private current: Holder | undefined;

  constructor(evaluate: (of: ts.Symbol | ts.Node, what: What) => Range) {
    this.evaluate = evaluate;
  }

  range(of: ts.Symbol | ts.Node, what: What): Range {
    const holder = this.holder(of, what);
    if (this.settled.has(holder)) return holder.range;
    if (this.group === undefined) {
      this.solve(holder);
      return holder.range;
    }
    if (this.current !== undefined) holder.users.add(this.current);
    if (!this.group.has(holder)) {
      this.group.add(holder);
      this.wait(holder);
    }
    return holder.range;
  }

  private holder(of: ts.Symbol | ts.Node, what: What): Holder {
    let kinds = this.holders.get(of);
    if (kinds === undefined) {
      kinds = new Map();
      this.holders.set(of, kinds);
    }
    let holder = kinds.get(what);
    if (holder === undefined) {
      holder = { of, what, range: NOTHING, changes: 0, users: new Set(), isWaiting: false };
      kinds.set(what, holder);
    }
    return holder;
  }

  private wait(holder: Holder): void {
    if (holder.isWaiting) return;
    holder.isWaiting = true;
    this.open.push(holder);
  }

  private solve(first: Holder): void {
    this.group = new Set([first]);
    this.wait(first);
    for (let one = this.open.pop(); one !== undefined; one = this.open.pop()) {
      one.isWaiting = false;
      const now = union(one.range, this.evaluated(one));
      if (isSame(now, one.range)) continue;
      one.changes += 1;
      one.range =
        one.changes > CHANGES_BEFORE_WIDENING && !isNothing(one.range)
          ? widen(one.range, now)
          : now;
      for (const user of one.users) this.wait(user);
    }
    for (let round = 0; round < ROUNDS_BACK; round++) {
      for (const one of this.group) {
        if (one.changes <= CHANGES_BEFORE_WIDENING) continue;
        const now = this.evaluated(one);
        if (now.lo >= one.range.lo && now.hi <= one.range.hi && now.whole === one.range.whole) {
          one.range = now;
        }
      }
    }
    for (const one of this.group) this.settled.add(one);
    this.group = undefined;
    this.open = [];
  }

  private evaluated(holder: Holder): Range {
    this.current = holder;
    const range = this.evaluate(holder.of, holder.what);
    this.current = undefined;
    return range;
  }
}

const isSame = (a: Range, b: Range): boolean =>
  a.lo === b.lo && a.hi === b.hi && a.whole === b.whole;
