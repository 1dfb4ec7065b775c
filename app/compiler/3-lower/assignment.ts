import * as ts from 'typescript';
import { skipParentheses } from '../2-check/facts.ts';
import { compoundOperator } from '../2-check/uses.ts';
import {
  binary,
  index,
  isNone,
  none,
  not,
  number,
  type BinaryOperator,
  type Expr,
  type Stmt,
} from '../python-ast.ts';
import { staticAccessor } from './classes.ts';
import type { Context } from './context.ts';
import { lowerArrayLength } from './builtins/arrays.ts';
import { assignPattern } from './destructuring.ts';
import { isBitwise, lowByte, lowerArithmetic, lowerBitwise } from './numbers.ts';
import { elementAccess, memberAccess, substitutes } from './properties.ts';
import { isShared, sharedValue } from './rounds.ts';
import { lowerConcatenation, textNode } from './text.ts';
import { isArray, isBytes, isString } from './types.ts';
import { isWide, isWideProduct } from './wide.ts';

/** A place that can be assigned: its parts are already evaluated. */
interface Place {
  read: Expr;
  write: (value: Expr) => Stmt;
  /** Reads it where there may be nothing yet; `read` where it is not said. */
  probe?: () => Expr;
  /** Writes it where there may be nothing yet; `write` where it is not said. */
  put?: (value: Expr) => Stmt;
}

const K = ts.SyntaxKind;
const DIRECT: Partial<Record<ts.SyntaxKind, BinaryOperator>> = {
  [K.PlusToken]: '+',
  [K.MinusToken]: '-',
  [K.AsteriskToken]: '*',
};

/**
 * The place an expression names. `again`: it will be read as well as written, so its parts are kept. JavaScript evaluates
 * them before the `right` side, Python after it.
 */
export function placeOf(
  expression: ts.Expression,
  c: Context,
  again: boolean,
  right?: ts.Expression,
): Place {
  const isSeen = (of: ts.Expression): boolean =>
    right !== undefined && c.tools.ranges.isOrderSeen(of, right);
  const node = skipParentheses(expression);
  if (ts.isIdentifier(node)) {
    const symbol = c.facts.symbolOf(node);
    const target =
      symbol === undefined
        ? none
        : isShared(symbol, c)
          ? sharedValue(symbol, c)
          : c.assigned(symbol);
    return { read: target, write: (value) => c.assign(target, value) };
  }
  if (ts.isPropertyAccessExpression(node)) {
    if (node.name.text === 'length' && isArray(c.type(node.expression), c.checker)) {
      const of = c.twice(c.expression(node.expression));
      return {
        read: { k: 'call', of: { k: 'name', name: 'len' }, args: [of] },
        write: (value) => lowerArrayLength(of, value, c),
      };
    }
    if (node.expression.kind === ts.SyntaxKind.SuperKeyword) {
      c.refuse('unsupported-syntax', node, 'An assignment to a member of super');
    }
    const made = c.expression(node.expression);
    const of = isSeen(node.expression) ? c.keep(made) : made;
    const kept = again ? keepTarget(of, c) : of;
    const setter = staticAccessor(kept, node, true, c);
    if (setter !== undefined) {
      return {
        read: memberAccess(kept, node, c),
        write: (value) => c.run({ k: 'call', of: setter, args: [value] }),
      };
    }
    const target = memberAccess(kept, node, c, true);
    return {
      read: target,
      write: (value) => c.assign(target, value),
      probe: () => memberAccess(kept, node, c),
    };
  }
  if (ts.isElementAccessExpression(node)) {
    const parts = c.operands([node.expression, node.argumentExpression]) as [Expr, Expr];
    if (
      isArray(c.type(node.expression), c.checker) &&
      !again &&
      !c.tools.ranges.isPlaceToWrite(node)
    ) {
      // Python evaluates the arguments of a call in JavaScript's order.
      const [list, at] = parts;
      return { read: index(list, at), write: (value) => c.run(c.helper('put', list, at, value)) };
    }
    const isAtKept = isSeen(node.argumentExpression);
    const isOfKept =
      isSeen(node.expression) ||
      (isAtKept && c.tools.ranges.isOrderSeen(node.expression, node.argumentExpression));
    const of = isOfKept ? c.keep(parts[0]) : parts[0];
    const at = isAtKept ? c.keep(parts[1]) : parts[1];
    const keptOf = again ? keepTarget(of, c) : of;
    const keptAt = again ? c.twice(at) : at;
    const target = index(keptOf, keptAt);
    const place: Place = {
      read: again ? elementAccess(keptOf, keptAt, node, c) : target,
      write: (value) => c.assign(target, value),
    };
    if (!isArray(c.type(node.expression), c.checker)) return place;
    return {
      ...place,
      probe: () => c.helper('at', keptOf, keptAt),
      put: (value) => c.run(c.helper('put', keptOf, keptAt, value)),
    };
  }
  c.refuse('unsupported-syntax', node, 'This target of an assignment');
  return { read: none, write: (value) => c.run(value) };
}

