import ts from 'typescript';
import type { Journals } from '../1-read/memory.ts';
import { conditions, type Known } from './conditions.ts';
import { isModuleConst, type Constants } from './constants.ts';
import { Effects } from './effects.ts';
import type { Fractions } from './fractions.ts';
import { skipParentheses, type Facts, type Value } from './facts.ts';
import { elementOf } from './elements.ts';
import { Fixpoint, type What } from './fixpoint.ts';
import { isFilled, isInRange, Prover } from './in-range.ts';
import { isLibDeclaration } from './library.ts';
import { libraryRange } from './library-ranges.ts';
import { isPrivate, Members } from './members.ts';
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
  private readonly bounds = new Map<ts.Node, readonly Bound[]>();
  private readonly givers = new Map<ts.Symbol | ts.Node, readonly Value[] | undefined>();
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
    this.effects = new Effects(facts, this.members, sources, journals);
  }

  of(expression: ts.Expression): Range {
    const range = this.at(expression);
    return isNothing(range) ? ANY : range;
  }

  private at(expression: ts.Expression): Range {
    const constant = this.constants.of(expression);
    if (typeof constant === 'number') return make(constant, constant, Number.isInteger(constant));
    const node = skipParentheses(expression);
    const range = this.refined(node, this.compute(node));
    return range.whole && this.fractions.of(node) ? { ...range, whole: false } : range;
  }

  private compute(node: ts.Expression): Range {
    if (ts.isPrefixUnaryExpression(node)) return this.prefix(node);
    if (ts.isBinaryExpression(node)) return this.binary(node);
    if (ts.isConditionalExpression(node)) {
      return union(this.at(node.whenTrue), this.at(node.whenFalse));
    }
    if (ts.isElementAccessExpression(node)) {
      if (this.isBytes(node.expression)) return BYTE;
      const items = this.itemsOf(node.expression);
      if (items !== undefined) {
        return items.map((item) => this.at(item)).reduce((all, one) => union(all, one));
      }
    }
    if (ts.isPropertyAccessExpression(node)) return this.property(node);
    if (ts.isCallExpression(node)) return this.call(node);
    if (ts.isIdentifier(node)) return this.variable(node);
    if (node.kind === ts.SyntaxKind.NullKeyword) return NOTHING;
    return this.byType(node);
  }

  private isBytes(node: ts.Expression): boolean {
    const type = this.facts.checker.getNonNullableType(this.facts.checker.getTypeAtLocation(node));
    return type.symbol?.name === 'Uint8Array';
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

  private property(node: ts.PropertyAccessExpression): Range {
    const symbol = this.facts.checker.getSymbolAtLocation(node.name);
    const declaration = symbol?.declarations?.[0];
    if (symbol === undefined || declaration === undefined) return this.byType(node);
    if (isLibDeclaration(declaration)) {
      const name = node.name.text;
      if (name === 'length' || name === 'byteLength') return this.lengthAt(node.expression);
      if (name === 'size') return LENGTH;
      return name === 'PI' ? FRACTION : ANY;
    }
    if (ts.isPropertyDeclaration(declaration)) return this.held(symbol, 'value', node);
    if (ts.isGetAccessor(declaration)) return this.held(declaration, 'value', node);
    return this.byType(node);
  }

  /** Least and most elements of bytes, text or a list, whenever the expression is read. */
  lengthOf(expression: ts.Expression): Range {
    const range = this.lengthAt(expression);
    return isNothing(range) ? LENGTH : range;
  }

  private lengthAt(expression: ts.Expression): Range {
    const node = skipParentheses(expression);
    const text = this.constants.of(node);
    if (typeof text === 'string') return make(text.length, text.length);
    const items = this.itemsOf(node);
    if (items !== undefined) return make(items.length, items.length);
    if (node.kind === ts.SyntaxKind.NullKeyword) return NOTHING;
    if (ts.isIdentifier(node) && node.text === 'undefined') return NOTHING;
    const type = this.facts.checker.getTypeAtLocation(node);
    if (this.facts.checker.isTupleType(type)) {
      const { minLength, hasRestElement, fixedLength } = (type as ts.TupleTypeReference).target;
      return make(minLength, hasRestElement ? LENGTH.hi : fixedLength);
    }
    if (!this.isBytes(node)) return LENGTH;
    if (ts.isConditionalExpression(node)) {
      return union(this.lengthAt(node.whenTrue), this.lengthAt(node.whenFalse));
    }
    if (ts.isBinaryExpression(node)) {
      const kind = node.operatorToken.kind;
      if (kind === ts.SyntaxKind.EqualsToken) return this.lengthAt(node.right);
      if (kind === ts.SyntaxKind.QuestionQuestionToken) {
        return union(this.lengthAt(node.left), this.lengthAt(node.right));
      }
      return LENGTH;
    }
    if (ts.isNewExpression(node)) return this.lengthOfNew(node);
    if (ts.isCallExpression(node)) return this.lengthOfCall(node);
    if (ts.isIdentifier(node)) {
      const symbol = this.facts.variableOf(node)?.symbol;
      return symbol === undefined ? LENGTH : this.held(symbol, 'length', node);
    }
    if (ts.isPropertyAccessExpression(node)) {
      const symbol = this.facts.checker.getSymbolAtLocation(node.name);
      const declaration = symbol?.declarations?.[0];
      if (symbol !== undefined && declaration !== undefined) {
        if (ts.isPropertyDeclaration(declaration)) return this.held(symbol, 'length', node);
        if (ts.isGetAccessor(declaration)) return this.held(declaration, 'length', node);
      }
    }
    return LENGTH;
  }

  private lengthOfNew(node: ts.NewExpression): Range {
    const given = node.arguments?.[0];
    if (node.expression.getText() !== 'Uint8Array') return LENGTH;
    if (given === undefined) return make(0, 0);
    const literal = skipParentheses(given);
    if (ts.isArrayLiteralExpression(literal)) {
      const { elements } = literal;
      const least = elements.filter((one) => !ts.isSpreadElement(one)).length;
      return make(least, least === elements.length ? least : LENGTH.hi);
    }
    if (this.isBytes(given)) return this.lengthAt(given);
    const type = this.facts.checker.getTypeAtLocation(given);
    if ((type.flags & ts.TypeFlags.NumberLike) === 0) return LENGTH;
    const size = this.at(given);
    if (isNothing(size)) return NOTHING;
    return make(Math.max(0, Math.floor(size.lo)), Math.max(0, Math.min(LENGTH.hi, size.hi)));
  }

  private lengthOfCall(node: ts.CallExpression): Range {
    const declaration = this.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration === undefined) return LENGTH;
    if (!isLibDeclaration(declaration)) return this.held(declaration, 'length', node);
    const of = skipParentheses(node.expression);
    if (!ts.isPropertyAccessExpression(of)) return LENGTH;
    if (of.name.text === 'fill' || of.name.text === 'reverse') return this.lengthAt(of.expression);
    if (of.name.text !== 'slice' && of.name.text !== 'subarray') return LENGTH;
    if (!this.isBytes(of.expression)) return LENGTH;
    const whole = this.lengthAt(of.expression);
    const [from, to] = [0, 1].map((at) => {
      const one = node.arguments[at];
      return one === undefined ? undefined : this.at(one);
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

  private call(node: ts.CallExpression): Range {
    const of = node.expression;
    if (ts.isPropertyAccessExpression(of)) {
      const symbol = this.facts.checker.getSymbolAtLocation(of.name);
      const declaration = symbol?.declarations?.[0];
      if (declaration !== undefined && isLibDeclaration(declaration)) {
        return this.libCall(node, of.name.text);
      }
    }
    if (ts.isIdentifier(of) && of.text === 'parseFloat') return FRACTION;
    const declaration = this.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration === undefined || isLibDeclaration(declaration)) return this.byType(node);
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

  private variable(node: ts.Identifier): Range {
    if (node.text === 'NaN' || node.text === 'Infinity') return FRACTION;
    if (node.text === 'undefined') return NOTHING;
    const variable = this.facts.variableOf(node);
    if (variable === undefined) return this.byType(node);
    const range = this.held(variable.symbol, 'value', node);
    return ts.isVariableDeclaration(variable.declaration)
      ? this.counterTop(variable.declaration, range)
      : range;
  }

  /** `for (let i = 0; i < n; i++)` with no other assignment keeps i at n or below. */
  private counterTop(declaration: ts.VariableDeclaration, range: Range): Range {
    const loop = declaration.parent.parent;
    if (!ts.isForStatement(loop) || loop.condition === undefined) return range;
    const writes = this.facts.variableOf(declaration.name)?.writes ?? [];
    const test = skipParentheses(loop.condition);
    if (
      writes.length !== 1 ||
      loop.incrementor === undefined ||
      writes[0]?.parent !== loop.incrementor ||
      !ts.isBinaryExpression(test) ||
      !ts.isIdentifier(test.left) ||
      this.facts.symbolOf(test.left) !== this.facts.symbolOf(declaration.name)
    ) {
      return range;
    }
    const limit = this.at(test.right);
    if (isNothing(range) || isNothing(limit)) return range;
    const kind = test.operatorToken.kind;
    const value = this.facts.values.get(this.facts.symbolOf(declaration.name) as ts.Symbol) ?? [];
    const down = value.some((one) => one.kind === 'step' && one.by === -1);
    if (down) {
      if (kind === ts.SyntaxKind.GreaterThanEqualsToken) {
        return make(Math.max(range.lo, limit.lo - 1), range.hi, range.whole);
      }
      if (kind === ts.SyntaxKind.GreaterThanToken) {
        return make(Math.max(range.lo, limit.lo), range.hi, range.whole);
      }
      return range;
    }
    const most = kind === ts.SyntaxKind.LessThanEqualsToken ? limit.hi + 1 : limit.hi;
    if (
      kind === ts.SyntaxKind.LessThanToken ||
      kind === ts.SyntaxKind.LessThanEqualsToken ||
      kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
    ) {
      return make(range.lo, Math.max(range.lo, Math.min(range.hi, most)), range.whole);
    }
    return range;
  }

  private held(of: ts.Symbol | ts.Node, what: What, node: ts.Expression): Range {
    if (this.giversOf(of) === undefined) return what === 'length' ? LENGTH : this.byType(node);
    return this.fixpoint.range(of, what);
  }

  private given(of: ts.Symbol | ts.Node, what: What): Range {
    let range = NOTHING;
    for (const value of this.giversOf(of) ?? []) {
      range = union(range, what === 'value' ? this.valueRange(value) : this.valueLength(value));
    }
    return range;
  }

  /** Everything that a holder is given anywhere; undefined when that is not all known. */
  private giversOf(of: ts.Symbol | ts.Node): readonly Value[] | undefined {
    if (this.givers.has(of)) return this.givers.get(of);
    const values = 'kind' in of ? this.resultsOf(of) : this.valuesOf(of);
    const found = values?.some((one) => one.kind === 'unknown') === true ? undefined : values;
    this.givers.set(of, found);
    return found;
  }

  private valuesOf(symbol: ts.Symbol): readonly Value[] | undefined {
    const declaration = symbol.valueDeclaration;
    const values = this.facts.values.get(symbol) ?? [];
    if (declaration === undefined) return undefined;
    if (ts.isVariableDeclaration(declaration)) return values.length === 0 ? undefined : values;
    if (ts.isPropertyDeclaration(declaration)) {
      const all = isPrivate(declaration) ? values : this.members.valuesOf(declaration);
      return all === undefined || all.length === 0 ? undefined : all;
    }
    if (!ts.isParameter(declaration) || !ts.isIdentifier(declaration.name)) return undefined;
    const given = this.argumentsOf(declaration);
    // The first of a parameter's values stands for its callers.
    return given === undefined ? undefined : [...given, ...values.slice(1)];
  }

  private argumentsOf(parameter: ts.ParameterDeclaration): readonly Value[] | undefined {
    if (parameter.dotDotDotToken !== undefined) return undefined;
    const at = parameter.parent.parameters.indexOf(parameter);
    const own = parameter.parent.parameters[0];
    if (own !== undefined && own.name.getText() === 'this') return undefined;
    const found: Value[] = [];
    if (parameter.initializer !== undefined) {
      found.push({ kind: 'expression', node: parameter.initializer });
    }
    for (const call of this.members.callersOf(parameter.parent) ?? [undefined]) {
      const args = call?.arguments ?? [];
      if (call === undefined || args.slice(0, at + 1).some(ts.isSpreadElement)) return undefined;
      const one = args[at];
      if (one !== undefined) found.push({ kind: 'expression', node: one });
    }
    return found;
  }

  private resultsOf(declaration: ts.Node): readonly Value[] | undefined {
    const found: Value[] = [];
    for (const one of this.members.targetsOf(declaration) ?? [undefined]) {
      if (one?.body === undefined || one.asteriskToken !== undefined) return undefined;
      const visit = (node: ts.Node): void => {
        if (ts.isReturnStatement(node)) {
          if (node.expression !== undefined) {
            found.push({ kind: 'expression', node: node.expression });
          }
        } else if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
      };
      if (ts.isBlock(one.body)) visit(one.body);
      else found.push({ kind: 'expression', node: one.body });
    }
    return found;
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
    if (value.kind === 'expression') return this.lengthAt(value.node);
    return value.kind === 'compound' && value.operator === ts.SyntaxKind.QuestionQuestionEqualsToken
      ? this.lengthAt(value.node)
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
    const path = pathOf(node, this.facts, this.members);
    if (path === undefined) return found;
    for (const one of conditions(node, this.constants)) {
      const isLeft = pathOf(one.left, this.facts, this.members)?.text === path.text;
      const isRight = pathOf(one.right, this.facts, this.members)?.text === path.text;
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
    if (of === undefined || this.giversOf(of) === undefined) return ANY;
    const range = this.compute(place);
    return isNothing(range) ? ANY : range;
  }

  /** A comparison that was false says nothing about NaN. */
  holds(one: Known): boolean {
    return one.isTrue || !(this.specials.of(one.left) || this.specials.of(one.right));
  }

  /** A variable or a chain of fields, where reading it twice gives the same unless somebody writes. */
  pathOf(node: ts.Expression): Path | undefined {
    return pathOf(node, this.facts, this.members);
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
