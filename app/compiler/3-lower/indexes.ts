import * as ts from 'typescript';
import { compoundOperator } from '../2-check/uses.ts';
import type { Context } from './context.ts';
import { isBitwise } from './numbers.ts';
import { isArray, isBytes, isNumber, isString } from './types.ts';

/** What is known about an index before the program runs. */

/** A place that no array has: a fraction, a negative number, its own length. Reading it is a mistake in every engine. */
export function isNowhere(node: ts.ElementAccessExpression, c: Context): boolean {
  const range = c.tools.ranges.of(node.argumentExpression);
  const written = c.tools.constants.of(node.argumentExpression);
  return (
    !range.whole ||
    (typeof written === 'number' && written < 0) ||
    node.argumentExpression.getText() === `${node.expression.getText()}.length`
  );
}

/**
 * The helper for a read that may be behind the end, undefined where it is proven or does not matter. What JavaScript makes
 * of a missing number is NaN, or 0 in a 32-bit operator; a member of nothing is an error in both.
 */
export function checkedRead(
  node: ts.ElementAccessExpression,
  c: Context,
): 'at' | 'num_at' | 'low_at' | 'place' | undefined {
  if (!isUnproven(node, c)) return undefined;
  const use = useOf(node);
  const parent = use.parent;
  if (
    (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) &&
    parent.expression === use
  ) {
    return c.tools.ranges.of(node.argumentExpression).lo >= 0 ? undefined : 'place';
  }
  if (isNumber(c.type(node), c.checker)) {
    if (ts.isBinaryExpression(parent) && isBitwise(compoundOperator(parent.operatorToken.kind))) {
      return 'low_at';
    }
    if (ts.isPrefixUnaryExpression(parent) && parent.operator === ts.SyntaxKind.TildeToken) {
      return 'low_at';
    }
    return 'num_at';
  }
  return 'at';
}

/** Nothing shows that the index is a place of what it reads. */
export function isUnproven(node: ts.ElementAccessExpression, c: Context): boolean {
  const of = c.type(node.expression);
  if (!isArray(of, c.checker) && !isBytes(of, c.checker) && !isString(of, c.checker)) return false;
  return !c.tools.ranges.isPlace(node);
}

function useOf(node: ts.Node): ts.Node {
  let at = node;
  while (
    ts.isParenthesizedExpression(at.parent) ||
    ts.isNonNullExpression(at.parent) ||
    ts.isAsExpression(at.parent)
  ) {
    at = at.parent;
  }
  return at;
}

/**
 * The program goes on with a missing element: the read is compared, kept in a variable that is compared with undefined,
 * or given to what takes undefined.
 */
export function mayBeMissing(node: ts.ElementAccessExpression, c: Context): boolean {
  if (!isUnproven(node, c)) return false;
  let use: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(use)) use = use.parent;
  if (ts.isNonNullExpression(use)) return false;
  if (ts.isBinaryExpression(use) && isEquality(use.operatorToken.kind)) return true;
  if (ts.isVariableDeclaration(use) && use.initializer !== undefined) {
    const symbol = c.facts.symbolOf(use.name);
    const uses = symbol === undefined ? [] : (c.facts.uses.get(symbol) ?? []);
    if (uses.some(asksForNothing)) return true;
  }
  if (ts.isReturnStatement(use) || ts.isArrowFunction(use) || ts.isVariableDeclaration(use)) {
    const wanted = c.checker.getContextualType(node);
    return wanted !== undefined && takesUndefined(wanted);
  }
  return false;
}

const takesUndefined = (type: ts.Type): boolean =>
  (type.isUnion() ? type.types : [type]).some(
    (part) => (part.flags & ts.TypeFlags.Undefined) !== 0,
  );

const isEquality = (kind: ts.SyntaxKind): boolean =>
  kind === ts.SyntaxKind.EqualsEqualsEqualsToken ||
  kind === ts.SyntaxKind.ExclamationEqualsEqualsToken;

/** `x === undefined`, `x ?? other`, `x?.member`. */
function asksForNothing(node: ts.Node): boolean {
  const parent = node.parent;
  if (ts.isBinaryExpression(parent)) {
    const kind = parent.operatorToken.kind;
    if (kind === ts.SyntaxKind.QuestionQuestionToken) return parent.left === node;
    const other = parent.left === node ? parent.right : parent.left;
    return (
      isEquality(kind) &&
      (other.kind === ts.SyntaxKind.NullKeyword ||
        (ts.isIdentifier(other) && other.text === 'undefined'))
    );
  }
  return (
    (ts.isPropertyAccessExpression(parent) ||
      ts.isElementAccessExpression(parent) ||
      ts.isCallExpression(parent)) &&
    parent.questionDotToken !== undefined
  );
}
