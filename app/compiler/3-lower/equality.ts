import * as ts from 'typescript';
import { binary, isNone, isNotNone, name, not, type Expr } from '../python-ast.ts';
import { skipParentheses } from '../2-check/facts.ts';
import type { Context } from './context.ts';
import { indexOrUndefined } from './properties.ts';
import { isNullish, isObject, isPrimitive, parts } from './types.ts';

/** `===`: value equality for primitives, identity for objects, `is None` for null and undefined. */

const isNullLiteral = (node: ts.Expression): boolean =>
  node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === 'undefined');

export function lowerEquality(node: ts.BinaryExpression, equal: boolean, c: Context): Expr {
  const left = skipParentheses(node.left);
  const right = skipParentheses(node.right);
  const typeTest = lowerTypeof(left, right, c) ?? lowerTypeof(right, left, c);
  if (typeTest !== undefined) return equal ? typeTest : not(typeTest);
  if (isNullLiteral(right) || isNullLiteral(left)) {
    const tested = isNullLiteral(right) ? left : right;
    const literal = isNullLiteral(right) ? right : left;
    const type = c.type(tested);
    const wanted =
      literal.kind === ts.SyntaxKind.NullKeyword ? ts.TypeFlags.Null : ts.TypeFlags.Undefined;
    const other = wanted === ts.TypeFlags.Null ? ts.TypeFlags.Undefined : ts.TypeFlags.Null;
    if (
      parts(type).some((part) => (part.flags & wanted) !== 0) &&
      parts(type).some((part) => (part.flags & other) !== 0)
    ) {
      return c.refuse('null-or-undefined', node);
    }
    const value = indexOrUndefined(tested, c);
    return equal ? isNone(value) : isNotNone(value);
  }
  const leftType = c.type(left);
  const rightType = c.type(right);
  const [a, b] = c.operands([left, right]) as [Expr, Expr];
  if (isPrimitive(leftType, c.checker) && isPrimitive(rightType, c.checker)) {
    if (mixesBooleanAndNumber(leftType, rightType)) {
      const same = c.helper('same', a, b);
      return equal ? same : not(same);
    }
    return binary(equal ? '==' : '!=', a, b);
  }
  if (
    isObject(leftType, c.checker) ||
    isObject(rightType, c.checker) ||
    isNullish(leftType) ||
    isNullish(rightType)
  ) {
    return binary(equal ? 'is' : 'is not', a, b);
  }
  const same = c.helper('same', a, b);
  return equal ? same : not(same);
}

function mixesBooleanAndNumber(a: ts.Type, b: ts.Type): boolean {
  const flags = [...parts(a), ...parts(b)].reduce((sum, part) => sum | part.flags, 0);
  return (flags & ts.TypeFlags.BooleanLike) !== 0 && (flags & ts.TypeFlags.NumberLike) !== 0;
}

/** `typeof x === 'string'`. */
function lowerTypeof(left: ts.Expression, right: ts.Expression, c: Context): Expr | undefined {
  if (!ts.isTypeOfExpression(left) || !ts.isStringLiteralLike(right)) return undefined;
  const value = c.expression(left.expression);
  const is = (...types: string[]): Expr => ({
    k: 'call',
    of: name('isinstance'),
    args: [
      value,
      types.length === 1
        ? name(types[0] as string)
        : { k: 'tuple', items: types.map((type) => name(type)) },
    ],
  });
  switch (right.text) {
    case 'string':
      return is('str');
    case 'number':
      return is('int', 'float');
    case 'boolean':
      return is('bool');
    case 'undefined':
      return isNone(value);
    case 'function':
      return { k: 'call', of: name('callable'), args: [value] };
    case 'object':
      return c.helper('is_object', value);
    default:
      return c.refuse('unsupported-member', left, `typeof … === '${right.text}'`);
  }
}
