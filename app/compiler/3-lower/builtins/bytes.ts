import * as ts from 'typescript';
import { skipParentheses } from '../../2-check/facts.ts';
import { BYTE, UINT32, within } from '../../2-check/range.ts';
import {
  binary,
  call,
  index,
  isSimple,
  method,
  name,
  none,
  number,
  slice,
  string,
  type Expr,
} from '../../python-ast.ts';
import type { HelperName } from '../../4-emit/runtime-helpers.ts';
import { argumentMakers } from '../calls.ts';
import type { Context } from '../context.ts';
import { lowByte } from '../numbers.ts';
import { isBytes, isNumber, libName } from '../types.ts';
import { callbackTakes, givingAll } from './arrays.ts';

/** Uint8Array is a bytearray, a subarray a memoryview of it; a DataView is the bytes it looks at. */

export function newBytes(node: ts.NewExpression, c: Context): Expr {
  const from = node.arguments?.[0];
  if (from === undefined) return call('bytearray');
  if (isNumber(c.type(from), c.checker)) return call('bytearray', c.expression(from));
  if (libName(c.type(from), c.checker) === 'ArrayBuffer') return bytesOfBuffer(node, from, c);
  return bytesFrom(from, c);
}

/** `new Uint8Array(buffer, at, size)`: the same bytes, not a copy. A buffer is the bytes it was made with. */
function bytesOfBuffer(node: ts.NewExpression, from: ts.Expression, c: Context): Expr {
  const of = skipParentheses(from);
  const bytes = partOf(of, 'buffer');
  if (bytes !== undefined && !isWhole(bytes, c)) return c.refuse('unsupported-member', node, PART);
  const values = c.operands(node.arguments ?? []);
  const buffer = values[0] as Expr;
  return values.length === 1 ? buffer : c.helper('view', buffer, ...values.slice(1));
}

/** Made by this program's own `new`, so that its buffer holds nothing else. */
function isWhole(expression: ts.Expression, c: Context): boolean {
  const node = skipParentheses(expression);
  if (ts.isNewExpression(node)) {
    const from = node.arguments?.[0];
    return from === undefined || libName(c.type(from), c.checker) !== 'ArrayBuffer';
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const member = node.expression.name.text;
    return member === 'slice' || member === 'from' || member === 'of' || member === 'encode';
  }
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return false;
  const symbol = ts.isIdentifier(node)
    ? c.facts.symbolOf(node)
    : c.checker.getSymbolAtLocation(node.name);
  const values = symbol === undefined ? undefined : c.facts.values.get(symbol);
  return (
    values !== undefined &&
    values.length > 0 &&
    values.every((one) => one.kind === 'expression' && isWhole(one.node, c))
  );
}

const PART = 'The buffer of bytes that may be a part of others (give byteOffset and byteLength)';

export function bytesFrom(from: ts.Expression, c: Context): Expr {
  const node = skipParentheses(from);
  if (ts.isArrayLiteralExpression(node)) {
    const items = node.elements;
    if (items.length === 0) return call('bytearray');
    const constants = items.map((item) => c.tools.constants.of(item));
    if (
      constants.every((value): value is number => typeof value === 'number') &&
      constants.every((value) => Number.isInteger(value))
    ) {
      return call('bytearray', { k: 'bytes', value: constants.map((value) => value & 255) });
    }
    if (!items.some((item) => ts.isSpreadElement(item))) {
      const values = c.sequence(items.map((item) => () => lowByte(item, c)));
      return call('bytearray', { k: 'list', items: values });
    }
  }
  const type = c.type(node);
  if (c.tools.fractions.of(node)) return c.refuse('float-bytes', node);
  const value = c.expression(node);
  if (isBytes(type, c.checker)) return call('bytearray', value);
  return c.helper('to_bytes', value);
}

const CALLBACKS: Record<string, { one: HelperName; two: HelperName }> = {
  some: { one: 'some', two: 'some_i' },
  every: { one: 'every', two: 'every_i' },
  findIndex: { one: 'find_index', two: 'find_index_i' },
  forEach: { one: 'for_each', two: 'for_each_i' },
  find: { one: 'find', two: 'find_i' },
  findLast: { one: 'find_last', two: 'find_last_i' },
  findLastIndex: { one: 'find_last_index', two: 'find_last_index_i' },
  map: { one: 'map_', two: 'map_i' },
  filter: { one: 'filter_', two: 'filter_i' },
};

