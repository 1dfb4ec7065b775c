import ts from 'typescript';
import { call, name, string, type Expr } from '../python-ast.ts';
import type { Context } from './context.ts';
import { canBeNullish, isBoolean, isNumber, isString, libName, withoutNullish } from './types.ts';

/** Values turned into text: template strings, `+`, String(x), console.log, join. */

/** The text of a value that has already been lowered, by its type. */
export function textOf(value: Expr, type: ts.Type, node: ts.Node, c: Context): Expr {
  if (value.k === 'number') return string(value.text);
  if (isString(type, c.checker) && !canBeNullish(type)) return value;
  if (canBeNullish(type)) return c.refuse('value-as-text', node, c.checker.typeToString(type));
  if (isNumber(type, c.checker)) {
    if (ts.isExpression(node) && !c.tools.ranges.of(node).whole)
      return c.refuse('float-text', node);
    return call('str', value);
  }
  if (isBoolean(type, c.checker)) return c.helper('bool_text', value);
  if (
    withoutNullish(type).every((part) => isString(part, c.checker) || isNumber(part, c.checker))
  ) {
    return call('str', value);
  }
  if (isError(type, c.checker)) return c.helper('error_text', value);
  return c.refuse('value-as-text', node, c.checker.typeToString(type));
}

export function isError(type: ts.Type, checker: ts.TypeChecker): boolean {
  const library = libName(type, checker);
  if (library !== undefined) return library.endsWith('Error');
  return (
    type.isClassOrInterface() && checker.getBaseTypes(type).some((base) => isError(base, checker))
  );
}

export function textNode(node: ts.Expression, c: Context): Expr {
  const constant = c.tools.constants.of(node);
  if (
    constant !== undefined &&
    typeof constant !== 'string' &&
    Number.isInteger(Number(constant))
  ) {
    return string(String(constant));
  }
  return textOf(c.expression(node), c.type(node), node, c);
}

export function lowerTemplate(node: ts.TemplateExpression, c: Context): Expr {
  let format = escapePercent(node.head.text);
  const spans = node.templateSpans.map((span) => span.expression);
  const values = c.sequence(spans.map((span) => () => formatted(span, c)));
  const rest: Expr[] = [];
  values.forEach((value, at) => {
    if (value.k === 'string') format += escapePercent(value.value);
    else {
      format += '%s';
      rest.push(value);
    }
    format += escapePercent(node.templateSpans[at]?.literal.text ?? '');
  });
  if (rest.length === 0) return string(format.replaceAll('%%', '%'));
  if (format === '%s' && isString(c.type(spans[0] as ts.Expression), c.checker)) {
    return rest[0] as Expr;
  }
  return {
    k: 'binary',
    op: '%',
    left: string(format),
    right: { k: 'tuple', items: rest },
  };
}

/** What %s takes as it is: text and whole numbers. */
function formatted(node: ts.Expression, c: Context): Expr {
  const value = textNode(node, c);
  if (value.k === 'call' && value.of.k === 'name' && value.of.name === 'str') {
    return value.args[0] as Expr;
  }
  return value;
}

const escapePercent = (text: string): string => text.replaceAll('%', '%%');

export function lowerConcatenation(left: ts.Expression, right: ts.Expression, c: Context): Expr {
  const [a, b] = c.sequence([() => textNode(left, c), () => textNode(right, c)]) as [Expr, Expr];
  if (a.k === 'string' && b.k === 'string') return string(a.value + b.value);
  return { k: 'binary', op: '+', left: a, right: b };
}

export const printFunction = name('print');
