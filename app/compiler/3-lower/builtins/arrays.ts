import * as ts from 'typescript';
import { skipParentheses } from '../../2-check/facts.ts';
import {
  binary,
  call,
  conditional,
  isNone,
  isSimple,
  method,
  name,
  none,
  number,
  slice,
  string,
  type Expr,
  type Stmt,
} from '../../python-ast.ts';
import type { HelperName } from '../../4-emit/runtime-helpers.ts';
import { argumentMakers } from '../calls.ts';
import type { Context } from '../context.ts';
import { outlivesCall } from '../rounds.ts';
import { textOf } from '../text.ts';
import { isArray, isNullish, isObject, isPrimitive, isString, libName, parts } from '../types.ts';

/** Methods of arrays. Statements are preferred to helpers where the value is not used. */

const isStatement = (node: ts.Node): boolean => ts.isExpressionStatement(node.parent);

export function lowerArrayLength(of: Expr, value: Expr, c: Context): Stmt {
  if (value.k === 'number' && value.text === '0') return c.run(method(of, 'clear'));
  return c.run(c.helper('clear_to', of, value));
}

/** Parameters a callback takes, at most those the library gives. */
export function callbackTakes(node: ts.Expression | undefined, most: number, c: Context): number {
  if (node === undefined) return 1;
  const callback = skipParentheses(node);
  if (ts.isArrowFunction(callback) || ts.isFunctionExpression(callback)) {
    return callback.parameters.some((parameter) => parameter.dotDotDotToken !== undefined)
      ? most
      : callback.parameters.length;
  }
  const signature = c.type(callback).getCallSignatures()[0];
  const count = signature?.getParameters().length ?? 1;
  return Math.min(count, most);
}

const CALLBACKS: Record<string, { one: HelperName; two: HelperName }> = {
  find: { one: 'find', two: 'find_i' },
  findIndex: { one: 'find_index', two: 'find_index_i' },
  some: { one: 'some', two: 'some_i' },
  every: { one: 'every', two: 'every_i' },
  map: { one: 'map_', two: 'map_i' },
  filter: { one: 'filter_', two: 'filter_i' },
  forEach: { one: 'for_each', two: 'for_each_i' },
  flatMap: { one: 'flat_map', two: 'flat_map_i' },
  findLast: { one: 'find_last', two: 'find_last_i' },
  findLastIndex: { one: 'find_last_index', two: 'find_last_index_i' },
};

/** `(value, index, all) => …` for a helper that gives two arguments. */
export function givingAll(callback: Expr, list: Expr): Expr {
  const given = [name('_x'), name('_i')];
  return {
    k: 'lambda',
    parameters: given.map((one) => ({ name: one.k === 'name' ? one.name : '' })),
    body: { k: 'call', of: callback, args: [...given, list] },
  };
}

export function lowerArrayMethod(
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  member: string,
  c: Context,
): Expr {
  const callbacks = Object.hasOwn(CALLBACKS, member) ? CALLBACKS[member] : undefined;
  if (callbacks !== undefined) {
    let takes = callbackTakes(node.arguments[0], 3, c);
    let [list, callback] = c.sequence([
      () => c.expression(of.expression),
      ...argumentMakers(node, c),
    ]) as [Expr, Expr];
    if (takes === 3) {
      list = c.twice(list);
      callback = givingAll(c.keep(callback), list);
      takes = 2;
    }
    if (member === 'flatMap' && !givesLists(node.arguments[0], c)) {
      return c.helper('flat', c.helper(takes === 2 ? 'map_i' : 'map_', list, callback));
    }
    const inPlace = outlivesCall(node.arguments[0], c)
      ? undefined
      : comprehension(member, list, callback, takes);
    return inPlace ?? c.helper(takes === 2 ? callbacks.two : callbacks.one, list, callback);
  }
  const [list, ...args] = c.sequence([
    () => c.expression(of.expression),
    ...argumentMakers(node, c),
  ]);
  return lowerPlain(node, of, member, list as Expr, args, c);
}

function givesLists(callback: ts.Expression | undefined, c: Context): boolean {
  const signature = callback === undefined ? undefined : c.type(callback).getCallSignatures()[0];
  return signature === undefined || isArray(signature.getReturnType(), c.checker);
}

