import * as ts from 'typescript';
import type { Journals } from '../1-read/memory.ts';
import { EffectNotes, type Note } from './effect-notes.ts';
import { mayBeSame, type Element } from './elements.ts';
import { isFunctionNode, isLoop, type Facts } from './facts.ts';
import { isLibDeclaration } from './library.ts';
import type { Members } from './members.ts';
import { Reach } from './reach.ts';

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
  called: readonly Called[] | undefined;
}

/** A set of functions: all that one of them may run. */
interface Called {
  has(one: Own): boolean;
}

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
  private readonly notes: EffectNotes;
  private readonly own = new Map<ts.Node, Own>();
  private readonly stretches = new Map<ts.Node, Own>();
  /** Stands for all functions that may be called through a value. */
  private readonly anything = nothing();
  private readonly reach = new Reach<Own>((one) => this.runs(one));
  /** Functions by what they do themselves. */
  private readonly writers = new Map<ts.Symbol | string, Own[]>();
  private readonly shorteners: Own[] = [];
  private readonly lengtheners: Own[] = [];
  private readonly asked = new Map<ts.Node, Map<ts.Node, Effect>>();

  constructor(
    facts: Facts,
    members: Members,
    sources: readonly ts.SourceFile[],
    journals: Journals,
  ) {
    this.facts = facts;
    this.members = members;
    this.sources = sources;
    this.notes = new EffectNotes(facts, journals);
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
        else this.notes.within(one, (note) => this.add(note, found));
      } else {
        // A part of it runs afterwards: an assignment or a call around what is inside.
        if (one.end <= end || loop !== undefined) {
          this.notes.at(one, (note) => this.add(note, found));
        }
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

  private calledBy(parts: readonly Own[]): Called[] {
    const found = new Set<Called>();
    for (const part of parts) {
      for (const one of part.calls) found.add(this.reach.of(this.ownOf(one)));
      if (part.callsAnything) found.add(this.reach.of(this.anything));
    }
    return [...found];
  }

  /** What a function calls itself. */
  private runs(one: Own): Own[] {
    if (one === this.anything) return this.functionValues().map((node) => this.ownOf(node));
    const all = [...one.calls].map((node) => this.ownOf(node));
    if (one.callsAnything) all.push(this.anything);
    return all;
  }

  private ownOf(node: ts.Node): Own {
    let own = this.own.get(node);
    if (own === undefined) {
      own = this.sumOf(node);
      this.own.set(node, own);
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
      own = this.sumOf(node);
      this.stretches.set(node, own);
    }
    return own;
  }

  private sumOf(node: ts.Node): Own {
    const own = nothing();
    this.notes.within(node, (note) => this.add(note, own));
    return own;
  }

  /** Every function that may be called through a value. */
  private functionValues(): readonly ts.Node[] {
    const found: ts.Node[] = [];
    for (const source of this.sources) {
      this.notes.within(source, (note) => {
        if (note.kind === 'function' && this.isValue(note.what)) found.push(note.what);
      });
    }
    return found;
  }

  private isValue(node: ts.Node): boolean {
    if (!isFunctionNode(node)) return false;
    if (ts.isFunctionDeclaration(node)) {
      return node.asteriskToken !== undefined || !this.members.isOnlyCalled(node);
    }
    if (!ts.isClassLike(node.parent)) return true;
    return ts.isMethodDeclaration(node) && node.asteriskToken !== undefined;
  }

  private add(note: Note, into: Own): void {
    switch (note.kind) {
      case 'variable':
        into.variables.add(note.what);
        break;
      case 'member':
        into.members.add(note.what);
        break;
      case 'shorter':
        into.shorter.add(note.what);
        break;
      case 'longer':
        into.longer.add(note.what);
        break;
      case 'call':
        this.call(note.what, note.name, into);
        break;
      case 'make':
        this.class(note.what, into);
        break;
      case 'super':
        this.base(note.what, into);
        break;
      case 'access':
        for (const one of this.members.accessorsOf(note.what)) into.calls.add(one);
        break;
      case 'anything':
        into.callsAnything = true;
        break;
      case 'function':
    }
  }

  private call(declaration: ts.Node, name: string | undefined, into: Own): void {
    const targets = ts.isFunctionLike(declaration)
      ? this.members.targetsOf(declaration)
      : undefined;
    if (targets !== undefined) {
      for (const one of targets) into.calls.add(one);
      return;
    }
    into.callsAnything = true;
    if (name === undefined) return;
    for (const one of this.members.methodsOf(name)) into.calls.add(one);
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