export function lowerBytesMethod(
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  member: string,
  c: Context,
): Expr {
  const [value, ...args] = c.sequence([
    () => c.expression(of.expression),
    ...argumentMakers(node, c),
  ]);
  let bytes = value as Expr;
  const first = args[0] ?? none;
  const callbacks = Object.hasOwn(CALLBACKS, member) ? CALLBACKS[member] : undefined;
  if (callbacks !== undefined) {
    const takes = callbackTakes(node.arguments[0], 3, c);
    if (takes === 3) bytes = c.twice(bytes);
    const callback = takes === 3 ? givingAll(c.keep(first), bytes) : first;
    const made = c.helper(takes >= 2 ? callbacks.two : callbacks.one, bytes, callback);
    return member === 'map' || member === 'filter' ? c.helper('to_bytes', made) : made;
  }
  switch (member) {
    case 'set': {
      const from = node.arguments[0];
      const isAsIs = from !== undefined && isBytes(c.type(from), c.checker);
      const given = isAsIs ? first : c.helper('to_bytes', first);
      return c.helper('set_bytes', bytes, given, ...args.slice(1));
    }
    case 'slice':
      return args.length === 0
        ? call('bytearray', bytes)
        : call('bytearray', slice(bytes, args[0], args[1]));
    case 'subarray':
      return args.length === 0
        ? call('memoryview', bytes)
        : slice(call('memoryview', bytes), args[0], args[1]);
    case 'fill': {
      const source = node.arguments[0];
      if (source !== undefined && !c.tools.ranges.of(source).whole) {
        return c.refuse('float-bytes', source);
      }
      const given =
        source !== undefined && !within(c.tools.ranges.of(source), BYTE)
          ? binary('&', first, number(255))
          : first;
      return c.helper('fill', bytes, given, ...args.slice(1));
    }
    case 'at':
      return c.helper('at_end', bytes, first);
    case 'indexOf':
    case 'includes': {
      const found =
        args[1] === undefined
          ? c.helper('index_of', bytes, first)
          : c.helper('index_of_from', bytes, first, args[1]);
      return member === 'indexOf' ? found : binary('>=', found, number(0));
    }
    case 'lastIndexOf':
      if (args.length > 1) return c.refuse('unsupported-member', of, 'lastIndexOf from a place');
      return c.helper('last_index_of', bytes, first);
    case 'reverse':
      return c.helper('reverse_bytes', bytes);
    case 'sort':
      if (args.length === 0) return c.helper('sort_bytes', bytes);
      bytes = c.twice(bytes);
      return c.helper('give_bytes', bytes, c.helper('sort', call('list', bytes), first));
    case 'copyWithin':
      return c.helper('copy_within', bytes, ...args);
    case 'keys':
      return call('iter', call('range', call('len', bytes)));
    case 'values':
      return call('iter', bytes);
    case 'entries':
      return call('enumerate', bytes);
    case 'toString':
    case 'join':
      return method(member === 'join' ? (args[0] ?? string(',')) : string(','), 'join', {
        k: 'comprehension',
        item: call('str', name('x')),
        target: name('x'),
        over: bytes,
      });
    case 'reduce': {
      const takes = callbackTakes(node.arguments[0], 4, c);
      if (takes > 3) return c.refuse('unsupported-member', of, 'reduce with this callback');
      if (args[1] === undefined) {
        return c.helper(takes === 3 ? 'reduce_first_i' : 'reduce_first', bytes, first);
      }
      return c.helper(takes === 3 ? 'reduce_i' : 'reduce', bytes, first, args[1]);
    }
    default:
      return c.refuse('unsupported-member', of, `Uint8Array.${member}`);
  }
}

/** `new DataView(b.buffer, b.byteOffset, b.byteLength)`: the three must come from the same bytes. */
export function newDataView(node: ts.NewExpression, c: Context): Expr {
  const [buffer, offset, size] = (node.arguments ?? []).map((one) => skipParentheses(one));
  if (buffer === undefined) return c.refuse('unsupported-member', node, 'A DataView of nothing');
  const bytes = partOf(buffer, 'buffer');
  if (bytes === undefined || (offset !== undefined && isWhole(bytes, c) && !startsAt(offset))) {
    const values = c.operands(node.arguments ?? []);
    const all = values[0] as Expr;
    return values.length === 1 ? all : c.helper('view', all, ...values.slice(1));
  }
  if (offset === undefined) {
    return isWhole(bytes, c) ? c.expression(bytes) : c.refuse('unsupported-member', node, PART);
  }
  const of = c.expression(bytes);
  const base = partOf(offset, 'byteOffset');
  if (base !== undefined && base.getText() === bytes.getText()) {
    if (
      size === undefined ||
      partOf(size, 'byteLength')?.getText() === bytes.getText() ||
      size.getText() === `${bytes.getText()}.length`
    ) {
      return of;
    }
    return slice(call('memoryview', of), number(0), c.expression(size));
  }
  if (
    ts.isBinaryExpression(offset) &&
    offset.operatorToken.kind === ts.SyntaxKind.PlusToken &&
    partOf(offset.left, 'byteOffset')?.getText() === bytes.getText()
  ) {
    const values = c.operands(size === undefined ? [offset.right] : [offset.right, size]);
    return c.helper('view', of, ...values);
  }
  return c.refuse('unsupported-member', node, 'A DataView that does not start at bytes.byteOffset');
}