/** map and filter with a lambda of one parameter read as a comprehension. */
function comprehension(
  member: string,
  list: Expr,
  callback: Expr,
  takes: number,
): Expr | undefined {
  if (callback.k !== 'lambda' || callback.parameters.length !== 1 || takes > 1) return undefined;
  const parameter = callback.parameters[0];
  if (parameter === undefined || parameter.star === true) return undefined;
  const target = name(parameter.name);
  if (member === 'map') return { k: 'comprehension', item: callback.body, target, over: list };
  if (member === 'filter') {
    return { k: 'comprehension', item: target, target, over: list, test: callback.body };
  }
  return undefined;
}

function lowerPlain(
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  member: string,
  list: Expr,
  args: Expr[],
  c: Context,
): Expr {
  const first = args[0];
  const listType = c.checker.getNonNullableType(c.type(of.expression));
  const element = c.checker.getIndexTypeOfType(listType, ts.IndexKind.Number);
  const byValue = element === undefined || isPrimitive(element, c.checker);
  switch (member) {
    case 'push':
      if (!isStatement(node)) return c.helper('push', list, ...args);
      if (args.length === 1 && first !== undefined) {
        return first.k === 'star'
          ? method(list, 'extend', first.of)
          : method(list, 'append', first);
      }
      if (args.some((one) => one.k === 'star')) return c.helper('push', list, ...args);
      return method(list, 'extend', { k: 'tuple', items: args });
    case 'pop':
      if (c.tools.ranges.isFilled(of.expression, node)) return method(list, 'pop');
      return isSimple(list) ? conditional(list, method(list, 'pop'), none) : c.helper('pop', list);
    case 'shift':
      if (c.tools.ranges.isFilled(of.expression, node)) return method(list, 'pop', number(0));
      return isSimple(list)
        ? conditional(list, method(list, 'pop', number(0)), none)
        : c.helper('shift', list);
    case 'unshift':
      if (isStatement(node) && args.length === 1 && first !== undefined && first.k !== 'star') {
        return method(list, 'insert', number(0), first);
      }
      return c.helper('unshift', list, ...args);
    case 'slice':
      return args.length === 0 ? call('list', list) : slice(list, first, args[1]);
    case 'splice':
      if (
        isStatement(node) &&
        args.length === 3 &&
        node.arguments[1] !== undefined &&
        c.tools.constants.of(node.arguments[1]) === 0 &&
        !args.some((one) => one.k === 'star')
      ) {
        return method(list, 'insert', first ?? none, args[2] ?? none);
      }
      return c.helper('splice', list, ...args);
    case 'indexOf':
    case 'includes': {
      const from = args[1];
      if (from !== undefined) {
        if (!byValue)
          return c.refuse('unsupported-member', of, `${member} of objects from a place`);
        const found = c.helper('index_of_from', list, first ?? none, from);
        return member === 'indexOf' ? found : binary('>=', found, number(0));
      }
      if (byValue && member === 'includes') {
        const wanted = node.arguments[0];
        // NaN is nowhere to be found with `in`.
        return wanted !== undefined && c.tools.specials.of(wanted)
          ? c.helper('includes_nan', list, first ?? none)
          : binary('in', first ?? none, list);
      }
      const helper = byValue
        ? 'index_of'
        : element !== undefined && isObject(element, c.checker)
          ? 'index_of_object'
          : 'index_of_any';
      const found = c.helper(helper, list, first ?? none);
      return member === 'indexOf' ? found : binary('>=', found, number(0));
    }
    case 'lastIndexOf':
      if (args.length > 1) return c.refuse('unsupported-member', of, 'lastIndexOf from a place');
      return c.helper(byValue ? 'last_index_of' : 'last_index_of_object', list, first ?? none);
    case 'flat':
      return c.helper('flat', list);
    case 'toReversed':
      return call('list', call('reversed', list));
    case 'toSorted':
      return sort(node, call('list', list), first, element, c, false);
    case 'with':
      return c.helper('with_', list, ...args);
    case 'copyWithin':
      return c.helper('copy_within', list, ...args);
    case 'toString':
      return join(list, string(','), element, node, c);
    case 'reduceRight': {
      const takes = callbackTakes(node.arguments[0], 4, c);
      if (takes > 2) return c.refuse('unsupported-member', of, 'reduceRight with an index');
      const turned = call('list', call('reversed', list));
      if (args.length < 2) return c.helper('reduce_first', turned, first ?? none);
      return c.helper('reduce', turned, first ?? none, args[1] ?? none);
    }
    case 'reduce': {
      const takes = callbackTakes(node.arguments[0], 4, c);
      if (takes > 3) return c.refuse('unsupported-member', of, 'reduce with this callback');
      if (args.length < 2) {
        return c.helper(takes === 3 ? 'reduce_first_i' : 'reduce_first', list, first ?? none);
      }
      return c.helper(takes === 3 ? 'reduce_i' : 'reduce', list, first ?? none, args[1] ?? none);
    }
    case 'concat':
      return args.every((_, at) => isArray(c.type(node.arguments[at] as ts.Node), c.checker))
        ? args.reduce((sum, one) => binary('+', sum, one), list)
        : c.helper('concat', list, ...args);
    case 'join':
      return join(list, first, element, node, c);
    case 'reverse':
      return isStatement(node) ? method(list, 'reverse') : c.helper('reverse', list);
    case 'sort':
      return sort(node, list, first, element, c);
    case 'at':
      return c.helper('at_end', list, first ?? none);
    case 'fill':
      if (list.k === 'binary' && list.op === '*' && list.left.k === 'list' && args.length === 1) {
        return binary('*', { k: 'list', items: [first ?? none] }, list.right);
      }
      return c.helper('fill', list, ...args);
    case 'keys':
      return call('iter', call('range', call('len', list)));
    case 'values':
      return call('iter', list);
    case 'entries':
      return call('iter', {
        k: 'comprehension',
        item: { k: 'list', items: [name('k'), name('v')] },
        target: { k: 'tuple', items: [name('k'), name('v')] },
        over: call('enumerate', list),
      });
    default:
      return c.refuse('unsupported-member', of, `Array.${member}`);
  }
}

