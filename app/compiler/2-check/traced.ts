import * as ts from 'typescript';
import type { Journals, Step } from '../1-read/memory.ts';
import type { Constants } from './constants.ts';
import { isDeclaredPlain } from './declared.ts';
import { isFunctionNode, skipParentheses } from './facts.ts';
import { isLibDeclaration } from './library.ts';
import type { Switches } from './switches.ts';
import { isContainer, type Edge, type Holder, type ValueFlow } from './value-flow.ts';

/** What makes a value have the property that is traced, beside where it comes from. */
export interface Rules {
  name: string;
  constant: (value: number) => boolean;
  /** Undefined: judge by the operands. */
  binary: (node: ts.BinaryExpression) => boolean | undefined;
  identifier: (node: ts.Identifier) => boolean;
  /** Functions of the library; undefined: by what goes in. */
  library: (node: ts.CallExpression, member: string) => boolean | undefined;
}

/** `to` may have the property: for sure, or where one of the others has it. */
type Dependence = [to: Holder, isSure: boolean, ...from: Holder[]];

/** The values that may have a property, followed through the program. */
export class Traced {
  private readonly flow: ValueFlow;
  private readonly rules: Rules;
  private readonly constants: Constants;
  private readonly holding = new Set<Holder>();
  private readonly known = new Map<ts.Node, boolean>();
  /** While a file's expressions are looked at: whom they depend on. */
  private asked: Holder[] | undefined;

  constructor(
    flow: ValueFlow,
    constants: Constants,
    switches: Switches,
    journals: Journals,
    rules: Rules,
  ) {
    this.flow = flow;
    this.rules = rules;
    this.constants = constants;
    const waiting = new Map<Holder, Holder[]>();
    const found: Holder[] = [];
    const hold = (one: Holder): void => {
      if (this.holding.has(one)) return;
      this.holding.add(one);
      found.push(one);
    };
    for (const [source, edges] of flow.edges) {
      const premise = switches.of(source);
      const visit = (journal: Step[]): void => this.trace(edges, journal as Dependence[]);
      for (const step of journals.of(rules.name, source, visit, premise)) {
        const [to, isSure, ...from] = step as Dependence;
        if (isSure) hold(to);
        else {
          for (const one of from) {
            const list = waiting.get(one);
            if (list === undefined) waiting.set(one, [to]);
            else list.push(to);
          }
        }
      }
    }
    for (let one = found.pop(); one !== undefined; one = found.pop()) {
      for (const to of waiting.get(one) ?? []) hold(to);
    }
  }

  /** What is given depends on the text of the file, on types and on constants: not on who has the property. */
  private trace(edges: readonly Edge[], journal: Dependence[]): void {
    for (const [of, from, to] of edges) {
      this.asked = from === undefined ? [] : [from];
      const isSure = of !== undefined && this.of(of);
      if (isSure) journal.push([to, true]);
      else if (this.asked.length > 0) journal.push([to, false, ...new Set(this.asked)]);
    }
    this.asked = undefined;
  }

  /** The variable or property may hold one, or a list or map of them. */
  holds(symbol: ts.Symbol): boolean {
    return this.holding.has(symbol);
  }

  private isHolding(holder: Holder): boolean {
    if (this.asked === undefined) return this.holding.has(holder);
    this.asked.push(holder);
    return false;
  }

  of(expression: ts.Expression): boolean {
    const node = skipParentheses(expression);
    if (this.asked !== undefined) return this.compute(node);
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const value = this.compute(node);
    this.known.set(node, value);
    return value;
  }

  private compute(node: ts.Expression): boolean {
    const constant = this.constants.of(node);
    if (constant === undefined && this.isBytes(node)) return false;
    if (constant !== undefined)
      return typeof constant === 'number' && this.rules.constant(constant);
    if (ts.isIdentifier(node)) {
      const symbol = this.flow.facts.symbolOf(node);
      return this.rules.identifier(node) || (symbol !== undefined && this.isHolding(symbol));
    }
    if (ts.isPropertyAccessExpression(node)) {
      const symbol = this.flow.member(node.name);
      if (symbol !== undefined && this.isHolding(symbol)) return true;
      return node.name.text === 'value' && this.of(node.expression); // of an iterator's result
    }
    if (ts.isElementAccessExpression(node)) return this.of(node.expression);
    if (ts.isPrefixUnaryExpression(node)) {
      const counts =
        node.operator !== ts.SyntaxKind.TildeToken &&
        node.operator !== ts.SyntaxKind.ExclamationToken;
      return counts && this.of(node.operand);
    }
    if (ts.isConditionalExpression(node)) return this.of(node.whenTrue) || this.of(node.whenFalse);
    if (ts.isArrayLiteralExpression(node)) return node.elements.some((one) => this.of(one));
    if (ts.isSpreadElement(node)) return this.of(node.expression);
    if (ts.isBinaryExpression(node)) return this.binary(node);
    if (ts.isNewExpression(node)) {
      const type = this.flow.facts.checker.getTypeAtLocation(node);
      return isContainer(type) && (node.arguments ?? []).some((one) => this.of(one));
    }
    return ts.isCallExpression(node) && this.call(node);
  }

  private isBytes(node: ts.Expression): boolean {
    if (this.asked !== undefined && isDeclaredPlain(node, this.flow.facts.checker)) return false;
    return this.flow.isBytes(node);
  }

  private binary(node: ts.BinaryExpression): boolean {
    const own = this.rules.binary(node);
    if (own !== undefined) return own;
    switch (node.operatorToken.kind) {
      case ts.SyntaxKind.PlusToken:
      case ts.SyntaxKind.MinusToken:
      case ts.SyntaxKind.AsteriskToken:
      case ts.SyntaxKind.SlashToken:
      case ts.SyntaxKind.AsteriskAsteriskToken:
      case ts.SyntaxKind.PercentToken:
      case ts.SyntaxKind.PlusEqualsToken:
      case ts.SyntaxKind.MinusEqualsToken:
      case ts.SyntaxKind.AsteriskEqualsToken:
      case ts.SyntaxKind.SlashEqualsToken:
      case ts.SyntaxKind.AsteriskAsteriskEqualsToken:
      case ts.SyntaxKind.PercentEqualsToken:
      case ts.SyntaxKind.QuestionQuestionToken:
      case ts.SyntaxKind.BarBarToken:
      case ts.SyntaxKind.AmpersandAmpersandToken:
      case ts.SyntaxKind.QuestionQuestionEqualsToken:
      case ts.SyntaxKind.BarBarEqualsToken:
      case ts.SyntaxKind.AmpersandAmpersandEqualsToken:
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
    const declaration = this.flow.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration !== undefined && !isLibDeclaration(declaration)) {
      return this.isHolding(declaration);
    }
    const member = ts.isPropertyAccessExpression(of) ? of.name.text : of.getText();
    const own = this.rules.library(node, member);
    if (own !== undefined) return own;
    if (WHOLE_RESULTS.has(member)) return false;
    return (
      (ts.isPropertyAccessExpression(of) && this.of(of.expression)) ||
      node.arguments.some((one) => (isFunctionNode(one) ? this.isHolding(one) : this.of(one)))
    );
  }
}

/** Functions of the library whose result is a whole number or no number at all, whatever goes in. */
const WHOLE_RESULTS = new Set(
  (
    'indexOf lastIndexOf findIndex findLastIndex push unshift includes has isInteger isSafeInteger isNaN isFinite imul clz32 ' +
    'sign codePointAt join toFixed toString String stringify every some isArray keys'
  ).split(' '),
);
