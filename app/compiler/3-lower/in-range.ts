import ts from 'typescript';
import { skipParentheses } from '../2-check/facts.ts';
import type { Context } from './context.ts';
import { libName } from './types.ts';

/**
 * Proofs that an index is a place of what it reads: known sizes, loops that count up to the length, and conditions on the
 * way to the read. Both bounds must follow, and nothing in between may change the index or shorten the list.
 */

/** `text + plus`; a number alone has no text. */
interface Linear {
  text: string;
  plus: number;
}

function linear(expression: ts.Expression, c: Context): Linear {
  const node = skipParentheses(expression);
  const constant = c.tools.constants.of(node);
  if (typeof constant === 'number') return { text: '', plus: constant };
  if (ts.isBinaryExpression(node)) {
    const by = c.tools.constants.of(node.right);
    if (typeof by === 'number') {
      const left = linear(node.left, c);
      if (node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
        return { text: left.text, plus: left.plus + by };
      }
      if (node.operatorToken.kind === ts.SyntaxKind.MinusToken) {
        return { text: left.text, plus: left.plus - by };
      }
    }
  }
  if (ts.isPostfixUnaryExpression(node)) return { text: node.operand.getText(), plus: 0 };
  if (ts.isIdentifier(node)) {
    const declaration = c.facts.variableOf(node)?.declaration;
    const isConst =
      declaration !== undefined &&
      ts.isVariableDeclaration(declaration) &&
      (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
    const from = isConst ? declaration.initializer : undefined;
    if (from !== undefined && /\.length\b/.test(from.getText())) return linear(from, c);
  }
  return { text: node.getText(), plus: 0 };
}

/** The size that what is read has at least, whatever happens: bytes, tuples, text and lists that nothing changes. */
function leastSize(expression: ts.Expression, c: Context): number {
  const of = skipParentheses(expression);
  const text = c.tools.constants.of(of);
  if (typeof text === 'string') return text.length;
  const items = c.tools.ranges.itemsOf(of);
  if (items !== undefined) return items.length;
  const type = c.type(of);
  if (c.checker.isTupleType(type)) {
    return (type as ts.TupleTypeReference).target.minLength;
  }
  if (libName(type, c.checker) !== 'Uint8Array') return 0;
  const symbol = ts.isIdentifier(of)
    ? c.facts.symbolOf(of)
    : ts.isPropertyAccessExpression(of)
      ? c.checker.getSymbolAtLocation(of.name)
      : undefined;
  const values = symbol === undefined ? [] : (c.facts.values.get(symbol) ?? []);
  const sizes = values.map((one) => {
    if (one.kind !== 'expression') return 0;
    const made = skipParentheses(one.node);
    const given = ts.isNewExpression(made) ? made.arguments?.[0] : undefined;
    if (given === undefined || made.getText().startsWith('new Uint8Array') === false) return 0;
    const size = c.tools.constants.of(given);
    if (typeof size === 'number') return size;
    const literal = skipParentheses(given);
    const plain =
      ts.isArrayLiteralExpression(literal) && !literal.elements.some(ts.isSpreadElement);
    return plain ? literal.elements.length : 0;
  });
  return sizes.length === 0 ? 0 : Math.min(...sizes);
}

export function isInRange(
  of: ts.Expression,
  index: ts.Expression,
  node: ts.Node,
  c: Context,
): boolean {
  const range = c.tools.ranges.of(index);
  if (!range.whole || c.tools.specials.of(index)) return false;
  const size = leastSize(of, c);
  if (range.lo >= 0 && range.hi < size) return true;
  const length = `${skipParentheses(of).getText()}.length`;
  const at = linear(index, c);
  let isAbove = range.lo >= 0 || (at.text === '' && at.plus >= 0);
  let isBelow = range.hi < size || (at.text === length && at.plus < 0);
  if (countsDown(index, length, c)) isBelow = true;
  for (const { left, right, atLeast, from } of conditions(node, c)) {
    // left < right + atLeast, that is left - atLeast < right.
    const small = linear(left, c);
    const large = linear(right, c);
    const gap = large.plus - small.plus + atLeast; // small.text < large.text + gap
    if (!isUntouched(from, node, index, of, c)) continue;
    if (large.text === length && small.text === at.text && at.plus + gap <= 0) isBelow = true;
    if (large.text === length && small.text === '' && range.hi < 1 - gap) isBelow = true;
    // small.text === '': 0 < large.text + gap, so large.text >= 1 - gap.
    if (small.text === '' && large.text === at.text && at.plus >= gap - 1) isAbove = true;
    if (small.text === '' && large.text === length && at.text === length && at.plus >= gap - 1) {
      isAbove = true;
    }
    if (isAbove && isBelow) return true;
  }
  return isAbove && isBelow;
}

/** `for (let i = a.length - 1; …; i--)`. */
function countsDown(index: ts.Expression, length: string, c: Context): boolean {
  const node = skipParentheses(index);
  const variable = ts.isIdentifier(node) ? c.facts.variableOf(node) : undefined;
  const declaration = variable?.declaration;
  if (variable === undefined || declaration === undefined) return false;
  if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return false;
  const from = linear(declaration.initializer, c);
  const values = c.facts.values.get(variable.symbol) ?? [];
  return (
    from.text === length &&
    from.plus < 0 &&
    values.every((one) => one.kind === 'expression' || (one.kind === 'step' && one.by < 0)) &&
    values.filter((one) => one.kind === 'expression').length === 1
  );
}

/** `left < right + atLeast` holds at the node, because of a condition that ends at `from`. */
interface Known {
  left: ts.Expression;
  right: ts.Expression;
  atLeast: number;
  from: ts.Expression;
}

function conditions(node: ts.Node, c: Context): Known[] {
  const found: Known[] = [];
  const owner = ts.findAncestor(node, ts.isFunctionLike) ?? node.getSourceFile();
  for (let at: ts.Node = node; at !== owner && at.parent !== undefined; at = at.parent) {
    const parent = at.parent;
    if (ts.isBinaryExpression(parent) && parent.right === at) {
      const kind = parent.operatorToken.kind;
      if (kind === ts.SyntaxKind.AmpersandAmpersandToken) assume(parent.left, true, found, c);
      if (kind === ts.SyntaxKind.BarBarToken) assume(parent.left, false, found, c);
    } else if (ts.isIfStatement(parent) && parent.expression !== at) {
      assume(parent.expression, parent.thenStatement === at, found, c);
    } else if (ts.isWhileStatement(parent) && parent.statement === at) {
      assume(parent.expression, true, found, c);
    } else if (ts.isForStatement(parent) && parent.statement === at) {
      if (parent.condition !== undefined) assume(parent.condition, true, found, c);
    } else if (ts.isConditionalExpression(parent) && parent.condition !== at) {
      assume(parent.condition, parent.whenTrue === at, found, c);
    } else if (ts.isBlock(parent) || ts.isSourceFile(parent) || ts.isCaseOrDefaultClause(parent)) {
      for (const statement of parent.statements) {
        if (statement === at) break;
        if (ts.isIfStatement(statement) && leaves(statement.thenStatement)) {
          assume(statement.expression, false, found, c);
        }
      }
    }
  }
  return found;
}

function leaves(statement: ts.Statement): boolean {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  return (
    last !== undefined &&
    (ts.isReturnStatement(last) ||
      ts.isThrowStatement(last) ||
      ts.isContinueStatement(last) ||
      ts.isBreakStatement(last))
  );
}

function assume(condition: ts.Expression, holds: boolean, found: Known[], c: Context): void {
  const node = skipParentheses(condition);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    assume(node.operand, !holds, found, c);
  }
  if (!ts.isBinaryExpression(node)) return;
  const { left, right } = node;
  const less = (a: ts.Expression, b: ts.Expression, atLeast: number): void => {
    found.push({ left: a, right: b, atLeast, from: condition });
  };
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
      if (holds === (node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)) {
        assume(left, holds, found, c);
        assume(right, holds, found, c);
      }
      break;
    case ts.SyntaxKind.LessThanToken:
      if (holds) less(left, right, 0);
      else less(right, left, 1);
      break;
    case ts.SyntaxKind.LessThanEqualsToken:
      if (holds) less(left, right, 1);
      else less(right, left, 0);
      break;
    case ts.SyntaxKind.GreaterThanToken:
      if (holds) less(right, left, 0);
      else less(left, right, 1);
      break;
    case ts.SyntaxKind.GreaterThanEqualsToken:
      if (holds) less(right, left, 1);
      else less(left, right, 0);
      break;
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      if (holds === (node.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken)) {
        less(left, right, 1);
        less(right, left, 1);
      } else if (c.tools.constants.of(right) === 0 && /\.(length|size)$/.test(left.getText())) {
        less(right, left, 0);
      }
  }
}

