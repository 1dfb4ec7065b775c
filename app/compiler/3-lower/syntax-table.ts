import * as ts from 'typescript';
import { no, none, yes, number, type Expr, type Stmt } from '../python-ast.ts';
import { lowerCall, lowerNew } from './calls.ts';
import { lowerClass } from './classes.ts';
import { lowerThis } from './classes.ts';
import type { Context } from './context.ts';
import { lowerStep } from './assignment.ts';
import { lowerFunctionDeclaration, lowerFunctionValue, lowerYield } from './functions.ts';
import { lowerIdentifier } from './identifiers.ts';
import { lowerArray, lowerNumber, lowerObject, lowerText, textLiteral } from './literals.ts';
import { lowerDo, lowerFor, lowerForOf, lowerLabeled, lowerWhile } from './loops.ts';
import { lowerBinary, lowerConditional, lowerPrefix } from './operators.ts';
import {
  hasOpenQuestion,
  lowerElementAccess,
  lowerOptionalChain,
  lowerPropertyAccess,
  substitutes,
} from './properties.ts';
import {
  lowerBlock,
  lowerBreakOrContinue,
  lowerExpressionStatement,
  lowerIf,
  lowerReturn,
  lowerThrow,
  lowerTry,
  lowerVariables,
} from './statements.ts';
import { lowerSwitch } from './switch.ts';
import { lowerTemplate } from './text.ts';
import { parts } from './types.ts';

/**
 * The subset in one place: every kind of expression and statement that has a meaning on boards, and the function that
 * lowers it. What is not in the table is refused. app/compiler/README.md repeats it for readers; a test compares.
 */
const K = ts.SyntaxKind;
type Lower<N, R> = (node: N, c: Context) => R;
const on = <N extends ts.Node, R>(lower: Lower<N, R>): Lower<ts.Node, R> =>
  lower as Lower<ts.Node, R>;

export const EXPRESSIONS: Partial<Record<ts.SyntaxKind, Lower<ts.Node, Expr>>> = {
  [K.Identifier]: on(lowerIdentifier),
  [K.NumericLiteral]: on(lowerNumber),
  [K.StringLiteral]: on(lowerText),
  [K.NoSubstitutionTemplateLiteral]: on(lowerText),
  [K.TemplateExpression]: on(lowerTemplate),
  [K.TrueKeyword]: () => yes,
  [K.FalseKeyword]: () => no,
  [K.NullKeyword]: () => none,
  [K.ThisKeyword]: on(lowerThis),
  [K.ArrayLiteralExpression]: on(lowerArray),
  [K.ObjectLiteralExpression]: on(lowerObject),
  [K.ArrowFunction]: on(lowerFunctionValue),
  [K.FunctionExpression]: on(lowerFunctionValue),
  [K.PropertyAccessExpression]: on(lowerPropertyAccess),
  [K.ElementAccessExpression]: on(lowerElementAccess),
  [K.CallExpression]: on(lowerCall),
  [K.NewExpression]: on(lowerNew),
  [K.BinaryExpression]: on(lowerBinary),
  [K.PrefixUnaryExpression]: on(lowerPrefix),
  [K.PostfixUnaryExpression]: on((node: ts.PostfixUnaryExpression, c) => lowerStep(node, c, true)),
  [K.ConditionalExpression]: on(lowerConditional),
  [K.DeleteExpression]: on(lowerDelete),
  [K.TypeOfExpression]: on(lowerTypeofValue),
  [K.YieldExpression]: on(lowerYield),
  [K.VoidExpression]: on((node: ts.VoidExpression, c) => {
    c.before.push(c.run(c.expression(node.expression)));
    return none;
  }),
};

