import * as ts from 'typescript';
import { skipParentheses, type Facts } from './facts.ts';

export type Constant = number | string | boolean;

export const FEATURES_PATH = '/features.ts';

/**
 * Values known before the program runs: literals, module-level `const`s made of them, members of `as const` objects.
 * Feature flags are the exported consts of features.ts; the options override them by name.
 */
export class Constants {
  private readonly facts: Facts;
  private readonly features: Readonly<Record<string, Constant>>;
  private readonly known = new Map<ts.Node, Constant | undefined>();

  constructor(facts: Facts, features: Readonly<Record<string, Constant>>) {
    this.facts = facts;
    this.features = features;
  }

  of(expression: ts.Expression): Constant | undefined {
    const node = skipParentheses(expression);
    switch (node.kind) {
      case ts.SyntaxKind.NumericLiteral:
        return Number((node as ts.NumericLiteral).text);
      case ts.SyntaxKind.StringLiteral:
      case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
        return (node as ts.StringLiteralLike).text;
      case ts.SyntaxKind.TrueKeyword:
        return true;
      case ts.SyntaxKind.FalseKeyword:
        return false;
      case ts.SyntaxKind.Identifier:
      case ts.SyntaxKind.PropertyAccessExpression:
      case ts.SyntaxKind.PrefixUnaryExpression:
      case ts.SyntaxKind.BinaryExpression:
      case ts.SyntaxKind.ConditionalExpression: {
        const known = this.known.get(node);
        if (known !== undefined || this.known.has(node)) return known;
        this.known.set(node, undefined); // a constant that needs itself is none
        const value = this.compute(node);
        if (value !== undefined) this.known.set(node, value);
        return value;
      }
      default:
        return undefined;
    }
  }

  /** The value of a module-level const declaration. */
  ofDeclaration(node: ts.VariableDeclaration): Constant | undefined {
    if (node.initializer === undefined || !ts.isIdentifier(node.name) || !isModuleConst(node)) {
      return undefined;
    }
    if (node.getSourceFile().fileName === FEATURES_PATH) {
      const override = this.features[node.name.text];
      if (override !== undefined) return override;
    }
    return this.of(node.initializer);
  }

  private compute(node: ts.Expression): Constant | undefined {
    if (ts.isIdentifier(node)) return this.identifier(node);
    if (ts.isPropertyAccessExpression(node)) return this.member(node);
    if (ts.isPrefixUnaryExpression(node)) return this.prefix(node);
    if (ts.isBinaryExpression(node)) return this.binary(node);
    if (ts.isConditionalExpression(node)) {
      const test = this.of(node.condition);
      if (typeof test !== 'boolean') return undefined;
      return this.of(test ? node.whenTrue : node.whenFalse);
    }
    return undefined;
  }

  private identifier(node: ts.MemberName): Constant | undefined {
    const declaration = this.facts.symbolOf(node)?.valueDeclaration;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return undefined;
    return this.ofDeclaration(declaration);
  }

  private member(node: ts.PropertyAccessExpression): Constant | undefined {
    const of = skipParentheses(node.expression);
    if (ts.isIdentifier(of) && of.text === 'Number') {
      if (node.name.text === 'MAX_SAFE_INTEGER') return Number.MAX_SAFE_INTEGER;
      if (node.name.text === 'MIN_SAFE_INTEGER') return Number.MIN_SAFE_INTEGER;
    }
    if (!ts.isIdentifier(of)) return undefined;
    if (this.facts.isNamespace(of)) return this.identifier(node.name);
    const declaration = this.facts.symbolOf(of)?.valueDeclaration;
    if (
      declaration === undefined ||
      !ts.isVariableDeclaration(declaration) ||
      !isModuleConst(declaration) ||
      declaration.initializer === undefined ||
      !isAsConst(declaration.initializer)
    ) {
      return undefined;
    }
    const literal = skipParentheses(declaration.initializer);
    if (!ts.isObjectLiteralExpression(literal)) return undefined;
    for (const property of literal.properties) {
      if (
        ts.isPropertyAssignment(property) &&
        (ts.isIdentifier(property.name) || ts.isStringLiteral(property.name)) &&
        property.name.text === node.name.text
      ) {
        return this.of(property.initializer);
      }
    }
    return undefined;
  }

