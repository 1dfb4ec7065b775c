import * as ts from 'typescript';
import { isFunctionNode, skipParentheses } from '../2-check/facts.ts';
import { isLibDeclaration } from '../2-check/library.ts';
import {
  binary,
  call,
  method,
  name,
  no,
  not,
  number,
  yes,
  type Expr,
  type Stmt,
} from '../python-ast.ts';
import { lowerCondition } from './conditions.ts';
import type { Context, Target } from './context.ts';
import { bindPattern } from './destructuring.ts';
import { placeOf } from './assignment.ts';
import { declare, isShared, nextRound } from './rounds.ts';
import { lowerBody, lowerVariableList, runForEffect } from './statements.ts';
import { isBytes, libName, mayBeLibrary } from './types.ts';

/** Loops, labels, break and continue. */

export function labelsOf(node: ts.Node): string[] {
  const labels: string[] = [];
  for (let at = node.parent; ts.isLabeledStatement(at); at = at.parent) labels.push(at.label.text);
  return labels;
}

/** Lowers a loop's body with the loop as a target; adds what jumps across it need around the finished loop. */
export function asTarget(
  node: ts.Node,
  options: {
    isPythonLoop?: boolean;
    isSwitch?: boolean;
    isBlock?: boolean;
    beforeContinue?: () => Stmt[];
  },
  c: Context,
  make: (target: Target) => Stmt[],
): Stmt[] {
  const target: Target = {
    node,
    labels: labelsOf(node),
    isPythonLoop: options.isPythonLoop ?? true,
    isSwitch: options.isSwitch ?? false,
    isBlock: options.isBlock ?? false,
    beforeContinue: options.beforeContinue ?? (() => []),
    flag: undefined,
    crossings: new Set(),
  };
  c.scope.targets.push(target);
  const made = make(target);
  c.scope.targets.pop();
  if (target.crossings.size === 0) return made;
  const around: Stmt[] = [];
  const after: Stmt[] = [];
  const outer = [...c.scope.targets].reverse().find((one) => one.isPythonLoop);
  for (const aim of target.crossings) {
    const flag = name(aim.flag as string);
    around.push(c.assign(flag, number(0)));
    if (aim === outer) {
      after.push(
        c.s({
          k: 'if',
          test: binary('==', flag, number(1)),
          yes: [c.s({ k: 'break' })],
          no: [
            c.s({
              k: 'if',
              test: binary('==', flag, number(2)),
              yes: [...aim.beforeContinue(), c.s({ k: 'continue' })],
              no: [],
            }),
          ],
        }),
      );
    } else {
      outer?.crossings.add(aim);
      after.push(
        c.s({ k: 'if', test: binary('!=', flag, number(0)), yes: [c.s({ k: 'break' })], no: [] }),
      );
    }
  }
  return [...around, ...made, ...after];
}

export function lowerJump(node: ts.BreakOrContinueStatement, c: Context): Stmt[] {
  const isBreak = ts.isBreakStatement(node);
  const targets = c.scope.targets;
  const aim = [...targets].reverse().find((one) => {
    if (node.label !== undefined) return one.labels.includes(node.label.text);
    return !one.isBlock && (isBreak || !one.isSwitch);
  });
  if (aim === undefined) {
    c.refuse('unsupported-syntax', node, 'A jump out of a labelled block');
    return [];
  }
  for (let at: ts.Node = node; at !== aim.node && !isFunctionNode(at); at = at.parent) {
    if (ts.isTryStatement(at.parent) && at.parent.finallyBlock === at) {
      c.refuse('finally-jump', node, isBreak ? 'break' : 'continue');
      return [];
    }
  }
  const innermost = [...targets].reverse().find((one) => one.isPythonLoop);
  if (aim === innermost) {
    return isBreak ? [c.s({ k: 'break' })] : [...aim.beforeContinue(), c.s({ k: 'continue' })];
  }
  aim.flag ??= c.temporary();
  innermost?.crossings.add(aim);
  return [c.assign(name(aim.flag), number(isBreak ? 1 : 2)), c.s({ k: 'break' })];
}

