import * as ts from 'typescript';
import { skipParentheses, type Facts, type Variable } from './facts.ts';
import { isNothing, make, type Range } from './range.ts';

/** The condition of `for (let i = 0; i < n; i++)` with no other assignment, which keeps i at n or below. */
export function counterTest(
  { declaration, writes }: Variable,
  facts: Facts,
): ts.BinaryExpression | undefined {
  if (!ts.isVariableDeclaration(declaration)) return undefined;
  const loop = declaration.parent.parent;
  if (!ts.isForStatement(loop) || loop.condition === undefined) return undefined;
  const test = skipParentheses(loop.condition);
  if (
    writes.length !== 1 ||
    loop.incrementor === undefined ||
    writes[0]?.parent !== loop.incrementor ||
    !ts.isBinaryExpression(test) ||
    !ts.isIdentifier(test.left) ||
    facts.symbolOf(test.left) !== facts.symbolOf(declaration.name)
  ) {
    return undefined;
  }
  return test;
}

/** What of the counter's bounds the test leaves. */
export function counterTop(
  test: ts.BinaryExpression,
  isDown: boolean,
  range: Range,
  limit: Range,
): Range {
  if (isNothing(range) || isNothing(limit)) return range;
  const kind = test.operatorToken.kind;
  if (isDown) {
    if (kind === ts.SyntaxKind.GreaterThanEqualsToken) {
      return make(Math.max(range.lo, limit.lo - 1), range.hi, range.whole);
    }
    if (kind === ts.SyntaxKind.GreaterThanToken) {
      return make(Math.max(range.lo, limit.lo), range.hi, range.whole);
    }
    return range;
  }
  const most = kind === ts.SyntaxKind.LessThanEqualsToken ? limit.hi + 1 : limit.hi;
  if (
    kind === ts.SyntaxKind.LessThanToken ||
    kind === ts.SyntaxKind.LessThanEqualsToken ||
    kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
  ) {
    return make(range.lo, Math.max(range.lo, Math.min(range.hi, most)), range.whole);
  }
  return range;
}
