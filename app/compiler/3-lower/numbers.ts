import * as ts from 'typescript';
import { skipParentheses } from '../2-check/facts.ts';
import { bitwiseRange, INT32, UINT32, within, type Range } from '../2-check/range.ts';
import { binary, call, number, type BinaryOperator, type Expr } from '../python-ast.ts';
import type { Context } from './context.ts';
import { isUnproven } from './indexes.ts';
import { isWide, isWideProduct } from './wide.ts';

/** Arithmetic and the 32-bit operators: the wrap is written only where the ranges cannot rule it out. */

const BITWISE: Partial<Record<ts.SyntaxKind, BinaryOperator>> = {
  [ts.SyntaxKind.AmpersandToken]: '&',
  [ts.SyntaxKind.BarToken]: '|',
  [ts.SyntaxKind.CaretToken]: '^',
  [ts.SyntaxKind.LessThanLessThanToken]: '<<',
};

/** A Python integer that agrees with the JavaScript value in its low 32 bits, and its bounds. */
interface Low {
  value: Expr;
  range: Range;
}

function lowOperand(node: ts.Expression, c: Context): () => Low {
  return () => low(node, c);
}

function low(expression: ts.Expression, c: Context): Low {
  const node = skipParentheses(expression);
  if (c.tools.constants.of(node) === undefined) {
    if (ts.isBinaryExpression(node)) {
      const kind = node.operatorToken.kind;
      if (BITWISE[kind] !== undefined) return bitwise(kind, node.left, node.right, c);
      if (kind === ts.SyntaxKind.PlusToken || kind === ts.SyntaxKind.MinusToken) {
        if (c.tools.ranges.of(node).whole && !readsUnproven(node, c)) return sum(kind, node, c);
      }
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.TildeToken) {
      const of = low(node.operand, c);
      return {
        value: { k: 'unary', op: '~', of: of.value },
        range: { lo: -of.range.hi - 1, hi: -of.range.lo - 1, whole: true },
      };
    }
  }
  const range = c.tools.ranges.of(node);
  const value = roundedProduct(node, c.expression(node), c);
  if (c.tools.specials.of(node) || readsUnproven(node, c)) {
    return { value: c.helper('to_int', value), range: { ...range, whole: true } };
  }
  return range.whole
    ? { value, range }
    : { value: call('int', value), range: { ...range, whole: true } };
}

/** A sum, difference or product with an element that may be missing: NaN, whose 32 bits are 0. */
function readsUnproven(expression: ts.Expression, c: Context): boolean {
  const node = skipParentheses(expression);
  if (!ts.isBinaryExpression(node) || isBitwise(node.operatorToken.kind)) return false;
  if (node.operatorToken.kind === ts.SyntaxKind.EqualsToken) return false;
  return [node.left, node.right].some((side) => {
    const one = skipParentheses(side);
    return ts.isElementAccessExpression(one) ? isUnproven(one, c) : readsUnproven(one, c);
  });
}

function lowPair(left: ts.Expression, right: ts.Expression, c: Context): [Low, Low] {
  const made: Low[] = [];
  const values = c.sequence(
    [lowOperand(left, c), lowOperand(right, c)].map((make) => () => {
      const one = make();
      made.push(one);
      return one.value;
    }),
  );
  return [
    { value: values[0] as Expr, range: (made[0] as Low).range },
    { value: values[1] as Expr, range: (made[1] as Low).range },
  ];
}

/** Below a 32-bit operator the lowest bits count, so a product of any two numbers is rounded as JavaScript does. */
function roundedProduct(node: ts.Expression, value: Expr, c: Context): Expr {
  return isWide(node, true, c) && !isWide(node, false, c) ? c.helper('nearest', value) : value;
}

function sum(kind: ts.SyntaxKind, node: ts.BinaryExpression, c: Context): Low {
  const [a, b] = lowPair(node.left, node.right, c);
  const of = plainSum(kind, a, b);
  return isWide(node, true, c) ? { ...of, value: c.helper('nearest', of.value) } : of;
}

