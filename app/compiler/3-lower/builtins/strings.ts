import ts from 'typescript';
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
    case 'charCodeAt':
      return call('ord', index(text, first));
    case 'codePointAt':
      return c.helper('code_point_at', text, first);
    case 'concat':
      return args.reduce((sum, one) => binary('+', sum, one), text);
    case 'endsWith':
      return method(text, 'endswith', first);
    case 'startsWith':
      return second === undefined
        ? method(text, 'startswith', first)
        : method(slice(text, second), 'startswith', first);
    case 'includes':
      return second === undefined
        ? binary('in', first, text)
        : binary('>=', method(text, 'find', first, second), number(0));
    case 'indexOf':
      return method(text, 'find', ...args);
    case 'lastIndexOf':
      return method(text, 'rfind', first);
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
        return c.refuse('unsupported-member', of, `${member} with a replacement that may hold $`);
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
    case 'split':
      return first.k === 'string' && first.value !== ''
        ? method(text, 'split', first)
        : c.helper('split', text, first);
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
    if (first === undefined) return call('str', value);
    if (first.k === 'number' && first.text === '10') return call('str', value);
    if (first.k === 'number' && first.text === '16') return binary('%', string('%x'), value);
    return c.helper('radix', value, first);
  }
  return c.refuse('unsupported-member', of, `Number.${member}`);
}
