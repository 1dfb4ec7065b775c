import * as ts from 'typescript';
import { type Environment, environmentOf, reachesAll, sameEnvironment } from './environment.ts';
import { follow, moved } from './moved.ts';

/**
 * What one build found out about a file, for the next: valid while the file's text and environment stay the same, with the
 * declarations of changed files replaced by those that took their places. Phases write down what they find in a file as
 * a journal of plain steps, and repeat the steps when they find the journal there.
 */
export type Step = unknown[];

export interface FileMemory {
  source: ts.SourceFile;
  environment: Environment;
  journals: Map<string, Step[]>;
  premises: Map<string, string>;
}

/** Where a phase looks for the journal of a file. */
export interface Journals {
  /** `premise`: what the journal depends on beside the file and its environment. */
  of(
    phase: string,
    source: ts.SourceFile,
    visit: (journal: Step[]) => void,
    premise?: string,
  ): readonly Step[];
}

/** Nothing is remembered. */
export const noJournals: Journals = {
  of(_phase, _source, visit) {
    const journal: Step[] = [];
    visit(journal);
    return journal;
  },
};

export class Memory implements Journals {
  private files = new Map<string, FileMemory>();
  private known = new Map<string, ts.SourceFile>();
  private readonly answers = new Answers();

  /** Before the phases of a build; its files are bound. Gives a checker that remembers the answers of earlier ones. */
  begin(program: ts.Program, checker: ts.TypeChecker): ts.TypeChecker {
    const all = new Map(program.getSourceFiles().map((one) => [one.fileName, one]));
    const isSame = [...all.values()].every((one) =>
      one.isDeclarationFile ? this.known.get(one.fileName) === one : !reachesAll(one),
    );
    if (!isSame) this.files.clear();
    let isMoved = false;
    for (const [path, before] of this.known) {
      const after = all.get(path);
      if (after === before) continue;
      if (after !== undefined) follow(before, after);
      isMoved = true;
    }
    const kept = new Map<string, FileMemory>();
    for (const source of all.values()) {
      const environment = source.isDeclarationFile ? [] : environmentOf(source, program);
      const file = this.files.get(source.fileName);
      const isKept = file?.source === source && sameEnvironment(file.environment, environment);
      kept.set(
        source.fileName,
        isKept ? file : { source, environment, journals: new Map(), premises: new Map() },
      );
      const old = this.known.get(source.fileName);
      if (!isKept && old !== undefined) this.answers.forget(old);
    }
    for (const [path, before] of this.known) if (!all.has(path)) this.answers.forget(before);
    this.files = kept;
    this.known = all;
    if (isMoved) {
      this.answers.move();
      for (const { journals } of kept.values()) {
        for (const journal of journals.values()) for (const step of journal) moveStep(step);
      }
    }
    return this.answers.over(checker);
  }

  /** After a build that went wrong in a way that nobody foresaw. */
  clear(): void {
    this.files.clear();
    this.known.clear();
    this.answers.clear();
  }

  of(
    phase: string,
    source: ts.SourceFile,
    visit: (journal: Step[]) => void,
    premise = '',
  ): readonly Step[] {
    const file = this.files.get(source.fileName);
    let journal = file?.journals.get(phase);
    if (journal === undefined || file?.premises.get(phase) !== premise) {
      journal = [];
      visit(journal);
      file?.journals.set(phase, journal);
      file?.premises.set(phase, premise);
    }
    return journal;
  }

  environmentOf(source: ts.SourceFile): Environment {
    return this.files.get(source.fileName)?.environment ?? [];
  }

  forget(phase: string, source: ts.SourceFile): void {
    this.files.get(source.fileName)?.journals.delete(phase);
  }
}

function moveStep(step: Step): void {
  step.forEach((part, at) => {
    if (typeof part === 'object' && part !== null) step[at] = moved(part);
  });
}

/**
 * The checker's answers about single nodes. A type that an earlier checker made may be asked for what it is (flags, name,
 * literal), but not be compared with types of the present one.
 */
class Answers {
  private readonly types = new Map<ts.Node, ts.Type>();
  private readonly symbols = new Map<ts.Node, ts.Symbol | undefined>();
  private readonly signatures = new Map<ts.Node, ts.Signature | undefined>();

  /** `checker` is asked once already, in this build. */
  over(checker: ts.TypeChecker): ts.TypeChecker {
    const answering: Pick<
      ts.TypeChecker,
      'getTypeAtLocation' | 'getSymbolAtLocation' | 'getResolvedSignature'
    > = {
      getTypeAtLocation: (node) => {
        let type = this.types.get(node);
        if (type === undefined) {
          type = checker.getTypeAtLocation(node);
          this.types.set(node, type);
        }
        return type;
      },
      getSymbolAtLocation: (node) => {
        const known = this.symbols.get(node);
        if (known !== undefined || this.symbols.has(node)) return known;
        const found = checker.getSymbolAtLocation(node);
        const symbol = found === undefined ? undefined : canonical(found);
        this.symbols.set(node, symbol);
        return symbol;
      },
      getResolvedSignature: (node) => {
        const known = this.signatures.get(node);
        if (known !== undefined || this.signatures.has(node)) return known;
        const signature = checker.getResolvedSignature(node);
        this.signatures.set(node, signature);
        return signature;
      },
    };
    return Object.assign(Object.create(checker) as ts.TypeChecker, answering);
  }

  /** All about a file's nodes. */
  forget(source: ts.SourceFile): void {
    const visit = (node: ts.Node): void => {
      this.types.delete(node);
      this.symbols.delete(node);
      this.signatures.delete(node);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }

  move(): void {
    moveProperties();
    this.symbols.forEach((symbol, node) => {
      if (symbol === undefined) return;
      const now = moved(symbol);
      if (now !== symbol) this.symbols.set(node, now);
    });
    this.signatures.forEach((signature, node) => {
      const declaration = signature?.declaration;
      if (signature === undefined || declaration === undefined) return;
      const now = moved(declaration);
      // Only its declaration is asked for.
      if (now !== declaration) this.signatures.set(node, { declaration: now } as ts.Signature);
    });
  }

  clear(): void {
    this.types.clear();
    this.symbols.clear();
    this.signatures.clear();
  }
}

/** Members that several types have in common: declarations -> the one symbol that stands for them. */
let properties = new Map<string, ts.Symbol>();
const numbers = new WeakMap<ts.Node, number>();
let count = 0;

const keyOf = (declarations: readonly ts.Node[]): string =>
  declarations
    .map((one) => {
      const now = moved(one);
      let number = numbers.get(now);
      if (number === undefined) {
        number = ++count;
        numbers.set(now, number);
      }
      return number;
    })
    .sort((a, b) => a - b)
    .join();

function moveProperties(): void {
  const now = new Map<string, ts.Symbol>();
  for (const symbol of properties.values()) now.set(keyOf(symbol.declarations ?? []), symbol);
  properties = now;
}

/** One symbol for all that the checker makes of the same declarations: instances of generic types, members of unions. */
export function canonical(symbol: ts.Symbol): ts.Symbol {
  if ((symbol.flags & ts.SymbolFlags.Transient) === 0) return moved(symbol);
  const declarations = symbol.declarations ?? [];
  const [first] = declarations;
  if (first === undefined) return symbol;
  if (declarations.length === 1) {
    return (moved(first) as ts.Node & { symbol?: ts.Symbol }).symbol ?? symbol;
  }
  const key = keyOf(declarations);
  const known = properties.get(key);
  if (known !== undefined) return known;
  properties.set(key, symbol);
  return symbol;
}
