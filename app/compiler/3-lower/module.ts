import * as ts from 'typescript';
import { importedSource } from '../2-check/modules.ts';
import { isModuleConst } from '../2-check/constants.ts';
import { isPure, type Reachable } from '../2-check/reachable.ts';
import type { Stmt } from '../python-ast.ts';
import { Context, localHelperName, type Tools } from './context.ts';
import { INLINE_TEXT } from './syntax-table.ts';

/** One source file as one Python module: imports, then what the build needs of its statements. */
export function lowerModule(
  source: ts.SourceFile,
  tools: Tools,
  reachable: Reachable,
): { imports: Stmt[]; body: Stmt[]; context: Context } {
  const left = new LeftOut(tools.isNeeded);
  const c = new Context({ ...tools, isNeeded: (member) => left.isNeeded(member) }, source);
  const body: Stmt[] = [];
  const kept = source.statements.filter((statement) => isKept(statement, c, reachable));
  const firstEffect = kept.findIndex((statement) => runsCode(statement));
  // JavaScript hoists functions: they must exist before the first statement that may call one.
  const hoisted =
    firstEffect < 0 ? [] : kept.slice(firstEffect).filter((one) => ts.isFunctionDeclaration(one));
  kept.forEach((statement, at) => {
    if (at === firstEffect) for (const one of hoisted) body.push(...c.statement(one));
    if (firstEffect >= 0 && at >= firstEffect && ts.isFunctionDeclaration(statement)) return;
    body.push(...lowerTopLevel(statement, c, reachable));
  });
  checkTheRest(source, kept, left, tools, reachable);
  return { imports: tools.isBundle ? [] : imports(source, c), body, context: c };
}

/** Which members of classes were left out, when all statements that the build needs are lowered. */
class LeftOut {
  private readonly ask: (member: ts.ClassElement) => boolean;
  private readonly asked = new Set<ts.Node>();
  private readonly left = new Set<ts.Node>();
  /** They, and all that stands around them. */
  private readonly open = new Set<ts.Node>();

  constructor(ask: (member: ts.ClassElement) => boolean) {
    this.ask = ask;
  }

  isNeeded(member: ts.ClassElement): boolean {
    const is = this.ask(member);
    this.asked.add(member);
    if (is) return true;
    this.left.add(member);
    for (let at: ts.Node = member; !ts.isSourceFile(at); at = at.parent) this.open.add(at);
    return false;
  }

  /** No member of it was left out, if it is a class. */
  isWhole(statement: ts.Statement): boolean {
    return (
      !ts.isClassDeclaration(statement) || !statement.members.some((one) => this.left.has(one))
    );
  }

  /** Members of a class within one that was left out were not asked for. */
  isOpen(member: ts.ClassElement): boolean {
    return this.open.has(member) || !this.asked.has(member);
  }
}

/**
 * What the build leaves out is lowered too, for its diagnostics: nobody should learn that a function is outside of the
 * subset on the day on which it is first called.
 */
function checkTheRest(
  source: ts.SourceFile,
  kept: readonly ts.Statement[],
  left: LeftOut,
  tools: Tools,
  reachable: Reachable,
): void {
  const scratch = new Context({ ...tools, isNeeded: (member) => left.isOpen(member) }, source);
  for (const statement of source.statements) {
    if (!kept.includes(statement) || !left.isWhole(statement))
      lowerTopLevel(statement, scratch, reachable);
  }
}

function lowerTopLevel(statement: ts.Statement, c: Context, reachable: Reachable): Stmt[] {
  if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
    return reExports(statement, c, reachable);
  }
  if (ts.isExportAssignment(statement)) {
    c.refuse('import-form', statement, 'export default');
    return [];
  }
  if (
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some((one) => one.kind === ts.SyntaxKind.DefaultKeyword) === true
  ) {
    c.refuse('import-form', statement, 'export default');
    return [];
  }
  return c.statement(statement);
}

function isKept(statement: ts.Statement, c: Context, reachable: Reachable): boolean {
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    return statement.name === undefined || reachable.has(c.facts.symbolOf(statement.name));
  }
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((declaration) => {
      if (!ts.isIdentifier(declaration.name)) return true;
      if (isModuleConst(declaration)) {
        const constant = c.tools.constants.ofDeclaration(declaration);
        if (
          constant !== undefined &&
          (typeof constant !== 'string' || constant.length <= INLINE_TEXT)
        ) {
          return false;
        }
      }
      return reachable.has(c.facts.symbolOf(declaration.name)) || !isPure(declaration.initializer);
    });
  }
  return true;
}

function runsCode(statement: ts.Statement): boolean {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some(
      (declaration) => !isPure(declaration.initializer),
    );
  }
  return !(
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  );
}

function reExports(
  statement: ts.ImportDeclaration | ts.ExportDeclaration,
  c: Context,
  reachable: Reachable,
): Stmt[] {
  if (ts.isImportDeclaration(statement)) {
    const clause = statement.importClause;
    if (clause?.name !== undefined) c.refuse('import-form', clause, 'A default import');
    return [];
  }
  if (statement.isTypeOnly) return [];
  if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) {
    c.refuse('import-form', statement, 'export *');
    return [];
  }
  void reachable;
  // Importers go straight to the module that declares the name.
  return [];
}

/** `from module import names`, sorted by where JavaScript would evaluate the module first. */
function imports(source: ts.SourceFile, c: Context): Stmt[] {
  const made: Stmt[] = [];
  c.line = 0;
  if (c.module.helpers.size > 0) {
    const names = [...c.module.helpers].sort();
    made.push(
      c.s({
        k: 'from',
        module: '_rt',
        names: names.map((one) => ({ name: one, as: localHelperName(one) })),
      }),
    );
  }
  const written = new Set<string>();
  const from = (module: string): void => {
    if (written.has(module)) return;
    written.add(module);
    const names = c.module.imports.get(module);
    if (names === undefined) return;
    made.push(
      c.s({
        k: 'from',
        module,
        names: [...names].sort().map(([as, member]) => ({ name: member, as })),
      }),
    );
  };
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    const target = importedSource(statement, c.checker);
    if (target === undefined) continue;
    const module = c.tools.moduleName(target);
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    const namespace = clause?.namedBindings;
    if (namespace !== undefined && ts.isNamespaceImport(namespace)) {
      made.push(c.s({ k: 'import', module, as: namespace.name.text }));
    } else if (c.module.imports.has(module)) from(module);
    else if (!written.has(module) && hasCode(target)) {
      written.add(module);
      made.push(c.s({ k: 'import', module }));
    }
  }
  for (const module of [...c.module.imports.keys()].sort()) from(module);
  return made;
}

/** Importing it does something even when nothing is taken from it. */
function hasCode(source: ts.SourceFile): boolean {
  return source.statements.some((statement) => runsCode(statement));
}
