import * as ts from 'typescript';
import { isAssignmentOperator, isFunctionNode, skipParentheses } from '../2-check/facts.ts';
import { name, none, type Expr, type Stmt } from '../python-ast.ts';
import { lowerAssignment, lowerStep } from './assignment.ts';
import { lowerCondition } from './conditions.ts';
import type { Context } from './context.ts';
import { bindPattern } from './destructuring.ts';
import { lowerJump } from './loops.ts';
import { declare, declareLate, isShared } from './rounds.ts';
import { isError } from './text.ts';

/** Blocks and the simple statements. */

export function lowerBlock(node: ts.Block, c: Context): Stmt[] {
  return lowerStatements(node.statements, c);
}

/** Function declarations come first, as JavaScript hoists them; what follows a jump is never reached. */
export function lowerStatements(statements: readonly ts.Statement[], c: Context): Stmt[] {
  const made = declareLate(statements, c);
  for (const statement of statements) {
    if (ts.isFunctionDeclaration(statement)) made.push(...c.statement(statement));
  }
  for (const statement of statements) {
    if (ts.isFunctionDeclaration(statement)) continue;
    made.push(...c.statement(statement));
    const last = made[made.length - 1];
    if (last !== undefined && endsFlow(last)) break;
  }
  return made;
}

const endsFlow = (statement: Stmt): boolean =>
  statement.k === 'return' ||
  statement.k === 'raise' ||
  statement.k === 'break' ||
  statement.k === 'continue';

/** The statements of a body that may be a block or a single statement. */
export function lowerBody(node: ts.Statement, c: Context): Stmt[] {
  return ts.isBlock(node) ? lowerBlock(node, c) : c.statement(node);
}

export function lowerExpressionStatement(node: ts.ExpressionStatement, c: Context): Stmt[] {
  runForEffect(node.expression, c);
  return [];
}

/** An expression whose value nobody takes. */
export function runForEffect(expression: ts.Expression, c: Context): void {
  const node = skipParentheses(expression);
  if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
    lowerAssignment(node, c, false);
    return;
  }
  if (
    (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
    (node.operator === ts.SyntaxKind.PlusPlusToken ||
      node.operator === ts.SyntaxKind.MinusMinusToken)
  ) {
    lowerStep(node, c, false);
    return;
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken) {
    runForEffect(node.left, c);
    runForEffect(node.right, c);
    return;
  }
  if (ts.isVoidExpression(node)) {
    runForEffect(node.expression, c);
    return;
  }
  const value = c.expression(node);
  if (value.k === 'call' || value.k === 'yield' || hasCall(value)) c.before.push(c.run(value));
}

function hasCall(value: Expr): boolean {
  switch (value.k) {
    case 'conditional':
      return hasCall(value.yes) || hasCall(value.no) || hasCall(value.test);
    case 'binary':
      return hasCall(value.left) || hasCall(value.right);
    case 'unary':
      return hasCall(value.of);
    default:
      return value.k === 'call' || value.k === 'attribute' || value.k === 'index';
  }
}

export function lowerVariables(node: ts.VariableStatement, c: Context): Stmt[] {
  return lowerVariableList(node.declarationList, c);
}

export function lowerVariableList(list: ts.VariableDeclarationList, c: Context): Stmt[] {
  if ((list.flags & ts.NodeFlags.BlockScoped) === 0) {
    c.refuse('unsupported-syntax', list, 'var');
    return [];
  }
  const made: Stmt[] = [];
  for (const declaration of list.declarations) {
    const { before } = c.apart(() => lowerDeclaration(declaration, c));
    made.push(...before);
  }
  return made;
}

function lowerDeclaration(node: ts.VariableDeclaration, c: Context): void {
  if (!ts.isIdentifier(node.name)) {
    if (node.initializer === undefined) return;
    bindPattern(node.name, c.twice(c.expression(node.initializer)), c);
    return;
  }
  const symbol = c.checker.getSymbolAtLocation(node.name);
  if (symbol === undefined) return;
  const value = node.initializer === undefined ? none : c.expression(node.initializer);
  if (isShared(symbol, c)) {
    c.before.push(declare(symbol, value, c));
    return;
  }
  const target = c.assigned(symbol);
  if (value.k === 'name' && target.k === 'name' && value.name === target.name) return;
  c.before.push(c.assign(target, value));
}