/** `self` and other names stay; anything longer is computed once. */
function keepTarget(of: Expr, c: Context): Expr {
  if (of.k === 'attribute' && of.of.k === 'name') return of;
  return c.twice(of);
}

const isByteTarget = (node: ts.Expression, c: Context): boolean => {
  const target = skipParentheses(node);
  return ts.isElementAccessExpression(target) && isBytes(c.type(target.expression), c.checker);
};

/** Assignments; the value is only handed on when `wanted`. */
export function lowerAssignment(node: ts.BinaryExpression, c: Context, wanted: boolean): Expr {
  const kind = node.operatorToken.kind;
  const left = skipParentheses(node.left);
  if (kind === K.EqualsToken) {
    if (ts.isArrayLiteralExpression(left) || ts.isObjectLiteralExpression(left)) {
      return assignPattern(left, node.right, c);
    }
    const { before, value } = c.apart(() =>
      isByteTarget(left, c) && !wanted ? lowByte(node.right, c) : c.expression(node.right),
    );
    // When the right side runs statements, the parts of the target are computed and kept first.
    const place = placeOf(
      left,
      c,
      before.some((statement) => statement.k !== 'function'),
      node.right,
    );
    c.before.push(...before);
    const given = wanted ? c.twice(value) : value;
    c.before.push(
      place.write(isByteTarget(left, c) && wanted ? binary('&', given, number(255)) : given),
    );
    return given;
  }
  const operator = compoundOperator(kind);
  if (
    operator === K.AmpersandAmpersandToken ||
    operator === K.BarBarToken ||
    operator === K.QuestionQuestionToken
  ) {
    return logicalAssignment(node, operator, c);
  }
  return compoundAssignment(node.left, operator, node.right, c, wanted);
}

function logicalAssignment(node: ts.BinaryExpression, operator: ts.SyntaxKind, c: Context): Expr {
  const place = placeOf(node.left, c, true, node.right);
  const { before, value } = c.apart(() => c.expression(node.right));
  const probe = place.probe?.() ?? place.read;
  const test =
    operator === K.QuestionQuestionToken
      ? isNone(probe)
      : operator === K.BarBarToken
        ? not(probe)
        : probe;
  const write = operator === K.AmpersandAmpersandToken ? place.write : (place.put ?? place.write);
  c.before.push(c.s({ k: 'if', test, yes: [...before, write(value)], no: [] }));
  // What was false stays as it was: there may still be nothing.
  return operator === K.AmpersandAmpersandToken ? probe : place.read;
}

/** `a *= b` whose product JavaScript rounds. */
function isWideUpdate(
  left: ts.Expression,
  operator: ts.SyntaxKind,
  right: ts.Expression,
  c: Context,
): boolean {
  const ranges = c.tools.ranges;
  if (operator === K.AsteriskToken) {
    return isWideProduct(ranges.of(left), ranges.of(right), false);
  }
  return isWide(right, false, c) && (operator === K.PlusToken || operator === K.MinusToken);
}

