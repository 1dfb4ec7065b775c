import * as ts from 'typescript';
import { ofEachSource } from '../1-read/of-each-source.ts';
import { LIB_PATH } from '../1-read/read-program.ts';
import { importedSource } from '../2-check/modules.ts';
import type { Stmt } from '../python-ast.ts';
import type { Context, Tools } from './context.ts';
import { memberName } from './names.ts';

/**
 * Many modules as one Python module: every .mpy that a board imports costs it a dozen walks through the directory, a
 * table of names that the others have too, and a module's dictionary.
 */

/** The modules can be joined: none is used through `import * as`, and no runtime name stands for two things. */
export function canBundle(sources: readonly ts.SourceFile[], checker: ts.TypeChecker): boolean {
  const meaning = new Map<string, string>();
  for (const { name, from, namespace, isProgram } of importsOf(sources, checker)) {
    if (namespace) return false;
    if (isProgram) continue;
    const known = meaning.get(name);
    if (known !== undefined && known !== from) return false;
    meaning.set(name, from);
  }
  return true;
}

/** Python names that imports from the runtime bring. */
export function runtimeNames(
  sources: readonly ts.SourceFile[],
  checker: ts.TypeChecker,
): Set<string> {
  const names = new Set<string>();
  for (const one of importsOf(sources, checker))
    if (!one.isProgram) names.add(memberName(one.name));
  return names;
}

/** What all the modules together take from the runtime. */
export function bundleImports(contexts: readonly Pick<Context, 'module'>[]): Stmt[] {
  const taken = new Map<string, Map<string, string>>();
  for (const { module } of contexts) {
    for (const [from, names] of module.imports) {
      const all = taken.get(from) ?? new Map<string, string>();
      for (const [as, member] of names) all.set(as, member);
      taken.set(from, all);
    }
  }
  const made: Stmt[] = [];
  for (const from of [...taken.keys()].sort()) {
    const names = [...taken.get(from)!].sort().map(([as, member]) => ({ name: member, as }));
    made.push({ line: 0, k: 'from', module: from, names });
  }
  return made;
}

/** What the board calls by name: the exports of the entries, and all that declarations of the runtime name. */
export function outsideNames(
  program: ts.Program,
  entries: ReadonlySet<ts.SourceFile>,
  { checker, names }: Pick<Tools, 'checker' | 'names'>,
): Set<string> {
  const known = new Set<string>();
  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(entry);
    if (module === undefined) continue;
    for (const one of checker.getExportsOfModule(module)) {
      const isAlias = (one.flags & ts.SymbolFlags.Alias) !== 0;
      known.add(names.of(isAlias ? checker.getAliasedSymbol(one) : one));
    }
  }
  for (const source of program.getSourceFiles()) {
    if (!source.isDeclarationFile || source.fileName === LIB_PATH) continue;
    for (const name of namesIn(source)) known.add(name);
  }
  return known;
}

const namesIn = ofEachSource((source) => {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertySignature(node) ||
      ts.isMethodSignature(node) ||
      ts.isClassElement(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node)
    ) {
      const { name } = node;
      if (name !== undefined && 'text' in name) names.push(memberName(name.text));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
});

interface ImportedName {
  name: string;
  from: string;
  namespace: boolean;
  isProgram: boolean;
}

function* importsOf(
  sources: readonly ts.SourceFile[],
  checker: ts.TypeChecker,
): Generator<ImportedName> {
  for (const source of sources) {
    for (const statement of source.statements) {
      if (!ts.isImportDeclaration(statement)) continue;
      const bindings = statement.importClause?.namedBindings;
      if (bindings === undefined) continue;
      const module = ts.isStringLiteral(statement.moduleSpecifier)
        ? statement.moduleSpecifier.text
        : '';
      const isProgram = module.startsWith('.') || importedSource(statement, checker) !== undefined;
      if (ts.isNamespaceImport(bindings)) {
        yield { name: bindings.name.text, from: module, namespace: true, isProgram };
        continue;
      }
      for (const element of bindings.elements) {
        const from = `${module}.${(element.propertyName ?? element.name).text}`;
        yield { name: element.name.text, from, namespace: false, isProgram };
      }
    }
  }
}
