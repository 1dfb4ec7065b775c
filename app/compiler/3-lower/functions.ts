import * as ts from 'typescript';
import { isFunctionNode, type FunctionNode, type Variable } from '../2-check/facts.ts';
import { call, isNone, name, none, type Expr, type Parameter, type Stmt } from '../python-ast.ts';
import type { Context } from './context.ts';
import { bindPattern } from './destructuring.ts';
import { LIBRARY_CALLBACKS, loopVariables } from './rounds.ts';
import { lowerBlock, runForEffect } from './statements.ts';
import { parts } from './types.ts';

/** Functions, arrow functions and closures. */

export interface LoweredFunction {
  parameters: Parameter[];
  body: Stmt[];
}

/** Parameters and body; `self` for methods. `prefix` makes statements that come before the body's own. */
export function lowerFunctionParts(
  node: FunctionNode,
  c: Context,
  self: boolean,
  prefix: () => Stmt[] = () => [],
): LoweredFunction {
  const parameters: Parameter[] = self ? [{ name: 'self' }] : [];
  const { value: body, scope } = c.inFunction(node, () => {
    const start: Stmt[] = [];
    const from = firstOptional(node, c);
    for (const [at, parameter] of node.parameters.entries()) {
      if (ts.isIdentifier(parameter.name) && parameter.name.text === 'this') continue;
      const patterns = c.apart(() => lowerParameter(parameter, c, start));
      const made = patterns.value;
      parameters.push(at < from || made.star === true ? made : { ...made, fallback: none });
    }
    const missing = expectedParameters(node, c) - node.parameters.length;
    const rest = node.parameters.some((parameter) => parameter.dotDotDotToken !== undefined);
    for (let at = 0; at < missing && !rest; at++) {
      parameters.push({ name: `_p${String(at)}`, fallback: none });
    }
    const before = prefix();
    const own = functionBody(node, c);
    // A generator that never yields is one all the same.
    if (isGenerator(node) && !yields(node)) {
      own.push(c.s({ k: 'return' }), c.run({ k: 'yield', from: false }));
    }
    return [...start, ...before, ...own];
  });
  const scopes: Stmt[] = [];
  for (const kind of ['global', 'nonlocal'] as const) {
    const names = [...scope.outerNames].filter(([, one]) => one === kind).map(([text]) => text);
    if (names.length > 0) scopes.push(c.s({ k: 'scope', kind, names: names.sort() }));
  }
  return { parameters, body: [...scopes, ...body] };
}

function functionBody(node: FunctionNode, c: Context): Stmt[] {
  if (node.body === undefined) return [];
  if (ts.isBlock(node.body)) return lowerBlock(node.body, c);
  const expression = node.body;
  if (returnsNothing(node, c)) return c.apart(() => runForEffect(expression, c)).before;
  const { before, value } = c.apart(() => c.expression(expression));
  return [...before, c.s({ k: 'return', value })];
}

function returnsNothing(node: FunctionNode, c: Context): boolean {
  const signature = c.checker.getSignatureFromDeclaration(node);
  if (signature === undefined) return false;
  if ((signature.getReturnType().flags & ts.TypeFlags.Void) !== 0) return true;
  const contextual = contextualSignature(node, c);
  return contextual !== undefined && (contextual.getReturnType().flags & ts.TypeFlags.Void) !== 0;
}

function contextualSignature(node: ts.Node, c: Context): ts.Signature | undefined {
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return undefined;
  const type = c.checker.getContextualType(node);
  return type === undefined ? undefined : c.checker.getNonNullableType(type).getCallSignatures()[0];
}

function lowerParameter(parameter: ts.ParameterDeclaration, c: Context, start: Stmt[]): Parameter {
  const star = parameter.dotDotDotToken !== undefined;
  let text: string;
  if (ts.isIdentifier(parameter.name)) {
    const symbol = c.checker.getSymbolAtLocation(parameter.name);
    text = symbol === undefined ? parameter.name.text : c.tools.names.of(symbol);
  } else text = c.temporary();
  const target = name(text);
  if (parameter.initializer !== undefined) {
    const initializer = parameter.initializer;
    const { before, value } = c.apart(() => c.expression(initializer));
    start.push(
      c.s({ k: 'if', test: isNone(target), yes: [...before, c.assign(target, value)], no: [] }),
    );
  }
  if (star) start.push(c.assign(target, call('list', target)));
  if (!ts.isIdentifier(parameter.name)) {
    const pattern = parameter.name;
    start.push(...c.apart(() => bindPattern(pattern, target, c)).before);
  }
  if (star) return { name: text, star };
  const optional = parameter.initializer !== undefined || parameter.questionToken !== undefined;
  return optional ? { name: text, fallback: none } : { name: text };
}

/** From this parameter on arguments may be left out, by who calls it directly or through another type. */
function firstOptional(node: FunctionNode, c: Context): number {
  const { parameters } = node;
  const own = parameters.findIndex((one) => one.initializer ?? one.questionToken);
  let first = own < 0 ? parameters.length : own;
  if (!isGivenAway(node, c)) return first;
  for (let at = first - 1; at >= 0; at--) {
    const parameter = parameters[at]!;
    if (parameter.dotDotDotToken === undefined) {
      const takes = parts(c.checker.getTypeAtLocation(parameter)).some(
        (part) => (part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Unknown)) !== 0,
      );
      if (!takes) break;
    }
    first = at;
  }
  return first;
}

/** Somebody may call the function through a type in which parameters are optional that are not in its own. */
function isGivenAway(node: FunctionNode, c: Context): boolean {
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return true;
  if (ts.isFunctionDeclaration(node)) {
    const symbol = node.name === undefined ? undefined : c.facts.symbolOf(node.name);
    return symbol !== undefined && c.facts.isGivenAway(symbol);
  }
  if (!ts.isMethodDeclaration(node)) return false;
  return !ts.isClassLike(node.parent) || (node.parent.heritageClauses ?? []).length > 0;
}

