import * as ts from 'typescript';
import {
  isFunctionNode,
  isLoop,
  ownerOf,
  skipParentheses,
  type Variable,
} from '../2-check/facts.ts';
import { isLibDeclaration } from '../2-check/library.ts';
import { index, name, none, number, type Expr, type Stmt } from '../python-ast.ts';
import type { Context } from './context.ts';

/**
 * Variables of a loop's round that a function outliving the round sees. Python has one variable for all rounds, so such a
 * function is made by another one that is given the value of the round; where the variable changes after that, the value
 * is a list of one element, made anew each round, that both share.
 */

/** The library calls these arguments before it gives back control, and keeps none of them. */
export const LIBRARY_CALLBACKS: Record<string, number> = {
  map: 1,
  filter: 1,
  find: 1,
  findIndex: 1,
  findLast: 1,
  findLastIndex: 1,
  some: 1,
  every: 1,
  forEach: 1,
  flatMap: 1,
  reduce: 2,
  reduceRight: 2,
  sort: 2,
  toSorted: 2,
  from: 1,
};

/** The function is given to a method of the library that calls it before it returns. */
export function isConsumedAtOnce(node: ts.Node, c: Context): boolean {
  const parent = node.parent;
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression))
    return false;
  if (!Object.hasOwn(LIBRARY_CALLBACKS, parent.expression.name.text)) return false;
  const declaration = c.facts.checker.getResolvedSignature(parent)?.declaration;
  return declaration !== undefined && isLibDeclaration(declaration);
}

/** A function that the callback makes sees a parameter of it after the call: each call must have a variable of its own. */
export function outlivesCall(callback: ts.Expression | undefined, c: Context): boolean {
  if (callback === undefined) return false;
  const outer = skipParentheses(callback);
  if (!isFunctionNode(outer)) return false;
  let lasts = false;
  const visit = (node: ts.Node): void => {
    if (isFunctionNode(node) && !isConsumedAtOnce(node, c)) {
      for (const symbol of c.facts.mentionsOf(node)) {
        if (c.facts.variables.get(symbol)?.owner === outer) lasts = true;
      }
    }
    if (!lasts) ts.forEachChild(node, visit);
  };
  ts.forEachChild(outer, visit);
  return lasts;
}

/** The outermost function between a use and the variable's owner, when the use may happen after the round. */
function keeper(use: ts.Node, variable: Variable, c: Context): ts.Node | undefined {
  let outermost: ts.Node | undefined;
  let lasts = false;
  for (let at = ownerOf(use); at !== variable.owner && !ts.isSourceFile(at); at = ownerOf(at)) {
    outermost = at;
    if (!isConsumedAtOnce(at, c)) lasts = true;
  }
  return lasts ? outermost : undefined;
}

const isWithin = (node: ts.Node, outer: ts.Node | undefined): boolean =>
  outer !== undefined && node.pos >= outer.pos && node.end <= outer.end;

/** Functions made in a round of the variable's loop that may see it after the round. */
function keepers(variable: Variable, c: Context): ts.Node[] {
  const { loop } = variable;
  if (loop === undefined || !variable.captured) return [];
  const found = new Set<ts.Node>();
  for (const use of c.facts.uses.get(variable.symbol) ?? []) {
    if (ownerOf(use) === variable.owner || use.getSourceFile() !== loop.getSourceFile()) continue;
    const one = keeper(use, variable, c);
    if (one !== undefined && isWithin(one, loop)) found.add(one);
  }
  return [...found];
}

/** Variables of the round that a function made in it must have of its own. */
export function loopVariables(node: ts.Node, c: Context): Variable[] {
  const owner = ownerOf(node);
  const found: Variable[] = [];
  for (const symbol of c.facts.mentionsOf(node)) {
    const variable = c.facts.variables.get(symbol);
    if (variable === undefined || variable.owner !== owner || variable.loop === undefined) continue;
    if (variable.declaration === node) continue;
    if (variable.declaration === node.parent && !isShared(symbol, c)) continue;
    if (insideLoop(node, variable.loop) && keepers(variable, c).includes(node))
      found.push(variable);
  }
  return found;
}

