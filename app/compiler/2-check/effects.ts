import ts from 'typescript';
import { elementOf, mayBeSame, type Element } from './elements.ts';
import {
  isAssignmentOperator,
  isFunctionNode,
  isLoop,
  skipParentheses,
  type Facts,
} from './facts.ts';
import { isLibDeclaration } from './library.ts';
import type { Members } from './members.ts';

interface Own {
  variables: Set<ts.Symbol>;
  /** Members that are assigned, by name: whose object it is nobody asks. */
  members: Set<string>;
  /** Lists that may get shorter, or longer, by the types of their elements. */
  shorter: Set<Element>;
  longer: Set<Element>;
  calls: Set<ts.Node>;
  /** Calls of functions that came as values: any of the program's. */
  callsAnything: boolean;
}

/** What running a piece of program may change for whoever holds a fact across it. */
export interface Effect {
  /** What stands there itself. */
  parts: readonly Own[];
  /** All that they call, directly or not; undefined while nobody asked. */
  called: readonly ReadonlySet<Own>[] | undefined;
}

const SHORTEN = new Set(['pop', 'shift', 'splice']);
const LENGTHEN = new Set(['push', 'unshift', 'splice']);
/** What a for…of or a spread walks through without running code of the program. */
const PLAIN_WALKS = new Set(['Array', 'ReadonlyArray', 'Uint8Array', 'Map', 'Set', 'String']);

const nothing = (): Own => ({
  variables: new Set(),
  members: new Set(),
  shorter: new Set(),
  longer: new Set(),
  calls: new Set(),
  callsAnything: false,
});

/**
 * Which variables, members and lists a stretch of the program may change, the functions that it calls included. A call
 * of a value may run any function that is not only called by its name.
 */
export class Effects {
  private readonly facts: Facts;
  private readonly members: Members;
  private readonly sources: readonly ts.SourceFile[];
  private readonly own = new Map<ts.Node, Own>();
  private readonly stretches = new Map<ts.Node, Own>();
  private readonly reached = new Map<ts.Node, ReadonlySet<Own>>();
  /** Functions by what they do themselves. */
  private readonly writers = new Map<ts.Symbol | string, Own[]>();
  private readonly shorteners: Own[] = [];
  private readonly lengtheners: Own[] = [];
  private readonly asked = new Map<ts.Node, Map<ts.Node, Effect>>();
  private anything: ReadonlySet<Own> | undefined;
  private values: ts.Node[] | undefined;

  constructor(facts: Facts, members: Members, sources: readonly ts.SourceFile[]) {
    this.facts = facts;
    this.members = members;
    this.sources = sources;
  }

  /** Of everything that may run after `from` and before `node`, in the function around both. */
  between(from: ts.Node, node: ts.Node): Effect {
    let known = this.asked.get(from);
    if (known === undefined) {
      known = new Map();
      this.asked.set(from, known);
    }
    let effect = known.get(node);
    if (effect === undefined) {
      effect = this.effectBetween(from, node);
      known.set(node, effect);
    }
    return effect;
  }

  /** Of evaluating the node. */
  of(node: ts.Node): Effect {
    return { parts: [this.stretch(node)], called: undefined };
  }

  private effectBetween(from: ts.Node, node: ts.Node): Effect {
    const loop = loopBetween(from, node);
    const end = Math.max(loop?.end ?? 0, node.getStart());
    const around = ts.findAncestor(from, ts.isForStatement);
    const isCondition = around?.condition !== undefined && contains(around.condition, from);
    const step = isCondition ? around.incrementor : undefined;
    const found = nothing();
    const parts = [found];
    const visit = (one: ts.Node): void => {
      if (one.end <= from.end || one.pos >= end || one === step) return;
      if (one === node && loop === undefined) return;
      if (one.pos >= from.end && one.end <= end) {
        if (ts.isStatement(one)) parts.push(this.stretch(one));
        else this.scan(one, found);
      } else {
        // A part of it runs afterwards: an assignment or a call around what is inside.
        if (one.end <= end || loop !== undefined) this.note(one, found);
        ts.forEachChild(one, visit);
      }
    };
    const owner = ts.findAncestor(node, ts.isFunctionLike) ?? node.getSourceFile();
    ts.forEachChild(owner, visit);
    return { parts, called: undefined };
  }

