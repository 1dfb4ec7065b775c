import ts from 'typescript';
import { LIB_PATH } from './read-program.ts';

/**
 * TypeScript's own findings. A file without errors is not checked again while its text and all that it can see of the
 * files it imports, directly or not, stay the same: their text without the bodies of functions whose result is declared.
 */
const clean = new Map<string, readonly unknown[]>();
const visible = new WeakMap<ts.SourceFile, string>();

export function typeErrors(program: ts.Program): ts.Diagnostic[] {
  const sources = program.getSourceFiles().filter((source) => source.fileName !== LIB_PATH);
  const ambient = sources.filter((source) => source.isDeclarationFile);
  const keepsToItself = sources.every(
    (source) => source.isDeclarationFile || !/\bdeclare\s+(global|module)\b/.test(source.text),
  );
  const found: ts.Diagnostic[] = [];
  for (const source of sources) {
    const key = [source.text, ...ambient, ...seen(source, program)];
    const known = clean.get(source.fileName);
    if (
      keepsToItself &&
      known !== undefined &&
      known.length === key.length &&
      known.every((one, at) => one === key[at])
    ) {
      continue;
    }
    const errors = program.getSemanticDiagnostics(source);
    found.push(...errors);
    if (errors.length === 0) clean.set(source.fileName, key);
    else clean.delete(source.fileName);
  }
  return found;
}

/** Names and visible text of all files that a file imports, directly or not. */
function seen(source: ts.SourceFile, program: ts.Program): string[] {
  const all = new Set<ts.SourceFile>([source]);
  for (const one of all) {
    for (const statement of one.statements) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      const from = statement.moduleSpecifier;
      if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith('.')) continue;
      const target = program.getSourceFile(resolve(one.fileName, from.text));
      if (target !== undefined) all.add(target);
    }
  }
  all.delete(source);
  return [...all].flatMap((one) => [one.fileName, visibleText(one)]);
}

function resolve(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function visibleText(source: ts.SourceFile): string {
  let text = visible.get(source);
  if (text === undefined) {
    text = source.statements.map((statement) => withoutBody(statement, source)).join('\n');
    visible.set(source, text);
  }
  return text;
}

function withoutBody(node: ts.Statement | ts.ClassElement, source: ts.SourceFile): string {
  const text = (from: number, to: number): string => source.text.slice(from, to);
  if (ts.isClassDeclaration(node)) {
    const head = text(node.getStart(source), node.members.pos);
    return head + node.members.map((member) => withoutBody(member, source)).join('\n');
  }
  if (
    (ts.isFunctionDeclaration(node) ||
      ts.isMethodDeclaration(node) ||
      ts.isGetAccessorDeclaration(node)) &&
    node.type !== undefined &&
    node.body !== undefined
  ) {
    return text(node.getStart(source), node.body.pos);
  }
  return text(node.getStart(source), node.end);
}
