import * as ts from 'typescript';
import { isAssignmentOperator, skipParentheses } from '../2-check/facts.ts';
import {
  binary,
  conditional,
  isNone,
  isNotNone,
  name,
  no,
  not,
  number,
  type BinaryOperator,
  type Expr,
  type Stmt,
} from '../python-ast.ts';
import { lowerAssignment, lowerStep } from './assignment.ts';
import { judgedAlike, logical, lowerCondition } from './conditions.ts';
import type { Context } from './context.ts';
import { lowerEquality } from './equality.ts';
import { isBitwise, lowerArithmetic, lowerBitwise, lowerComplement } from './numbers.ts';
import { indexOrUndefined } from './properties.ts';
import { lowerConcatenation } from './text.ts';
import { isNumber, isString, withoutNullish } from './types.ts';

const K = ts.SyntaxKind;

const ORDER: Partial<Record<ts.SyntaxKind, BinaryOperator>> = {
  [K.LessThanToken]: '<',
  [K.LessThanEqualsToken]: '<=',
  [K.GreaterThanToken]: '>',
  [K.GreaterThanEqualsToken]: '>=',
};

export function lowerBinary(node: ts.BinaryExpression, c: Context): Expr {
  const kind = node.operatorToken.kind;
  if (isAssignmentOperator(kind)) return lowerAssignment(node, c, true);
  const order = ORDER[kind];
  if (order !== undefined) {
    const [a, b] = c.operands([node.left, node.right]) as [Expr, Expr];
    return binary(order, a, b);
  }
  if (isBitwise(kind)) return lowerBitwise(kind, node.left, node.right, c);
  switch (kind) {
    case K.EqualsEqualsEqualsToken:
      return lowerEquality(node, true, c);
    case K.ExclamationEqualsEqualsToken:
      return lowerEquality(node, false, c);
    case K.EqualsEqualsToken:
    case K.ExclamationEqualsToken:
      return c.refuse('loose-equality', node, node.operatorToken.getText());
    case K.AmpersandAmpersandToken:
    case K.BarBarToken:
      return lowerLogicalValue(node, kind === K.AmpersandAmpersandToken ? 'and' : 'or', c);
    case K.QuestionQuestionToken:
      return lowerNullish(node.left, node.right, c);
    case K.PlusToken:
      return lowerPlus(node, c);
    case K.MinusToken:
    case K.AsteriskToken:
    case K.SlashToken:
    case K.PercentToken:
    case K.AsteriskAsteriskToken:
      return lowerArithmetic(kind, node.left, node.right, c);
    case K.InstanceOfKeyword:
      return lowerInstanceof(node, c);
    case K.InKeyword: {
      const [key, of] = c.operands([node.left, node.right]) as [Expr, Expr];
      return binary('in', key, of);
    }
    case K.CommaToken: {
      const [first, second] = c.operands([node.left, node.right]) as [Expr, Expr];
      c.before.push(c.run(first));
      return second;
    }
    default:
      return c.refuse('unsupported-syntax', node, `The operator ${node.operatorToken.getText()}`);
  }
}

function lowerPlus(node: ts.BinaryExpression, c: Context): Expr {
  if (isString(c.type(node), c.checker)) return lowerConcatenation(node.left, node.right, c);
  if (!isNumber(c.type(node.left), c.checker)) {
    return c.refuse('value-as-text', node.left, c.checker.typeToString(c.type(node.left)));
  }
  return lowerArithmetic(K.PlusToken, node.left, node.right, c);
}

function lowerLogicalValue(node: ts.BinaryExpression, op: 'and' | 'or', c: Context): Expr {
  const constant = c.tools.constants.of(node.left);
  if (typeof constant === 'boolean') {
    return constant === (op === 'and') ? c.expression(node.right) : c.expression(node.left);
  }
  const left = c.type(node.left);
  if (!judgedAlike(left, c) && !isDifference(node.left, c))
    return c.refuse('truthiness', node.left, c.checker.typeToString(left));
  return logical(op, node, (side, context) => context.expression(side), c);
}

/** `a - b || …`, as comparisons are chained: a whole number that is zero or not. */
function isDifference(left: ts.Expression, c: Context): boolean {
  const node = skipParentheses(left);
  if (!c.tools.ranges.of(node).whole || c.tools.specials.of(node)) return false;
  return ts.isBinaryExpression(node) && node.operatorToken.kind === K.MinusToken;
}