export function lowerIf(node: ts.IfStatement, c: Context): Stmt[] {
  const constant = c.tools.constants.of(node.expression);
  if (typeof constant === 'boolean') {
    if (constant) return lowerBody(node.thenStatement, c);
    return node.elseStatement === undefined ? [] : lowerBody(node.elseStatement, c);
  }
  const test = lowerCondition(node.expression, c);
  const yes = lowerBody(node.thenStatement, c);
  const no = node.elseStatement === undefined ? [] : lowerBody(node.elseStatement, c);
  return [c.s({ k: 'if', test, yes, no })];
}

export function lowerReturn(node: ts.ReturnStatement, c: Context): Stmt[] {
  refuseInFinally(node, c);
  if (node.expression === undefined) return [c.s({ k: 'return' })];
  const value = c.expression(node.expression);
  return [c.s(value === none ? { k: 'return' } : { k: 'return', value })];
}

export function lowerThrow(node: ts.ThrowStatement, c: Context): Stmt[] {
  const type = c.type(node.expression);
  if (!isThrowable(node.expression, type, c)) {
    c.refuse('throw-value', node.expression, c.checker.typeToString(type));
  }
  return [c.s({ k: 'raise', value: c.expression(node.expression) })];
}

/** An Error, an exception of the runtime, or what a catch clause was given. */
function isThrowable(node: ts.Expression, type: ts.Type, c: Context): boolean {
  if (isError(type, c.checker)) return true;
  const declaration = type.symbol?.declarations?.[0];
  if (declaration !== undefined && declaration.getSourceFile().isDeclarationFile) return true;
  const variable = c.facts.variableOf(skipParentheses(node));
  return variable !== undefined && ts.isCatchClause(variable.declaration.parent);
}

function refuseInFinally(node: ts.Node, c: Context): void {
  for (let at = node; at.parent !== undefined && !isFunctionNode(at); at = at.parent) {
    if (ts.isTryStatement(at.parent) && at.parent.finallyBlock === at) {
      c.refuse('finally-jump', node, node.getText().split(/[ ;]/)[0] ?? '');
      return;
    }
  }
}

export function lowerBreakOrContinue(node: ts.BreakOrContinueStatement, c: Context): Stmt[] {
  return lowerJump(node, c);
}

export function lowerTry(node: ts.TryStatement, c: Context): Stmt[] {
  const body = lowerBlock(node.tryBlock, c);
  const last = node.finallyBlock === undefined ? [] : lowerBlock(node.finallyBlock, c);
  const clause = node.catchClause;
  if (clause === undefined) return [c.s({ k: 'try', body, last })];
  const variable = clause.variableDeclaration;
  let caughtName: string | undefined;
  const copies: Stmt[] = [];
  if (variable !== undefined) {
    if (!ts.isIdentifier(variable.name)) {
      c.refuse('unsupported-syntax', variable, 'A pattern in a catch clause');
      return [];
    }
    const symbol = c.checker.getSymbolAtLocation(variable.name);
    const text = symbol === undefined ? variable.name.text : c.tools.names.of(symbol);
    const used = symbol !== undefined && (c.facts.uses.get(symbol)?.length ?? 0) > 0;
    const known = symbol === undefined ? undefined : c.facts.variables.get(symbol);
    if (used && known?.captured === true) {
      // Python forgets the name when the clause ends; a closure keeps a copy.
      caughtName = c.temporary();
      copies.push(symbol === undefined ? c.run(none) : declare(symbol, name(caughtName), c));
    } else if (used) caughtName = text;
  }
  return [
    c.s({
      k: 'try',
      body,
      caught: {
        type: name('Exception'),
        name: caughtName,
        body: [...copies, ...lowerBlock(clause.block, c)],
      },
      last,
    }),
  ];
}
