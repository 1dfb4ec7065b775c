import ts from 'typescript';
import type { Constants } from './constants.ts';
import { isDeclarationName, type Facts } from './facts.ts';

/**
 * Which top-level declarations a build needs: everything that runs on import, the exports of the entries, and what those
 * mention. Branches that feature flags rule out mention nothing.
 */
export class Reachable {
  private readonly facts: Facts;
  private readonly constants: Constants;
  private readonly needed = new Set<ts.Symbol>();
  private readonly sources: ReadonlySet<ts.SourceFile>;

  constructor(
    facts: Facts,
    constants: Constants,
    sources: readonly ts.SourceFile[],
    entries: ReadonlySet<ts.SourceFile>,
  ) {
    this.facts = facts;
    this.constants = constants;
    this.sources = new Set(sources);
    for (const source of sources) {
      for (const statement of source.statements) this.root(statement, entries.has(source));
    }
  }

  /** Whether the declaration has to be written. */
  has(symbol: ts.Symbol | undefined): boolean {
    return symbol !== undefined && this.needed.has(symbol);
  }

  private root(statement: ts.Statement, isEntry: boolean): void {
    const exported =
      isEntry &&
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement)?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) ??
        false);
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      const lasting = ts.isClassDeclaration(statement) && hasEffect(statement);
      if ((exported || lasting) && statement.name !== undefined) this.need(statement.name);
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        if (exported || !isPure(declaration.initializer)) {
          this.mark(declaration.name);
          this.visit(declaration);
        }
      }
    } else if (ts.isExportDeclaration(statement) && isEntry) {
      if (statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)) {
        for (const one of statement.exportClause.elements) this.need(one.propertyName ?? one.name);
      }
    } else if (
      !ts.isImportDeclaration(statement) &&
      !ts.isInterfaceDeclaration(statement) &&
      !ts.isTypeAliasDeclaration(statement) &&
      !ts.isExportDeclaration(statement)
    ) {
      this.visit(statement);
    }
  }

  private mark(name: ts.BindingName): void {
    if (ts.isIdentifier(name)) this.need(name);
    else {
      for (const element of name.elements) {
        if (ts.isBindingElement(element)) this.mark(element.name);
      }
    }
  }

  private need(name: ts.Node): void {
    const symbol = this.facts.symbolOf(name);
    if (symbol === undefined || this.needed.has(symbol)) return;
    this.needed.add(symbol);
    const declaration = symbol.declarations?.[0];
    if (declaration === undefined || !this.sources.has(declaration.getSourceFile())) return;
    // A name out of a pattern needs what the pattern takes apart.
    const whole = ts.findAncestor(declaration, (one) => !isPatternPart(one));
    this.visit(whole !== undefined && ts.isVariableDeclaration(whole) ? whole : declaration);
  }

  private visit(node: ts.Node): void {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
      const test = this.constants.of(ts.isIfStatement(node) ? node.expression : node.condition);
      if (typeof test === 'boolean') {
        const taken = ts.isIfStatement(node)
          ? test
            ? node.thenStatement
            : node.elseStatement
          : test
            ? node.whenTrue
            : node.whenFalse;
        if (taken !== undefined) this.visit(taken);
        return;
      }
    }
    if (ts.isExpression(node) && (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node))) {
      const constant = this.constants.of(node);
      if (constant !== undefined && (typeof constant !== 'string' || constant.length <= 24)) return;
    }
    if (ts.isBinaryExpression(node)) {
      const left = this.constants.of(node.left);
      const kind = node.operatorToken.kind;
      if (
        (left === false && kind === ts.SyntaxKind.AmpersandAmpersandToken) ||
        (left === true && kind === ts.SyntaxKind.BarBarToken)
      ) {
        return;
      }
    }
    if (
      ts.isPropertyAccessExpression(node) &&
      ts.isIdentifier(node.expression) &&
      this.facts.isNamespace(node.expression)
    ) {
      this.need(node.name);
      return;
    }
    if (ts.isIdentifier(node) && !isDeclarationName(node)) this.need(node);
    if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) return;
    ts.forEachChild(node, (child) => this.visit(child));
  }
}

const isPatternPart = (node: ts.Node): boolean =>
  ts.isBindingElement(node) || ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node);

/** Evaluating it does nothing that can be seen from outside. */
export function isPure(node: ts.Expression | undefined): boolean {
  if (node === undefined) return true;
  if (
    ts.isLiteralExpression(node) ||
    ts.isIdentifier(node) ||
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword
  ) {
    return true;
  }
  if (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isSpreadElement(node)
  ) {
    return isPure(node.expression);
  }
  if (ts.isPrefixUnaryExpression(node)) {
    return (
      node.operator !== ts.SyntaxKind.PlusPlusToken &&
      node.operator !== ts.SyntaxKind.MinusMinusToken &&
      isPure(node.operand)
    );
  }
  if (ts.isBinaryExpression(node)) {
    return (
      node.operatorToken.kind < ts.SyntaxKind.FirstAssignment &&
      isPure(node.left) &&
      isPure(node.right)
    );
  }
  if (ts.isArrayLiteralExpression(node)) return node.elements.every((one) => isPure(one));
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.every(
      (one) =>
        ts.isShorthandPropertyAssignment(one) ||
        (ts.isPropertyAssignment(one) && isPure(one.initializer)),
    );
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    return (
      ['Map', 'Set', 'Uint8Array', 'Array'].includes(node.expression.text) &&
      (node.arguments ?? []).every((one) => isPure(one))
    );
  }
  return false;
}

function hasEffect(node: ts.ClassDeclaration): boolean {
  return node.members.some(
    (member) =>
      ts.isClassStaticBlockDeclaration(member) ||
      (ts.isPropertyDeclaration(member) &&
        member.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) === true &&
        !isPure(member.initializer)),
  );
}
