import * as ts from 'typescript';

/**
 * Bounds of numbers and what the operators make of them.
 *
 *   NOTHING ⊂ [lo, hi] ⊂ ANY
 */

/** Inclusive bounds of a number that is a whole number; `whole` is false when it may have a fraction or be NaN. */
export interface Range {
  lo: number;
  hi: number;
  whole: boolean;
}

export const LIMIT = 2 ** 53;
export const ANY: Range = { lo: -LIMIT, hi: LIMIT, whole: true };
export const FRACTION: Range = { lo: -LIMIT, hi: LIMIT, whole: false };
export const INT32: Range = { lo: -(2 ** 31), hi: 2 ** 31 - 1, whole: true };
export const UINT32: Range = { lo: 0, hi: 2 ** 32 - 1, whole: true };
export const BYTE: Range = { lo: 0, hi: 255, whole: true };
export const LENGTH: Range = { lo: 0, hi: 2 ** 30, whole: true };
/** No value has been seen yet. */
export const NOTHING: Range = { lo: Infinity, hi: -Infinity, whole: true };

export const isNothing = (range: Range): boolean => range.lo > range.hi;

export const within = (inner: Range, outer: Range): boolean =>
  inner.whole && inner.lo >= outer.lo && inner.hi <= outer.hi;

export const make = (lo: number, hi: number, whole = true): Range => ({
  lo: Math.max(-LIMIT, lo),
  hi: Math.min(LIMIT, hi),
  whole,
});

export const union = (a: Range, b: Range): Range =>
  make(Math.min(a.lo, b.lo), Math.max(a.hi, b.hi), a.whole && b.whole);

/** Where a bound that keeps growing is put: it reaches the last after few steps. */
const STEPS = [0, 1, 31, 255, 65535, 2 ** 30, 2 ** 31 - 1, 2 ** 32 - 1, LIMIT];

export function widen(before: Range, after: Range): Range {
  const up = (bound: number): number => STEPS.find((step) => step >= bound) ?? LIMIT;
  return make(
    after.lo < before.lo ? (after.lo >= 0 ? 0 : -up(-after.lo)) : before.lo,
    after.hi > before.hi ? (after.hi <= 0 ? 0 : up(after.hi)) : before.hi,
    after.whole,
  );
}

/** Smallest 2^k - 1 that is at least `value`. */
const fill = (value: number): number => 2 ** Math.ceil(Math.log2(value + 1)) - 1;

/** Bounds of `a op b` for the bitwise operators, before any wrap to 32 bits. */
export function bitwiseRange(kind: ts.SyntaxKind, a: Range, b: Range): Range {
  switch (kind) {
    case ts.SyntaxKind.AmpersandToken:
      if (a.lo >= 0 && b.lo >= 0) return make(0, Math.min(a.hi, b.hi));
      if (a.lo >= 0) return make(0, a.hi);
      if (b.lo >= 0) return make(0, b.hi);
      return make(Math.min(a.lo, b.lo) * 2, Math.max(a.hi, b.hi));
    case ts.SyntaxKind.BarToken:
    case ts.SyntaxKind.CaretToken: {
      const top = fill(Math.max(a.hi, b.hi, -a.lo - 1, -b.lo - 1, 0));
      return make(a.lo >= 0 && b.lo >= 0 ? 0 : -top - 1, top);
    }
    case ts.SyntaxKind.LessThanLessThanToken: {
      const most = b.lo >= 0 && b.hi <= 31 ? b.hi : 31;
      return make(Math.min(0, a.lo * 2 ** most), Math.max(0, a.hi * 2 ** most));
    }
    default:
      return ANY;
  }
}

/** Bounds of `a op b`. */
export function operate(kind: ts.SyntaxKind, a: Range, b: Range): Range {
  if (isNothing(a) || isNothing(b)) return NOTHING;
  const whole = a.whole && b.whole;
  switch (kind) {
    case ts.SyntaxKind.PlusToken:
      return make(a.lo + b.lo, a.hi + b.hi, whole);
    case ts.SyntaxKind.MinusToken:
      return make(a.lo - b.hi, a.hi - b.lo, whole);
    case ts.SyntaxKind.AsteriskToken: {
      const all = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
      return make(Math.min(...all), Math.max(...all), whole);
    }
    case ts.SyntaxKind.SlashToken:
      return FRACTION;
    case ts.SyntaxKind.PercentToken: {
      // A fraction may come closer to the divisor than 1.
      const most = Math.max(Math.abs(b.lo), Math.abs(b.hi)) - (whole ? 1 : 0);
      if (b.lo <= 0 && b.hi >= 0 && most < 0) return ANY; // always by zero
      return make(
        a.lo >= 0 ? 0 : Math.max(a.lo, -most),
        a.hi <= 0 ? 0 : Math.min(a.hi, most),
        whole,
      );
    }
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return b.lo >= 0 ? make(a.lo >= 0 ? 0 : -LIMIT, LIMIT, whole) : FRACTION;
    case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken: {
      const top = within(a, UINT32) ? a.hi : UINT32.hi;
      return make(0, b.lo === b.hi ? Math.floor(top / 2 ** (b.lo & 31)) : top);
    }
    case ts.SyntaxKind.GreaterThanGreaterThanToken: {
      const from = within(a, INT32) ? a : INT32;
      const by = b.lo === b.hi ? 2 ** (b.lo & 31) : 1;
      const [lo, hi] = [Math.floor(from.lo / by), Math.floor(from.hi / by)];
      return b.lo === b.hi ? make(lo, hi) : make(Math.min(0, lo), Math.max(0, hi));
    }
    case ts.SyntaxKind.AmpersandToken:
    case ts.SyntaxKind.BarToken:
    case ts.SyntaxKind.CaretToken:
    case ts.SyntaxKind.LessThanLessThanToken: {
      const range = bitwiseRange(kind, a, b);
      return within(range, INT32) ? range : INT32;
    }
    case ts.SyntaxKind.QuestionQuestionToken:
    case ts.SyntaxKind.BarBarToken:
    case ts.SyntaxKind.AmpersandAmpersandToken:
      return union(a, b);
    default:
      return ANY;
  }
}

/** Math.floor, ceil, trunc and round of a / b; undefined where zero may divide. */
export function quotient(a: Range, b: Range): Range | undefined {
  if (isNothing(a) || isNothing(b)) return NOTHING;
  if (b.lo < 1 && !(b.lo > 0 && b.whole)) return undefined;
  return make(a.lo >= 0 ? 0 : Math.floor(a.lo / b.lo), a.hi <= 0 ? 0 : Math.ceil(a.hi / b.lo));
}
