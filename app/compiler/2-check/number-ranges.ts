import * as ts from 'typescript';
import type { Journals } from '../1-read/memory.ts';
import { conditionsOf, type Known } from './conditions.ts';
import { isModuleConst, type Constants } from './constants.ts';
import { Effects } from './effects.ts';
import type { Fractions } from './fractions.ts';
import { skipParentheses, type Facts, type Value } from './facts.ts';
import { elementOf } from './elements.ts';
import { counterTest, counterTop } from './counters.ts';
import { Fixpoint, type What } from './fixpoint.ts';
import { Givers } from './givers.ts';
import { isFilled, isInRange, Prover } from './in-range.ts';
import { isLibDeclaration } from './library.ts';
import { libraryRange } from './library-ranges.ts';
import { always, type Ask, Asks } from './asks.ts';
import { Lengths } from './lengths.ts';
import { Members } from './members.ts';
import { isOrderSeen } from './order.ts';
import { isKept, pathOf, type Path } from './path.ts';
import { compoundOperator, isReadOnlyUse } from './uses.ts';
import type { Specials } from './specials.ts';
import {
  ANY,
  BYTE,
  FRACTION,
  INT32,
  isNothing,
  LENGTH,
  make,
  NOTHING,
  operate,
  quotient,
  union,
  within,
  type Range,
} from './range.ts';

/**
 * Bounds of numbers and of the lengths of bytes, followed through the whole program: literals, masks, assignments, what
 * every call gives its parameters, what functions give back, and comparisons on the way to a place.
 */
export class NumberRanges {
  readonly effects: Effects;
  private readonly proven = new Map<ts.Node, boolean>();
  private readonly provers = new Map<ts.Node, Prover>();
  private readonly facts: Facts;
  private readonly constants: Constants;
  private readonly fractions: Fractions;
  private readonly members: Members;
  private readonly specials: Specials;
  private readonly asks = new Asks((expression) => this.asking(expression));
  private readonly lengths: Lengths;
  private readonly paths = new Map<ts.Node, Path | undefined>();
  private readonly bounds = new Map<ts.Node, readonly Bound[]>();
  private readonly givers: Givers;
  private readonly fixpoint = new Fixpoint((of, what) => this.given(of, what));

  constructor(
    facts: Facts,
    constants: Constants,
    fractions: Fractions,
    specials: Specials,
    sources: readonly ts.SourceFile[],
    program: ts.Program,
    journals: Journals,
  ) {
    this.facts = facts;
    this.constants = constants;
    this.fractions = fractions;
    this.specials = specials;
    this.members = new Members(facts, sources, program, journals);
    this.givers = new Givers(facts, this.members);
    this.lengths = new Lengths(facts, constants, {
      at: (expression) => this.at(expression),
      held: (of, what, node) => this.held(of, what, node),
      itemsOf: (expression) => this.itemsOf(expression),
    });
    this.effects = new Effects(facts, this.members, sources, journals);
  }

  of(expression: ts.Expression): Range {
    const range = this.at(expression);
    return isNothing(range) ? ANY : range;
  }

  private at(expression: ts.Expression): Range {
    return this.asks.at(expression);
  }

  /** Looks up what stays the same while bounds are being found: what is left asks for the bounds of others. */
  private asking(expression: ts.Expression): Ask {
    const constant = this.constants.of(expression);
    if (typeof constant === 'number') {
      return always(make(constant, constant, Number.isInteger(constant)));
    }
    const node = skipParentheses(expression);
    const compute = this.computing(node);
    let isFraction: boolean | undefined;
    return () => {
      const range = this.refined(node, compute());
      if (!range.whole) return range;
      isFraction ??= this.fractions.of(node);
      return isFraction ? { ...range, whole: false } : range;
    };
  }