function compoundAssignment(
  left: ts.Expression,
  operator: ts.SyntaxKind,
  right: ts.Expression,
  c: Context,
  wanted: boolean,
): Expr {
  const place = placeOf(left, c, true, right);
  const text = isString(c.type(left), c.checker);
  const direct = isWideUpdate(left, operator, right, c) ? undefined : DIRECT[operator];
  const byte = isByteTarget(left, c);
  if (direct !== undefined && !byte && place.read.k !== 'conditional') {
    const { before, value } = c.apart(() => (text ? textNode(right, c) : c.expression(right)));
    if (before.some((statement) => statement.k !== 'function')) {
      // JavaScript reads the target before the right side runs.
      const old = c.keeps(place.read, before) ? place.read : c.keep(place.read);
      c.before.push(...before, place.write(binary(direct, old, value)));
      return place.read;
    }
    c.before.push(...before);
    if (isAugmentable(place.read)) {
      c.before.push(c.s({ k: 'augmented', target: place.read, op: direct, value }));
    } else c.before.push(place.write(binary(direct, place.read, value)));
    return place.read;
  }
  // The target is read again below: its parts are already in temporaries where they need to be.
  const kept = partsOf(left, place.read);
  for (const [part, one] of kept) substitutes.set(part, one);
  let value: Expr;
  if (text) value = lowerConcatenation(left, right, c);
  else if (isBitwise(operator)) value = lowerBitwise(operator, left, right, c);
  else value = lowerArithmetic(operator, left, right, c);
  for (const [part] of kept) substitutes.delete(part);
  if (byte) {
    value = byteResult(operator, right, value, c);
  }
  if (wanted && byte) {
    value = c.twice(value);
    c.before.push(place.write(value));
    return value;
  }
  c.before.push(place.write(value));
  return place.read;
}

/** The sub-expressions of a target with the Python they became. */
function partsOf(left: ts.Expression, read: Expr): [ts.Expression, Expr][] {
  const node = skipParentheses(left);
  if (ts.isPropertyAccessExpression(node) && read.k === 'attribute') {
    return [[node.expression, read.of]];
  }
  if (read.k !== 'index') return [];
  if (ts.isPropertyAccessExpression(node)) return [[node.expression, read.of]];
  if (!ts.isElementAccessExpression(node)) return [];
  return [
    [node.expression, read.of],
    [node.argumentExpression, read.at],
  ];
}

function byteResult(operator: ts.SyntaxKind, right: ts.Expression, value: Expr, c: Context): Expr {
  const given = c.tools.ranges.of(right);
  const keepsByte =
    operator === K.AmpersandToken ||
    operator === K.GreaterThanGreaterThanToken ||
    operator === K.GreaterThanGreaterThanGreaterThanToken ||
    ((operator === K.BarToken || operator === K.CaretToken) && given.lo >= 0 && given.hi <= 255);
  return keepsByte ? value : binary('&', value, number(255));
}

const isAugmentable = (of: Expr): boolean =>
  of.k === 'name' || of.k === 'attribute' || of.k === 'index';

/** `i++`, `--i`. */
export function lowerStep(
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  c: Context,
  wanted: boolean,
): Expr {
  const place = placeOf(node.operand, c, true);
  const op = node.operator === K.PlusPlusToken ? '+' : '-';
  const byte = isByteTarget(node.operand, c);
  let result: Expr = place.read;
  if (wanted && ts.isPostfixUnaryExpression(node)) result = c.keep(place.read);
  if (byte) {
    c.before.push(place.write(binary('&', binary(op, place.read, number(1)), number(255))));
  } else if (isAugmentable(place.read)) {
    c.before.push(c.s({ k: 'augmented', target: place.read, op, value: number(1) }));
  } else c.before.push(place.write(binary(op, place.read, number(1))));
  if (wanted && ts.isPrefixUnaryExpression(node)) result = c.keep(place.read);
  return result;
}
