import * as ts from 'typescript';
import { binary, call, name, none, number, string, type Expr } from '../python-ast.ts';
import type { Context } from './context.ts';
import { lowerFunctionValue } from './functions.ts';
import { memberName } from './names.ts';
import { isRecord, libName, mayBeLibrary } from './types.ts';

export function lowerNumber(node: ts.NumericLiteral, c: Context): Expr {
  const value = Number(node.text);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isInteger(value)) {
    return c.refuse('number-too-large', node, node.getText());
  }
  return number(value);
}

export function lowerText(node: ts.StringLiteralLike, c: Context): Expr {
  return textLiteral(node.text, node, c);
}

export function textLiteral(text: string, node: ts.Node, c: Context): Expr {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xffff || (code >= 0xd800 && code <= 0xdfff)) return c.refuse('astral-text', node);
  }
  return string(text);
}

/** Items with spreads become concatenated lists: the board's compiler has no [*a]. */
export function lowerArray(node: ts.ArrayLiteralExpression, c: Context): Expr {
  if (node.elements.some((element) => ts.isOmittedExpression(element))) {
    return c.refuse('sparse-array', node);
  }
  const values = c.sequence(
    node.elements.map(
      (element) => () =>
        ts.isSpreadElement(element) ? spreadList(element.expression, c) : c.expression(element),
    ),
  );
  const pieces: Expr[] = [];
  let run: Expr[] = [];
  values.forEach((value, at) => {
    const element = node.elements[at];
    if (element !== undefined && ts.isSpreadElement(element)) {
      if (run.length > 0) pieces.push({ k: 'list', items: run });
      run = [];
      pieces.push(value);
    } else run.push(value);
  });
  if (run.length > 0 || pieces.length === 0) pieces.push({ k: 'list', items: run });
  return pieces.reduce((sum, piece) => binary('+', sum, piece));
}

export function spreadList(node: ts.Expression, c: Context): Expr {
  const library = libName(c.type(node), c.checker);
  const value = c.expression(node);
  if (library === 'Map') {
    return {
      k: 'comprehension',
      item: { k: 'list', items: [name('k'), name('v')] },
      target: { k: 'tuple', items: [name('k'), name('v')] },
      over: call({ k: 'attribute', of: value, name: 'items' }),
    };
  }
  if (library === undefined && mayBeLibrary(c.type(node), 'Map', c.checker)) {
    return c.refuse('unsupported-member', node, 'A spread of a Map or something else');
  }
  return call('list', value);
}

export function keyText(node: ts.PropertyName, c: Context): string | undefined {
  if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return node.text;
  if (ts.isComputedPropertyName(node)) {
    const constant = c.tools.constants.of(node.expression);
    return constant === undefined ? undefined : String(constant);
  }
  return undefined;
}

type Entry = { key: Expr; value: Expr } | { spread: Expr };

/** An object literal: a dict, an ordered dict where order can be seen, or an object with attributes. */
export function lowerObject(node: ts.ObjectLiteralExpression, c: Context): Expr {
  const entries = objectEntries(node, c);
  const attributes = c.tools.shapes.layoutOf(node) === 'attributes';
  const spreads = entries.some((entry) => 'spread' in entry);
  if (attributes && !spreads) {
    return {
      k: 'call',
      of: c.use('record'),
      args: [],
      keywords: entries.flatMap((entry) =>
        'key' in entry && entry.key.k === 'string'
          ? [{ name: memberName(entry.key.value), value: entry.value }]
          : [],
      ),
    };
  }
  if (attributes) return c.refuse('mixed-layout', node, 'This literal with a spread');
  const ordered = isOrderedLiteral(node, c);
  const dict = (some: readonly Entry[]): Expr => {
    const pairs = some.flatMap((entry) =>
      'key' in entry ? [[entry.key, entry.value] as const] : [],
    );
    if (!ordered) return { k: 'dict', entries: pairs };
    if (pairs.length === 0) {
      return c.helper('OrderedDict');
    }
    return c.helper('make_ordered', ...pairs.flat());
  };
  if (!spreads) return dict(entries);
  const pieces: Expr[] = [];
  let run: Entry[] = [];
  let first = true;
  for (const entry of entries) {
    if ('spread' in entry) {
      if (first || run.length > 0) pieces.push(dict(run));
      run = [];
      pieces.push(entry.spread);
      first = false;
    } else run.push(entry);
  }
  if (run.length > 0)
    pieces.push({
      k: 'dict',
      entries: run.flatMap((entry) => ('key' in entry ? [[entry.key, entry.value] as const] : [])),
    });
  return c.helper('merge', ...pieces);
}

export function isOrderedLiteral(node: ts.ObjectLiteralExpression, c: Context): boolean {
  if (c.tools.shapes.isOrdered(node)) return true;
  const target = c.checker.getContextualType(node);
  if (target === undefined) return false;
  if (
    (target.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) !== 0 ||
    isRecord(target, c.checker)
  ) {
    return c.tools.shapes.looseOrder;
  }
  return false;
}

function objectEntries(node: ts.ObjectLiteralExpression, c: Context): Entry[] {
  const made: Entry[] = [];
  const makers: (() => Expr)[] = [];
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      makers.push(() => c.expression(property.expression));
      made.push({ spread: none });
      continue;
    }
    if (ts.isGetAccessor(property) || ts.isSetAccessor(property)) {
      c.refuse('literal-accessor', property);
      continue;
    }
    const text = keyText(property.name, c);
    const entry: { key: Expr; value: Expr } = {
      key: text === undefined ? none : string(text),
      value: none,
    };
    if (text === undefined && ts.isComputedPropertyName(property.name)) {
      const computed = property.name.expression;
      makers.push(() => c.expression(computed));
    } else makers.push(() => entry.key);
    made.push(entry);
    makers.push(() => {
      if (ts.isShorthandPropertyAssignment(property)) return c.expression(property.name);
      if (ts.isMethodDeclaration(property)) return lowerFunctionValue(property, c);
      return c.expression(property.initializer);
    });
  }
  const values = c.sequence(makers);
  let at = 0;
  for (const entry of made) {
    if ('spread' in entry) entry.spread = values[at++] as Expr;
    else {
      entry.key = values[at++] as Expr;
      entry.value = values[at++] as Expr;
    }
  }
  return made;
}
