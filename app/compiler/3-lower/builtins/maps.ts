import * as ts from 'typescript';
import { binary, call, index, method, name, none, type Expr } from '../../python-ast.ts';
import { argumentMakers } from '../calls.ts';
import type { Context } from '../context.ts';
import { callbackTakes } from './arrays.ts';
import { isArray, isBytes, isRecord, parts } from '../types.ts';

/** Map and Set are ordered dicts of the runtime: insertion order, looked up by value for text and numbers. */

function checkKey(node: ts.Node, type: ts.Type, c: Context): void {
  for (const part of parts(type)) {
    const literal = c.tools.shapes
      .shapesOf(part)
      .some((shape) => c.tools.shapes.layoutOf(shape) === 'dict');
    if (
      literal ||
      isArray(part, c.checker) ||
      isBytes(part, c.checker) ||
      isRecord(part, c.checker)
    ) {
      c.refuse('map-key', node, c.checker.typeToString(type));
      return;
    }
  }
}

const emptyMap = (node: ts.NewExpression, c: Context): Expr =>
  c.tools.plainMaps.has(node) ? { k: 'dict', entries: [] } : c.helper('OrderedDict');

/** `[...map.keys()]`, `Array.from(map.values())`: nothing can come in between. */
function isTakenWhole(node: ts.CallExpression): boolean {
  const parent = node.parent;
  if (ts.isSpreadElement(parent)) return true;
  return ts.isCallExpression(parent) && parent.expression.getText() === 'Array.from';
}

const isStatement = (node: ts.Node): boolean => ts.isExpressionStatement(node.parent);

export function newMap(node: ts.NewExpression, c: Context): Expr {
  const key = c.checker.getTypeArguments(c.type(node) as ts.TypeReference)[0];
  if (key !== undefined) checkKey(node, key, c);
  const from = node.arguments?.[0];
  if (from === undefined || from.kind === ts.SyntaxKind.NullKeyword) {
    return emptyMap(node, c);
  }
  return c.helper('make_map', c.expression(from));
}

export function newSet(node: ts.NewExpression, c: Context): Expr {
  const key = c.checker.getTypeArguments(c.type(node) as ts.TypeReference)[0];
  if (key !== undefined) checkKey(node, key, c);
  const from = node.arguments?.[0];
  if (from === undefined || from.kind === ts.SyntaxKind.NullKeyword) {
    return emptyMap(node, c);
  }
  return c.helper('make_set', c.expression(from));
}

export function lowerMapMethod(
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  library: 'Map' | 'Set',
  member: string,
  c: Context,
): Expr {
  const [map, ...args] = c.sequence([
    () => c.expression(of.expression),
    ...argumentMakers(node, c),
  ]);
  const self = map as Expr;
  const first = args[0] ?? none;
  switch (member) {
    case 'get':
      return method(self, 'get', first);
    case 'has':
      return binary('in', first, self);
    case 'clear':
      return method(self, 'clear');
    case 'delete':
      return isStatement(node) ? method(self, 'pop', first, none) : c.helper('delete', self, first);
    case 'set':
    case 'add': {
      const value = member === 'set' ? (args[1] ?? none) : none;
      if (!isStatement(node)) return c.helper('set_item', self, first, value);
      c.before.push(c.assign(index(self, first), value));
      return none;
    }
    case 'keys':
      return isTakenWhole(node) ? call('list', self) : c.helper('live', self);
    case 'values':
      if (isTakenWhole(node)) {
        return call('list', library === 'Set' ? self : method(self, 'values'));
      }
      return c.helper(library === 'Set' ? 'live' : 'live_values', self);
    case 'entries':
      return call('iter', {
        k: 'comprehension',
        item: { k: 'list', items: [name('k'), name(library === 'Set' ? 'k' : 'v')] },
        target: library === 'Set' ? name('k') : { k: 'tuple', items: [name('k'), name('v')] },
        over: library === 'Set' ? self : method(self, 'items'),
      });
    case 'forEach': {
      const takes = callbackTakes(node.arguments[0], 2, c);
      if (takes <= 1) {
        const live = library === 'Set' ? 'live' : 'live_values';
        return c.helper('for_each', c.helper(live, self), first);
      }
      return c.helper(library === 'Set' ? 'for_each_key' : 'for_each_entry', self, first);
    }
    default:
      return c.refuse('unsupported-member', of, `${library}.${member}`);
  }
}
