import * as ts from 'typescript';
import type { Constants } from './constants.ts';
import { skipParentheses } from './facts.ts';

/** `left < right + atLeast` holds at a place, because of a condition. */
export interface Known {
  left: ts.Expression;
  right: ts.Expression;
  atLeast: number;
  /** What was found true or false, in which the two stand. */
  from: ts.Expression;
  /** The comparison was true; one that was false holds for numbers only, not for NaN. */
  isTrue: boolean;
  /** Holds only where this is the constant 0. */
  ifZero?: ts.Expression;
}

/** Of each step up from a node to its parent: the text alone says it, whatever the program is. */
const steps = new WeakMap<ts.Node, readonly Known[]>();

/** Comparisons that hold at `node`, because the way to it leads through them: if, while, for, &&, ||, ?: and early leaves. */
export function conditions(node: ts.Node, constants: Constants): Known[] {
  return written(node).filter((one) => isHolding(one, constants));
}

/** Those of them that compare the variable, or the chain of fields, that stands at `node` with something. */
export function conditionsOf(node: ts.Expression, constants: Constants): readonly Known[] {
  let known = own.get(node);
  if (known === undefined) {
    known = mayBePath(node)
      ? written(node).filter((one) => isAlike(one.left, node) || isAlike(one.right, node))
      : NONE;
    own.set(node, known);
  }
  return known.length === 0 ? known : known.filter((one) => isHolding(one, constants));
}

const own = new WeakMap<ts.Node, readonly Known[]>();

const isHolding = ({ ifZero }: Known, constants: Constants): boolean =>
  ifZero === undefined || constants.of(ifZero) === 0;

/** By the text alone. */
function written(node: ts.Node): Known[] {
  const found: Known[] = [];
  for (let at = node; at.parent !== undefined && !ts.isFunctionLike(at); at = at.parent) {
    let step = steps.get(at);
    if (step === undefined) {
      step = stepUp(at, at.parent);
      steps.set(at, step);
    }
    for (const one of step) found.push(one);
  }
  return found;
}

const mayBePath = (node: ts.Node): boolean =>
  ts.isIdentifier(node) ||
  ts.isPropertyAccessExpression(node) ||
  node.kind === ts.SyntaxKind.ThisKeyword;

/** The same names: what pathOf() finds to be one place is. */
function isAlike(a: ts.Expression, b: ts.Expression): boolean {
  const one = skipParentheses(a);
  const other = skipParentheses(b);
  if (ts.isPropertyAccessExpression(one)) {
    return (
      ts.isPropertyAccessExpression(other) &&
      one.name.text === other.name.text &&
      isAlike(one.expression, other.expression)
    );
  }
  if (ts.isIdentifier(one)) return ts.isIdentifier(other) && one.text === other.text;
  return one.kind === ts.SyntaxKind.ThisKeyword && other.kind === one.kind;
}

const NONE: readonly Known[] = [];

function stepUp(at: ts.Node, parent: ts.Node): readonly Known[] {
  const found: Known[] = [];
  if (ts.isBinaryExpression(parent) && parent.right === at) {
    const kind = parent.operatorToken.kind;
    if (kind === ts.SyntaxKind.AmpersandAmpersandToken) assume(parent.left, true, found);
    if (kind === ts.SyntaxKind.BarBarToken) assume(parent.left, false, found);
  } else if (ts.isIfStatement(parent) && parent.expression !== at) {
    assume(parent.expression, parent.thenStatement === at, found);
  } else if (ts.isWhileStatement(parent) && parent.statement === at) {
    assume(parent.expression, true, found);
  } else if (ts.isForStatement(parent) && parent.statement === at) {
    if (parent.condition !== undefined) assume(parent.condition, true, found);
  } else if (ts.isConditionalExpression(parent) && parent.condition !== at) {
    assume(parent.condition, parent.whenTrue === at, found);
  } else if (ts.isBlock(parent) || ts.isSourceFile(parent) || ts.isCaseOrDefaultClause(parent)) {
    for (const statement of parent.statements) {
      if (statement === at) break;
      if (ts.isIfStatement(statement)) {
        if (leaves(statement.thenStatement)) {
          assume(statement.expression, false, found);
        } else if (statement.elseStatement !== undefined && leaves(statement.elseStatement)) {
          assume(statement.expression, true, found);
        }
      } else if (ts.isWhileStatement(statement) && !hasBreak(statement.statement)) {
        assume(statement.expression, false, found);
      }
    }
  }
  return found.length === 0 ? NONE : found;
}

function hasBreak(node: ts.Node): boolean {
  if (ts.isBreakStatement(node)) return true;
  if (ts.isFunctionLike(node)) return false;
  return ts.forEachChild(node, (child) => hasBreak(child) || undefined) ?? false;
}

function leaves(statement: ts.Statement): boolean {
  if (ts.isIfStatement(statement)) {
    return (
      statement.elseStatement !== undefined &&
      leaves(statement.thenStatement) &&
      leaves(statement.elseStatement)
    );
  }
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  if (last === undefined) return false;
  if (last !== statement) return leaves(last);
  return (
    ts.isReturnStatement(last) ||
    ts.isThrowStatement(last) ||
    ts.isContinueStatement(last) ||
    ts.isBreakStatement(last)
  );
}

function assume(condition: ts.Expression, holds: boolean, found: Known[]): void {
  const node = skipParentheses(condition);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    assume(node.operand, !holds, found);
  }
  if (!ts.isBinaryExpression(node)) return;
  const { left, right } = node;
  const isTrue = holds || node.operatorToken.kind === ts.SyntaxKind.ExclamationEqualsEqualsToken;
  const less = (a: ts.Expression, b: ts.Expression, atLeast: number): void => {
    found.push({ left: a, right: b, atLeast, from: node, isTrue });
  };
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
      if (holds === (node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)) {
        assume(left, holds, found);
        assume(right, holds, found);
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
      } else if (/\.(length|size)$/.test(left.getText())) {
        found.push({ left: right, right: left, atLeast: 0, from: node, isTrue, ifZero: right });
      }
  }
}