/** `x.byteOffset`, alone or as the first part of a sum. */
const startsAt = (offset: ts.Expression): boolean =>
  partOf(offset, 'byteOffset') !== undefined ||
  (ts.isBinaryExpression(offset) && partOf(offset.left, 'byteOffset') !== undefined);

function partOf(node: ts.Expression, part: string): ts.Expression | undefined {
  return ts.isPropertyAccessExpression(node) && node.name.text === part
    ? skipParentheses(node.expression)
    : undefined;
}

/** The endianness argument where it is constant. */
function littleEndian(node: ts.Expression | undefined, c: Context): boolean | undefined {
  if (node === undefined) return false;
  const constant = c.tools.constants.of(node);
  return typeof constant === 'boolean' ? constant : undefined;
}

const READERS: Record<string, HelperName> = {
  getInt8: 'get_i8',
  getInt16: 'get_i16',
  getInt32: 'get_i32',
  getUint16: 'get_u16',
  getUint32: 'get_u32',
};

export function lowerDataViewMethod(
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  member: string,
  c: Context,
): Expr {
  const [value, ...args] = c.sequence([
    () => c.expression(of.expression),
    ...argumentMakers(node, c),
  ]);
  const bytes = value as Expr;
  const at = args[0] ?? none;
  const written = node.arguments[1];
  if (member.startsWith('set') && written !== undefined && !c.tools.ranges.of(written).whole) {
    return c.refuse('float-bytes', written);
  }
  switch (member) {
    case 'getUint8':
      return index(bytes, at);
    case 'getUint16': {
      const little =
        node.arguments[1] === undefined ? false : c.tools.constants.of(node.arguments[1]);
      if (typeof little === 'boolean' && isSimple(bytes) && isSimple(at)) {
        const next = index(
          bytes,
          at.k === 'number' ? number(Number(at.text) + 1) : binary('+', at, number(1)),
        );
        const here = index(bytes, at);
        const [low, high] = little ? [here, next] : [next, here];
        return binary('|', low, binary('<<', high, number(8)));
      }
      break;
    }
    case 'setUint8':
    case 'setInt8': {
      const byte =
        written !== undefined && within(c.tools.ranges.of(written), BYTE)
          ? (args[1] ?? none)
          : binary('&', args[1] ?? none, number(255));
      c.before.push(c.assign(index(bytes, at), byte));
      return none;
    }
    case 'setInt32':
    case 'setUint32': {
      const little = littleEndian(node.arguments[2], c);
      if (little === undefined || written === undefined) break;
      const pack = call(c.use('pack_into'), string(`${little ? '<' : '>'}I`), bytes, at);
      const value_ = within(c.tools.ranges.of(written), UINT32)
        ? (args[1] ?? none)
        : binary('&', args[1] ?? none, number(0xffffffff));
      return pack.k === 'call' ? { ...pack, args: [...pack.args, value_] } : pack;
    }
    case 'getInt32':
    case 'getUint32': {
      const little = littleEndian(node.arguments[1], c);
      if (little === undefined) break;
      const format = `${little ? '<' : '>'}${member === 'getInt32' ? 'i' : 'I'}`;
      return index(call(c.use('unpack_from'), string(format), bytes, at), number(0));
    }
    case 'setInt16':
    case 'setUint16':
      return c.helper('set_16', bytes, ...args);
  }
  if (member === 'setInt32' || member === 'setUint32') return c.helper('set_32', bytes, ...args);
  const reader = READERS[member];
  if (reader === undefined) return c.refuse('unsupported-member', of, `DataView.${member}`);
  return c.helper(reader, bytes, ...args);
}
