import * as ts from 'typescript';
import { loopBetween, type Effect } from './effects.ts';
import { elementOf, type Element } from './elements.ts';
import { conditions } from './conditions.ts';
import { skipParentheses, type Facts, type Value, type Variable } from './facts.ts';
import { isKept, type Path } from './path.ts';
import { INT32, within } from './range.ts';
import { addTo, constant, follows, replace, scale, single, type Sum } from './inequalities.ts';
import type { Constants } from './constants.ts';
import type { NumberRanges } from './number-ranges.ts';
import type { Specials } from './specials.ts';

/**
 * Proofs that an index is a place of what it reads:
 *
 *   0 <= index, and index < length, from what is known where the read stands
 *
 * Known are bounds of numbers, comparisons on the way, and what variables were given, each as long as nothing that may
 * run in between changes what it speaks of. A variable that changes in a loop is in range when everything it is given is.
 */
export function isInRange(
  of: ts.Expression,
  index: ts.Expression,
  node: ts.Node,
  prover: Prover,
): boolean {
  const { c } = prover;
  const range = c.ranges.of(index);
  if (!range.whole || c.specials.of(index)) return false;
  const length = c.ranges.lengthOf(of);
  const isAbove = range.lo >= 0;
  const isBelow = range.hi < length.lo;
  if (isAbove && isBelow) return true;
  // i++ reads the place that i had.
  const bare = skipParentheses(index);
  const [at, sides] = prover.withSides(() =>
    prover.sum(ts.isPostfixUnaryExpression(bare) ? bare.operand : bare),
  );
  const size = at === undefined ? undefined : prover.lengthSum(of);
  if (at === undefined || size === undefined) return false;
  const below = addTo(addTo(size, at, -1), constant(-1));
  return (
    (isAbove || prover.proves(at, node, sides)) && (isBelow || prover.proves(below, node, sides))
  );
}

/** What is read has an element, where the node stands. */
export function isFilled(of: ts.Expression, node: ts.Node, prover: Prover): boolean {
  if (prover.c.ranges.lengthOf(of).lo > 0) return true;
  const [size, sides] = prover.withSides(() => prover.lengthSum(of));
  return size !== undefined && prover.proves(addTo(size, constant(-1)), node, sides);
}

/** What facts speak of: a path, its length, or the value of an expression that is no sum. */
type Place =
  | { kind: 'path'; node: ts.Expression; path: Path }
  /** `element`: of a list; bytes and text keep their length. */
  | { kind: 'length'; path: Path; element: Element | undefined }
  /** It stays the same while all these do. */
  | { kind: 'part'; of: readonly string[] };

/** It is at least 0 from there on, until something that it speaks of changes. */
interface Fact {
  sum: Sum;
  from: ts.Node;
}

/** A fact with one variable that is written on the way, and may be true again nevertheless. */
interface Lost extends Fact {
  text: string;
}

interface Findings {
  sure: Sum[];
  lost: Lost[];
}

/** What a proof asks. */
export interface Knowledge {
  facts: Facts;
  constants: Constants;
  specials: Specials;
  ranges: NumberRanges;
}

const DEPTH = 3;

/** Proofs within one function. */
export class Prover {
  readonly c: Knowledge;
  private readonly places = new Map<string, Place>();
  private readonly sums = new Map<ts.Node, [Sum | undefined, readonly Sum[]]>();
  private readonly conditions = new Map<ts.Node, readonly Fact[]>();
  /** Bounds of shifts, remainders and minima, of the sums in the making: they hold where the sum does. */
  private sides: Sum[] = [];
  /** Least lengths. */
  private readonly always = new Map<string, Sum>();
  private readonly proving = new Set<string>();
  private isGrowing = false;

  constructor(c: Knowledge) {
    this.c = c;
  }

  private typeOf(node: ts.Expression): ts.Type {
    const { checker } = this.c.facts;
    return checker.getNonNullableType(checker.getTypeAtLocation(node));
  }

  /** The bounds of its parts beside a sum. */
  withSides<T>(make: () => T): [T, Sum[]] {
    const saved = this.sides;
    this.sides = [];
    const made = make();
    const sides = this.sides;
    this.sides = saved;
    return [made, sides];
  }