/** `name: { … break name; … }` is a loop of one round; loops and switches have their label themselves. */
export function lowerLabeled(node: ts.LabeledStatement, c: Context): Stmt[] {
  const inner = node.statement;
  if (!ts.isBlock(inner) && !ts.isIfStatement(inner) && !ts.isTryStatement(inner)) {
    return c.statement(inner);
  }
  return asTarget(inner, { isBlock: true }, c, () => {
    const body = c.statement(inner);
    return [c.s({ k: 'while', test: yes, body: [...body, c.s({ k: 'break' })] })];
  });
}

function lowerTest(node: ts.Expression | undefined, c: Context): { before: Stmt[]; value: Expr } {
  return node === undefined ? { before: [], value: yes } : c.apart(() => lowerCondition(node, c));
}

/** `while test: body`; a test that needs statements moves into the loop. */
function whileLoop(test: { before: Stmt[]; value: Expr }, body: Stmt[], c: Context): Stmt {
  if (test.before.length === 0) return c.s({ k: 'while', test: test.value, body });
  return c.s({
    k: 'while',
    test: yes,
    body: [
      ...test.before,
      c.s({ k: 'if', test: not(test.value), yes: [c.s({ k: 'break' })], no: [] }),
      ...body,
    ],
  });
}

export function lowerWhile(node: ts.WhileStatement, c: Context): Stmt[] {
  if (c.tools.constants.of(node.expression) === false) return [];
  return asTarget(node, {}, c, () => [
    whileLoop(lowerTest(node.expression, c), lowerBody(node.statement, c), c),
  ]);
}

export function lowerDo(node: ts.DoStatement, c: Context): Stmt[] {
  const leave = (): Stmt[] => {
    const { before, value } = lowerTest(node.expression, c);
    if (value === yes) return before;
    if (value === no) return [...before, c.s({ k: 'break' })];
    return [...before, c.s({ k: 'if', test: not(value), yes: [c.s({ k: 'break' })], no: [] })];
  };
  return asTarget(node, { beforeContinue: leave }, c, () => {
    const body = lowerBody(node.statement, c);
    return [c.s({ k: 'while', test: yes, body: [...body, ...leave()] })];
  });
}

export function lowerFor(node: ts.ForStatement, c: Context): Stmt[] {
  const counted = countedLoop(node, c);
  if (counted !== undefined) {
    return asTarget(node, {}, c, () => [
      c.s({
        k: 'for',
        target: counted.target,
        over: counted.over,
        body: lowerBody(node.statement, c),
      }),
    ]);
  }
  const start: Stmt[] = [];
  const initializer = node.initializer;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) start.push(...lowerVariableList(initializer, c));
    else start.push(...c.apart(() => runForEffect(initializer, c)).before);
  }
  const increment = (): Stmt[] => {
    const incrementor = node.incrementor;
    const copies = nextRound(initializer, c);
    if (incrementor === undefined) return copies;
    return [...copies, ...c.apart(() => runForEffect(incrementor, c)).before];
  };
  const loop = asTarget(node, { beforeContinue: increment }, c, () => {
    const test = lowerTest(node.condition, c);
    const body = lowerBody(node.statement, c);
    return [whileLoop(test, [...body, ...increment()], c)];
  });
  return [...start, ...loop];
}

