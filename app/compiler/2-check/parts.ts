import * as ts from 'typescript';
import type { DiagnosticCode } from '../diagnostics.ts';
import { importedSource, moduleNameOf } from './modules.ts';
import { isPure } from './reachable.ts';

/**
 * Parts of a program that a board holds only while they are needed. features.ts names their entries:
 *
 *   export const LAZY_PARTS = ['node/joining-session.ts'];
 *
 * The rest of the program, its core, may call functions that such a file exports, and nothing else of it: the call loads the part's
 * .mpy, and when nothing of the part is in use any more, the board's collector takes its code away again. To a part belongs
 * whatever the core reaches through its entry only; what several parts share is the core's.
 */
export class Parts {
  /** Path of a source -> Python name of its part. */
  private readonly names = new Map<string, string>();

  constructor(
    sources: readonly ts.SourceFile[],
    entries: ReadonlySet<ts.SourceFile>,
    checker: ts.TypeChecker,
    features: string,
  ) {
    const lazy = new Set(lazyEntries(features));
    const heads = sources.filter(({ fileName }) => lazy.has(fileName.slice(1)));
    if (heads.length === 0) return;
    const stop = new Set(heads.filter((one) => !entries.has(one)));
    const core = reach([...entries], stop, checker);
    const users = new Map<ts.SourceFile, string[]>();
    for (const head of stop) {
      for (const source of reach([head], stop, checker)) {
        if (core.has(source)) continue;
        users.set(source, [...(users.get(source) ?? []), moduleNameOf(head.fileName)]);
      }
    }
    for (const [source, parts] of users)
      if (parts.length === 1) this.names.set(source.fileName, parts[0]!);
    // What several parts share may need what only one of them would have had.
    const shared = [...users].filter(([, parts]) => parts.length > 1).map(([source]) => source);
    for (const source of reach(shared, stop, checker)) this.names.delete(source.fileName);
    for (const head of stop) this.names.set(head.fileName, moduleNameOf(head.fileName));
  }

  /** '' for the core. */
  of(path: string): string {
    return this.names.get(path) ?? '';
  }

  /** Python names of the parts, in the order of their sources. */
  all(sources: readonly ts.SourceFile[]): string[] {
    return [...new Set(sources.map(({ fileName }) => this.of(fileName)))].filter(
      (name) => name !== '',
    );
  }
}

/** Of the text of features.ts, whether or not the program imports it. */
function lazyEntries(features: string): string[] {
  const list = /^export const LAZY_PARTS\b[^=]*=\s*\[([^\]]*)\]/m.exec(features)?.[1] ?? '';
  return [...list.matchAll(/'([^']+)'|"([^"]+)"/g)].map(([, one, other]) => one ?? other ?? '');
}

function reach(
  from: readonly ts.SourceFile[],
  stop: ReadonlySet<ts.SourceFile>,
  checker: ts.TypeChecker,
): Set<ts.SourceFile> {
  const reached = new Set(from);
  for (const source of reached) {
    for (const statement of source.statements) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      const target = importedSource(statement, checker);
      if (target !== undefined && !stop.has(target)) reached.add(target);
    }
  }
  return reached;
}

/** A part is loaded again and again: it keeps nothing from one time to the next, and does nothing by being loaded. */
export function checkPart(
  source: ts.SourceFile,
  report: (code: DiagnosticCode, node: ts.Node, what: string) => void,
): void {
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      const isLet = (statement.declarationList.flags & ts.NodeFlags.Const) === 0;
      for (const { name, initializer } of statement.declarationList.declarations)
        if (isLet || !isPure(initializer) || isStore(initializer))
          report('lazy-part', name, `${name.getText()} is kept in a part that is loaded anew`);
    } else if (ts.isExpressionStatement(statement) || isFlow(statement)) {
      report('lazy-part', statement, 'A statement runs each time that the part is loaded');
    }
  }
}

const isStore = (node: ts.Expression | undefined): boolean =>
  node !== undefined &&
  ts.isNewExpression(node) &&
  ts.isIdentifier(node.expression) &&
  ['Map', 'Set'].includes(node.expression.text);

const isFlow = (node: ts.Statement): boolean =>
  ts.isIfStatement(node) || ts.isIterationStatement(node, false) || ts.isTryStatement(node);