  writes(effect: Effect, variable: ts.Symbol): boolean {
    const is = (one: Own): boolean => one.variables.has(variable);
    return this.does(effect, is, () => this.writers.get(variable) ?? []);
  }

  assigns(effect: Effect, member: string): boolean {
    const is = (one: Own): boolean => one.members.has(member);
    return this.does(effect, is, () => this.writers.get(member) ?? []);
  }

  /** A list of `element`s may get shorter, or longer. */
  shortens(effect: Effect, element: Element): boolean {
    const is = (one: Own): boolean => isAmong(element, one.shorter);
    return this.does(effect, is, () => this.shorteners);
  }

  lengthens(effect: Effect, element: Element): boolean {
    const is = (one: Own): boolean => isAmong(element, one.longer);
    return this.does(effect, is, () => this.lengtheners);
  }

  private does(effect: Effect, is: (one: Own) => boolean, candidates: () => Own[]): boolean {
    if (effect.parts.some(is)) return true;
    effect.called ??= this.calledBy(effect.parts);
    if (effect.called.length === 0) return false;
    // Functions enter the tables when they are reached: not before the line above.
    const found = candidates();
    return effect.called.some((set) => found.some((one) => set.has(one) && is(one)));
  }

  private calledBy(parts: readonly Own[]): ReadonlySet<Own>[] {
    const found = new Set<ReadonlySet<Own>>();
    for (const part of parts) {
      for (const one of part.calls) found.add(this.reachOf(one));
      if (part.callsAnything) {
        this.anything ??= this.reachFrom(this.functionValues());
        found.add(this.anything);
      }
    }
    return [...found];
  }

  /** What a function and all that it calls do themselves. */
  private reachOf(node: ts.Node): ReadonlySet<Own> {
    let all = this.reached.get(node);
    if (all === undefined) {
      all = this.reachFrom([node]);
      this.reached.set(node, all);
    }
    return all;
  }

