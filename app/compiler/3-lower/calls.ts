import * as ts from 'typescript';
import { isLibDeclaration } from '../2-check/library.ts';
import { skipParentheses } from '../2-check/facts.ts';
import { attribute, call, name, none, string, type Expr, type Keyword } from '../python-ast.ts';
import { lowerArrayMethod } from './builtins/arrays.ts';
import { lowerBytesMethod, lowerDataViewMethod, newBytes, newDataView } from './builtins/bytes.ts';
import { lowerGlobalCall, lowerStaticCall, newArray } from './builtins/globals.ts';
import { lowerMapMethod, newMap, newSet } from './builtins/maps.ts';
import { lowerMathCall } from './builtins/math.ts';
import { lowerStringMethod } from './builtins/strings.ts';
import { errorClass } from './classes.ts';
import type { Context } from './context.ts';
import { memberName } from './names.ts';
import { memberAccess, memberOf } from './properties.ts';
import { libName } from './types.ts';

/** Calls and `new`. */

export function lowerCall(node: ts.CallExpression, c: Context): Expr {
  const of = skipParentheses(node.expression);
  if (of.kind === ts.SyntaxKind.SuperKeyword) {
    const args = lowerArguments(node, c);
    const base = c.facts.checker.getResolvedSignature(node)?.declaration;
    const cause = base !== undefined && isLibDeclaration(base) ? args[1] : undefined;
    const made = call(attribute(call('super'), '__init__'), ...(cause ? args.slice(0, 1) : args));
    if (cause === undefined) return made;
    c.before.push(c.run(made));
    return c.helper('with_cause', name('self'), cause);
  }
  if (of.kind === ts.SyntaxKind.ImportKeyword) return c.refuse('import-form', node, 'import()');
  if (ts.isPropertyAccessExpression(of)) {
    const member = memberOf(of, c);
    if (member?.library === true) return lowerLibraryMethod(node, of, c);
    if (of.expression.kind === ts.SyntaxKind.SuperKeyword) {
      const args = lowerArguments(node, c);
      return call(attribute(call('super'), memberName(of.name.text)), ...args);
    }
    return lowerMethodCall(node, of, c);
  }
  if (ts.isIdentifier(of)) {
    const declaration = c.facts.symbolOf(of)?.declarations?.[0];
    if (declaration !== undefined && isLibDeclaration(declaration)) {
      return lowerGlobalCall(node, of, c);
    }
  }
  const [callee, ...args] = c.sequence([
    () => c.expression(node.expression),
    ...argumentMakers(node, c),
  ]);
  return { k: 'call', of: callee as Expr, args, keywords: keywordsOf(node, c) };
}

function lowerMethodCall(
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  c: Context,
): Expr {
  const namespace = ts.isIdentifier(of.expression)
    ? c.checker.getSymbolAtLocation(of.expression)?.declarations?.[0]
    : undefined;
  const [object, ...args] = c.sequence([
    () =>
      namespace !== undefined && ts.isNamespaceImport(namespace)
        ? c.expression(of)
        : c.expression(of.expression),
    ...argumentMakers(node, c),
  ]);
  const callee =
    namespace !== undefined && ts.isNamespaceImport(namespace)
      ? (object as Expr)
      : memberAccess(object as Expr, of, c);
  return { k: 'call', of: callee, args, keywords: keywordsOf(node, c) };
}

const isKeywordsParameter = (parameter: ts.ParameterDeclaration | ts.JSDocParameterTag): boolean =>
  ts.isParameter(parameter) &&
  parameter.type !== undefined &&
  ts.isTypeReferenceNode(parameter.type) &&
  parameter.type.typeName.getText() === 'Keywords';

/** Index of the argument that becomes keyword arguments, or -1. */
function keywordsAt(node: ts.CallExpression | ts.NewExpression, c: Context): number {
  const declaration = c.facts.checker.getResolvedSignature(node)?.declaration;
  return declaration === undefined
    ? -1
    : declaration.parameters.findIndex((parameter) => isKeywordsParameter(parameter));
}

