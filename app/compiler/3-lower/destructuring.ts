import * as ts from 'typescript';
import {
  call,
  conditional,
  index,
  isNone,
  isNotNone,
  isSimple,
  method,
  none,
  number,
  slice,
  string,
  type Expr,
} from '../python-ast.ts';
import { skipParentheses } from '../2-check/facts.ts';
import { placeOf } from './assignment.ts';
import { listOf } from './builtins/arrays.ts';
import type { Context } from './context.ts';
import { keyText } from './literals.ts';
import { memberName } from './names.ts';
import { declare } from './rounds.ts';
import { libName } from './types.ts';

/** Declarations and assignments with patterns: `const { a, b = 1 } = x`, `[a, b] = [b, a]`. */

/** An element that may be missing. */
function elementOrNone(list: Expr, at: number, c: Context): Expr {
  return at === 0 && isSimple(list)
    ? conditional(list, index(list, number(0)), none)
    : c.helper('at', list, number(at));
}

/** Queues the statements that take `value` (a simple expression) apart into the variables of a declaration. */
export function bindPattern(pattern: ts.BindingPattern, value: Expr, c: Context): void {
  if (ts.isArrayBindingPattern(pattern)) {
    const from = pattern.parent;
    const type = c.type(ts.isVariableDeclaration(from) ? (from.initializer ?? from) : pattern);
    const rest = pattern.elements.some((one) => !ts.isOmittedExpression(one) && one.dotDotDotToken);
    const list = asList(value, type, c, rest ? -1 : pattern.elements.length);
    const mayBeShort = isShort(type, c);
    pattern.elements.forEach((element, at) => {
      if (ts.isOmittedExpression(element)) return;
      const part = element.dotDotDotToken
        ? slice(list, number(at))
        : element.initializer !== undefined || mayBeShort
          ? elementOrNone(list, at, c)
          : index(list, number(at));
      const isCopied = element.dotDotDotToken !== undefined && libName(type, c.checker) !== 'Array';
      bindElement(element, isCopied ? call('list', part) : part, c);
    });
    return;
  }
  const type = c.type(pattern);
  for (const element of pattern.elements) {
    if (element.dotDotDotToken !== undefined) {
      const taken = pattern.elements.flatMap((one) => {
        const key = one.propertyName ?? one.name;
        const isPattern = ts.isObjectBindingPattern(key) || ts.isArrayBindingPattern(key);
        return one === element || isPattern ? [] : [keyText(key, c) ?? ''];
      });
      bindElement(element, restOf(value, type, taken, element, c), c);
      continue;
    }
    const key = element.propertyName ?? element.name;
    const text =
      ts.isObjectBindingPattern(key) || ts.isArrayBindingPattern(key) ? undefined : keyText(key, c);
    if (text === undefined) {
      c.refuse('unsupported-syntax', element, 'A computed name in a pattern');
      continue;
    }
    bindElement(element, readMember(value, type, text, c), c);
  }
}

/** An array of any length: the elements asked for may be missing. */
const isShort = (type: ts.Type, c: Context): boolean =>
  libName(type, c.checker) !== undefined && !c.checker.isTupleType(type);

/** What a pattern takes apart, as a list; of an iterator only the first `most`. */
function asList(value: Expr, type: ts.Type, c: Context, most: number): Expr {
  const library = libName(type, c.checker);
  if (library === 'Array' || library === undefined || library === 'Uint8Array') return value;
  if (library === 'Map') return c.keep(listOf(value, type, c));
  if (most < 0 || library === 'Set' || library === 'String') return c.keep(call('list', value));
  return c.keep(c.helper('take', value, number(most)));
}

/** A record of the members that the pattern does not name. */
function restOf(
  value: Expr,
  type: ts.Type,
  taken: readonly string[],
  node: ts.Node,
  c: Context,
): Expr {
  const shapes = c.tools.shapes.shapesOf(type);
  if (shapes.some((shape) => c.tools.shapes.layoutOf(shape) === 'attributes')) {
    return c.refuse('mixed-layout', node, 'A rest of a class instance');
  }
  return c.helper('rest_of', value, ...taken.map((one) => string(one)));
}

function bindElement(element: ts.BindingElement, part: Expr, c: Context): void {
  let given = part;
  if (element.initializer !== undefined) {
    const kept = c.keep(part);
    const initializer = element.initializer;
    const { before, value } = c.apart(() => c.expression(initializer));
    if (before.length > 0) {
      c.before.push(
        c.s({ k: 'if', test: isNone(kept), yes: [...before, c.assign(kept, value)], no: [] }),
      );
      given = kept;
    } else given = conditional(isNotNone(kept), kept, value);
  }
  if (ts.isIdentifier(element.name)) {
    const symbol = c.checker.getSymbolAtLocation(element.name);
    if (symbol !== undefined) c.before.push(declare(symbol, given, c));
  } else bindPattern(element.name, c.twice(given), c);
}