/** `for (let i = a; i < b; i++)` that nothing disturbs is a range. */
function countedLoop(node: ts.ForStatement, c: Context): { target: Expr; over: Expr } | undefined {
  const list = node.initializer;
  if (list === undefined || !ts.isVariableDeclarationList(list) || list.declarations.length !== 1) {
    return undefined;
  }
  const declaration = list.declarations[0];
  if (
    declaration === undefined ||
    !ts.isIdentifier(declaration.name) ||
    declaration.initializer === undefined ||
    node.condition === undefined ||
    node.incrementor === undefined
  ) {
    return undefined;
  }
  const variable = c.facts.variableOf(declaration.name);
  const test = skipParentheses(node.condition);
  if (
    variable === undefined ||
    variable.writes.length !== 1 ||
    isShared(variable.symbol, c) ||
    !ts.isBinaryExpression(test) ||
    c.facts.symbolOf(skipParentheses(test.left)) !== variable.symbol
  ) {
    return undefined;
  }
  const step = stepOf(node.incrementor, variable.symbol, c);
  if (step === undefined || !isSteady(test.right, node, c)) return undefined;
  const limit = c.tools.ranges.of(test.right);
  if (!limit.whole || !c.tools.ranges.of(declaration.initializer).whole) return undefined;
  if (c.tools.specials.of(test.right)) return undefined;
  const kind = test.operatorToken.kind;
  const up = kind === ts.SyntaxKind.LessThanToken || kind === ts.SyntaxKind.LessThanEqualsToken;
  const down =
    kind === ts.SyntaxKind.GreaterThanToken || kind === ts.SyntaxKind.GreaterThanEqualsToken;
  if ((step > 0 && !up) || (step < 0 && !down)) return undefined;
  const { before, value: bounds } = c.apart(() =>
    c.operands([declaration.initializer as ts.Expression, test.right]),
  );
  if (before.length > 0) return undefined;
  const from = bounds[0] as Expr;
  let to = bounds[1] as Expr;
  if (kind === ts.SyntaxKind.LessThanEqualsToken) to = plus(to, 1);
  if (kind === ts.SyntaxKind.GreaterThanEqualsToken) to = plus(to, -1);
  const args =
    step !== 1
      ? [from, to, number(step)]
      : from.k === 'number' && from.text === '0'
        ? [to]
        : [from, to];
  return { target: c.assigned(variable.symbol), over: call('range', ...args) };
}

function plus(value: Expr, by: number): Expr {
  if (value.k === 'number') return number(Number(value.text) + by);
  return by < 0 ? binary('-', value, number(-by)) : binary('+', value, number(by));
}

function stepOf(node: ts.Expression, symbol: ts.Symbol, c: Context): number | undefined {
  if (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) {
    if (c.facts.symbolOf(node.operand) !== symbol) return undefined;
    if (node.operator === ts.SyntaxKind.PlusPlusToken) return 1;
    return node.operator === ts.SyntaxKind.MinusMinusToken ? -1 : undefined;
  }
  if (!ts.isBinaryExpression(node) || c.facts.symbolOf(node.left) !== symbol) return undefined;
  const by = c.tools.constants.of(node.right);
  if (typeof by !== 'number' || !Number.isInteger(by) || by === 0) return undefined;
  if (node.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken) return by;
  return node.operatorToken.kind === ts.SyntaxKind.MinusEqualsToken ? -by : undefined;
}

/** The limit stays as it is while the loop runs: a constant, an untouched variable, the length of bytes or text. */
function isSteady(expression: ts.Expression, loop: ts.ForStatement, c: Context): boolean {
  const node = skipParentheses(expression);
  if (c.tools.constants.of(node) !== undefined) return true;
  if (ts.isIdentifier(node)) {
    const variable = c.facts.variableOf(node);
    if (variable === undefined) return false;
    return (
      (variable.writes.length === 0 && !ts.isSourceFile(variable.owner)) ||
      (!variable.captured &&
        !ts.isSourceFile(variable.owner) &&
        variable.writes.every((write) => !isInside(write, loop)))
    );
  }
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'length') {
    const type = c.type(node.expression);
    const library = libName(type, c.checker);
    if (library !== 'Uint8Array' && library !== 'String') {
      return library === 'Array' && isReadonlyArray(type, c) && isSteady(node.expression, loop, c);
    }
    return isSteadyPath(node.expression, loop, c);
  }
  if (ts.isBinaryExpression(node)) {
    const kind = node.operatorToken.kind;
    return (
      (kind === ts.SyntaxKind.PlusToken ||
        kind === ts.SyntaxKind.MinusToken ||
        kind === ts.SyntaxKind.AsteriskToken) &&
      isSteady(node.left, loop, c) &&
      isSteady(node.right, loop, c)
    );
  }
  return false;
}

function isReadonlyArray(type: ts.Type, c: Context): boolean {
  return c.checker.isTupleType(type);
}

