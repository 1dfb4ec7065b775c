import * as ts from 'typescript';
import { skipParentheses } from '../../2-check/facts.ts';
import {
  binary,
  call,
  method,
  name,
  no,
  none,
  number,
  string,
  type Expr,
} from '../../python-ast.ts';
import { argumentMakers, lowerArguments } from '../calls.ts';
import { judgedAlike } from '../conditions.ts';
import type { Context } from '../context.ts';
import { outlivesCall } from '../rounds.ts';
import { fractionIn, undefinedIn } from './json.ts';
import { lowByte } from '../numbers.ts';
import { textNode } from '../text.ts';
import { isBytes, isNumber, isRecord, libName, parts } from '../types.ts';
import { listOf } from './arrays.ts';
import { bytesFrom } from './bytes.ts';

/** Functions of the library's own objects: JSON, Object, Array, Number, String, console, and the global ones. */

export function lowerGlobalCall(node: ts.CallExpression, of: ts.Identifier, c: Context): Expr {
  switch (of.text) {
    case 'String': {
      const value = node.arguments[0];
      if (value === undefined) return string('');
      return textNode(value, c);
    }
    case 'Number':
      return c.helper('to_number', ...lowerArguments(node, c));
    case 'Boolean': {
      const value = node.arguments[0];
      if (value === undefined) return no;
      const type = c.type(value);
      if (!judgedAlike(type, c)) return c.refuse('truthiness', value, c.checker.typeToString(type));
      return call('bool', c.expression(value));
    }
    case 'isNaN':
    case 'isFinite':
      return lowerStaticCall(node, 'Number', of.text, c);
    case 'parseInt':
      return parseInteger(node, c);
    case 'parseFloat':
      return c.helper('parse_float', ...lowerArguments(node, c));
    default:
      return c.refuse('unsupported-global', of, of.text);
  }
}

/** MicroPython's own int() reads digits of base 10 and 16; those of others it may take for a prefix. */
function parseInteger(node: ts.CallExpression, c: Context): Expr {
  const radix = node.arguments[1];
  const constant = radix === undefined ? 10 : c.tools.constants.of(radix);
  const args = lowerArguments(node, c);
  if (constant !== 10 && constant !== 16) return c.helper('parse_radix', ...args);
  return c.helper('parse_int', ...args.slice(0, constant === 10 ? 1 : 2));
}

export function lowerStaticCall(
  node: ts.CallExpression,
  library: string,
  member: string,
  c: Context,
): Expr {
  const of = `${library.replace(/Constructor$/, '')}.${member}`;
  const first = node.arguments[0];
  switch (of) {
    case 'Console.log':
      if (first !== undefined && node.arguments.length > 1 && isFormat(first)) {
        return c.refuse('unsupported-member', node, 'console.log with a format (%d, %s …)');
      }
      return call('print', ...c.sequence(node.arguments.map((one) => () => printable(one, c))));
    case 'JSON.stringify':
      return first === undefined ? string('') : stringify(first, node.arguments[2], c);
    case 'JSON.parse':
      return c.helper('json_parse', ...lowerArguments(node, c));
    case 'Object.keys':
    case 'Object.values':
    case 'Object.entries':
      if (first !== undefined && isInstance(c.type(first), c)) {
        return c.refuse('unsupported-member', node, `${of} of a class instance`);
      }
      return c.helper(member as 'keys' | 'values' | 'entries', ...lowerArguments(node, c));
    case 'Object.assign': {
      const instance = node.arguments.find((one) => isInstance(c.type(one), c));
      if (instance !== undefined) {
        return c.refuse('unsupported-member', instance, `${of} with a class instance`);
      }
      return c.helper('merge', ...lowerArguments(node, c));
    }
    case 'Object.fromEntries':
      return c.helper('make_map', ...lowerArguments(node, c));
    case 'Object.freeze':
      return lowerArguments(node, c)[0] ?? none;
    case 'Object.hasOwn': {
      const [object, key] = lowerArguments(node, c) as [Expr, Expr];
      return binary('in', key, object);
    }
    case 'Array.isArray':
      return call('isinstance', ...lowerArguments(node, c), name('list'));
    case 'Array.of':
      return { k: 'list', items: lowerArguments(node, c) };
    case 'Array.from':
      return arrayFrom(node, c);
    case 'Number.isInteger':
      return c.helper('is_integer', ...lowerArguments(node, c));
    case 'Number.isSafeInteger':
      return c.helper('is_safe', ...lowerArguments(node, c));
    case 'Number.isNaN': {
      const value = c.twice(lowerArguments(node, c)[0] ?? none);
      return binary('!=', value, value);
    }
    case 'Number.isFinite': {
      if (first !== undefined && !isNumber(c.type(first), c.checker)) {
        return c.helper('is_finite', ...lowerArguments(node, c));
      }
      const value = c.twice(lowerArguments(node, c)[0] ?? none);
      return binary('==', binary('-', value, value), number(0));
    }
    case 'Number.parseInt':
      return parseInteger(node, c);
    case 'Number.parseFloat':
      return c.helper('parse_float', ...lowerArguments(node, c));
    case 'String.fromCharCode':
    case 'String.fromCodePoint':
      return fromCodes(node, c);
    case 'Uint8Array.from':
      if (node.arguments.length > 1) return c.helper('to_bytes', arrayFrom(node, c));
      return first === undefined ? call('bytearray') : bytesFrom(first, c);
    case 'Uint8Array.of':
      return call('bytearray', {
        k: 'list',
        items: c.sequence(node.arguments.map((one) => () => lowByte(one, c))),
      });
    default:
      return c.refuse('unsupported-member', node, of);
  }
}

