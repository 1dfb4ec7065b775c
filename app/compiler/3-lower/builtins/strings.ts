import * as ts from 'typescript';
import { skipParentheses } from '../../2-check/facts.ts';
import {
  binary,
  call,
  index,
  method,
  none,
  number,
  slice,
  string,
  type Expr,
} from '../../python-ast.ts';
import { argumentMakers } from '../calls.ts';
import type { Context } from '../context.ts';
import { mayBeSpecial } from '../text.ts';
import { libName } from '../types.ts';

/** Methods of text, numbers and booleans. */
export function lowerStringMethod(
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  member: string,
  c: Context,
): Expr {
  const library = libName(c.type(of.expression), c.checker);
  const [value, ...args] = c.sequence([
    () => c.expression(of.expression),
    ...argumentMakers(node, c),
  ]);
  const text = value as Expr;
  if (library === 'Number') return numberMethod(text, member, args, node, of, c);
  if (library === 'Boolean') return c.helper('bool_text', text);
  const first = args[0] ?? none;
  const second = args[1];
  switch (member) {
    case 'at':
      return c.helper('at_end', text, first);
    case 'charAt':
      return isInside(node, of, c) ? index(text, first) : c.helper('char_at', text, first);
    case 'charCodeAt': {
      const at = node.arguments[0];
      const isPlace =
        (at !== undefined && c.tools.ranges.isPlaceIn(of.expression, at, node)) ||
        isInside(node, of, c);
      return isPlace ? call('ord', index(text, first)) : c.helper('code_at', text, first);
    }
    case 'codePointAt':
      return c.helper('code_point_at', text, first);
    case 'concat':
      return args.reduce((sum, one) => binary('+', sum, one), text);
    case 'endsWith':
      return second === undefined
        ? method(text, 'endswith', first)
        : method(slice(text, number(0), fromZero(second, node, c)), 'endswith', first);
    case 'startsWith':
      return second === undefined
        ? method(text, 'startswith', first)
        : method(slice(text, fromZero(second, node, c)), 'startswith', first);
    case 'includes':
      return second === undefined
        ? binary('in', first, text)
        : binary('>=', method(text, 'find', first, fromZero(second, node, c)), number(0));
    case 'indexOf':
      return second === undefined
        ? method(text, 'find', first)
        : method(text, 'find', first, fromZero(second, node, c));
    case 'lastIndexOf':
      return second === undefined
        ? method(text, 'rfind', first)
        : c.helper('last_index_text', text, first, second);
    case 'padStart':
      {
        const hexadecimal = paddedHex(text, node, of, c);
        if (hexadecimal !== undefined) return hexadecimal;
      }
      // falls through
      return c.helper('pad_start', text, ...args);
    case 'padEnd':
      return c.helper('pad_end', text, ...args);
    case 'repeat':
      return binary('*', text, first);
    case 'replace':
    case 'replaceAll': {
      const to = node.arguments[1];
      const constant = to === undefined ? undefined : c.tools.constants.of(to);
      if (typeof constant !== 'string' || constant.includes('$')) {
        const count = number(member === 'replace' ? 1 : -1);
        return c.helper('replace_text', text, first, second ?? none, count);
      }
      if (member === 'replace') return method(text, 'replace', first, second ?? none, number(1));
      return first.k === 'string' && first.value !== ''
        ? method(text, 'replace', first, second ?? none)
        : c.helper('replace_all', text, first, second ?? none);
    }
    case 'slice':
      return slice(text, args[0], second);
    case 'substring':
      return c.helper('substring', text, ...args);
    case 'split': {
      const list =
        first.k === 'string' && first.value !== ''
          ? method(text, 'split', first)
          : c.helper('split', text, first);
      return second === undefined ? list : slice(list, undefined, second);
    }
    case 'toLowerCase':
      return method(text, 'lower');
    case 'toUpperCase':
      return method(text, 'upper');
    case 'toString':
      return text;
    case 'trim':
      return method(text, 'strip');
    case 'trimStart':
      return method(text, 'lstrip');
    case 'trimEnd':
      return method(text, 'rstrip');
    default:
      return c.refuse('unsupported-member', of, `String.${member}`);
  }
}

/** A place in text from which JavaScript starts at the beginning when it is negative. */
function fromZero(place: Expr, node: ts.CallExpression, c: Context): Expr {
  const at = node.arguments[1];
  return at !== undefined && c.tools.ranges.of(at).lo >= 0 ? place : call('max', number(0), place);
}

/** The text is a constant, and the index one of its places. */
function isInside(node: ts.CallExpression, of: ts.PropertyAccessExpression, c: Context): boolean {
  const text = c.tools.constants.of(of.expression);
  const at = node.arguments[0];
  if (typeof text !== 'string' || at === undefined) return false;
  const range = c.tools.ranges.of(at);
  return range.whole && range.lo >= 0 && range.hi < text.length;
}

/** `n.toString(16).padStart(2, '0')` is one format. */
function paddedHex(
  text: Expr,
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  c: Context,
): Expr | undefined {
  const [size, fill] = node.arguments;
  if (size === undefined || fill === undefined || c.tools.constants.of(fill) !== '0')
    return undefined;
  const width = c.tools.constants.of(size);
  const number_ = skipParentheses(of.expression);
  if (
    text.k !== 'binary' ||
    text.left.k !== 'string' ||
    text.left.value !== '%x' ||
    typeof width !== 'number' ||
    !ts.isCallExpression(number_) ||
    !ts.isPropertyAccessExpression(number_.expression) ||
    c.tools.ranges.of(number_.expression.expression).lo < 0
  ) {
    return undefined;
  }
  return binary('%', string(`%0${String(width)}x`), text.right);
}

function numberMethod(
  value: Expr,
  member: string,
  args: readonly Expr[],
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  c: Context,
): Expr {
  const first = args[0];
  if (member === 'toFixed') return c.helper('fixed', value, first ?? number(0));
  if (member === 'toString') {
    if (!c.tools.ranges.of(of.expression).whole) return c.refuse('float-text', node);
    // A method of a missing element is an error in both languages.
    if (
      !ts.isElementAccessExpression(skipParentheses(of.expression)) &&
      mayBeSpecial(of.expression, c)
    ) {
      const plain = first === undefined || (first.k === 'number' && first.text === '10');
      return plain ? c.helper('num_text', value) : c.helper('num_radix', value, first);
    }
    if (first === undefined) return call('str', value);
    if (first.k === 'number' && first.text === '10') return call('str', value);
    if (first.k === 'number' && first.text === '16') return binary('%', string('%x'), value);
    return c.helper('radix', value, first);
  }
  return c.refuse('unsupported-member', of, `Number.${member}`);
}
