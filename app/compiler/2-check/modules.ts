import * as ts from 'typescript';
import { leavesApplication } from '../application.ts';

/** Which modules a build needs, in the order in which JavaScript evaluates them. */

/** Modules of the runtime whose names a program's module must not take. */
const RUNTIME_MODULES = new Set(
  (
    '_rt array asyncio binascii bluetooth btree builtins cmath collections cryptolib deflate errno esp esp32 espnow ' +
    'framebuf gc hashlib heapq io json machine math micropython mip neopixel network ntptime onewire os platform random re ' +
    'requests select socket ssl struct sys time tls uctypes umqtt vfs webrepl websocket'
  ).split(' '),
);

export interface ModuleProblem {
  node: ts.Node;
  code: 'import-cycle' | 'import-outside' | 'module-name';
  what: string;
}

export const moduleNameOf = (path: string): string =>
  path
    .replace(/^\//, '')
    .replace(/\.ts$/, '')
    .replace(/[/\-.]/g, '_');

/** A module imported for its values, not only for its types. */
export function importedSource(
  node: ts.ImportDeclaration | ts.ExportDeclaration,
  checker: ts.TypeChecker,
): ts.SourceFile | undefined {
  if (ts.isImportDeclaration(node) && node.importClause?.isTypeOnly === true) return undefined;
  if (ts.isExportDeclaration(node) && node.isTypeOnly) return undefined;
  if (ts.isImportDeclaration(node)) {
    const named = node.importClause?.namedBindings;
    if (
      named !== undefined &&
      ts.isNamedImports(named) &&
      named.elements.length > 0 &&
      named.elements.every((one) => one.isTypeOnly)
    ) {
      return undefined;
    }
  }
  if (node.moduleSpecifier === undefined) return undefined;
  const declaration = checker.getSymbolAtLocation(node.moduleSpecifier)?.declarations?.[0];
  if (declaration === undefined || !ts.isSourceFile(declaration) || declaration.isDeclarationFile) {
    return undefined;
  }
  return declaration;
}

export function orderModules(
  program: ts.Program,
  entries: readonly string[],
): { sources: ts.SourceFile[]; problems: ModuleProblem[] } {
  const checker = program.getTypeChecker();
  const sources: ts.SourceFile[] = [];
  const problems: ModuleProblem[] = [];
  const state = new Map<ts.SourceFile, 'open' | 'done'>();
  const stack: ts.SourceFile[] = [];
  const visit = (source: ts.SourceFile): void => {
    state.set(source, 'open');
    stack.push(source);
    for (const statement of source.statements) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      const specifier = statement.moduleSpecifier;
      if (specifier !== undefined && ts.isStringLiteral(specifier)) {
        if (leavesApplication(source.fileName.slice(1), specifier.text))
          problems.push({ node: statement, code: 'import-outside', what: specifier.text });
      }
      const target = importedSource(statement, checker);
      if (target === undefined) continue;
      if (state.get(target) === 'open') {
        const cycle = [...stack.slice(stack.indexOf(target)), target];
        problems.push({
          node: statement,
          code: 'import-cycle',
          what: cycle.map((one) => one.fileName.slice(1)).join(' -> '),
        });
      } else if (!state.has(target)) visit(target);
    }
    stack.pop();
    state.set(source, 'done');
    sources.push(source);
  };
  for (const entry of entries) {
    const source = program.getSourceFile(`/${entry}`);
    if (source !== undefined && !state.has(source)) visit(source);
  }
  const names = new Map<string, ts.SourceFile>();
  for (const source of sources) {
    const name = moduleNameOf(source.fileName);
    const other = names.get(name);
    if (other !== undefined) {
      problems.push({
        node: source,
        code: 'module-name',
        what: `${source.fileName.slice(1)} and ${other.fileName.slice(1)} would both become the module ${name}.`,
      });
    } else if (RUNTIME_MODULES.has(name)) {
      problems.push({
        node: source,
        code: 'module-name',
        what: `${source.fileName.slice(1)} would become the module ${name}, which belongs to the runtime.`,
      });
    }
    names.set(name, source);
  }
  return { sources, problems };
}