function isSteadyPath(expression: ts.Expression, loop: ts.ForStatement, c: Context): boolean {
  const node = skipParentheses(expression);
  if (ts.isIdentifier(node)) return isSteady(node, loop, c) || isModuleConstant(node, c);
  if (ts.isPropertyAccessExpression(node)) {
    const declaration = c.checker.getSymbolAtLocation(node.name)?.valueDeclaration;
    const readonly =
      declaration !== undefined &&
      (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly) !== 0;
    return (
      readonly &&
      (node.expression.kind === ts.SyntaxKind.ThisKeyword || isSteadyPath(node.expression, loop, c))
    );
  }
  return false;
}

function isModuleConstant(node: ts.Identifier, c: Context): boolean {
  const variable = c.facts.variableOf(node);
  return variable !== undefined && variable.writes.length === 0;
}

function isInside(node: ts.Node, outer: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (at === outer) return true;
  }
  return false;
}

export function lowerForOf(node: ts.ForOfStatement, c: Context): Stmt[] {
  if (node.awaitModifier !== undefined) {
    c.refuse('async', node);
    return [];
  }
  const over = iterated(node.expression, c, node.statement);
  const prepared: Stmt[] = [];
  let target: Expr;
  const initializer = node.initializer;
  if (ts.isVariableDeclarationList(initializer)) {
    const declared = initializer.declarations[0]?.name;
    if (declared === undefined) return [];
    if (ts.isIdentifier(declared)) {
      const symbol = c.checker.getSymbolAtLocation(declared);
      if (symbol !== undefined && isShared(symbol, c)) {
        target = name(c.temporary());
        const item = over.tuples === true ? call('list', target) : target;
        prepared.push(declare(symbol, item, c));
      } else {
        target = symbol === undefined ? name('_') : c.assigned(symbol);
        if (over.tuples === true && symbol !== undefined && !isOnlyRead(symbol, c)) {
          prepared.push(c.assign(target, call('list', target)));
        }
      }
    } else {
      const direct = directNames(declared, c);
      if (direct !== undefined && over.pairs) target = { k: 'tuple', items: direct };
      else {
        target = name(c.temporary());
        prepared.push(...c.apart(() => bindPattern(declared, target, c)).before);
      }
    }
  } else {
    target = name(c.temporary());
    prepared.push(placeOf(initializer, c, false).write(target));
  }
  const closes = c.tools.names.hasCleanUp && mayStopEarly(node) && isIterator(node.expression, c);
  const walked = closes ? c.keep(over.value) : over.value;
  const made = asTarget(node, {}, c, () => [
    c.s({
      k: 'for',
      target,
      over: walked,
      body: [...prepared, ...lowerBody(node.statement, c)],
    }),
  ]);
  if (!closes) return made;
  const last = [c.run(c.helper('close', walked))];
  return [c.s({ k: 'try', body: made, last })];
}

/** Of a pair nothing but elements is asked for: `pair[0]`. */
function isOnlyRead(symbol: ts.Symbol, c: Context): boolean {
  return (c.facts.uses.get(symbol) ?? []).every((use) => {
    const read = use.parent;
    if (!ts.isElementAccessExpression(read) || read.expression !== use) return false;
    const outer = read.parent;
    return !(ts.isBinaryExpression(outer) && outer.left === read);
  });
}

/** Its finally blocks run when the loop is left before its end. */
function isIterator(expression: ts.Expression, c: Context): boolean {
  const library = libName(c.type(expression), c.checker);
  return library !== undefined && /^(Generator|Itera|Iterator)/.test(library);
}

function mayStopEarly(node: ts.ForOfStatement): boolean {
  let found = false;
  const visit = (one: ts.Node): void => {
    if (
      ts.isBreakStatement(one) ||
      ts.isReturnStatement(one) ||
      ts.isThrowStatement(one) ||
      ts.isCallExpression(one) ||
      (ts.isContinueStatement(one) && one.label !== undefined)
    ) {
      found = true;
    }
    if (!found && !isFunctionNode(one)) ts.forEachChild(one, visit);
  };
  visit(node.statement);
  return found;
}