function plainSum(kind: ts.SyntaxKind, a: Low, b: Low): Low {
  return kind === ts.SyntaxKind.PlusToken
    ? {
        value: binary('+', a.value, b.value),
        range: { lo: a.range.lo + b.range.lo, hi: a.range.hi + b.range.hi, whole: true },
      }
    : {
        value: binary('-', a.value, b.value),
        range: { lo: a.range.lo - b.range.hi, hi: a.range.hi - b.range.lo, whole: true },
      };
}

function bitwise(kind: ts.SyntaxKind, left: ts.Expression, right: ts.Expression, c: Context): Low {
  const op = BITWISE[kind] as BinaryOperator;
  if (kind === ts.SyntaxKind.LessThanLessThanToken) {
    const count = c.tools.ranges.of(right);
    const most = count.lo >= 0 && count.hi <= 31 ? count.hi : 31;
    const of = low(left, c);
    const wide = Math.max(Math.abs(of.range.lo), Math.abs(of.range.hi)) * 2 ** most >= 2 ** 53;
    const base: Low = wide
      ? { value: binary('&', of.value, number(0xffffffff)), range: UINT32 }
      : of;
    const { before, value: by } = c.apart(() => shiftCount(right, c));
    let kept = base.value;
    if (before.length > 0) {
      kept = c.keep(kept);
      c.before.push(...before);
    }
    return {
      value: binary('<<', kept, by),
      range: bitwiseRange(kind, base.range, { lo: 0, hi: most, whole: true }),
    };
  }
  const [a, b] = lowPair(left, right, c);
  if (op === '|' && isZero(b.value)) return a;
  return { value: binary(op, a.value, b.value), range: bitwiseRange(kind, a.range, b.range) };
}

const isZero = (value: Expr): boolean => value.k === 'number' && value.text === '0';

function shiftCount(node: ts.Expression, c: Context): Expr {
  const constant = c.tools.constants.of(node);
  if (typeof constant === 'number') return number(constant & 31);
  const range = c.tools.ranges.of(node);
  const value = c.expression(node);
  return within(range, { lo: 0, hi: 31, whole: true }) ? value : binary('&', value, number(31));
}

/** The value as JavaScript's signed 32-bit result. */
function signed(of: Low, c: Context): Expr {
  return within(of.range, INT32) ? of.value : c.helper('i32', of.value);
}

export function unsigned(node: ts.Expression, c: Context): Expr {
  const of = low(node, c);
  return within(of.range, UINT32) ? of.value : binary('&', of.value, number(0xffffffff));
}

/** The low eight bits, for a byte's place in an array. */
export function lowByte(node: ts.Expression, c: Context): Expr {
  const constant = c.tools.constants.of(node);
  if (typeof constant === 'number') return number(constant & 255);
  if (!c.tools.ranges.of(node).whole) return c.refuse('float-bytes', node);
  const of = low(node, c);
  return of.range.lo >= 0 && of.range.hi <= 255 ? of.value : binary('&', of.value, number(255));
}

export function isBitwise(kind: ts.SyntaxKind): boolean {
  return (
    BITWISE[kind] !== undefined ||
    kind === ts.SyntaxKind.GreaterThanGreaterThanToken ||
    kind === ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken
  );
}

export function lowerBitwise(
  kind: ts.SyntaxKind,
  left: ts.Expression,
  right: ts.Expression,
  c: Context,
): Expr {
  if (kind === ts.SyntaxKind.BarToken && c.tools.constants.of(right) === 0) {
    // x | 0 cuts off a fraction: a division of whole numbers stays with whole numbers.
    const node = skipParentheses(left);
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.SlashToken) {
      return signed({ value: truncatedDivision(node, c), range: c.tools.ranges.of(left) }, c);
    }
  }
  if (BITWISE[kind] !== undefined) return signed(bitwise(kind, left, right, c), c);
  const arithmetic = kind === ts.SyntaxKind.GreaterThanGreaterThanToken;
  const [of, by] = c.sequence([
    () => (arithmetic ? signed(low(left, c), c) : unsigned(left, c)),
    () => shiftCount(right, c),
  ]);
  return isZero(by as Expr) ? (of as Expr) : binary('>>', of as Expr, by as Expr);
}

