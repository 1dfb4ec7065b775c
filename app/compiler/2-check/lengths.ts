import * as ts from 'typescript';
import type { Constants } from './constants.ts';
import { skipParentheses, type Facts } from './facts.ts';
import type { What } from './fixpoint.ts';
import { isLibDeclaration } from './library.ts';
import { always, type Ask, Asks } from './asks.ts';
import { isNothing, LENGTH, make, NOTHING, union, type Range } from './range.ts';

/** What the lengths need to know about numbers. */
interface Numbers {
  at(expression: ts.Expression): Range;
  /** Of a variable, a field or a function's results, as the expression sees it. */
  held(of: ts.Symbol | ts.Node, what: What, node: ts.Expression): Ask;
  /** The elements of a const list that nothing changes. */
  itemsOf(expression: ts.Expression): readonly ts.Expression[] | undefined;
}

/** Bounds of the lengths of bytes, text and lists. */
export class Lengths {
  private readonly facts: Facts;
  private readonly constants: Constants;
  private readonly numbers: Numbers;
  private readonly asks = new Asks((expression) => this.asking(expression));

  constructor(facts: Facts, constants: Constants, numbers: Numbers) {
    this.facts = facts;
    this.constants = constants;
    this.numbers = numbers;
  }

  isBytes(node: ts.Expression): boolean {
    const type = this.facts.checker.getNonNullableType(this.facts.checker.getTypeAtLocation(node));
    return type.symbol?.name === 'Uint8Array';
  }

  at(expression: ts.Expression): Range {
    return this.asks.at(expression);
  }

  private asking(expression: ts.Expression): Ask {
    const node = skipParentheses(expression);
    const text = this.constants.of(node);
    if (typeof text === 'string') return always(make(text.length, text.length));
    const items = this.numbers.itemsOf(node);
    if (items !== undefined) return always(make(items.length, items.length));
    if (node.kind === ts.SyntaxKind.NullKeyword) return always(NOTHING);
    if (ts.isIdentifier(node) && node.text === 'undefined') return always(NOTHING);
    const type = this.facts.checker.getTypeAtLocation(node);
    if (this.facts.checker.isTupleType(type)) {
      const { minLength, hasRestElement, fixedLength } = (type as ts.TupleTypeReference).target;
      return always(make(minLength, hasRestElement ? LENGTH.hi : fixedLength));
    }
    if (!this.isBytes(node)) return always(LENGTH);
    if (ts.isConditionalExpression(node)) {
      return () => union(this.at(node.whenTrue), this.at(node.whenFalse));
    }
    if (ts.isBinaryExpression(node)) {
      const kind = node.operatorToken.kind;
      if (kind === ts.SyntaxKind.EqualsToken) return () => this.at(node.right);
      if (kind === ts.SyntaxKind.QuestionQuestionToken) {
        return () => union(this.at(node.left), this.at(node.right));
      }
      return always(LENGTH);
    }
    if (ts.isNewExpression(node)) return () => this.ofNew(node);
    if (ts.isCallExpression(node)) return this.ofCall(node);
    if (ts.isIdentifier(node)) {
      const symbol = this.facts.variableOf(node)?.symbol;
      return symbol === undefined ? always(LENGTH) : this.numbers.held(symbol, 'length', node);
    }
    if (ts.isPropertyAccessExpression(node)) {
      const symbol = this.facts.checker.getSymbolAtLocation(node.name);
      const declaration = symbol?.declarations?.[0];
      if (symbol !== undefined && declaration !== undefined) {
        if (ts.isPropertyDeclaration(declaration)) return this.numbers.held(symbol, 'length', node);
        if (ts.isGetAccessor(declaration)) return this.numbers.held(declaration, 'length', node);
      }
    }
    return always(LENGTH);
  }

  private ofNew(node: ts.NewExpression): Range {
    const given = node.arguments?.[0];
    if (node.expression.getText() !== 'Uint8Array') return LENGTH;
    if (given === undefined) return make(0, 0);
    const literal = skipParentheses(given);
    if (ts.isArrayLiteralExpression(literal)) {
      const { elements } = literal;
      const least = elements.filter((one) => !ts.isSpreadElement(one)).length;
      return make(least, least === elements.length ? least : LENGTH.hi);
    }
    if (this.isBytes(given)) return this.at(given);
    const type = this.facts.checker.getTypeAtLocation(given);
    if ((type.flags & ts.TypeFlags.NumberLike) === 0) return LENGTH;
    const size = this.numbers.at(given);
    if (isNothing(size)) return NOTHING;
    return make(Math.max(0, Math.floor(size.lo)), Math.max(0, Math.min(LENGTH.hi, size.hi)));
  }

  private ofCall(node: ts.CallExpression): Ask {
    const declaration = this.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration === undefined) return always(LENGTH);
    if (!isLibDeclaration(declaration)) return this.numbers.held(declaration, 'length', node);
    const of = skipParentheses(node.expression);
    if (!ts.isPropertyAccessExpression(of)) return always(LENGTH);
    if (of.name.text === 'fill' || of.name.text === 'reverse') {
      return () => this.at(of.expression);
    }
    if (of.name.text !== 'slice' && of.name.text !== 'subarray') return always(LENGTH);
    if (!this.isBytes(of.expression)) return always(LENGTH);
    return () => this.ofSlice(node, of.expression);
  }

  private ofSlice(node: ts.CallExpression, of: ts.Expression): Range {
    const whole = this.at(of);
    const [from, to] = [0, 1].map((at) => {
      const one = node.arguments[at];
      return one === undefined ? undefined : this.numbers.at(one);
    });
    if ([whole, from, to].some((one) => one !== undefined && isNothing(one))) return NOTHING;
    const start = from ?? make(0, 0);
    if (start.lo < 0 || !start.whole || (to !== undefined && (to.lo < 0 || !to.whole))) {
      return make(0, whole.hi);
    }
    const end = to ?? whole;
    return make(
      Math.max(0, Math.min(whole.lo, end.lo) - start.hi),
      Math.max(0, Math.min(whole.hi, end.hi) - start.lo),
    );
  }
}
