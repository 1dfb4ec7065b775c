import * as ts from 'typescript';
import { isDeclaredPlain } from '../2-check/declared.ts';
import { isLibDeclaration } from '../2-check/library.ts';
import { mayBeWanted } from '../2-check/wanted.ts';
import { attribute, call, name, none, string, type Expr } from '../python-ast.ts';
import { errorClass } from './classes.ts';
import type { Context } from './context.ts';
import { memberName } from './names.ts';
import { isCallee } from './properties.ts';
import { isShared, sharedValue } from './rounds.ts';
import { textOf } from './text.ts';

/** A name: a local variable, something of this module, something imported, something of the runtime. */
export function lowerIdentifier(node: ts.Identifier, c: Context): Expr {
  if (node.text === 'undefined') return none;
  const symbol = c.facts.symbolOf(node);
  const declaration = symbol?.declarations?.[0];
  if (symbol === undefined || declaration === undefined) {
    if (node.text === 'arguments') return c.refuse('arguments', node);
    return c.refuse('unsupported-global', node, node.text);
  }
  if (isLibDeclaration(declaration)) return libraryName(node, c);
  const source = declaration.getSourceFile();
  if (source.isDeclarationFile) return ambientName(node, symbol, declaration, c);
  const text = c.tools.names.of(symbol);
  if (source !== c.module.source) {
    const variable = c.facts.variables.get(symbol);
    if (variable !== undefined && variable.writes.length > 0) {
      return c.refuse('exported-let', node, symbol.name);
    }
    const part = c.tools.names.partOf(source.fileName);
    if (part !== '' && part !== c.tools.names.partOf(c.module.source.fileName)) {
      const isHead = c.tools.moduleName(source) === part;
      if (!isHead || !ts.isFunctionDeclaration(declaration) || !isCallee(node))
        return c.refuse('lazy-part', node, `${symbol.name} is used, and is not there at all times`);
      if (c.tools.isBundle) return attribute(c.helper('load_part', string(part)), text);
    }
    return c.tools.isBundle ? name(text) : c.import(c.tools.moduleName(source), text);
  }
  if (isShared(symbol, c)) return sharedValue(symbol, c);
  const writes = c.facts.variables.get(symbol)?.writes.length;
  return padded({ k: 'name', name: text, stable: writes === 0 }, node, c);
}

/**
 * A function given where it will be called with more arguments than it takes: JavaScript drops them, Python would raise.
 * A lambda in between drops them. Arrow functions written in place take them themselves.
 */
function padded(value: Expr, node: ts.Identifier, c: Context): Expr {
  if (!mayBeWanted(node) || isDeclaredPlain(node, c.facts.checker)) return value;
  const own = c.type(node).getCallSignatures()[0];
  if (own === undefined || isCallee(node)) return value;
  const target = c.checker.getContextualType(node);
  if (target === undefined) return value;
  const wanted = c.checker.getNonNullableType(target).getCallSignatures()[0];
  const declaration = wanted?.declaration;
  if (wanted === undefined || declaration === undefined) return value;
  const takes = own.getParameters().length;
  const rest = own.declaration?.parameters.some(
    (one) => ts.isParameter(one) && one.dotDotDotToken !== undefined,
  );
  // The library asks how many arguments a callback takes, but gives one at least.
  const given = isLibDeclaration(declaration) ? 1 : wanted.getParameters().length;
  if (takes >= given || rest === true) return value;
  const names = Array.from({ length: given }, (_, at) => `_p${String(at)}`);
  return {
    k: 'lambda',
    parameters: names.map((one) => ({ name: one, fallback: none })),
    body: { k: 'call', of: value, args: names.slice(0, takes).map((one) => name(one)) },
  };
}

function libraryName(node: ts.Identifier, c: Context): Expr {
  switch (node.text) {
    case 'NaN':
      return call('float', string('nan'));
    case 'Infinity':
      return call('float', string('inf'));
    case 'Error':
    case 'RangeError':
    case 'SyntaxError':
    case 'TypeError':
      return errorClass(node.text, node, c);
    case 'String':
    case 'Number':
      return converter(node, c);
    case 'Symbol':
      return c.refuse('symbol', node);
    case 'arguments':
      return c.refuse('arguments', node);
    default:
      return c.refuse('unsupported-global', node, node.text);
  }
}

/** What a library method that is given the name walks over. */
const receiverOf = (node: ts.Identifier): ts.Node => {
  const called = node.parent;
  return ts.isCallExpression(called) && ts.isPropertyAccessExpression(called.expression)
    ? called.expression.expression
    : called;
};

/** `list.map(String)`, `list.map(Number)`: by the type of what it will be given. */
function converter(node: ts.Identifier, c: Context): Expr {
  const target = c.checker.getContextualType(node)?.getCallSignatures()[0];
  const parameter = target?.getParameters()[0];
  if (parameter === undefined) return c.refuse('unsupported-global', node, node.text);
  if (node.text === 'Number') return c.use('to_number');
  const given = c.checker.getTypeOfSymbol(parameter);
  return {
    k: 'lambda',
    parameters: [{ name: 'x' }],
    body: textOf(name('x'), given, receiverOf(node), c),
  };
}

/** `import { Pin } from 'machine'`: Python's own names; `builtins` needs no import. */
function ambientName(
  node: ts.Identifier,
  symbol: ts.Symbol,
  declaration: ts.Node,
  c: Context,
): Expr {
  for (let at: ts.Node | undefined = declaration; at !== undefined; at = at.parent) {
    if (ts.isModuleDeclaration(at) && ts.isStringLiteral(at.name)) {
      if (at.name.text === 'builtins') return name(symbol.name);
      return c.import(at.name.text, symbol.name, memberName(node.text));
    }
  }
  return name(node.text);
}