  private reachFrom(nodes: readonly ts.Node[]): ReadonlySet<Own> {
    const all = new Set<Own>();
    const open = [...nodes];
    let isAnything = false;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const one = this.ownOf(at);
      if (all.has(one)) continue;
      all.add(one);
      open.push(...one.calls);
      if (!one.callsAnything || isAnything) continue;
      isAnything = true;
      open.push(...this.functionValues());
    }
    return all;
  }

  private ownOf(node: ts.Node): Own {
    let own = this.own.get(node);
    if (own === undefined) {
      own = nothing();
      this.own.set(node, own);
      const into = own;
      ts.forEachChild(node, (child) => this.scan(child, into));
      for (const one of [...own.variables, ...own.members]) {
        const list = this.writers.get(one);
        if (list === undefined) this.writers.set(one, [own]);
        else list.push(own);
      }
      if (own.shorter.size > 0) this.shorteners.push(own);
      if (own.longer.size > 0) this.lengtheners.push(own);
    }
    return own;
  }

  /** Of the node itself and its parts, without what they call. */
  private stretch(node: ts.Node): Own {
    let own = this.stretches.get(node);
    if (own === undefined) {
      own = nothing();
      this.stretches.set(node, own);
      this.scan(node, own);
    }
    return own;
  }

  /** Every function that may be called through a value. */
  private functionValues(): readonly ts.Node[] {
    if (this.values !== undefined) return this.values;
    const found: ts.Node[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isTypeNode(node)) return;
      if (isFunctionNode(node)) {
        const isPlain = ts.isFunctionDeclaration(node)
          ? this.members.isOnlyCalled(node) && node.asteriskToken === undefined
          : ts.isClassLike(node.parent) &&
            !(ts.isMethodDeclaration(node) && node.asteriskToken !== undefined);
        if (!isPlain) found.push(node);
      }
      ts.forEachChild(node, visit);
    };
    for (const source of this.sources) visit(source);
    this.values = found;
    return found;
  }

  private scan(node: ts.Node, into: Own): void {
    if (ts.isTypeNode(node)) return;
    this.note(node, into);
    ts.forEachChild(node, (child) => this.scan(child, into));
  }

  /** What the node itself does, its parts left out. */
  private note(node: ts.Node, into: Own): void {
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      this.target(node.left, into);
    } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      const { operator } = node;
      if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken) {
        this.target(node.operand, into);
      }
    } else if (ts.isVariableDeclaration(node)) this.target(node.name, into);
    else if (ts.isForOfStatement(node)) {
      if (!ts.isVariableDeclarationList(node.initializer)) this.target(node.initializer, into);
      this.walk(node.expression, into);
    } else if (ts.isSpreadElement(node)) this.walk(node.expression, into);
    else if (ts.isYieldExpression(node) || ts.isAwaitExpression(node)) into.callsAnything = true;
    else if (ts.isDeleteExpression(node)) this.target(node.expression, into);
    else if (ts.isCallExpression(node)) this.call(node, into);
    else if (ts.isNewExpression(node)) this.make(node, into);
    else if (ts.isPropertyAccessExpression(node)) this.accessors(node.name, into);
  }

  private accessors(name: ts.MemberName, into: Own): void {
    for (const one of this.members.accessorsOf(name.text)) into.calls.add(one);
  }

  private target(node: ts.Node, into: Own): void {
    const at = ts.isExpression(node) ? skipParentheses(node) : node;
    if (ts.isIdentifier(at)) {
      const symbol = this.facts.symbolOf(at);
      if (symbol !== undefined) into.variables.add(symbol);
    } else if (ts.isPropertyAccessExpression(at)) {
      into.members.add(at.name.text);
      if (at.name.text === 'length') this.lists(at.expression, into, SHORTEN, 'pop');
    } else if (ts.isElementAccessExpression(at)) {
      const key = skipParentheses(at.argumentExpression);
      if (ts.isStringLiteralLike(key)) into.members.add(key.text);
      const element = this.elementOf(at.expression);
      if (element !== undefined) into.longer.add(element); // behind its end
    } else ts.forEachChild(at, (child) => this.target(child, into));
  }

  private elementOf(list: ts.Expression): Element | undefined {
    const { checker } = this.facts;
    const type = checker.getNonNullableType(checker.getTypeAtLocation(list));
    const element = type.getNumberIndexType();
    return element === undefined ? undefined : elementOf(element);
  }

  private lists(of: ts.Expression, into: Own, ways: ReadonlySet<string>, member: string): void {
    const element = this.elementOf(of);
    if (element === undefined || !ways.has(member)) return;
    (ways === LENGTHEN ? into.longer : into.shorter).add(element);
  }

  private walk(of: ts.Expression, into: Own): void {
    const type = this.facts.checker.getTypeAtLocation(of);
    for (const part of type.isUnion() ? type.types : [type]) {
      if ((part.flags & ts.TypeFlags.StringLike) !== 0) continue;
      if (this.facts.checker.isTupleType(part)) continue;
      const made = skipParentheses(of);
      const member =
        ts.isCallExpression(made) && ts.isPropertyAccessExpression(made.expression)
          ? made.expression.name.text
          : '';
      const isView = member === 'entries' || member === 'keys' || member === 'values';
      if (PLAIN_WALKS.has(part.symbol?.name ?? '') || isView) continue;
      into.callsAnything = true;
    }
  }

  private call(node: ts.CallExpression, into: Own): void {
    const of = skipParentheses(node.expression);
    const declaration = this.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration !== undefined && isLibDeclaration(declaration)) {
      if (ts.isPropertyAccessExpression(of)) {
        this.lists(of.expression, into, SHORTEN, of.name.text);
        this.lists(of.expression, into, LENGTHEN, of.name.text);
        if (of.name.text === 'next') into.callsAnything = true;
        if (of.name.text === 'from') for (const one of node.arguments) this.walk(one, into);
      }
      for (const one of node.arguments) this.callback(one, into);
      return;
    }
    if (of.kind === ts.SyntaxKind.SuperKeyword) {
      const own = ts.findAncestor(node, ts.isClassLike);
      if (own !== undefined) this.base(own, into);
      return;
    }
    if (declaration?.getSourceFile().isDeclarationFile === true) {
      for (const one of node.arguments) this.callback(one, into);
      return;
    }
    const targets =
      declaration === undefined || !ts.isFunctionLike(declaration)
        ? undefined
        : this.members.targetsOf(declaration);
    if (targets === undefined) into.callsAnything = true;
    else for (const one of targets) into.calls.add(one);
    if (targets !== undefined && ts.isPropertyAccessExpression(of)) return;
    if (declaration !== undefined && ts.isPropertyAccessExpression(of)) {
      for (const one of this.members.methodsOf(of.name.text)) into.calls.add(one);
    }
  }

  /** A function that is handed over; one written in the call is looked through with the call. */
  private callback(node: ts.Expression, into: Own): void {
    if (isFunctionNode(skipParentheses(node))) return;
    const type = this.facts.checker.getTypeAtLocation(node);
    for (const part of type.isUnion() ? type.types : [type]) {
      if (part.getCallSignatures().length > 0) into.callsAnything = true;
    }
  }

  private make(node: ts.NewExpression, into: Own): void {
    const declaration = this.facts.symbolOf(skipParentheses(node.expression))?.valueDeclaration;
    if (declaration !== undefined && ts.isClassLike(declaration)) this.class(declaration, into);
    else if (declaration === undefined || !isLibDeclaration(declaration)) into.callsAnything = true;
    for (const one of node.arguments ?? []) this.callback(one, into);
  }

  private class(node: ts.ClassLikeDeclaration, into: Own): void {
    for (const member of node.members) {
      if (ts.isConstructorDeclaration(member) || ts.isPropertyDeclaration(member)) {
        into.calls.add(member);
      }
    }
    this.base(node, into);
  }

  private base(node: ts.ClassLikeDeclaration, into: Own): void {
    const clause = node.heritageClauses?.find((one) => one.token === ts.SyntaxKind.ExtendsKeyword);
    const base = clause?.types[0];
    const declaration =
      base === undefined ? undefined : this.facts.symbolOf(base.expression)?.valueDeclaration;
    if (declaration !== undefined && ts.isClassLike(declaration)) this.class(declaration, into);
    else if (base !== undefined && (declaration === undefined || !isLibDeclaration(declaration))) {
      into.callsAnything = true;
    }
  }
}

/** A list of `element`s may be one of those of the set. */
function isAmong(element: Element, elements: ReadonlySet<Element>): boolean {
  for (const one of elements) if (mayBeSame(element, one)) return true;
  return false;
}

/** The outermost loop that may come round between the two: around the node, and not around `from` but in its first part. */
export function loopBetween(from: ts.Node, node: ts.Node): ts.Node | undefined {
  let loop: ts.Node | undefined;
  for (let at = node.parent; at !== undefined; at = at.parent) {
    const isInside = contains(at, from);
    const isFirst =
      isInside &&
      ts.isForStatement(at) &&
      at.initializer !== undefined &&
      contains(at.initializer, from);
    if (isInside && !isFirst) break;
    if (isLoop(at)) loop = at;
    if (isFirst) break;
  }
  return loop;
}

const contains = (outer: ts.Node, inner: ts.Node): boolean =>
  outer.pos <= inner.pos && inner.end <= outer.end;
