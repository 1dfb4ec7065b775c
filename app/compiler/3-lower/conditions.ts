import * as ts from 'typescript';
import { skipParentheses } from '../2-check/facts.ts';
import { binary, no, not, yes, type Expr } from '../python-ast.ts';
import type { Context } from './context.ts';
import { libName, parts } from './types.ts';

/** Conditions must be boolean (or boolean and nullish): everything else is judged differently by the two languages. */
export function lowerCondition(expression: ts.Expression, c: Context): Expr {
  const node = skipParentheses(expression);
  const constant = c.tools.constants.of(node);
  if (typeof constant === 'boolean') return constant ? yes : no;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return not(lowerCondition(node.operand, c));
  }
  if (ts.isBinaryExpression(node)) {
    const kind = node.operatorToken.kind;
    if (kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) {
      return logical(
        kind === ts.SyntaxKind.AmpersandAmpersandToken ? 'and' : 'or',
        node,
        lowerCondition,
        c,
      );
    }
    if (COMPARISONS.has(kind)) return c.expression(node);
  }
  const type = c.type(node);
  if (!judgedAlike(type, c)) return c.refuse('truthiness', node, c.checker.typeToString(type));
  return c.expression(node);
}

/** These give a boolean whatever they compare. */
const COMPARISONS = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
]);

const ALIKE =
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.Null |
  ts.TypeFlags.Undefined |
  ts.TypeFlags.Void |
  ts.TypeFlags.Never;

/** Instances of classes and functions are true in both languages; an empty dict is not. */
export function judgedAlike(type: ts.Type, c: Context): boolean {
  return parts(type).every((part) => (part.flags & ALIKE) !== 0 || isAlwaysTrue(part, c));
}

function isAlwaysTrue(type: ts.Type, c: Context): boolean {
  if ((type.flags & ts.TypeFlags.Object) === 0 || libName(type, c.checker) !== undefined)
    return false;
  if (type.getCallSignatures().length > 0) return true;
  const shapes = c.tools.shapes.shapesOf(type);
  return shapes.length > 0 && shapes.every((shape) => ts.isClassLike(shape));
}

/** `a && b`, `a || b`; the right side may need statements, which then run only when JavaScript would. */
export function logical(
  op: 'and' | 'or',
  node: ts.BinaryExpression,
  lowerSide: (node: ts.Expression, c: Context) => Expr,
  c: Context,
): Expr {
  const left = lowerSide(node.left, c);
  const { before, value: right } = c.apart(() => lowerSide(node.right, c));
  if (left === (op === 'and' ? no : yes)) return left;
  if (left === (op === 'and' ? yes : no)) {
    c.before.push(...before);
    return right;
  }
  if (before.length === 0) return binary(op, left, right);
  const kept = c.temporary();
  const target: Expr = { k: 'name', name: kept };
  c.before.push(
    c.assign(target, left),
    c.s({
      k: 'if',
      test: op === 'and' ? target : not(target),
      yes: [...before, c.assign(target, right)],
      no: [],
    }),
  );
  return target;
}