/** From the condition on to the read, the index keeps its value and the list its length. */
function isUntouched(
  from: ts.Node,
  node: ts.Node,
  index: ts.Expression,
  of: ts.Expression,
  c: Context,
): boolean {
  // A loop around the read but not around the condition may have come round in between.
  let loop: ts.Node | undefined;
  for (let at = node.parent; at !== undefined && !contains(at, from); at = at.parent) {
    if (ts.isIterationStatement(at, false)) loop = at;
  }
  const end = Math.max(loop?.end ?? 0, node.getStart());
  const around = ts.findAncestor(from, ts.isForStatement);
  const step =
    around?.condition !== undefined && contains(around.condition, from)
      ? around.incrementor
      : undefined;
  const isBetween = (one: ts.Node): boolean =>
    !(step !== undefined && contains(step, one)) &&
    one.getStart() > from.end &&
    one.getStart() < end &&
    !contains(node, one);
  const names: ts.Identifier[] = [];
  const collect = (one: ts.Node): void => {
    if (ts.isIdentifier(one)) names.push(one);
    ts.forEachChild(one, collect);
  };
  collect(index);
  collect(of);
  for (const one of names) {
    const variable = c.facts.variableOf(one);
    if (
      variable?.writes.some(
        (write) => write.getSourceFile() === node.getSourceFile() && isBetween(write),
      )
    ) {
      return false;
    }
  }
  const source = node.getSourceFile().text;
  const between = source.slice(from.end, end);
  const list = skipParentheses(of).getText();
  return !SHRINKS.some((one) => between.includes(`${list}.${one}`));
}

const SHRINKS = ['pop(', 'shift(', 'splice(', 'length ='];

const contains = (outer: ts.Node, inner: ts.Node): boolean =>
  outer.pos <= inner.pos && inner.end <= outer.end;