/** How many arguments this function may be called with: as many as the type it is given to declares. */
function expectedParameters(node: FunctionNode, c: Context): number {
  const contextual = contextualSignature(node, c);
  if (contextual !== undefined) {
    const library = callbackArity(node);
    if (library !== undefined) return library;
    return contextual.getParameters().length;
  }
  if (ts.isMethodDeclaration(node) && ts.isClassLike(node.parent)) {
    return inheritedParameters(node, node.parent, c);
  }
  return 0;
}

/** Callbacks of library methods are called with exactly as many arguments as they take, but one at least. */
function callbackArity(node: FunctionNode): number | undefined {
  const parent = node.parent;
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression)) {
    return undefined;
  }
  const member = parent.expression.name.text;
  return Object.hasOwn(LIBRARY_CALLBACKS, member) ? LIBRARY_CALLBACKS[member] : undefined;
}

function inheritedParameters(
  node: ts.MethodDeclaration,
  owner: ts.ClassLikeDeclaration,
  c: Context,
): number {
  let most = 0;
  const text = node.name.getText();
  for (const clause of owner.heritageClauses ?? []) {
    for (const item of clause.types) {
      const property = c.type(item).getProperty(text);
      if (property === undefined) continue;
      for (const signature of c.checker.getTypeOfSymbol(property).getCallSignatures()) {
        most = Math.max(most, signature.getParameters().length);
      }
    }
  }
  return most;
}

/** A function as a value: a lambda when one expression says it all, else a def before the statement. */
export function lowerFunctionValue(
  node: ts.ArrowFunction | ts.FunctionExpression | ts.MethodDeclaration,
  c: Context,
): Expr {
  if (node.modifiers?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) === true) {
    return c.refuse('async', node);
  }
  const { parameters, body } = lowerFunctionParts(node, c, false);
  const captured = loopVariables(node, c);
  const only = body[0];
  let value: Expr;
  const definitions: Stmt[] = [];
  if (body.length === 0 && !ts.isFunctionExpression(node)) {
    value = { k: 'lambda', parameters, body: none };
  } else if (
    body.length === 1 &&
    only?.k === 'return' &&
    only.value !== undefined &&
    !isGenerator(node) &&
    !(captured.length > 0 && namesItself(node, c))
  ) {
    value = { k: 'lambda', parameters, body: only.value };
  } else if (body.length === 1 && only?.k === 'expression' && !isGenerator(node)) {
    value = { k: 'lambda', parameters, body: only.value };
  } else {
    const text = functionName(node, c);
    definitions.push(c.s({ k: 'function', name: text, parameters, body }));
    value = name(text);
  }
  if (captured.length === 0) {
    c.before.push(...definitions);
    return value;
  }
  return perIteration(captured, definitions, value, c);
}

/** `const f = () => … f() …`. */
function namesItself(node: ts.Node, c: Context): boolean {
  const parent = node.parent;
  if (!ts.isVariableDeclaration(parent)) return false;
  const symbol = c.checker.getSymbolAtLocation(parent.name);
  return symbol !== undefined && c.facts.mentionsOf(node).has(symbol);
}

const isGenerator = (node: ts.Node): boolean =>
  (ts.isFunctionExpression(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isFunctionDeclaration(node)) &&
  node.asteriskToken !== undefined;

function yields(node: ts.Node): boolean {
  let found = false;
  const visit = (child: ts.Node): void => {
    if (ts.isYieldExpression(child)) found = true;
    else if (!isFunctionNode(child)) ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

function functionName(node: ts.Node, c: Context): string {
  const parent = node.parent;
  const temporary = c.temporary();
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) {
    const symbol = c.checker.getSymbolAtLocation(parent.name);
    if (symbol !== undefined && c.facts.variables.get(symbol)?.writes.length === 0) {
      return c.tools.names.of(symbol);
    }
  }
  return temporary;
}

function perIteration(
  captured: readonly Variable[],
  definitions: readonly Stmt[],
  value: Expr,
  c: Context,
): Expr {
  const maker = c.temporary();
  const names = captured.map((variable) => c.tools.names.of(variable.symbol));
  c.before.push(
    c.s({
      k: 'function',
      name: maker,
      parameters: names.map((text) => ({ name: text })),
      body: [...definitions, c.s({ k: 'return', value })],
    }),
  );
  return call(maker, ...names.map((text) => name(text)));
}

export function lowerFunctionDeclaration(node: ts.FunctionDeclaration, c: Context): Stmt[] {
  if (node.body === undefined || node.name === undefined) return [];
  if (node.modifiers?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) === true) {
    c.refuse('async', node);
    return [];
  }
  const symbol = c.checker.getSymbolAtLocation(node.name);
  const text = symbol === undefined ? node.name.text : c.tools.names.of(symbol);
  const { parameters, body } = lowerFunctionParts(node, c, false);
  const captured = loopVariables(node, c);
  if (captured.length > 0) {
    const definition = c.s({ k: 'function', name: text, parameters, body });
    const { before, value } = c.apart(() => perIteration(captured, [definition], name(text), c));
    return [...before, c.assign(name(text), value)];
  }
  return [c.s({ k: 'function', name: text, parameters, body })];
}

export function lowerYield(node: ts.YieldExpression, c: Context): Expr {
  const value = node.expression === undefined ? undefined : c.expression(node.expression);
  const made: Expr = { k: 'yield', value, from: node.asteriskToken !== undefined };
  // Kept at once: other operands must not be moved across it.
  return ts.isExpressionStatement(node.parent) ? made : c.keep(made);
}
