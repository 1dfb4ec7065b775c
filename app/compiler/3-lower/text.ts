import * as ts from 'typescript';
import { skipParentheses } from '../2-check/facts.ts';
import { isLibDeclaration } from '../2-check/library.ts';
import { call, method, name, string, type Expr } from '../python-ast.ts';
import type { Context } from './context.ts';
import { isUnproven } from './indexes.ts';
import { isBitwise, isNeverZero } from './numbers.ts';
import { canBeNullish, isBoolean, isNumber, isString, libName, withoutNullish } from './types.ts';

/** Values turned into text: template strings, `+`, String(x), console.log, join. */

/** The text of a value that has already been lowered, by its type. */
export function textOf(value: Expr, type: ts.Type, node: ts.Node, c: Context): Expr {
  if (value.k === 'number') return string(value.text);
  if (ts.isExpression(node) && value.k === 'call' && value.of.k === 'name') {
    // A missing element has a text of its own.
    const inner = skipParentheses(node);
    const isPlain = isNumber(type, c.checker) || isString(type, c.checker);
    if (isPlain && ts.isElementAccessExpression(inner) && isUnproven(inner, c)) {
      if (!c.tools.ranges.of(node).whole) return c.refuse('float-text', node);
      return c.helper('text_at', ...value.args);
    }
  }
  if (isString(type, c.checker) && !canBeNullish(type)) return value;
  if (canBeNullish(type)) return c.refuse('value-as-text', node, c.checker.typeToString(type));
  if (isNumber(type, c.checker)) {
    if (ts.isExpression(node)) {
      if (!c.tools.ranges.of(node).whole && !isNotANumber(node, c)) {
        return c.refuse('float-text', node);
      }
      if (mayBeSpecial(node, c)) return c.helper('num_text', value);
    }
    return call('str', value);
  }
  if (isBoolean(type, c.checker)) return c.helper('bool_text', value);
  if (ts.isExpression(node) && c.tools.fractions.of(node)) return c.refuse('float-text', node);
  const own = ownText(value, type);
  if (own !== undefined) return own;
  if (
    withoutNullish(type).every((part) => isString(part, c.checker) || isNumber(part, c.checker))
  ) {
    return call('str', value);
  }
  if (isError(type, c.checker)) return c.helper('error_text', value);
  return c.refuse('value-as-text', node, c.checker.typeToString(type));
}

/** The names NaN and Infinity themselves. */
function isNotANumber(expression: ts.Expression, c: Context): boolean {
  const node = skipParentheses(expression);
  if (ts.isPrefixUnaryExpression(node)) return isNotANumber(node.operand, c);
  return ts.isIdentifier(node) && c.tools.specials.of(node) && !c.tools.fractions.of(node);
}

/** NaN or Infinity: by what it comes from, or because a divisor may be zero. */
export function mayBeSpecial(expression: ts.Expression, c: Context, depth = 0): boolean {
  const node = skipParentheses(expression);
  if (c.tools.constants.of(node) !== undefined) return false;
  if (c.tools.specials.of(node)) return true;
  if (depth > 4) return false;
  if (ts.isElementAccessExpression(node)) return isUnproven(node, c);
  if (ts.isBinaryExpression(node)) {
    const kind = node.operatorToken.kind;
    if (kind === ts.SyntaxKind.PercentToken || kind === ts.SyntaxKind.SlashToken) {
      if (!isNeverZero(c.tools.ranges.of(node.right))) return true;
    }
    if (isBitwise(kind)) return false;
    return mayBeSpecial(node.left, c, depth + 1) || mayBeSpecial(node.right, c, depth + 1);
  }
  if (ts.isPrefixUnaryExpression(node)) {
    return node.operator === ts.SyntaxKind.MinusToken && mayBeSpecial(node.operand, c, depth + 1);
  }
  if (ts.isConditionalExpression(node)) {
    return mayBeSpecial(node.whenTrue, c, depth + 1) || mayBeSpecial(node.whenFalse, c, depth + 1);
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const rounds = ['floor', 'trunc', 'ceil', 'round', 'abs'].includes(node.expression.name.text);
    const given = node.arguments[0];
    return rounds && given !== undefined && mayBeSpecial(given, c, depth + 1);
  }
  if (ts.isIdentifier(node)) {
    const symbol = c.facts.symbolOf(node);
    const values = symbol === undefined ? undefined : c.facts.values.get(symbol);
    return (
      values?.some(
        (one) =>
          (one.kind === 'expression' || one.kind === 'compound') &&
          (mayBeSpecial(one.node, c, depth + 1) ||
            (one.kind === 'compound' &&
              one.operator === ts.SyntaxKind.PercentEqualsToken &&
              !isNeverZero(c.tools.ranges.of(one.node)))),
      ) === true
    );
  }
  return false;
}

/** What the class's own toString() says. */
function ownText(value: Expr, type: ts.Type): Expr | undefined {
  const symbol = type.getProperty('toString');
  const declaration = symbol?.valueDeclaration;
  if (declaration === undefined || isLibDeclaration(declaration)) return undefined;
  if (!ts.isMethodDeclaration(declaration) || !ts.isClassLike(declaration.parent)) return undefined;
  return method(value, 'toString');
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
  const numbers = new Set<Expr>();
  const spans = node.templateSpans.map((span) => span.expression);
  const values = c.sequence(spans.map((span) => () => formatted(span, numbers, c)));
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
  const only = rest[0];
  const isAlone = rest.length === 1 && only !== undefined;
  const text = format.replaceAll('%%', '%');
  const at = values.findIndex((value) => value === only);
  if (isAlone && !numbers.has(only) && isString(c.type(spans[at] as ts.Expression), c.checker)) {
    if (format === '%s') return only;
    if (format.startsWith('%s'))
      return { k: 'binary', op: '+', left: only, right: string(text.slice(2)) };
    if (format.endsWith('%s') && !format.endsWith('%%s')) {
      return { k: 'binary', op: '+', left: string(text.slice(0, -2)), right: only };
    }
  }
  const right: Expr = isAlone ? only : { k: 'tuple', items: rest };
  return { k: 'binary', op: '%', left: string(format), right };
}

/** What %s takes as it is: text and whole numbers. */
function formatted(node: ts.Expression, numbers: Set<Expr>, c: Context): Expr {
  const value = textNode(node, c);
  if (value.k === 'call' && value.of.k === 'name' && value.of.name === 'str') {
    const number = value.args[0] as Expr;
    numbers.add(number);
    return number;
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