/** `a ?? b`: the right side runs only when the left is None. */
export function lowerNullish(left: ts.Expression, right: ts.Expression, c: Context): Expr {
  const value = indexOrUndefined(left, c);
  const { before, value: other } = c.apart(() => c.expression(right));
  // Nothing else is left of it then.
  if (other.k === 'constant' && other.value === 'None') return value;
  if (before.length > 0) {
    const kept = name(c.temporary());
    c.before.push(
      c.assign(kept, value),
      c.s({ k: 'if', test: isNone(kept), yes: [...before, c.assign(kept, other)], no: [] }),
    );
    return kept;
  }
  if (isOnlyFalse(c.type(left), other)) return binary('or', value, other);
  const kept = c.twice(value);
  return conditional(isNotNone(kept), kept, other);
}

/** Beside nothing, the one value of the type that Python takes for false is the other value itself: `count ?? 0`. */
function isOnlyFalse(type: ts.Type, other: Expr): boolean {
  const flag =
    other.k === 'number' && other.text === '0'
      ? ts.TypeFlags.NumberLike
      : other.k === 'string' && other.value === ''
        ? ts.TypeFlags.StringLike
        : other === no
          ? ts.TypeFlags.BooleanLike
          : undefined;
  const known = withoutNullish(type);
  return flag !== undefined && known.length > 0 && known.every((part) => (part.flags & flag) !== 0);
}

function lowerInstanceof(node: ts.BinaryExpression, c: Context): Expr {
  const target = skipParentheses(node.right);
  const value = c.expression(node.left);
  const is = (type: Expr): Expr => ({ k: 'call', of: name('isinstance'), args: [value, type] });
  const constructed = c.type(target);
  const declaration = constructed.symbol?.declarations?.[0];
  const library =
    declaration !== undefined && declaration.getSourceFile().fileName === '/subset.d.ts'
      ? constructed.symbol.name.replace(/Constructor$/, '')
      : undefined;
  switch (library) {
    case undefined:
      return is(c.expression(target));
    case 'Error':
      return is(name('Exception'));
    case 'Uint8Array':
      return is({ k: 'tuple', items: [name('bytearray'), name('bytes'), name('memoryview')] });
    case 'Array':
      return is(name('list'));
    case 'Map':
    case 'Set':
      return is(name('dict'));
    case 'RangeError':
      return is(anyOf(c.use('RangeError'), name('IndexError'), name('ValueError')));
    case 'TypeError':
      // What the runtime raises for a member of nothing, a call of nothing and an operator without meaning.
      return is(anyOf(c.use('TypeError_'), name('TypeError'), name('AttributeError')));
    case 'SyntaxError':
      return is(anyOf(c.use('SyntaxError_'), name('SyntaxError')));
    default:
      return c.refuse('unsupported-member', node, `instanceof ${library}`);
  }
}

const anyOf = (...items: Expr[]): Expr => ({ k: 'tuple', items });

export function lowerPrefix(node: ts.PrefixUnaryExpression, c: Context): Expr {
  switch (node.operator) {
    case K.ExclamationToken:
      return not(lowerCondition(node.operand, c));
    case K.MinusToken: {
      const of = c.expression(node.operand);
      return of.k === 'number' ? number(-Number(of.text)) : { k: 'unary', op: '-', of };
    }
    case K.TildeToken:
      return lowerComplement(node, c);
    case K.PlusToken:
      if (!isNumber(c.type(node.operand), c.checker)) {
        return c.refuse('unsupported-syntax', node, 'Unary + on what is no number');
      }
      return c.expression(node.operand);
    default:
      return lowerStep(node, c, true);
  }
}

export function lowerConditional(node: ts.ConditionalExpression, c: Context): Expr {
  const constant = c.tools.constants.of(node.condition);
  if (typeof constant === 'boolean') {
    return c.expression(constant ? node.whenTrue : node.whenFalse);
  }
  const test = lowerCondition(node.condition, c);
  const whenTrue = c.apart(() => c.expression(node.whenTrue));
  const whenFalse = c.apart(() => c.expression(node.whenFalse));
  if (whenTrue.before.length === 0 && whenFalse.before.length === 0) {
    return conditional(test, whenTrue.value, whenFalse.value);
  }
  const kept = name(c.temporary());
  const branch = (one: { before: Stmt[]; value: Expr }): Stmt[] => [
    ...one.before,
    c.assign(kept, one.value),
  ];
  c.before.push(c.s({ k: 'if', test, yes: branch(whenTrue), no: branch(whenFalse) }));
  return kept;
}