export function lowerComplement(node: ts.PrefixUnaryExpression, c: Context): Expr {
  return signed(low(node, c), c);
}

/** Math.trunc(a / b) without floats. */
export function truncatedDivision(node: ts.BinaryExpression, c: Context): Expr {
  const a = c.tools.ranges.of(node.left);
  const b = c.tools.ranges.of(node.right);
  refuseZero(node, node.right, c);
  const [left, right] = c.operands([node.left, node.right]) as [Expr, Expr];
  if (!a.whole || !b.whole) return c.helper('trunc', quotient(left, right, b, c));
  if (a.lo >= 0 && b.lo > 0) return binary('//', left, right);
  return c.helper('div', left, right);
}

/** Math.floor(a / b): Python's own integer division. */
export function flooredDivision(node: ts.BinaryExpression, c: Context): Expr {
  const a = c.tools.ranges.of(node.left);
  const b = c.tools.ranges.of(node.right);
  refuseZero(node, node.right, c);
  const [left, right] = c.operands([node.left, node.right]) as [Expr, Expr];
  if (!isNeverZero(b)) return c.helper('floor_div', left, right);
  const value = binary('//', left, right);
  return a.whole && b.whole ? value : c.helper('trunc', value);
}

export const isNeverZero = (range: Range): boolean => range.lo > 0 || range.hi < 0;

/** A divisor that is written as zero is a mistake; one that happens to be gives Infinity or NaN, as in JavaScript. */
function refuseZero(node: ts.Node, divisor: ts.Expression, c: Context): void {
  if (c.tools.constants.of(divisor) === 0) c.refuse('division-by-zero', node, node.getText());
}

const quotient = (left: Expr, right: Expr, divisor: Range, c: Context): Expr =>
  isNeverZero(divisor) ? binary('/', left, right) : c.helper('quotient', left, right);

export function lowerArithmetic(
  kind: ts.SyntaxKind,
  leftNode: ts.Expression,
  rightNode: ts.Expression,
  c: Context,
): Expr {
  const a = c.tools.ranges.of(leftNode);
  const b = c.tools.ranges.of(rightNode);
  if (kind === ts.SyntaxKind.SlashToken || kind === ts.SyntaxKind.PercentToken) {
    refuseZero(rightNode.parent, rightNode, c);
  }
  const [left, right] = c.operands([leftNode, rightNode]) as [Expr, Expr];
  const value = arithmetic(kind, left, right, a, b, c);
  const wide =
    kind === ts.SyntaxKind.AsteriskToken
      ? isWideProduct(a, b, false)
      : (kind === ts.SyntaxKind.PlusToken || kind === ts.SyntaxKind.MinusToken) &&
        a.whole &&
        b.whole &&
        (isWide(leftNode, false, c) || isWide(rightNode, false, c));
  return wide ? c.helper('nearest', value) : value;
}

export function arithmetic(
  kind: ts.SyntaxKind,
  left: Expr,
  right: Expr,
  a: Range,
  b: Range,
  c: Context,
): Expr {
  switch (kind) {
    case ts.SyntaxKind.MinusToken:
      return binary('-', left, right);
    case ts.SyntaxKind.AsteriskToken:
      return binary('*', left, right);
    case ts.SyntaxKind.SlashToken:
      return quotient(left, right, b, c);
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return binary('**', left, right);
    case ts.SyntaxKind.PercentToken:
      return a.lo >= 0 && b.lo > 0 ? binary('%', left, right) : c.helper('rem', left, right);
    default:
      return binary('+', left, right);
  }
}