export const STATEMENTS: Partial<Record<ts.SyntaxKind, Lower<ts.Node, Stmt[]>>> = {
  [K.VariableStatement]: on(lowerVariables),
  [K.ExpressionStatement]: on(lowerExpressionStatement),
  [K.Block]: on(lowerBlock),
  [K.IfStatement]: on(lowerIf),
  [K.WhileStatement]: on(lowerWhile),
  [K.DoStatement]: on(lowerDo),
  [K.ForStatement]: on(lowerFor),
  [K.ForOfStatement]: on(lowerForOf),
  [K.SwitchStatement]: on(lowerSwitch),
  [K.BreakStatement]: on(lowerBreakOrContinue),
  [K.ContinueStatement]: on(lowerBreakOrContinue),
  [K.LabeledStatement]: on(lowerLabeled),
  [K.ReturnStatement]: on(lowerReturn),
  [K.ThrowStatement]: on(lowerThrow),
  [K.TryStatement]: on(lowerTry),
  [K.FunctionDeclaration]: on(lowerFunctionDeclaration),
  [K.ClassDeclaration]: on(lowerClass),
  [K.EmptyStatement]: () => [],
  [K.InterfaceDeclaration]: () => [],
  [K.TypeAliasDeclaration]: () => [],
};

/** The word itself; null and undefined are one value on boards. */
function lowerTypeofValue(node: ts.TypeOfExpression, c: Context): Expr {
  const type = c.type(node.expression);
  if (parts(type).some((part) => (part.flags & ts.TypeFlags.Null) !== 0)) {
    return c.refuse('null-or-undefined', node);
  }
  return c.helper('type_of', c.expression(node.expression));
}

function lowerDelete(node: ts.DeleteExpression, c: Context): Expr {
  const target = node.expression;
  if (!ts.isElementAccessExpression(target)) return c.refuse('delete', node);
  const type = c.type(target.expression);
  if (c.checker.getIndexTypeOfType(type, ts.IndexKind.String) === undefined) {
    return c.refuse('delete', node);
  }
  const [of, key] = c.operands([target.expression, target.argumentExpression]) as [Expr, Expr];
  return { k: 'call', of: { k: 'attribute', of, name: 'pop' }, args: [key, none] };
}

export function lowerExpression(node: ts.Expression, c: Context): Expr {
  const substitute = substitutes.get(node);
  if (substitute !== undefined) return substitute;
  if (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node)
  ) {
    return c.expression(node.expression);
  }
  const constant = foldable(node) ? c.tools.constants.of(node) : undefined;
  if (typeof constant === 'number') {
    if (Math.abs(constant) > Number.MAX_SAFE_INTEGER && Number.isInteger(constant)) {
      return c.refuse('number-too-large', node, node.getText());
    }
    return number(constant);
  }
  if (typeof constant === 'boolean') return constant ? yes : no;
  if (typeof constant === 'string' && constant.length <= INLINE_TEXT) {
    return textLiteral(constant, node, c);
  }
  if (hasOpenQuestion(node)) return lowerOptionalChain(node, c);
  const lower = EXPRESSIONS[node.kind];
  if (lower === undefined) return refuseSyntax(node, c);
  return lower(node, c);
}

/** Longer text is kept in its module instead of being repeated at every use. */
export const INLINE_TEXT = 24;

const foldable = (node: ts.Expression): boolean =>
  ts.isIdentifier(node) ||
  ts.isPropertyAccessExpression(node) ||
  ts.isBinaryExpression(node) ||
  ts.isPrefixUnaryExpression(node);

export function lowerStatement(node: ts.Statement, c: Context): Stmt[] {
  const lower = STATEMENTS[node.kind];
  if (lower === undefined) {
    refuseSyntax(node, c);
    return [];
  }
  return lower(node, c);
}

function refuseSyntax(node: ts.Node, c: Context): Expr {
  switch (node.kind) {
    case K.ForInStatement:
      return c.refuse('for-in', node);
    case K.EnumDeclaration:
    case K.ModuleDeclaration:
      return c.refuse('enum', node);
    case K.RegularExpressionLiteral:
      return c.refuse('regular-expression', node);
    case K.BigIntLiteral:
      return c.refuse('bigint', node);
    case K.AwaitExpression:
      return c.refuse('async', node);
    default:
      return c.refuse('unsupported-syntax', node, ts.SyntaxKind[node.kind]);
  }
}
