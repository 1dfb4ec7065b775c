import * as ts from 'typescript';
import { declaredNames, hiddenBody, visibleText } from './environment.ts';

/**
 * A changed file is parsed anew: its declarations are other nodes and symbols, even those whose text is the same. What is
 * remembered of other files still points to the old ones; this leads from an old one to the one that took its place.
 */
type Declared = ts.Node & { symbol?: ts.Symbol; localSymbol?: ts.Symbol };

const places = new WeakMap<object, object>();

/** What stands now where `one` stood, or `one` itself. */
export function moved<T extends object>(one: T): T {
  let at: object = one;
  for (let next = places.get(at); next !== undefined; next = places.get(at)) at = next;
  return at as T;
}

/** Both are bound. Only what other files can see is followed: nothing within the bodies of functions with declared results. */
export function follow(before: ts.SourceFile, after: ts.SourceFile): void {
  const named = new Map<string, ts.Statement[]>();
  for (const statement of after.statements) {
    for (const name of declaredNames(statement)) {
      const list = named.get(name);
      if (list === undefined) named.set(name, [statement]);
      else list.push(statement);
    }
  }
  pair(before, after);
  for (const statement of before.statements) {
    for (const name of declaredNames(statement)) {
      const text = visibleText(statement, before);
      const other = named
        .get(name)
        ?.find((one) => one.kind === statement.kind && visibleText(one, after) === text);
      if (other !== undefined) walk(statement, other);
    }
  }
}

function pair(before: Declared, after: Declared): void {
  places.set(before, after);
  if (before.symbol !== undefined && after.symbol !== undefined && before.symbol !== after.symbol)
    places.set(before.symbol, after.symbol);
  if (before.localSymbol !== undefined && after.localSymbol !== undefined)
    places.set(before.localSymbol, after.localSymbol);
}

function walk(before: ts.Node, after: ts.Node): void {
  if (before.kind !== after.kind) return;
  pair(before, after);
  const others = childrenOf(after);
  childrenOf(before).forEach((child, at) => {
    const other = others[at];
    if (other !== undefined) walk(child, other);
  });
}

function childrenOf(node: ts.Node): ts.Node[] {
  const hidden = hiddenBody(node);
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    if (child !== hidden) children.push(child);
  });
  return children;
}