/** `[a, b]` of plain names, which Python's for unpacks itself. */
function directNames(pattern: ts.BindingPattern, c: Context): Expr[] | undefined {
  if (!ts.isArrayBindingPattern(pattern) || pattern.elements.length !== 2) return undefined;
  const names: Expr[] = [];
  for (const element of pattern.elements) {
    if (ts.isOmittedExpression(element)) {
      names.push(name(c.temporary()));
      continue;
    }
    if (!ts.isIdentifier(element.name) || element.initializer || element.dotDotDotToken) {
      return undefined;
    }
    const symbol = c.checker.getSymbolAtLocation(element.name);
    if (symbol === undefined || isShared(symbol, c)) return undefined;
    names.push(c.assigned(symbol));
  }
  return names;
}

/** What a for statement walks; `pairs` when each item is a key and a value of its own, `tuples` when it is no list. */
export function iterated(
  expression: ts.Expression,
  c: Context,
  body: ts.Node | undefined,
): { value: Expr; pairs: boolean; tuples?: boolean } {
  const node = skipParentheses(expression);
  const type = c.type(node);
  const library = libName(type, c.checker);
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const of = node.expression.expression;
    const member = node.expression.name.text;
    const owner = libName(c.type(of), c.checker);
    if ((owner === 'Array' || owner === 'Uint8Array') && member === 'entries') {
      return { value: call('enumerate', c.expression(of)), pairs: true, tuples: true };
    }
    if (owner === 'Map' && (member === 'entries' || member === 'keys' || member === 'values')) {
      const pairs = member === 'entries';
      return { value: walkMap(c.expression(of), member, body, c), pairs, tuples: pairs };
    }
    if (owner === 'Set' && (member === 'keys' || member === 'values')) {
      return { value: walkMap(c.expression(of), 'keys', body, c), pairs: false };
    }
  }
  const value = c.expression(node);
  if (library === undefined && mayBeLibrary(type, 'Map', c.checker)) {
    if (!mayBeLibrary(type, 'Set', c.checker)) {
      return { value: c.helper('walk', value), pairs: true, tuples: true };
    }
    return { value: c.refuse('unsupported-member', node, 'A walk of a Map or a Set'), pairs: true };
  }
  if (library === 'Map') {
    return { value: walkMap(value, 'entries', body, c), pairs: true, tuples: true };
  }
  if (library === 'Set') return { value: walkMap(value, 'keys', body, c), pairs: false };
  return { value, pairs: isTupleList(type, c) };
}

function isTupleList(type: ts.Type, c: Context): boolean {
  const element = c.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  if (element === undefined || isBytes(type, c.checker)) return false;
  return (
    c.checker.isTupleType(element) &&
    c.checker.getTypeArguments(element as ts.TypeReference).length === 2
  );
}

/** Straight over the dict when the body cannot change it, else over the keys as JavaScript sees them. */
function walkMap(of: Expr, what: string, body: ts.Node | undefined, c: Context): Expr {
  if (body === undefined || !mayChangeMaps(body, c)) {
    return what === 'keys' ? of : method(of, what === 'entries' ? 'items' : 'values');
  }
  return c.helper(what === 'keys' ? 'live' : what === 'entries' ? 'live_items' : 'live_values', of);
}

/** It adds or deletes entries of some Map or Set, or runs code that may. */
function mayChangeMaps(body: ts.Node, c: Context): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (ts.isYieldExpression(node) || ts.isNewExpression(node)) found = true;
    if (ts.isCallExpression(node) && !isHarmless(node, c)) found = true;
    if (!found) ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

const CHANGES_MAPS = new Set(['set', 'add', 'delete', 'clear']);

/** A function of the library that changes no Map or Set and calls nothing but functions written in place. */
function isHarmless(node: ts.CallExpression, c: Context): boolean {
  const declaration = c.facts.checker.getResolvedSignature(node)?.declaration;
  if (declaration === undefined || !isLibDeclaration(declaration)) return false;
  const of = node.expression;
  if (ts.isPropertyAccessExpression(of) && CHANGES_MAPS.has(of.name.text)) return false;
  return node.arguments.every(
    (one) =>
      ts.isArrowFunction(one) ||
      ts.isFunctionExpression(one) ||
      c.type(one).getCallSignatures().length === 0,
  );
}
