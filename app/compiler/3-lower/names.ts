import * as ts from 'typescript';
import { ofEachSource } from '../1-read/of-each-source.ts';
import type { Parts } from '../2-check/parts.ts';
import { isFunctionNode, type Facts, type Variable } from '../2-check/facts.ts';

const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if ' +
    'import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);
/** Names that emitted code uses with Python's meaning. */
const BUILTINS = new Set(
  (
    'Exception IndexError ValueError OSError abs all any bool bytearray bytes callable chr dict enumerate float getattr hasattr int isinstance ' +
    'iter len list max memoryview min next object ord print property range reversed self set setattr sorted staticmethod str sum super tuple type ' +
    'zip const'
  ).split(' '),
);

/** An attribute or member name as Python takes it. */
export function memberName(text: string): string {
  const safe = text
    .replace(/^#/, '_')
    .replace(/[^A-Za-z0-9_]/g, (c) => `_x${c.charCodeAt(0).toString(16)}`);
  return KEYWORDS.has(safe) ? `${safe}_` : safe;
}

export function variableName(text: string): string {
  const safe = memberName(text);
  // Emitted code's own names (temporaries, helpers, unused parameters) start with one underscore.
  return BUILTINS.has(safe) || /^_[A-Za-z0-9]/.test(safe) ? `${safe}_` : safe;
}

/**
 * Python has function scopes only: variables of different blocks that may meet get different names.
 * Names are given function by function, outer ones first, so that they do not depend on the order of use.
 */
export class Names {
  private readonly facts: Facts;
  private readonly given = new Map<ts.Symbol, string>();
  private readonly done = new Set<ts.Node>();
  private readonly isShared: boolean;
  private readonly parts: Parts | undefined;

  /**
   * `shared`: all modules become one Python module, so that no two of their variables may meet; earlier sources keep
   * their names. `taken` are names that the one module has already.
   */
  constructor(
    facts: Facts,
    shared?: { sources: readonly ts.SourceFile[]; taken: ReadonlySet<string> },
    parts?: Parts,
  ) {
    this.parts = parts;
    this.facts = facts;
    this.isShared = shared !== undefined;
    if (shared === undefined) return;
    const taken = new Set(shared.taken);
    for (const source of shared.sources) {
      for (const variable of facts.ownedBy(source)) {
        const name = free(variableName(variable.symbol.name), taken);
        taken.add(name);
        this.given.set(variable.symbol, name);
      }
    }
  }

  /** The part of the program that a source belongs to, by its path; '' for the core. */
  partOf(path: string): string {
    return this.parts?.of(path) ?? '';
  }

  private readonly askedOfSuper = new Set<string>();

  /** Somewhere `super.name` is read without being called. */
  isAskedOfSuper(name: string): boolean {
    return this.askedOfSuper.has(name);
  }

  /** Some generator has a finally block. */
  hasCleanUp = false;

  survey(sources: readonly ts.SourceFile[]): void {
    for (const source of sources) {
      if (hasCleanUp(source)) this.hasCleanUp = true;
      for (const name of askedOfSuper(source)) this.askedOfSuper.add(name);
    }
  }

  of(symbol: ts.Symbol): string {
    const known = this.given.get(symbol);
    if (known !== undefined) return known;
    const variable = this.facts.variables.get(symbol);
    if (variable === undefined) return variableName(symbol.name);
    this.giveAll(variable.declaration.getSourceFile());
    return this.given.get(symbol) ?? variableName(symbol.name);
  }

  /** All that the names of a file's variables depend on beside the file: those of the modules' variables that it mentions. */
  globalsOf(source: ts.SourceFile): string {
    if (!this.isShared) return '';
    const found = this.facts.ownedBy(source).map((one) => one.symbol);
    for (const symbol of this.facts.mentionedIn(source)) {
      const variable = this.facts.variables.get(symbol);
      if (variable !== undefined && ts.isSourceFile(variable.owner)) found.push(variable.symbol);
    }
    return found.map((symbol) => this.given.get(symbol)).join();
  }

  private giveAll(source: ts.SourceFile): void {
    if (this.done.has(source)) return;
    this.done.add(source);
    this.giveOwner(source, []);
  }

  private giveOwner(owner: ts.Node, outer: readonly Variable[]): void {
    const own: Variable[] = [];
    const mentioned = this.facts.mentionsOf(owner);
    let imported: ReadonlySet<string> | undefined;
    for (const variable of this.facts.ownedBy(owner)) {
      if (this.isShared && ts.isSourceFile(owner)) {
        own.push(variable);
        continue;
      }
      const base = variableName(variable.symbol.name);
      let name = base;
      imported ??= this.importedNames(mentioned, owner.getSourceFile());
      for (
        let n = 1;
        imported.has(name) || this.clashes(name, variable, own, outer, mentioned);
        n++
      ) {
        name = `${base}_${String(n)}`;
      }
      this.given.set(variable.symbol, name);
      own.push(variable);
    }
    const all = [...outer, ...own];
    const visit = (node: ts.Node): void => {
      if (
        isFunctionNode(node) ||
        ts.isPropertyDeclaration(node) ||
        ts.isClassStaticBlockDeclaration(node)
      )
        this.giveOwner(node, all);
      else ts.forEachChild(node, visit);
    };
    ts.forEachChild(owner, visit);
  }

  private clashes(
    name: string,
    variable: Variable,
    own: readonly Variable[],
    outer: readonly Variable[],
    mentioned: ReadonlySet<ts.Symbol>,
  ): boolean {
    for (const other of own) {
      if (this.given.get(other.symbol) !== name) continue;
      const apart = !inside(variable.block, other.block) && !inside(other.block, variable.block);
      if (!apart || variable.captured || other.captured) return true;
    }
    for (const other of outer) {
      if (this.given.get(other.symbol) === name && mentioned.has(other.symbol)) return true;
    }
    return false;
  }

  /** What is mentioned of other modules: imported names are globals of this module too. */
  private importedNames(mentioned: ReadonlySet<ts.Symbol>, source: ts.SourceFile): Set<string> {
    const names = new Set<string>();
    for (const symbol of mentioned) {
      const declared = this.facts.variables.get(symbol);
      if (declared === undefined || declared.owner === source || !ts.isSourceFile(declared.owner))
        continue;
      const name = this.isShared ? this.given.get(symbol) : variableName(symbol.name);
      if (name !== undefined) names.add(name);
    }
    return names;
  }
}

const hasCleanUp = ofEachSource((source) => {
  if (!/\bfinally\b/.test(source.text) || !source.text.includes('yield')) return false;
  const look = (node: ts.Node): boolean => {
    if (ts.isTryStatement(node) && node.finallyBlock !== undefined) {
      const owner = ts.findAncestor(node, isFunctionNode);
      if (owner !== undefined && 'asteriskToken' in owner && owner.asteriskToken !== undefined) {
        return true;
      }
    }
    return ts.forEachChild(node, (child) => look(child) || undefined) ?? false;
  };
  return look(source);
});

const askedOfSuper = ofEachSource((source) => {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAccessExpression(node) &&
      node.expression.kind === ts.SyntaxKind.SuperKeyword &&
      !(ts.isCallExpression(node.parent) && node.parent.expression === node)
    ) {
      names.push(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  if (source.text.includes('super.')) visit(source);
  return names;
});

/** `base`, or with the first number that makes it new. */
function free(base: string, taken: ReadonlySet<string>): string {
  let name = base;
  for (let n = 1; taken.has(name); n++) name = `${base}_${String(n)}`;
  return name;
}

function inside(inner: ts.Node, outer: ts.Node): boolean {
  for (let at: ts.Node | undefined = inner; at !== undefined; at = at.parent) {
    if (at === outer) return true;
  }
  return false;
}
