import ts from 'typescript';
import type { Constants } from './constants.ts';
import { isAssignmentOperator, skipParentheses, type Facts } from './facts.ts';

/**
 * Which numbers may have a fraction: those that come out of a division, a literal with a fraction, a root, and whatever
 * they are given to (variables, parameters, properties, results, elements), through the whole program. A board's floats
 * have 32 bits, so these may not become text, JSON or bytes.
 */
export class Fractions {
  private readonly facts: Facts;
  private readonly constants: Constants;
  /** Symbols of variables and properties, and functions by their node. */
  private readonly holding = new Set<ts.Symbol | ts.Node>();
  private readonly known = new Map<ts.Node, boolean>();
  private given: [from: ts.Expression, to: ts.Symbol | ts.Node][] = [];
  private settled = false;

  constructor(facts: Facts, constants: Constants, sources: readonly ts.SourceFile[]) {
    this.facts = facts;
    this.constants = constants;
    for (const source of sources) this.visit(source);
    for (let changed = true; changed;) {
      changed = false;
      this.given = this.given.filter(([from, to]) => {
        if (this.holding.has(to)) return false;
        if (!this.of(from)) return true;
        this.holding.add(to);
        changed = true;
        return false;
      });
    }
    this.settled = true;
  }

  /** The variable or property may hold a fraction, or a list or map of them. */
  holds(symbol: ts.Symbol): boolean {
    return this.holding.has(symbol);
  }

  of(expression: ts.Expression): boolean {
    const node = skipParentheses(expression);
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const value = this.compute(node);
    if (this.settled) this.known.set(node, value);
    return value;
  }

  private give(from: ts.Expression | undefined, to: ts.Symbol | ts.Node | undefined): void {
    if (from !== undefined && to !== undefined) this.given.push([from, to]);
  }

  private member(node: ts.Node): ts.Symbol | undefined {
    return this.facts.checker.getSymbolAtLocation(node);
  }

  private target(expression: ts.Expression): ts.Symbol | undefined {
    const node = skipParentheses(expression);
    if (ts.isPropertyAccessExpression(node)) return this.member(node.name);
    if (ts.isElementAccessExpression(node)) return this.target(node.expression);
    return ts.isIdentifier(node) ? this.facts.symbolOf(node) : undefined;
  }

  private visit(node: ts.Node): void {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
      const list = node.parent.parent;
      const symbol = this.facts.symbolOf(node.name);
      this.give(node.initializer, symbol);
      if (ts.isForOfStatement(list)) this.give(list.expression, symbol);
    } else if (ts.isPropertyDeclaration(node)) {
      this.give(node.initializer, this.member(node.name));
    } else if (ts.isParameter(node) && ts.isIdentifier(node.name)) {
      this.give(node.initializer, this.facts.symbolOf(node.name));
    } else if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      const divides = node.operatorToken.kind === ts.SyntaxKind.SlashEqualsToken;
      this.give(divides ? node : node.right, this.target(node.left));
    } else if (ts.isReturnStatement(node)) {
      this.give(node.expression, ts.findAncestor(node, ts.isFunctionLike));
    } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      this.give(node.body, node);
    } else if (ts.isObjectLiteralExpression(node)) this.visitLiteral(node);
    else if (ts.isCallExpression(node) || ts.isNewExpression(node)) this.visitCall(node);
    if (!ts.isTypeNode(node)) ts.forEachChild(node, (child) => this.visit(child));
  }

  private visitLiteral(node: ts.ObjectLiteralExpression): void {
    const wanted = this.facts.checker.getContextualType(node);
    for (const property of node.properties) {
      const value = ts.isPropertyAssignment(property)
        ? property.initializer
        : ts.isShorthandPropertyAssignment(property)
          ? property.name
          : undefined;
      if (value === undefined || property.name === undefined) continue;
      this.give(value, this.member(property.name));
      if (ts.isIdentifier(property.name) && wanted !== undefined) {
        const types = wanted.isUnion() ? wanted.types : [wanted];
        for (const type of types) this.give(value, type.getProperty(property.name.text));
      }
    }
  }

  private visitCall(node: ts.CallExpression | ts.NewExpression): void {
    const args = node.arguments ?? [];
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const member = node.expression.name.text;
      if (member === 'push' || member === 'unshift' || member === 'set' || member === 'fill') {
        for (const one of args) this.give(one, this.target(node.expression.expression));
      }
    }
    if (args.length === 0) return;
    const parameters = this.facts.checker.getResolvedSignature(node)?.declaration?.parameters ?? [];
    args.forEach((one, at) => {
      const parameter = parameters[at];
      if (parameter !== undefined && ts.isParameter(parameter)) {
        this.give(one, this.facts.symbolOf(parameter.name));
      }
    });
  }

  private compute(node: ts.Expression): boolean {
    const constant = this.constants.of(node);
    if (constant !== undefined) return typeof constant === 'number' && !Number.isInteger(constant);
    if (ts.isIdentifier(node)) {
      const symbol = this.facts.symbolOf(node);
      return symbol !== undefined && this.holding.has(symbol);
    }
    if (ts.isPropertyAccessExpression(node)) {
      const symbol = this.member(node.name);
      return symbol !== undefined && this.holding.has(symbol);
    }
    if (ts.isElementAccessExpression(node)) return this.of(node.expression);
    if (ts.isPrefixUnaryExpression(node)) {
      return node.operator !== ts.SyntaxKind.TildeToken && this.of(node.operand);
    }
    if (ts.isConditionalExpression(node)) return this.of(node.whenTrue) || this.of(node.whenFalse);
    if (ts.isArrayLiteralExpression(node)) return node.elements.some((one) => this.of(one));
    if (ts.isSpreadElement(node)) return this.of(node.expression);
    if (ts.isBinaryExpression(node)) return this.binary(node);
    return ts.isCallExpression(node) && this.call(node);
  }

  private binary(node: ts.BinaryExpression): boolean {
    switch (node.operatorToken.kind) {
      case ts.SyntaxKind.SlashToken:
      case ts.SyntaxKind.SlashEqualsToken:
        return true;
      case ts.SyntaxKind.PlusToken:
      case ts.SyntaxKind.MinusToken:
      case ts.SyntaxKind.AsteriskToken:
      case ts.SyntaxKind.AsteriskAsteriskToken:
      case ts.SyntaxKind.PercentToken:
      case ts.SyntaxKind.QuestionQuestionToken:
      case ts.SyntaxKind.BarBarToken:
      case ts.SyntaxKind.AmpersandAmpersandToken:
        return this.of(node.left) || this.of(node.right);
      case ts.SyntaxKind.EqualsToken:
      case ts.SyntaxKind.CommaToken:
        return this.of(node.right);
      default:
        return false;
    }
  }

  private call(node: ts.CallExpression): boolean {
    const of = node.expression;
    if (ts.isIdentifier(of) && of.text === 'parseFloat') return true;
    if (ts.isPropertyAccessExpression(of)) {
      const member = of.name.text;
      if (ts.isIdentifier(of.expression) && of.expression.text === 'Math') {
        if (['sqrt', 'log', 'log2', 'log10'].includes(member)) return true;
        return (
          ['abs', 'min', 'max', 'pow'].includes(member) &&
          node.arguments.some((one) => this.of(one))
        );
      }
      if (member === 'parseFloat') return true;
      if (['get', 'at', 'pop', 'shift', 'slice', 'values'].includes(member)) {
        return this.of(of.expression);
      }
    }
    const declaration = this.facts.checker.getResolvedSignature(node)?.declaration;
    return declaration !== undefined && this.holding.has(declaration);
  }
}
