import * as ts from 'typescript';
import { skipParentheses } from '../2-check/facts.ts';
import type { Range } from '../2-check/range.ts';
import type { Context } from './context.ts';

/**
 * Products beyond 2^53: JavaScript rounds them to 53 bits, Python keeps them all, and a 32-bit operator behind them shows
 * the difference (`(seed * 1103515245 + 12345) & 0x7fffffff`).
 *
 * Nothing is known of many a number. Such a number is taken for one of 32 bits beside a constant factor; other products of it
 * are taken to stay within 2^53, except below a 32-bit operator (`closely`), where the lowest bits are what is asked for.
 */

const EXACT = 2 ** 53;
const USUAL = 2 ** 32;

const magnitude = (range: Range): number => Math.max(Math.abs(range.lo), Math.abs(range.hi));

export function isWideProduct(a: Range, b: Range, closely: boolean): boolean {
  if (!a.whole || !b.whole) return false;
  const [left, right] = [magnitude(a), magnitude(b)];
  const unknown = (left >= EXACT ? 1 : 0) + (right >= EXACT ? 1 : 0);
  if (unknown === 2) return closely;
  if (unknown === 1 && !closely && a.lo !== a.hi && b.lo !== b.hi) return false;
  const least = unknown === 0 ? EXACT : USUAL;
  return Math.min(left, least) * Math.min(right, least) > EXACT;
}

/** A product that is rounded, or a sum with one. */
export function isWide(expression: ts.Expression, closely: boolean, c: Context): boolean {
  const node = skipParentheses(expression);
  if (!ts.isBinaryExpression(node) || c.tools.constants.of(node) !== undefined) return false;
  const kind = node.operatorToken.kind;
  if (kind === ts.SyntaxKind.AsteriskToken) {
    return isWideProduct(c.tools.ranges.of(node.left), c.tools.ranges.of(node.right), closely);
  }
  if (kind !== ts.SyntaxKind.PlusToken && kind !== ts.SyntaxKind.MinusToken) return false;
  return (
    c.tools.ranges.of(node).whole &&
    (isWide(node.left, closely, c) || isWide(node.right, closely, c))
  );
}
