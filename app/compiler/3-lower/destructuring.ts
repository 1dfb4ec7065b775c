import ts from 'typescript';
import {
  call,
  conditional,
  index,
  isNone,
  isNotNone,
  method,
  none,
  number,
  slice,
  string,
  type Expr,
} from '../python-ast.ts';
import { skipParentheses } from '../2-check/facts.ts';
import { placeOf } from './assignment.ts';
import type { Context } from './context.ts';
import { keyText } from './literals.ts';
import { memberName } from './names.ts';
import { isArray, libName } from './types.ts';

/** Declarations and assignments with patterns: `const { a, b = 1 } = x`, `[a, b] = [b, a]`. */

/** Queues the statements that take `value` (a simple expression) apart into the variables of a declaration. */
export function bindPattern(pattern: ts.BindingPattern, value: Expr, c: Context): void {
  if (ts.isArrayBindingPattern(pattern)) {
    const from = pattern.parent;
    const type = c.type(ts.isVariableDeclaration(from) ? (from.initializer ?? from) : pattern);
    const list = asList(value, type, c);
    const mayBeShort = ts.isVariableDeclaration(from) && isShort(type, c);
    pattern.elements.forEach((element, at) => {
      if (ts.isOmittedExpression(element)) return;
      const part = element.dotDotDotToken
        ? slice(list, number(at))
        : element.initializer !== undefined || mayBeShort
          ? c.helper('at', list, number(at))
          : index(list, number(at));
      const isCopied = element.dotDotDotToken !== undefined && !isArray(type, c.checker);
      bindElement(element, isCopied ? call('list', part) : part, c);
    });
    return;
  }
  const type = c.type(pattern);
  for (const element of pattern.elements) {
    if (element.dotDotDotToken !== undefined) {
      c.refuse('unsupported-syntax', element, 'A rest element in an object pattern');
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
  isArray(type, c.checker) && !c.checker.isTupleType(type);

function asList(value: Expr, type: ts.Type, c: Context): Expr {
  const library = libName(type, c.checker);
  if (library === 'Array' || library === undefined || library === 'Uint8Array') return value;
  return c.keep(call('list', value));
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
    if (symbol !== undefined) c.before.push(c.assign(c.assigned(symbol), given));
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
  const type = c.type(from);
  const part = (at: number): Expr =>
    isShort(type, c) ? c.helper('at', value, number(at)) : index(value, number(at));
  if (ts.isArrayLiteralExpression(pattern)) {
    pattern.elements.forEach((element, at) => {
      if (ts.isOmittedExpression(element)) return;
      if (ts.isSpreadElement(element)) {
        assignElement(element.expression, call('list', slice(value, number(at))), c);
      } else assignElement(element, part(at), c);
    });
    return value;
  }
  for (const property of pattern.properties) {
    if (ts.isShorthandPropertyAssignment(property)) {
      assignElement(property.name, readMember(value, type, property.name.text, c), c);
    } else if (ts.isPropertyAssignment(property)) {
      const text = keyText(property.name, c);
      if (text !== undefined) {
        assignElement(property.initializer, readMember(value, type, text, c), c);
      }
    } else c.refuse('unsupported-syntax', property, 'This part of a pattern');
  }
  return value;
}

/** The statement around an assignment, parentheses left out. */
const outer = (pattern: ts.Node): ts.Node => {
  let at = pattern.parent.parent;
  while (ts.isParenthesizedExpression(at)) at = at.parent;
  return at;
};

function assignElement(element: ts.Expression, value: Expr, c: Context): void {
  if (ts.isBinaryExpression(element) && element.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    const kept = c.keep(value);
    const { before, value: fallback } = c.apart(() => c.expression(element.right));
    c.before.push(
      c.s({ k: 'if', test: isNone(kept), yes: [...before, c.assign(kept, fallback)], no: [] }),
    );
    assignElement(element.left, kept, c);
    return;
  }
  if (ts.isArrayLiteralExpression(element) || ts.isObjectLiteralExpression(element)) {
    c.refuse('unsupported-syntax', element, 'A pattern inside a pattern in an assignment');
    return;
  }
  c.before.push(placeOf(element, c, false).write(value));
}