function keywordsOf(node: ts.CallExpression | ts.NewExpression, c: Context): Keyword[] | undefined {
  const at = keywordsAt(node, c);
  const argument = at < 0 ? undefined : node.arguments?.[at];
  if (argument === undefined) return undefined;
  const literal = skipParentheses(argument);
  if (!ts.isObjectLiteralExpression(literal)) {
    c.refuse('keywords', argument);
    return undefined;
  }
  const keywords: Keyword[] = [];
  for (const property of literal.properties) {
    if (ts.isPropertyAssignment(property) && ts.isIdentifier(property.name)) {
      keywords.push({ name: property.name.text, value: c.expression(property.initializer) });
    } else if (ts.isShorthandPropertyAssignment(property)) {
      keywords.push({ name: property.name.text, value: c.expression(property.name) });
    } else c.refuse('keywords', property);
  }
  return keywords;
}

export function argumentMakers(
  node: ts.CallExpression | ts.NewExpression,
  c: Context,
): (() => Expr)[] {
  const keywords = keywordsAt(node, c);
  return (node.arguments ?? [])
    .filter((_, at) => at !== keywords)
    .map((argument) => () => {
      if (ts.isSpreadElement(argument)) {
        return { k: 'star', of: c.expression(argument.expression) } as Expr;
      }
      return c.expression(argument);
    });
}

export function lowerArguments(node: ts.CallExpression | ts.NewExpression, c: Context): Expr[] {
  return c.sequence(argumentMakers(node, c));
}

function lowerLibraryMethod(
  node: ts.CallExpression,
  of: ts.PropertyAccessExpression,
  c: Context,
): Expr {
  const receiver = skipParentheses(of.expression);
  const member = of.name.text;
  const type = c.type(of.expression);
  const library = libName(type, c.checker) ?? type.symbol?.name ?? '';
  switch (library) {
    case 'Math':
      return lowerMathCall(node, member, c);
    case 'JSON':
    case 'Console':
    case 'ObjectConstructor':
    case 'ArrayConstructor':
    case 'NumberConstructor':
    case 'StringConstructor':
    case 'Uint8ArrayConstructor':
      return lowerStaticCall(node, library, member, c);
    case 'Array':
      return lowerArrayMethod(node, of, member, c);
    case 'String':
      return lowerStringMethod(node, of, member, c);
    case 'Number':
    case 'Boolean':
      return lowerStringMethod(node, of, member, c);
    case 'Map':
    case 'Set':
      return lowerMapMethod(node, of, library, member, c);
    case 'Uint8Array':
      return lowerBytesMethod(node, of, member, c);
    case 'DataView':
      return lowerDataViewMethod(node, of, member, c);
    case 'TextEncoder':
      if (ts.isNewExpression(receiver) && member === 'encode') {
        return call('bytearray', ...lowerArguments(node, c), string('utf-8'));
      }
      break;
    case 'Error':
    case 'RangeError':
    case 'SyntaxError':
    case 'TypeError':
      if (member === 'toString') return c.helper('error_text', c.expression(receiver));
      break;
    case 'Generator':
    case 'Iterator':
    case 'IterableIterator':
      if (member === 'next') {
        const [object, ...args] = c.sequence([
          () => c.expression(receiver),
          ...argumentMakers(node, c),
        ]);
        return c.helper('step', object as Expr, ...args);
      }
  }
  return c.refuse('unsupported-member', of, `${library}.${member}`);
}

export function lowerNew(node: ts.NewExpression, c: Context): Expr {
  const target = skipParentheses(node.expression);
  const declaration = c.facts.symbolOf(target)?.declarations?.[0];
  if (declaration !== undefined && isLibDeclaration(declaration) && ts.isIdentifier(target)) {
    switch (target.text) {
      case 'Map':
        return newMap(node, c);
      case 'Set':
        return newSet(node, c);
      case 'Uint8Array':
        return newBytes(node, c);
      case 'DataView':
        return newDataView(node, c);
      case 'Array':
        return newArray(node, c);
      case 'ArrayBuffer':
        return call('bytearray', ...lowerArguments(node, c));
      case 'TextEncoder':
        return c.refuse('unsupported-member', node, 'A TextEncoder that is kept');
      default: {
        const [message, cause] = lowerArguments(node, c);
        const args = message === undefined ? [] : [message];
        const made: Expr = { k: 'call', of: errorClass(target.text, target, c), args };
        return cause === undefined ? made : c.helper('with_cause', made, cause);
      }
    }
  }
  const [callee, ...args] = c.sequence([() => c.expression(target), ...argumentMakers(node, c)]);
  return { k: 'call', of: callee ?? none, args, keywords: keywordsOf(node, c) };
}
