import * as ts from 'typescript';
import { everywhere, eachNode } from '../1-read/nodes.ts';
import { isLibDeclaration } from './library.ts';
import { isMapAsIterable } from './map-as-iterable.ts';
import type { DiagnosticCode } from '../diagnostics.ts';

const K = ts.SyntaxKind;
const LOOKED_AT = everywhere(
  ...[K.AnyKeyword, K.WithStatement, K.Decorator, K.ClassExpression, K.TaggedTemplateExpression],
  ...[K.NumericLiteral, K.Identifier, K.PropertyAccessExpression, K.ElementAccessExpression],
  ...[K.CallExpression, K.NewExpression, K.YieldExpression, K.VariableDeclaration],
);

/** Refusals that need no lowering: syntax and types that are outside of the subset wherever they stand. */
export function checkSubset(
  sources: readonly ts.SourceFile[],
  checker: ts.TypeChecker,
  report: (code: DiagnosticCode, node: ts.Node, what: string) => void,
): void {
  const visit = (node: ts.Node): void => {
    switch (node.kind) {
      case ts.SyntaxKind.AnyKeyword:
        report('any', node.parent, node.parent.getText().split('\n')[0] ?? '');
        break;
      case ts.SyntaxKind.WithStatement:
        report('unsupported-syntax', node, 'with');
        break;
      case ts.SyntaxKind.Decorator:
        report('decorator', node, '');
        break;
      case ts.SyntaxKind.ClassExpression:
        report('unsupported-syntax', node, 'A class expression');
        break;
      case ts.SyntaxKind.TaggedTemplateExpression:
        report('unsupported-syntax', node, 'A tagged template');
        break;
    }
    if (ts.isNumericLiteral(node) && Number.isInteger(Number(node.text))) {
      const value = Number(node.text);
      if (value > Number.MAX_SAFE_INTEGER) report('number-too-large', node, node.getText());
    }
    if (ts.isIdentifier(node)) {
      if (node.text === 'Symbol' && isLibrary(node, checker)) report('symbol', node, '');
      if ((node.text === 'eval' || node.text === 'Function') && ts.isCallExpression(node.parent)) {
        report('eval', node, '');
      }
    }
    if (ts.isPropertyAccessExpression(node)) {
      const text = node.name.text;
      if (text === 'prototype' || text === '__proto__') report('prototype', node, node.getText());
    }
    const given = ts.isYieldExpression(node) ? node.expression : node;
    if (given !== undefined && ts.isExpression(given) && isMapAsIterable(given, checker)) {
      report('unsupported-member', given, 'A Map as an Iterable (its entries() can be one)');
    }
    if (
      ts.isVariableDeclaration(node) &&
      node.initializer !== undefined &&
      (checker.getTypeAtLocation(node.name).flags & ts.TypeFlags.Any) !== 0
    ) {
      report('any', node, node.name.getText());
    }
  };
  for (const source of sources) eachNode(source, LOOKED_AT, visit);
}

function isLibrary(node: ts.Identifier, checker: ts.TypeChecker): boolean {
  const declaration = checker.getSymbolAtLocation(node)?.declarations?.[0];
  return declaration !== undefined && isLibDeclaration(declaration);
}
