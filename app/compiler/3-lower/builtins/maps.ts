import ts from 'typescript';
import { binary, call, index, method, name, none, type Expr } from '../../python-ast.ts';
import { argumentMakers } from '../calls.ts';
import type { Context } from '../context.ts';
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
      return call('iter', call('list', self));
    case 'values':
      return call('iter', call('list', library === 'Set' ? self : method(self, 'values')));
    case 'entries':
      return call('iter', {
        k: 'comprehension',
        item: { k: 'list', items: [name('k'), name('v')] },
        target: { k: 'tuple', items: [name('k'), name('v')] },
        over: method(self, 'items'),
      });
    case 'forEach': {
      const callback = node.arguments[0];
      const takes =
        callback !== undefined &&
        (ts.isArrowFunction(callback) || ts.isFunctionExpression(callback))
          ? callback.parameters.length
          : 2;
      if (takes <= 1) {
        return c.helper(
          'for_each',
          library === 'Set' ? call('list', self) : call('list', method(self, 'values')),
          first,
        );
      }
      return c.refuse(
        'unsupported-member',
        of,
        `${library}.forEach with two parameters; use for…of`,
      );
    }
    default:
      return c.refuse('unsupported-member', of, `${library}.${member}`);
  }
}