const isInstance = (type: ts.Type, c: Context): boolean =>
  parts(type).some((part) =>
    c.tools.shapes.shapesOf(part).some((shape) => c.tools.shapes.layoutOf(shape) === 'attributes'),
  );

function printable(node: ts.Expression, c: Context): Expr {
  const value = textNode(node, c);
  if (value.k === 'call' && value.of.k === 'name' && value.of.name === 'str') {
    return value.args[0] as Expr;
  }
  return value;
}

function fromCodes(node: ts.CallExpression, c: Context): Expr {
  const args = lowerArguments(node, c);
  const only = args[0];
  if (args.length === 1 && only !== undefined) {
    if (only.k !== 'star') return call('chr', only);
    return method(string(''), 'join', {
      k: 'comprehension',
      item: call('chr', name('x')),
      target: name('x'),
      over: only.of,
    });
  }
  if (args.some((one) => one.k === 'star')) {
    return c.refuse('unsupported-member', node, 'fromCharCode with values beside a spread');
  }
  return args
    .map((one) => call('chr', one))
    .reduce((sum, one) => binary('+', sum, one), string(''));
}

/** JSON text; of a literal its own structure is written out, so that no dict is made for it. */
function stringify(expression: ts.Expression, indent: ts.Expression | undefined, c: Context): Expr {
  const node = skipParentheses(expression);
  const type = c.type(node);
  const fraction = fractionIn(node, c);
  if (fraction !== undefined) return c.refuse('float-json', node, fraction);
  const missing = undefinedIn(type, c);
  if (missing !== undefined) return c.refuse('json-undefined', node, missing);
  for (const part of parts(type)) {
    if ((part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) !== 0) {
      return c.refuse('json-undefined', node, node.getText());
    }
    if (
      isBytes(part, c.checker) ||
      libName(part, c.checker) === 'Map' ||
      libName(part, c.checker) === 'Set' ||
      (isInstance(part, c) && !isRecord(part, c.checker))
    ) {
      return c.refuse(
        'unsupported-member',
        node,
        `JSON.stringify of ${c.checker.typeToString(part)}`,
      );
    }
  }
  if (indent === undefined) return c.helper('json', c.expression(node));
  const width = c.tools.constants.of(indent);
  if (typeof width !== 'number') {
    return c.refuse('unsupported-member', indent, 'JSON.stringify with an indent of this kind');
  }
  if (width < 1) return c.helper('json', c.expression(node));
  return c.helper('json_pretty', c.expression(node), string(' '.repeat(Math.min(10, width))));
}

/** Node and browsers read %d, %s and their kin in the first text when values follow it. */
function isFormat(first: ts.Expression): boolean {
  const node = skipParentheses(first);
  const text = ts.isTemplateExpression(node)
    ? [node.head, ...node.templateSpans.map((span) => span.literal)].map((one) => one.text).join('')
    : ts.isStringLiteralLike(node)
      ? node.text
      : '';
  return /%[sdifjoOc%]/.test(text);
}

function arrayFrom(node: ts.CallExpression, c: Context): Expr {
  const source = node.arguments[0];
  const callback = node.arguments[1];
  const outlives = outlivesCall(callback, c);
  if (source === undefined) return { k: 'list', items: [] };
  const literal = skipParentheses(source);
  if (ts.isObjectLiteralExpression(literal)) {
    const size = literal.properties.find(
      (one): one is ts.PropertyAssignment =>
        ts.isPropertyAssignment(one) && one.name.getText() === 'length',
    );
    if (size === undefined || callback === undefined) {
      return c.refuse('sparse-array', node);
    }
    const made = skipParentheses(callback);
    const takes = ts.isArrowFunction(made) ? made.parameters.length : 2;
    const [count, make] = c.operands([size.initializer, callback]) as [Expr, Expr];
    const arguments_ = takes === 0 ? [none] : takes === 1 ? [none] : [none, name('i')];
    if (make.k === 'lambda' && takes < 2 && !outlives) {
      return {
        k: 'comprehension',
        item: make.body,
        target: name(make.parameters[0]?.name ?? 'i'),
        over: call('range', count),
      };
    }
    if (make.k === 'lambda' && takes === 2 && !outlives) {
      return {
        k: 'comprehension',
        item: make.body,
        target: name(make.parameters[1]?.name ?? 'i'),
        over: call('range', count),
      };
    }
    return {
      k: 'comprehension',
      item: { k: 'call', of: c.twice(make), args: arguments_ },
      target: name('i'),
      over: call('range', count),
    };
  }
  const type = c.type(source);
  const [value, make] = c.sequence(argumentMakers(node, c));
  const list = listOf(value as Expr, type, c);
  if (make === undefined) return list;
  if (make.k === 'lambda' && make.parameters.length === 1 && !outlives) {
    return {
      k: 'comprehension',
      item: make.body,
      target: name(make.parameters[0]?.name ?? 'x'),
      over: list,
    };
  }
  const arrow = callback === undefined ? undefined : skipParentheses(callback);
  const takes = arrow !== undefined && ts.isArrowFunction(arrow) ? arrow.parameters.length : 1;
  return c.helper(takes === 2 ? 'map_i' : 'map_', list, make);
}

/** `new Array<T>(n).fill(value)` is one list of n; without fill it would have holes. */
export function newArray(node: ts.NewExpression, c: Context): Expr {
  const size = node.arguments?.[0];
  if (size === undefined) return { k: 'list', items: [] };
  const parent = node.parent;
  const call_ = parent.parent;
  if (
    ts.isPropertyAccessExpression(parent) &&
    parent.name.text === 'fill' &&
    ts.isCallExpression(call_) &&
    call_.arguments.length === 1
  ) {
    return binary('*', { k: 'list', items: [none] }, c.expression(size));
  }
  return c.refuse('sparse-array', node);
}