  private computing(node: ts.Expression): Ask {
    if (ts.isPrefixUnaryExpression(node)) return () => this.prefix(node);
    if (ts.isBinaryExpression(node)) return () => this.binary(node);
    if (ts.isConditionalExpression(node)) {
      return () => union(this.at(node.whenTrue), this.at(node.whenFalse));
    }
    if (ts.isElementAccessExpression(node)) {
      if (this.lengths.isBytes(node.expression)) return always(BYTE);
      const items = this.itemsOf(node.expression);
      if (items !== undefined) {
        return () => items.map((item) => this.at(item)).reduce((all, one) => union(all, one));
      }
    }
    if (ts.isPropertyAccessExpression(node)) return this.property(node);
    if (ts.isCallExpression(node)) return this.call(node);
    if (ts.isIdentifier(node)) return this.variable(node);
    return always(node.kind === ts.SyntaxKind.NullKeyword ? NOTHING : this.byType(node));
  }

  /** From literal types alone. */
  private byType(node: ts.Expression): Range {
    const type = this.facts.checker.getTypeAtLocation(node);
    const parts = type.isUnion() ? type.types : [type];
    let range: Range | undefined;
    for (const part of parts) {
      if (!part.isNumberLiteral()) return ANY;
      const one = make(part.value, part.value, Number.isInteger(part.value));
      range = range === undefined ? one : union(range, one);
    }
    return range ?? ANY;
  }

  private prefix(node: ts.PrefixUnaryExpression): Range {
    const range = this.at(node.operand);
    if (isNothing(range)) return NOTHING;
    switch (node.operator) {
      case ts.SyntaxKind.MinusToken:
        return make(-range.hi, -range.lo, range.whole);
      case ts.SyntaxKind.TildeToken:
        return within(range, INT32) ? make(-range.hi - 1, -range.lo - 1) : INT32;
      default:
        return ANY;
    }
  }

  private binary(node: ts.BinaryExpression): Range {
    const kind = node.operatorToken.kind;
    if (kind === ts.SyntaxKind.EqualsToken || kind === ts.SyntaxKind.CommaToken) {
      return this.at(node.right);
    }
    if (isAssignment(kind)) return ANY;
    return operate(kind, this.at(node.left), this.at(node.right));
  }

  private property(node: ts.PropertyAccessExpression): Ask {
    const symbol = this.facts.checker.getSymbolAtLocation(node.name);
    const declaration = symbol?.declarations?.[0];
    if (symbol === undefined || declaration === undefined) return always(this.byType(node));
    if (isLibDeclaration(declaration)) {
      const name = node.name.text;
      if (name === 'length' || name === 'byteLength') return () => this.lengths.at(node.expression);
      if (name === 'size') return always(LENGTH);
      return always(name === 'PI' ? FRACTION : ANY);
    }
    if (ts.isPropertyDeclaration(declaration)) return this.held(symbol, 'value', node);
    if (ts.isGetAccessor(declaration)) return this.held(declaration, 'value', node);
    return always(this.byType(node));
  }

  /** Least and most elements of bytes, text or a list, whenever the expression is read. */
  lengthOf(expression: ts.Expression): Range {
    const range = this.lengths.at(expression);
    return isNothing(range) ? LENGTH : range;
  }

  /** The elements of a const list that nothing changes: it is only read by index, asked for its length or walked. */
  itemsOf(expression: ts.Expression): readonly ts.Expression[] | undefined {
    const of = skipParentheses(expression);
    const variable = ts.isIdentifier(of) ? this.facts.variableOf(of) : undefined;
    const declaration = variable?.declaration;
    if (variable === undefined || declaration === undefined) return undefined;
    if (!ts.isVariableDeclaration(declaration) || !isModuleConst(declaration)) return undefined;
    const literal =
      declaration.initializer === undefined ? undefined : skipParentheses(declaration.initializer);
    if (literal === undefined || !ts.isArrayLiteralExpression(literal)) return undefined;
    if (literal.elements.length === 0 || literal.elements.some((one) => ts.isSpreadElement(one))) {
      return undefined;
    }
    const uses = this.facts.uses.get(variable.symbol) ?? [];
    return uses.every(isReadOnlyUse) ? literal.elements : undefined;
  }

