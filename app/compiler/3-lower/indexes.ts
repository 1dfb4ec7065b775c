import ts from 'typescript';
import { skipParentheses } from '../2-check/facts.ts';
import type { Context } from './context.ts';

/** What is known about an index before the program runs. */

/** The index counts a loop up to the length of what it reads: `for (let i = 0; i < a.length; i++) a[i]`. */
export function isCounted(node: ts.ElementAccessExpression, c: Context): boolean {
  const at = skipParentheses(node.argumentExpression);
  if (!ts.isIdentifier(at) || c.tools.ranges.of(at).lo < 0) return false;
  const variable = c.facts.variableOf(at);
  const loop = variable?.declaration.parent.parent;
  if (variable === undefined || loop === undefined || !ts.isForStatement(loop)) return false;
  const test = loop.condition;
  return (
    variable.writes.length === 1 &&
    test !== undefined &&
    ts.isBinaryExpression(test) &&
    test.operatorToken.kind === ts.SyntaxKind.LessThanToken &&
    test.left.getText() === at.text &&
    test.right.getText() === `${node.expression.getText()}.length`
  );
}

/** A place that no array has: a fraction, a negative number, its own length. Reading it is a mistake in every engine. */
export function isNowhere(node: ts.ElementAccessExpression, c: Context): boolean {
  const range = c.tools.ranges.of(node.argumentExpression);
  return (
    !range.whole ||
    range.hi < 0 ||
    node.argumentExpression.getText() === `${node.expression.getText()}.length`
  );
}

/**
 * `a[i - 1]`, `a[a.length - 2]`: the index may have become negative, which reads from the end in Python. An index that
 * is no subtraction is taken to be a place; `a[a.length - 1]` raises where there is none.
 */
export function mayBeNegative(node: ts.ElementAccessExpression, c: Context): boolean {
  const at = skipParentheses(node.argumentExpression);
  const range = c.tools.ranges.of(at);
  if (range.lo >= 0 || countsDown(at, c)) return false;
  if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.MinusToken) {
    const isLast =
      at.left.getText() === `${node.expression.getText()}.length` &&
      c.tools.constants.of(at.right) === 1;
    return !isLast && !isGuarded(node) && !isAboveZero(node, at, c);
  }
  return range.lo > UNKNOWN_BELOW;
}

/** `i > 0 && a[i - 1]`, `i >= 2 && a[i - 2]`. */
function isAboveZero(node: ts.Node, at: ts.BinaryExpression, c: Context): boolean {
  const by = c.tools.constants.of(at.right);
  if (typeof by !== 'number') return false;
  for (let inner = node; ts.isExpression(inner.parent); inner = inner.parent) {
    const parent = inner.parent;
    if (
      !ts.isBinaryExpression(parent) ||
      parent.right !== inner ||
      parent.operatorToken.kind !== ts.SyntaxKind.AmpersandAmpersandToken
    ) {
      continue;
    }
    const test = skipParentheses(parent.left);
    if (!ts.isBinaryExpression(test) || test.left.getText() !== at.left.getText()) continue;
    const least = c.tools.constants.of(test.right);
    if (typeof least !== 'number') continue;
    const kind = test.operatorToken.kind;
    if (kind === ts.SyntaxKind.GreaterThanToken && least + 1 >= by) return true;
    if (kind === ts.SyntaxKind.GreaterThanEqualsToken && least >= by) return true;
  }
  return false;
}

/** Lower bounds this far down come from what is not known, not from what the program does. */
const UNKNOWN_BELOW = -65536;

/** `for (let i = n; i >= 0; i--)`: inside, i is a place or beyond the end. */
function countsDown(at: ts.Expression, c: Context): boolean {
  if (!ts.isIdentifier(at)) return false;
  const variable = c.facts.variableOf(at);
  const loop = variable?.declaration.parent.parent;
  if (variable === undefined || loop === undefined || !ts.isForStatement(loop)) return false;
  const test = loop.condition;
  return (
    variable.writes.length === 1 &&
    test !== undefined &&
    ts.isBinaryExpression(test) &&
    test.left.getText() === at.text &&
    ((test.operatorToken.kind === ts.SyntaxKind.GreaterThanEqualsToken &&
      c.tools.ranges.of(test.right).lo >= 0) ||
      (test.operatorToken.kind === ts.SyntaxKind.GreaterThanToken &&
        c.tools.ranges.of(test.right).lo >= -1))
  );
}

/**
 * The program goes on with a missing element: the read is compared, kept in a variable that is compared with undefined,
 * or given to what takes undefined.
 */
export function mayBeMissing(node: ts.ElementAccessExpression, c: Context): boolean {
  if (isCounted(node, c)) return false;
  let use: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(use)) use = use.parent;
  if (ts.isNonNullExpression(use)) return false;
  if (ts.isBinaryExpression(use) && isEquality(use.operatorToken.kind)) {
    return !isGuarded(node) && !countsDown(skipParentheses(node.argumentExpression), c);
  }
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

/**
 * A condition around the read, or left of it in `&&` and `||`, speaks of the length of what is read: the program has
 * looked at the bounds.
 */
function isGuarded(node: ts.ElementAccessExpression): boolean {
  const length = `${node.expression.getText()}.length`;
  const owner = ts.findAncestor(node, ts.isFunctionLike) ?? node.getSourceFile();
  for (let at: ts.Node = node; at !== owner && at.parent !== undefined; at = at.parent) {
    const parent = at.parent;
    if (ts.isBinaryExpression(parent) && parent.right === at && speaks(parent.left, length)) {
      return true;
    }
    if (
      (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) &&
      parent.expression !== at &&
      speaks(parent.expression, length)
    ) {
      return true;
    }
    if (ts.isForStatement(parent) && parent.statement === at && parent.condition !== undefined) {
      if (speaks(parent.condition, length)) return true;
    }
    if (ts.isConditionalExpression(parent) && parent.condition !== at) {
      if (speaks(parent.condition, length)) return true;
    }
    if (ts.isBlock(parent)) {
      for (const statement of parent.statements) {
        if (statement === at) break;
        if (ts.isIfStatement(statement) && speaks(statement.expression, length)) return true;
      }
    }
  }
  return false;
}

/** The condition is, or joins by && and ||, a comparison by size that has the length on one side. */
function speaks(condition: ts.Expression, length: string): boolean {
  const node = skipParentheses(condition);
  if (ts.isPrefixUnaryExpression(node)) return speaks(node.operand, length);
  if (!ts.isBinaryExpression(node)) return false;
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
      return speaks(node.left, length) || speaks(node.right, length);
    case ts.SyntaxKind.LessThanToken:
    case ts.SyntaxKind.LessThanEqualsToken:
    case ts.SyntaxKind.GreaterThanToken:
    case ts.SyntaxKind.GreaterThanEqualsToken:
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return isLength(node.left, length) || isLength(node.right, length);
    default:
      return false;
  }
}

/** `a.length`, `a.length - 1`. */
function isLength(side: ts.Expression, length: string): boolean {
  const node = skipParentheses(side);
  if (node.getText() === length) return true;
  return (
    ts.isBinaryExpression(node) &&
    (node.operatorToken.kind === ts.SyntaxKind.PlusToken ||
      node.operatorToken.kind === ts.SyntaxKind.MinusToken) &&
    isLength(node.left, length)
  );
}