  lengthSum(of: ts.Expression): Sum | undefined {
    const known = this.c.ranges.lengthOf(of);
    if (known.lo === known.hi) return constant(known.lo);
    const path = this.c.ranges.pathOf(of);
    if (path === undefined) return known.lo > 0 ? constant(known.lo) : undefined;
    const text = `${path.text}.length`;
    const { checker } = this.c.facts;
    const type = this.typeOf(of);
    const kind = lengthKind(type, checker);
    if (kind === undefined) return undefined;
    const isList = kind === 'list';
    if (!this.places.has(text)) {
      const held = isList ? type.getNumberIndexType() : undefined;
      if (isList && held === undefined) return undefined;
      const element = held === undefined ? undefined : elementOf(held);
      this.places.set(text, { kind: 'length', path, element });
      this.always.set(text, addTo(single(text), constant(-known.lo)));
    }
    return single(text);
  }

  /** The expression as a sum; undefined where it may not be a whole number. */
  sum(expression: ts.Expression): Sum | undefined {
    const node = skipParentheses(expression);
    let known = this.sums.get(node);
    if (known === undefined) {
      known = this.withSides(() => this.compute(node));
      this.sums.set(node, known);
    }
    this.sides.push(...known[1]);
    return known[0];
  }

  private compute(node: ts.Expression): Sum | undefined {
    const value = this.c.constants.of(node);
    if (typeof value === 'number') return Number.isInteger(value) ? constant(value) : undefined;
    const range = this.c.ranges.of(node);
    if (!range.whole || this.c.specials.of(node)) return undefined;
    if (ts.isBinaryExpression(node)) return this.binary(node);
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
      const of = this.sum(node.operand);
      return of === undefined ? undefined : scale(of, -1);
    }
    if (ts.isCallExpression(node)) return this.call(node);
    if (ts.isPropertyAccessExpression(node) && node.name.text === 'length') {
      const type = this.typeOf(node.expression);
      if (lengthKind(type, this.c.facts.checker) !== undefined)
        return this.lengthSum(node.expression);
    }
    const path = this.c.ranges.pathOf(node);
    if (path === undefined) return undefined;
    if (!this.places.has(path.text)) {
      this.places.set(path.text, { kind: 'path', node, path });
    }
    return single(path.text);
  }

  private binary(node: ts.BinaryExpression): Sum | undefined {
    const kind = node.operatorToken.kind;
    const left = this.sum(node.left);
    const right = this.sum(node.right);
    if (left === undefined || right === undefined) return undefined;
    const by = right.terms.size === 0 ? right.plus : undefined;
    switch (kind) {
      case ts.SyntaxKind.PlusToken:
        return addTo(left, right);
      case ts.SyntaxKind.MinusToken:
        return addTo(left, right, -1);
      case ts.SyntaxKind.AsteriskToken:
        if (by !== undefined) return scale(left, by);
        return left.terms.size === 0 ? scale(right, left.plus) : undefined;
      case ts.SyntaxKind.LessThanLessThanToken: {
        const range = this.c.ranges.of(node.left);
        const isSmall =
          range.lo >= 0 && by !== undefined && by >= 0 && range.hi * 2 ** by < 2 ** 31;
        return isSmall ? scale(left, 2 ** by) : undefined;
      }
      case ts.SyntaxKind.GreaterThanGreaterThanToken:
      case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken: {
        const range = this.c.ranges.of(node.left);
        const fits =
          within(range, INT32) &&
          (range.lo >= 0 || kind === ts.SyntaxKind.GreaterThanGreaterThanToken);
        if (!fits || by === undefined || by < 0 || by > 20) return undefined;
        return this.divided(node, left, 2 ** by);
      }
      case ts.SyntaxKind.PercentToken: {
        const [a, b] = [this.c.ranges.of(node.left), this.c.ranges.of(node.right)];
        if (a.lo < 0 || b.lo < 1) return undefined;
        const part = this.part(node, [left, right]);
        this.sides.push(part, addTo(left, part, -1), addTo(addTo(right, part, -1), constant(-1)));
        return part;
      }
      default:
        return undefined;
    }
  }

  private call(node: ts.CallExpression): Sum | undefined {
    const of = node.expression;
    if (!ts.isPropertyAccessExpression(of) || of.expression.getText() !== 'Math') return undefined;
    const name = of.name.text;
    const given = node.arguments[0];
    if (given === undefined || node.arguments.some(ts.isSpreadElement)) return undefined;
    if (name === 'min' || name === 'max') {
      const sums = node.arguments.map((one) => this.sum(one));
      if (sums.some((one) => one === undefined)) return undefined;
      const part = this.part(node, sums as Sum[]);
      for (const one of sums as Sum[]) {
        this.sides.push(name === 'min' ? addTo(one, part, -1) : addTo(part, one, -1));
      }
      return part;
    }
    const quotient = skipParentheses(given);
    if (name !== 'floor' && name !== 'trunc') return undefined;
    if (!ts.isBinaryExpression(quotient)) return undefined;
    if (quotient.operatorToken.kind !== ts.SyntaxKind.SlashToken) return undefined;
    const left = this.sum(quotient.left);
    const by = this.c.constants.of(quotient.right);
    if (left === undefined || typeof by !== 'number' || !Number.isInteger(by) || by < 1) {
      return undefined;
    }
    if (name === 'trunc' && this.c.ranges.of(quotient.left).lo < 0) return undefined;
    return this.divided(node, left, by);
  }

  /** floor(left / by): by * it <= left <= by * it + by - 1. */
  private divided(node: ts.Expression, left: Sum, by: number): Sum | undefined {
    const part = this.part(node, [left]);
    const rest = addTo(left, part, -by);
    this.sides.push(rest, addTo(constant(by - 1), rest, -1));
    return part;
  }

  /** A name for the value of an expression that is no sum. */
  private part(node: ts.Expression, of: readonly Sum[]): Sum {
    const texts = of.flatMap((one) => [...one.terms.keys()]);
    const text = `(${node.getText()} of ${texts.join()})`;
    this.places.set(text, { kind: 'part', of: texts });
    return single(text);
  }

  /** The sum is at least 0 where the node stands. */
  proves(goal: Sum, node: ts.Node, sides: readonly Sum[]): boolean {
    if (this.followsAt(node, goal, sides)) return true;
    for (const text of goal.terms.keys()) if (this.byWrites(goal, text, node)) return true;
    return false;
  }

  /** What is known at the node, and `given`, make the goal true. Facts that are dear to find are left for the end. */
  private followsAt(node: ts.Node, goal: Sum, given: readonly Sum[]): boolean {
    if (follows(goal, given)) return true;
    const texts = new Set(goal.terms.keys());
    for (const one of given) for (const text of one.terms.keys()) texts.add(text);
    const { sure, lost } = this.factsAt(node, texts);
    const facts = [...sure, ...given];
    if (follows(goal, facts)) return true;
    const restored = lost.filter((one) => this.isRestored(one, node)).map((one) => one.sum);
    return restored.length > 0 && follows(goal, [...facts, ...restored]);
  }

  /** A variable of the function around the node that no other function sees. */
  private ownVariable(text: string, node: ts.Node): Variable | undefined {
    const place = this.places.get(text);
    if (place?.kind !== 'path' || place.path.root === undefined) return undefined;
    if (place.path.members.length > 0) return undefined;
    const variable = this.c.facts.variables.get(place.path.root);
    if (variable === undefined || variable.captured) return undefined;
    if (ts.isSourceFile(variable.owner) || variable.owner !== ownerOf(node)) return undefined;
    return variable;
  }

  /** Every value that the variable gets makes the goal true, and nothing else can make it untrue. */
  private byWrites(goal: Sum, text: string, node: ts.Node): boolean {
    const variable = this.ownVariable(text, node);
    const declaration = variable?.declaration;
    if (variable === undefined || declaration === undefined) return false;
    if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) {
      return false;
    }
    const key = `${text} ${textOf(goal)}`;
    if (this.proving.has(key) || this.proving.size >= DEPTH) return false;
    const effect = this.c.ranges.effects.between(declaration, node);
    for (const other of goal.terms.keys()) {
      if (other !== text && !this.isKept(other, goal, effect)) return false;
    }
    this.proving.add(key);
    const values = this.c.facts.values.get(variable.symbol) ?? [];
    const found = values.every((value) => this.provesAfter(goal, text, value, declaration));
    this.proving.delete(key);
    return found;
  }

  private provesAfter(
    goal: Sum,
    text: string,
    value: Value,
    declaration: ts.VariableDeclaration,
  ): boolean {
    if (value.kind === 'unknown' || value.kind === 'byte') return false;
    const place = value.kind === 'expression' ? value.node : value.target;
    const [given, sides] = this.withSides(() => this.givenBy(value, text));
    if (given === undefined) return false;
    const after = replace(goal, text, given);
    // Up to here the goal held: every write before this one made it so.
    const isFirst = value.kind === 'expression' && value.node === declaration.initializer;
    if (this.followsAt(place, after, isFirst ? sides : [...sides, goal])) return true;
    for (const other of after.terms.keys()) {
      if (other !== text && this.byWrites(after, other, place)) return true;
    }
    return false;
  }

  private givenBy(value: Value, text: string): Sum | undefined {
    if (value.kind === 'expression') return this.sum(value.node);
    if (value.kind === 'step') return addTo(single(text), constant(value.by));
    if (value.kind !== 'compound') return undefined;
    const by = this.sum(value.node);
    if (by === undefined) return undefined;
    if (value.operator === ts.SyntaxKind.PlusEqualsToken) return addTo(single(text), by);
    if (value.operator === ts.SyntaxKind.MinusEqualsToken) return addTo(single(text), by, -1);
    return undefined;
  }

  /** What is known to be at least 0 at the node of the given places, and of those that it speaks of beside them. */
  private factsAt(node: ts.Node, about: Iterable<string>): Findings {
    const found: Findings = { sure: [], lost: [] };
    const texts = new Set(about);
    // What variables were given, and what their givers say in turn.
    let open = [...this.conditionsAt(node), ...this.grown(node)];
    const all = new Set(texts);
    for (const { sum } of open) for (const text of sum.terms.keys()) all.add(text);
    for (const text of all) {
      for (const fact of this.definition(text, node)) {
        open.push(fact);
        for (const other of fact.sum.terms.keys()) all.add(other);
      }
    }
    for (const text of texts) {
      const least = this.always.get(text);
      if (least !== undefined) found.sure.push(least);
      const place = this.places.get(text);
      if (place?.kind === 'path') {
        const range = this.c.ranges.whenever(place.node);
        if (range.lo > -FAR) found.sure.push(addTo(single(text), constant(-range.lo)));
        if (range.hi < FAR) found.sure.push(addTo(constant(range.hi), single(text), -1));
      }
      open = open.filter((fact) => {
        if (!fact.sum.terms.has(text)) return true;
        this.keep(fact, node, found);
        for (const other of fact.sum.terms.keys()) texts.add(other);
        return false;
      });
    }
    return found;
  }

  /** Comparisons on the way to the node. */
  private conditionsAt(node: ts.Node): readonly Fact[] {
    let known = this.conditions.get(node);
    if (known !== undefined) return known;
    const found: Fact[] = [];
    for (const one of conditions(node, this.c.constants)) {
      if (!this.c.ranges.holds(one)) continue;
      const [pair, sides] = this.withSides(() => [this.sum(one.left), this.sum(one.right)]);
      const [left, right] = pair;
      if (left === undefined || right === undefined) continue;
      // left < right + atLeast
      const sum = addTo(addTo(right, left, -1), constant(one.atLeast - 1));
      for (const part of [sum, ...sides]) found.push({ sum: part, from: one.from });
    }
    known = found;
    this.conditions.set(node, known);
    return known;
  }

  /** `const x = …`, and `let x = …` until it is written again. */
  private definition(text: string, node: ts.Node): Fact[] {
    const variable = this.ownVariable(text, node);
    const declaration = variable?.declaration;
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return [];
    const from = declaration.initializer;
    if (from === undefined || declaration.end > node.getStart()) return [];
    const [given, sides] = this.withSides(() => this.sum(from));
    if (given === undefined) return [];
    const difference = addTo(given, single(text), -1);
    return [difference, scale(difference, -1), ...sides].map((sum) => ({ sum, from: declaration }));
  }

  /** What was known of a list's length before `list.push(…)` on the way to the node. */
  private grown(node: ts.Node): Fact[] {
    if (this.isGrowing) return [];
    const found: Fact[] = [];
    for (let at = node; !ts.isFunctionLike(at) && at.parent !== undefined; at = at.parent) {
      if (!ts.isBlock(at.parent)) continue;
      for (const statement of at.parent.statements) {
        if (statement === at) break;
        if (!ts.isExpressionStatement(statement)) continue;
        const call = statement.expression;
        if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) continue;
        const { name, expression } = call.expression;
        if (name.text !== 'push' || call.arguments.some(ts.isSpreadElement)) continue;
        if (lengthKind(this.typeOf(expression), this.c.facts.checker) !== 'list') continue;
        const length = this.c.ranges.pathOf(expression);
        if (length === undefined) continue;
        const text = `${length.text}.length`;
        this.isGrowing = true;
        const before = this.factsAt(statement, [text]);
        this.isGrowing = false;
        for (const sum of before.sure) {
          const by = (sum.terms.get(text) ?? 0) * -call.arguments.length;
          if (by < 0) found.push({ sum: addTo(sum, constant(by)), from: statement });
        }
      }
    }
    return found;
  }

  /** Takes the fact to the node, through what may run in between. */
  private keep(fact: Fact, node: ts.Node, found: Findings): void {
    const { sum, from } = fact;
    const effect = this.c.ranges.effects.between(from, node);
    let only: string | undefined;
    for (const text of sum.terms.keys()) {
      if (this.isKept(text, sum, effect)) continue;
      if (only !== undefined) return;
      only = text;
    }
    if (only === undefined) found.sure.push(sum);
    else found.lost.push({ sum, from, text: only });
  }

  /** The variable that is written in between is stepped only where the fact holds for what it becomes. */
  private isRestored({ sum, from, text }: Lost, node: ts.Node): boolean {
    const variable = this.ownVariable(text, node);
    if (variable === undefined) return false;
    const key = `${text} ${textOf(sum)}`;
    if (this.proving.has(key) || this.proving.size >= DEPTH) return false;
    this.proving.add(key);
    const loop = loopBetween(from, node);
    const end = Math.max(loop?.end ?? 0, node.getStart());
    const found = (this.c.facts.values.get(variable.symbol) ?? []).every((value) => {
      if (value.kind === 'unknown' || value.kind === 'byte') return false;
      const place = value.kind === 'expression' ? value.node : value.target;
      const isBetween = place.end > from.end && place.pos < end;
      if (!isBetween && !(loop !== undefined && loop.pos <= place.pos && place.end <= loop.end)) {
        return true;
      }
      const [given, sides] = this.withSides(() => this.givenBy(value, text));
      if (given === undefined) return false;
      return this.followsAt(place, replace(sum, text, given), [...sides, sum]);
    });
    this.proving.delete(key);
    return found;
  }

  /** The effect leaves the place as it is, or changes it in the direction that the fact allows. */
  private isKept(text: string, sum: Sum, effect: Effect): boolean {
    const place = this.places.get(text);
    if (place === undefined) return false;
    if (place.kind === 'part') {
      const both: Sum[] = place.of.flatMap((one) => [single(one), scale(single(one), -1)]);
      return place.of.every((one) => both.every((other) => this.isKept(one, other, effect)));
    }
    const { effects } = this.c.ranges;
    if (!isKept(place.path, effect, effects)) return false;
    if (place.kind === 'path' || place.element === undefined) return true;
    const by = sum.terms.get(text) ?? 0;
    if (by > 0 && effects.shortens(effect, place.element)) return false;
    return by >= 0 || !effects.lengthens(effect, place.element);
  }
}

const FAR = 2 ** 50;

/** A list may change its length; tuples, bytes and text do not. */
function lengthKind(type: ts.Type, checker: ts.TypeChecker): 'list' | 'fixed' | undefined {
  if ((type.flags & ts.TypeFlags.StringLike) !== 0 || checker.isTupleType(type)) return 'fixed';
  const name = type.symbol?.name;
  if (name === 'Array' || name === 'ReadonlyArray') return 'list';
  return name === 'Uint8Array' ? 'fixed' : undefined;
}

const ownerOf = (node: ts.Node): ts.Node =>
  ts.findAncestor(node, ts.isFunctionLike) ?? node.getSourceFile();

const textOf = (sum: Sum): string =>
  `${[...sum.terms]
    .map(([text, by]) => `${String(by)} ${text}`)
    .sort()
    .join(' + ')} + ${String(sum.plus)}`;