function insideLoop(node: ts.Node, loop: ts.Node): boolean {
  for (let at = node.parent; at !== undefined && !isFunctionNode(at); at = at.parent) {
    if (at === loop) return isLoop(at);
  }
  return false;
}

const known = new WeakMap<Variable, { shared: boolean; late: boolean }>();

function judge(symbol: ts.Symbol, c: Context): { shared: boolean; late: boolean } {
  const variable = c.facts.variables.get(symbol);
  if (variable?.loop === undefined || !variable.captured) return { shared: false, late: false };
  let judged = known.get(variable);
  if (judged !== undefined) return judged;
  const declaration = variable.declaration;
  const isValue = !ts.isFunctionDeclaration(declaration) && !ts.isClassDeclaration(declaration);
  const all = isValue ? keepers(variable, c) : [];
  const head = ts.isForStatement(variable.loop) ? variable.loop : undefined;
  const late = all.some((one) => {
    if (one.parent === declaration) return false; // names itself: its own def does
    // A declared function comes at the start of its block.
    const from = ts.isFunctionDeclaration(one) ? one.parent.pos : one.pos;
    return from < declaration.end && !isWithin(declaration, head?.initializer);
  });
  const changes = variable.writes.some((one) => !isWithin(one, head?.incrementor));
  const inHead = all.some((one) => isWithin(one, head?.incrementor));
  judged = { shared: all.length > 0 && (changes || late || inHead), late };
  known.set(variable, judged);
  return judged;
}

/** The variable is a list of one element. */
export const isShared = (symbol: ts.Symbol, c: Context): boolean => judge(symbol, c).shared;

/** What reads or writes the variable. */
export function sharedValue(symbol: ts.Symbol, c: Context): Expr {
  return index(name(c.tools.names.of(symbol)), number(0));
}

/** A variable gets its first value. */
export function declare(symbol: ts.Symbol, value: Expr, c: Context): Stmt {
  const { shared, late } = judge(symbol, c);
  if (!shared) return c.assign(c.assigned(symbol), value);
  if (late) return c.assign(sharedValue(symbol, c), value);
  return c.assign(name(c.tools.names.of(symbol)), { k: 'list', items: [value] });
}

/** Variables that a function of the block names before their declaration. */
export function declareLate(statements: readonly ts.Statement[], c: Context): Stmt[] {
  const made: Stmt[] = [];
  const visit = (bound: ts.BindingName): void => {
    if (!ts.isIdentifier(bound)) {
      for (const one of bound.elements) if (!ts.isOmittedExpression(one)) visit(one.name);
      return;
    }
    const symbol = c.checker.getSymbolAtLocation(bound);
    if (symbol === undefined || !judge(symbol, c).late) return;
    made.push(c.assign(name(c.tools.names.of(symbol)), { k: 'list', items: [none] }));
  };
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const one of statement.declarationList.declarations) visit(one.name);
  }
  return made;
}

/** The next round of a for statement starts with copies of its variables. */
export function nextRound(list: ts.ForInitializer | undefined, c: Context): Stmt[] {
  if (list === undefined || !ts.isVariableDeclarationList(list)) return [];
  return list.declarations.flatMap((one) => {
    const symbol = ts.isIdentifier(one.name) ? c.checker.getSymbolAtLocation(one.name) : undefined;
    if (symbol === undefined || !isShared(symbol, c)) return [];
    const target = name(c.tools.names.of(symbol));
    return [c.assign(target, { k: 'list', items: [sharedValue(symbol, c)] })];
  });
}

/** A class made in a round has no such function around it. */
export function refuseCaptures(node: ts.ClassLikeDeclaration, c: Context): void {
  for (const member of node.members) {
    for (const symbol of c.facts.mentionsOf(member)) {
      const variable = c.facts.variables.get(symbol);
      if (variable?.loop === undefined || isWithin(variable.declaration, node)) continue;
      if (isWithin(node, variable.loop)) c.refuse('captured-loop-variable', node, symbol.name);
    }
  }
}
