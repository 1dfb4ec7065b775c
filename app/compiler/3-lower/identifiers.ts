import ts from 'typescript';
import { isLibDeclaration } from '../2-check/number-ranges.ts';
import { call, name, none, string, type Expr } from '../python-ast.ts';
import { errorClass } from './classes.ts';
import type { Context } from './context.ts';
import { memberName } from './names.ts';

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
    return c.tools.isBundle ? name(text) : c.import(c.tools.moduleName(source), text);
  }
  const writes = c.facts.variables.get(symbol)?.writes.length;
  return { k: 'name', name: text, stable: writes === 0 };
}

function libraryName(node: ts.Identifier, c: Context): Expr {
  switch (node.text) {
    case 'NaN':
      return call('float', string('nan'));
    case 'Infinity':
      return call('float', string('inf'));
    case 'Error':
    case 'RangeError':
    case 'TypeError':
      return errorClass(node.text, node, c);
    case 'Symbol':
      return c.refuse('symbol', node);
    case 'arguments':
      return c.refuse('arguments', node);
    default:
      return c.refuse('unsupported-global', node, node.text);
  }
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