/** `value.text` by the layout of the type. */
export function readMember(value: Expr, type: ts.Type, text: string, c: Context): Expr {
  const library = libName(type, c.checker);
  if (library !== undefined && text === 'length') return call('len', value);
  const symbol = c.checker.getPropertyOfType(type, text);
  const declaration = symbol?.declarations?.[0];
  if (symbol === undefined || declaration === undefined) return method(value, 'get', string(text));
  const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
  if (c.tools.shapes.layoutOf(declaration.parent) === 'attributes') {
    return { k: 'attribute', of: value, name: memberName(text) };
  }
  return optional ? method(value, 'get', string(text)) : index(value, string(text));
}

/** `[a, b] = value`, `({ a } = value)` for variables that exist. */
export function assignPattern(
  pattern: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression,
  from: ts.Expression,
  c: Context,
): Expr {
  const right = skipParentheses(from);
  if (
    ts.isArrayLiteralExpression(pattern) &&
    ts.isArrayLiteralExpression(right) &&
    pattern.elements.length === right.elements.length &&
    !pattern.elements.some((one) => ts.isSpreadElement(one) || ts.isOmittedExpression(one)) &&
    !right.elements.some((one) => ts.isSpreadElement(one)) &&
    ts.isExpressionStatement(outer(pattern))
  ) {
    // A swap needs no list: all values first, then the targets.
    const values = c.operands(right.elements).map((value) => c.keep(value));
    pattern.elements.forEach((element, at) => assignElement(element, values[at] as Expr, c));
    return none;
  }
  const value = c.keep(c.expression(from));
  assignParts(pattern, value, c.type(from), c);
  return value;
}

function assignParts(
  pattern: ts.ArrayLiteralExpression | ts.ObjectLiteralExpression,
  from: Expr,
  type: ts.Type,
  c: Context,
): void {
  const value = ts.isArrayLiteralExpression(pattern)
    ? asList(
        from,
        type,
        c,
        pattern.elements.some(ts.isSpreadElement) ? -1 : pattern.elements.length,
      )
    : from;
  const part = (at: number): Expr =>
    isShort(type, c) ? c.helper('at', value, number(at)) : index(value, number(at));
  if (ts.isArrayLiteralExpression(pattern)) {
    pattern.elements.forEach((element, at) => {
      if (ts.isOmittedExpression(element)) return;
      if (ts.isSpreadElement(element)) {
        assignElement(element.expression, call('list', slice(value, number(at))), c);
      } else assignElement(element, part(at), c);
    });
    return;
  }
  const taken: string[] = [];
  for (const property of pattern.properties) {
    if (ts.isSpreadAssignment(property)) {
      assignElement(property.expression, restOf(value, type, taken, property, c), c);
      continue;
    }
    if (property.name !== undefined) taken.push(keyText(property.name, c) ?? '');
    if (ts.isShorthandPropertyAssignment(property)) {
      const fallback = property.objectAssignmentInitializer;
      const read = readMember(value, type, property.name.text, c);
      assignElement(property.name, fallback === undefined ? read : orElse(read, fallback, c), c);
    } else if (ts.isPropertyAssignment(property)) {
      const text = keyText(property.name, c);
      if (text !== undefined) {
        assignElement(property.initializer, readMember(value, type, text, c), c);
      }
    } else c.refuse('unsupported-syntax', property, 'This part of a pattern');
  }
}

/** The value, or what stands for a missing one. */
function orElse(value: Expr, fallback: ts.Expression, c: Context): Expr {
  const kept = c.keep(value);
  const { before, value: other } = c.apart(() => c.expression(fallback));
  c.before.push(
    c.s({ k: 'if', test: isNone(kept), yes: [...before, c.assign(kept, other)], no: [] }),
  );
  return kept;
}

/** The statement around an assignment, parentheses left out. */
const outer = (pattern: ts.Node): ts.Node => {
  let at = pattern.parent.parent;
  while (ts.isParenthesizedExpression(at)) at = at.parent;
  return at;
};

function assignElement(element: ts.Expression, value: Expr, c: Context): void {
  if (ts.isBinaryExpression(element) && element.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    assignElement(element.left, orElse(value, element.right, c), c);
    return;
  }
  if (ts.isArrayLiteralExpression(element) || ts.isObjectLiteralExpression(element)) {
    assignParts(element, c.keep(value), c.type(element), c);
    return;
  }
  c.before.push(placeOf(element, c, false).write(value));
}
