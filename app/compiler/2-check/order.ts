import * as ts from 'typescript';
import type { Effects } from './effects.ts';
import { isAssignmentOperator, isFunctionNode, skipParentheses, type Facts } from './facts.ts';
import { isLibDeclaration } from './library.ts';

/** Of the library: they change nothing and call nothing of the program, whatever they are given. */
const PURE = new Set([
  ...[
    'at',
    'get',
    'has',
    'includes',
    'indexOf',
    'lastIndexOf',
    'join',
    'slice',
    'subarray',
    'concat',
  ],
  ...['charAt', 'charCodeAt', 'endsWith', 'startsWith', 'substring', 'split', 'trim', 'repeat'],
  ...['padStart', 'padEnd', 'toLowerCase', 'toUpperCase', 'toString', 'toFixed', 'fromCharCode'],
  ...[
    'getUint8',
    'getUint16',
    'getUint32',
    'getInt8',
    'getInt16',
    'getInt32',
    'isInteger',
    'isNaN',
  ],
]);

/**
 * Python evaluates the right side of an assignment before the parts of its target, JavaScript after them. Whether that can be
 * told: one of the two may change what the other reads, or both do something.
 */
export function isOrderSeen(
  first: ts.Expression,
  then: ts.Expression,
  facts: Facts,
  effects: Effects,
): boolean {
  const [runsFirst, runsThen] = [runs(first, facts), runs(then, facts)];
  if (runsFirst && runsThen) return true;
  return (
    readsWhatChanges(first, then, runsThen, facts, effects) ||
    readsWhatChanges(then, first, runsFirst, facts, effects)
  );
}

function some(node: ts.Node, is: (one: ts.Node) => boolean): boolean {
  if (ts.isTypeNode(node)) return false;
  if (is(node)) return true;
  if (isFunctionNode(node)) return false;
  return ts.forEachChild(node, (child) => some(child, is)) ?? false;
}

/** It calls something that may do more than give a result, or assigns. */
function runs(node: ts.Expression, facts: Facts): boolean {
  return some(node, (one) => {
    if (ts.isCallExpression(one)) return !isPureCall(one, facts);
    if (ts.isBinaryExpression(one)) return isAssignmentOperator(one.operatorToken.kind);
    if (ts.isPrefixUnaryExpression(one) || ts.isPostfixUnaryExpression(one)) {
      const { operator } = one;
      return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
    }
    if (ts.isPropertyAccessExpression(one)) return isAccessor(one, facts);
    return (
      ts.isNewExpression(one) ||
      ts.isDeleteExpression(one) ||
      ts.isYieldExpression(one) ||
      ts.isSpreadElement(one)
    );
  });
}

function isAccessor(node: ts.PropertyAccessExpression, facts: Facts): boolean {
  const declarations = facts.checker.getSymbolAtLocation(node.name)?.declarations ?? [];
  // An interface's member may be an accessor of the class behind it.
  return declarations.some(
    (one) => !isLibDeclaration(one) && (ts.isAccessor(one) || ts.isPropertySignature(one)),
  );
}

const isLibrary = (symbol: ts.Symbol | undefined): boolean => {
  const declaration = symbol?.declarations?.[0];
  return declaration !== undefined && isLibDeclaration(declaration);
};

function isPureCall(node: ts.CallExpression, facts: Facts): boolean {
  const of = skipParentheses(node.expression);
  if (node.arguments.some((one) => isFunctionNode(skipParentheses(one)))) return false;
  const { checker } = facts;
  if (ts.isIdentifier(of)) return isLibrary(facts.symbolOf(of));
  if (!ts.isPropertyAccessExpression(of)) return false;
  if (!isLibrary(checker.getSymbolAtLocation(of.name))) return false;
  if (ts.isIdentifier(of.expression) && of.expression.text === 'Math') return true;
  return PURE.has(of.name.text);
}

/** Something that `node` reads may be another after `by`. */
function readsWhatChanges(
  node: ts.Expression,
  by: ts.Expression,
  byRuns: boolean,
  facts: Facts,
  effects: Effects,
): boolean {
  if (!byRuns) return false;
  const { checker } = facts;
  return some(node, (one) => {
    if (ts.isIdentifier(one)) {
      const variable = facts.variableOf(one);
      if (variable === undefined || variable.writes.length === 0) return false;
      return effects.writes(effects.of(by), variable.symbol);
    }
    if (ts.isElementAccessExpression(one)) return true;
    if (ts.isCallExpression(one)) {
      // What the library reads of a list, a Map or bytes; numbers and text never change.
      const of = skipParentheses(one.expression);
      if (!ts.isPropertyAccessExpression(of)) return false;
      return (checker.getTypeAtLocation(of.expression).flags & ts.TypeFlags.Object) !== 0;
    }
    if (!ts.isPropertyAccessExpression(one)) return false;
    const declaration = checker.getSymbolAtLocation(one.name)?.declarations?.[0];
    if (declaration === undefined) return false;
    if (isLibDeclaration(declaration)) {
      const isSize = one.name.text === 'length' || one.name.text === 'size';
      return isSize && isResizable(checker.getTypeAtLocation(one.expression), checker);
    }
    const isReadonly = (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly) !== 0;
    return !isReadonly && effects.assigns(effects.of(by), one.name.text);
  });
}

/** Text and bytes keep their length. */
function isResizable(type: ts.Type, checker: ts.TypeChecker): boolean {
  const part = checker.getNonNullableType(type);
  return (part.flags & ts.TypeFlags.StringLike) === 0 && part.symbol?.name !== 'Uint8Array';
}
