import * as ts from 'typescript';
import { isFunctionNode, isLoop } from '../2-check/facts.ts';
import { binary, yes, type Expr, type Stmt } from '../python-ast.ts';
import type { Context } from './context.ts';
import { asTarget } from './loops.ts';
import { lowerStatements } from './statements.ts';
import { isPrimitive } from './types.ts';

/** switch becomes a chain of if; a case must end by itself, only empty cases share a body. */

interface Case {
  tests: Expr[];
  isDefault: boolean;
  statements: readonly ts.Statement[];
  node: ts.CaseOrDefaultClause;
}

export function lowerSwitch(node: ts.SwitchStatement, c: Context): Stmt[] {
  const subject = c.twice(c.expression(node.expression));
  const byValue = isPrimitive(c.type(node.expression), c.checker);
  const cases = collect(node, subject, byValue, c);
  const inner = node.caseBlock.clauses.some((clause) =>
    clause.statements.some((statement, at) =>
      breaksInside(statement, isTailOf(clause, statement, at)),
    ),
  );
  return asTarget(node, { isPythonLoop: inner, isSwitch: true }, c, () => {
    const chain = chainOf(cases, c);
    if (!inner) return chain;
    return [c.s({ k: 'while', test: yes, body: [...chain, c.s({ k: 'break' })] })];
  });
}

function collect(node: ts.SwitchStatement, subject: Expr, byValue: boolean, c: Context): Case[] {
  const cases: Case[] = [];
  let pending: Expr[] = [];
  let pendingDefault = false;
  const clauses = node.caseBlock.clauses;
  clauses.forEach((clause, at) => {
    if (ts.isCaseClause(clause)) {
      const value = c.expression(clause.expression);
      pending.push(binary(byValue || value.k !== 'name' ? '==' : 'is', subject, value));
    } else pendingDefault = true;
    const last = at === clauses.length - 1;
    if (clause.statements.length === 0 && !last) return;
    if (!last && !endsItself(clause.statements)) c.refuse('fall-through', clause);
    cases.push({
      tests: pending,
      isDefault: pendingDefault,
      statements: clause.statements,
      node: clause,
    });
    pending = [];
    pendingDefault = false;
  });
  return cases;
}

function chainOf(cases: readonly Case[], c: Context): Stmt[] {
  const fallback = cases.find((one) => one.isDefault);
  let chain: Stmt[] = fallback === undefined ? [] : bodyOf(fallback, c);
  const tested = cases.filter((one) => !one.isDefault && one.tests.length > 0);
  for (const one of [...tested].reverse()) {
    const test = one.tests.reduce((sum, next) => binary('or', sum, next));
    chain = [c.s({ k: 'if', test, yes: bodyOf(one, c), no: chain })];
  }
  return chain;
}

function bodyOf(one: Case, c: Context): Stmt[] {
  const statements = [...flat(one.statements)];
  const last = statements[statements.length - 1];
  if (last !== undefined && ts.isBreakStatement(last) && last.label === undefined) statements.pop();
  return lowerStatements(statements, c);
}

/** The statements of a case; a block that is the whole case is opened. */
function flat(statements: readonly ts.Statement[]): readonly ts.Statement[] {
  const only = statements[0];
  if (statements.length === 1 && only !== undefined && ts.isBlock(only))
    return flat(only.statements);
  if (
    statements.length === 2 &&
    only !== undefined &&
    ts.isBlock(only) &&
    statements[1] !== undefined &&
    ts.isBreakStatement(statements[1])
  ) {
    return [...flat(only.statements), statements[1]];
  }
  return statements;
}

/** Control never runs past the end of these statements. */
export function endsItself(statements: readonly ts.Statement[]): boolean {
  const last = statements[statements.length - 1];
  if (last === undefined) return false;
  if (
    ts.isBreakStatement(last) ||
    ts.isContinueStatement(last) ||
    ts.isReturnStatement(last) ||
    ts.isThrowStatement(last)
  ) {
    return true;
  }
  if (ts.isBlock(last)) return endsItself(last.statements);
  if (ts.isIfStatement(last)) {
    return (
      last.elseStatement !== undefined &&
      endsItself([last.thenStatement]) &&
      endsItself([last.elseStatement])
    );
  }
  if (ts.isSwitchStatement(last)) {
    const clauses = last.caseBlock.clauses;
    return (
      clauses.some((clause) => ts.isDefaultClause(clause)) &&
      clauses.every(
        (clause, at) =>
          (clause.statements.length === 0 && at < clauses.length - 1) ||
          (endsItself(clause.statements) &&
            !clause.statements.some((one) => breaksInside(one, false))),
      )
    );
  }
  if (ts.isTryStatement(last)) {
    return (
      endsItself(last.tryBlock.statements) &&
      (last.catchClause === undefined || endsItself(last.catchClause.block.statements))
    );
  }
  return (
    ts.isWhileStatement(last) &&
    last.expression.kind === ts.SyntaxKind.TrueKeyword &&
    !breaksInside(last.statement, false)
  );
}

/** A break that leaves the switch from elsewhere than the end of a case. */
function breaksInside(node: ts.Node, isTail: boolean): boolean {
  if (ts.isBreakStatement(node)) return node.label === undefined && !isTail;
  if (isLoop(node) || ts.isSwitchStatement(node) || isFunctionNode(node)) return false;
  if (ts.isBlock(node)) {
    return node.statements.some((one, at) =>
      breaksInside(one, isTail && at === node.statements.length - 1),
    );
  }
  let found = false;
  ts.forEachChild(node, (child) => {
    if (breaksInside(child, false)) found = true;
  });
  return found;
}

/** A break as the last statement of a case, or of the block that is the whole case, is simply left out. */
function isTailOf(clause: ts.CaseOrDefaultClause, statement: ts.Statement, at: number): boolean {
  const count = clause.statements.length;
  return at === count - 1 && (count === 1 || !ts.isBlock(statement));
}