  private prefix(node: ts.PrefixUnaryExpression): Constant | undefined {
    const value = this.of(node.operand);
    if (node.operator === ts.SyntaxKind.ExclamationToken) {
      return typeof value === 'boolean' ? !value : undefined;
    }
    if (typeof value !== 'number') return undefined;
    if (node.operator === ts.SyntaxKind.MinusToken) return value === 0 ? undefined : -value;
    if (node.operator === ts.SyntaxKind.TildeToken) return ~value;
    return undefined;
  }

  private binary(node: ts.BinaryExpression): Constant | undefined {
    const kind = node.operatorToken.kind;
    const left = this.of(node.left);
    if (left === undefined) return undefined;
    if (kind === ts.SyntaxKind.AmpersandAmpersandToken) {
      return left === false ? false : left === true ? this.of(node.right) : undefined;
    }
    if (kind === ts.SyntaxKind.BarBarToken) {
      return left === true ? true : left === false ? this.of(node.right) : undefined;
    }
    const right = this.of(node.right);
    if (right === undefined) return undefined;
    if (kind === ts.SyntaxKind.EqualsEqualsEqualsToken) return left === right;
    if (kind === ts.SyntaxKind.ExclamationEqualsEqualsToken) return left !== right;
    if (typeof left === 'string' && typeof right === 'string') {
      return kind === ts.SyntaxKind.PlusToken ? left + right : undefined;
    }
    if (typeof left !== 'number' || typeof right !== 'number') return undefined;
    const value = arithmetic(kind, left, right);
    return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? undefined
      : value;
  }
}

/** A name or a member that may turn out to have a constant's value: what no constant of any build is, is not asked for again. */
export function mayBeConstant(
  node: ts.Identifier | ts.PropertyAccessExpression,
  facts: Facts,
): boolean {
  const of = ts.isIdentifier(node) ? node : skipParentheses(node.expression);
  if (!ts.isIdentifier(of)) return false;
  if (of !== node && (of.text === 'Number' || facts.isNamespace(of))) return true;
  const declaration = facts.symbolOf(of)?.valueDeclaration;
  return (
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    isModuleConst(declaration) &&
    (of === node || (declaration.initializer !== undefined && isAsConst(declaration.initializer)))
  );
}

function arithmetic(
  kind: ts.SyntaxKind,
  left: number,
  right: number,
): number | boolean | undefined {
  switch (kind) {
    case ts.SyntaxKind.PlusToken:
      return left + right;
    case ts.SyntaxKind.MinusToken:
      return left - right;
    case ts.SyntaxKind.AsteriskToken:
      return left * right;
    case ts.SyntaxKind.SlashToken:
      return Number.isInteger(left / right) ? left / right : undefined;
    case ts.SyntaxKind.PercentToken:
      return left % right;
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return left ** right;
    case ts.SyntaxKind.LessThanLessThanToken:
      return left << right;
    case ts.SyntaxKind.GreaterThanGreaterThanToken:
      return left >> right;
    case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken:
      return left >>> right;
    case ts.SyntaxKind.AmpersandToken:
      return left & right;
    case ts.SyntaxKind.BarToken:
      return left | right;
    case ts.SyntaxKind.CaretToken:
      return left ^ right;
    case ts.SyntaxKind.LessThanToken:
      return left < right;
    case ts.SyntaxKind.LessThanEqualsToken:
      return left <= right;
    case ts.SyntaxKind.GreaterThanToken:
      return left > right;
    case ts.SyntaxKind.GreaterThanEqualsToken:
      return left >= right;
    default:
      return undefined;
  }
}

export function isModuleConst(node: ts.VariableDeclaration): boolean {
  const list = node.parent;
  return (
    ts.isVariableDeclarationList(list) &&
    (list.flags & ts.NodeFlags.Const) !== 0 &&
    ts.isVariableStatement(list.parent) &&
    ts.isSourceFile(list.parent.parent) &&
    !list.parent.parent.isDeclarationFile
  );
}

function isAsConst(node: ts.Expression): boolean {
  return (
    (ts.isAsExpression(node) && node.type.getText() === 'const') ||
    (ts.isSatisfiesExpression(node) && isAsConst(node.expression)) ||
    (ts.isParenthesizedExpression(node) && isAsConst(node.expression))
  );
}