function join(
  list: Expr,
  separator: Expr | undefined,
  element: ts.Type | undefined,
  node: ts.CallExpression,
  c: Context,
): Expr {
  const between = separator ?? string(',');
  if (element !== undefined && isString(element, c.checker)) return method(between, 'join', list);
  if (element === undefined) return c.refuse('value-as-text', node, 'unknown');
  const receiver = ts.isPropertyAccessExpression(node.expression)
    ? node.expression.expression
    : node;
  const item = joined(name('x'), element, receiver, c);
  return method(between, 'join', { k: 'comprehension', item, target: name('x'), over: list });
}

/** Text of an element: nothing for null and undefined, commas between the elements of a list. */
function joined(value: Expr, type: ts.Type, node: ts.Node, c: Context): Expr {
  const known = parts(type).filter((part) => !isNullish(part));
  if (known.length === 0) return string('');
  if (known.length < parts(type).length) {
    const inner = joined(value, c.checker.getNonNullableType(type), node, c);
    return conditional(isNone(value), string(''), inner);
  }
  if (isArray(type, c.checker) && value.k === 'name' && value.name === 'x') {
    const element = c.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (element !== undefined && !isArray(element, c.checker)) {
      const item = joined(name('y'), element, node, c);
      const over = { k: 'comprehension', item, target: name('y'), over: value } as const;
      return method(string(','), 'join', over);
    }
  }
  return textOf(value, type, node, c);
}

function sort(
  node: ts.CallExpression,
  list: Expr,
  compare: Expr | undefined,
  element: ts.Type | undefined,
  c: Context,
  inPlace = isStatement(node),
): Expr {
  if (compare === undefined) {
    if (element === undefined || !isString(element, c.checker)) return c.refuse('sort-order', node);
    return inPlace ? method(list, 'sort') : c.helper('sort_text', list);
  }
  return c.helper('sort', list, compare);
}

/** Array.from and [...x] over anything iterable. */
export function listOf(value: Expr, type: ts.Type, c: Context): Expr {
  const library = libName(type, c.checker);
  if (library === 'Map') {
    return {
      k: 'comprehension',
      item: { k: 'list', items: [name('k'), name('v')] },
      target: { k: 'tuple', items: [name('k'), name('v')] },
      over: method(value, 'items'),
    };
  }
  return call('list', value);
}