  private call(node: ts.CallExpression): Ask {
    const of = node.expression;
    if (ts.isPropertyAccessExpression(of)) {
      const symbol = this.facts.checker.getSymbolAtLocation(of.name);
      const declaration = symbol?.declarations?.[0];
      if (declaration !== undefined && isLibDeclaration(declaration)) {
        return () => this.libCall(node, of.name.text);
      }
    }
    if (ts.isIdentifier(of) && of.text === 'parseFloat') return always(FRACTION);
    const declaration = this.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration === undefined || isLibDeclaration(declaration)) {
      return always(this.byType(node));
    }
    return this.held(declaration, 'value', node);
  }

  private libCall(node: ts.CallExpression, name: string): Range {
    const args = node.arguments.map((argument) =>
      ts.isSpreadElement(argument) ? ANY : this.at(argument),
    );
    const inner = node.arguments[0] === undefined ? undefined : skipParentheses(node.arguments[0]);
    const isQuotient =
      inner !== undefined &&
      ts.isBinaryExpression(inner) &&
      inner.operatorToken.kind === ts.SyntaxKind.SlashToken;
    const whole = isQuotient ? quotient(this.at(inner.left), this.at(inner.right)) : undefined;
    return libraryRange(name, args, isQuotient ? (whole ?? ANY) : undefined) ?? this.byType(node);
  }

  private variable(node: ts.Identifier): Ask {
    if (node.text === 'NaN' || node.text === 'Infinity') return always(FRACTION);
    if (node.text === 'undefined') return always(NOTHING);
    const variable = this.facts.variableOf(node);
    if (variable === undefined) return always(this.byType(node));
    const held = this.held(variable.symbol, 'value', node);
    const test = counterTest(variable, this.facts);
    if (test === undefined) return held;
    const values = this.facts.values.get(variable.symbol) ?? [];
    const isDown = values.some((one) => one.kind === 'step' && one.by === -1);
    return () => {
      const range = held();
      return counterTop(test, isDown, range, this.at(test.right));
    };
  }

  private held(of: ts.Symbol | ts.Node, what: What, node: ts.Expression): Ask {
    if (this.givers.of(of) === undefined) {
      return always(what === 'length' ? LENGTH : this.byType(node));
    }
    return () => this.fixpoint.range(of, what);
  }

  private given(of: ts.Symbol | ts.Node, what: What): Range {
    let range = NOTHING;
    for (const value of this.givers.of(of) ?? []) {
      range = union(range, what === 'value' ? this.valueRange(value) : this.valueLength(value));
    }
    return range;
  }

  private valueRange(value: Value): Range {
    switch (value.kind) {
      case 'expression':
        return this.at(value.node);
      case 'byte':
        return BYTE;
      case 'step': {
        const now = this.at(value.target);
        return isNothing(now) ? now : make(now.lo + value.by, now.hi + value.by, now.whole);
      }
      case 'compound':
        return operate(
          compoundOperator(value.operator),
          this.at(value.target),
          this.at(value.node),
        );
      case 'unknown':
        return ANY;
    }
  }

  private valueLength(value: Value): Range {
    if (value.kind === 'expression') return this.lengths.at(value.node);
    return value.kind === 'compound' && value.operator === ts.SyntaxKind.QuestionQuestionEqualsToken
      ? this.lengths.at(value.node)
      : LENGTH;
  }

  /** The bounds that comparisons on the way to the node leave. */
  private refined(node: ts.Expression, range: Range): Range {
    if (isNothing(range) || range.lo === range.hi) return range;
    let { lo, hi } = range;
    for (const { other, isBelow, by } of this.boundsOf(node)) {
      const limit = this.at(other);
      if (isNothing(limit)) return NOTHING;
      const strict = range.whole && limit.whole ? 1 : 0;
      if (isBelow) hi = Math.min(hi, limit.hi + by - strict);
      else lo = Math.max(lo, limit.lo - by + strict);
    }
    if (lo > hi) return NOTHING;
    return range.whole ? make(Math.ceil(lo), Math.floor(hi)) : make(lo, hi, false);
  }

  private boundsOf(node: ts.Expression): readonly Bound[] {
    const known = this.bounds.get(node);
    if (known !== undefined) return known;
    const found: Bound[] = [];
    this.bounds.set(node, found);
    const compared = conditionsOf(node, this.constants);
    const path = compared.length === 0 ? undefined : this.pathOf(node);
    if (path === undefined) return found;
    for (const one of compared) {
      const isLeft = this.pathOf(one.left)?.text === path.text;
      const isRight = this.pathOf(one.right)?.text === path.text;
      if (isLeft === isRight || !this.holds(one)) continue;
      const effect = this.effects.between(one.from, node);
      if (!isKept(path, effect, this.effects)) continue;
      found.push({ other: isLeft ? one.right : one.left, isBelow: isLeft, by: one.atLeast });
    }
    return found;
  }

  /** It is proven that the element is there, where the node reads it. */
  isPlace(node: ts.ElementAccessExpression): boolean {
    return this.isPlaceIn(node.expression, node.argumentExpression, node);
  }

  /** The same for `of.charCodeAt(index)` and its like. */
  isPlaceIn(of: ts.Expression, index: ts.Expression, node: ts.Node): boolean {
    let is = this.proven.get(node);
    if (is === undefined) {
      is = isInRange(of, index, node, this.proverOf(node));
      this.proven.set(node, is);
    }
    return is;
  }

  /** It is proven that the list has an element, where the node takes one out. */
  isFilled(of: ts.Expression, node: ts.Node): boolean {
    return isFilled(of, node, this.proverOf(node));
  }

  private proverOf(node: ts.Node): Prover {
    const owner = ts.findAncestor(node, ts.isFunctionLike) ?? node.getSourceFile();
    let prover = this.provers.get(owner);
    if (prover === undefined) {
      const { facts, constants, specials } = this;
      prover = new Prover({ facts, constants, specials, ranges: this });
      this.provers.set(owner, prover);
    }
    return prover;
  }

  /** It can be told whether `first` or `then` is evaluated first. */
  isOrderSeen(first: ts.Expression, then: ts.Expression): boolean {
    return isOrderSeen(first, then, this.facts, this.effects);
  }

  /** The element is there, and what is written into it makes the list no shorter. */
  isPlaceToWrite(node: ts.ElementAccessExpression): boolean {
    const assignment = node.parent;
    if (!ts.isBinaryExpression(assignment) || !this.isPlace(node)) return false;
    const { checker } = this.facts;
    const list = checker.getNonNullableType(checker.getTypeAtLocation(node.expression));
    const element = list.getNumberIndexType();
    if (element === undefined) return false;
    return !this.effects.shortens(this.effects.of(assignment.right), elementOf(element));
  }

  /** Bounds that a variable or field has wherever it is read: not those of a type that is narrower where the node stands. */
  whenever(node: ts.Expression): Range {
    const place = skipParentheses(node);
    const name = ts.isPropertyAccessExpression(place) ? place.name : place;
    const symbol = ts.isIdentifier(place)
      ? this.facts.symbolOf(place)
      : this.facts.checker.getSymbolAtLocation(name);
    const declaration = symbol?.declarations?.[0];
    const of = declaration !== undefined && ts.isGetAccessor(declaration) ? declaration : symbol;
    if (of === undefined || this.givers.of(of) === undefined) return ANY;
    const range = this.computing(place)();
    return isNothing(range) ? ANY : range;
  }

  /** A comparison that was false says nothing about NaN. */
  holds(one: Known): boolean {
    return one.isTrue || !(this.specials.of(one.left) || this.specials.of(one.right));
  }

  /** A variable or a chain of fields, where reading it twice gives the same unless somebody writes. */
  pathOf(node: ts.Expression): Path | undefined {
    const known = this.paths.get(node);
    if (known !== undefined || this.paths.has(node)) return known;
    const path = pathOf(node, this.facts, this.members);
    this.paths.set(node, path);
    return path;
  }
}

/** A comparison of the node with another value: it is below `other + by`, or above `other - by`. */
interface Bound {
  other: ts.Expression;
  isBelow: boolean;
  by: number;
}

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
