import * as ts from 'typescript';
import { INTERFACE_NAME, INTERFACE_PATH } from '../application.ts';

/**
 * What of other files a file's types can depend on: the text of the declarations that it imports and of those they mention,
 * directly or not, without the bodies of functions whose result is declared. While this and its own text stay the same,
 * TypeScript says the same of everything in the file.
 */
export type Environment = readonly string[];

interface Unit {
  text: string;
  /** Names in the text that the file declares or imports. */
  mentions: readonly string[];
}

interface Outline {
  units: ReadonlyMap<string, Unit>;
  /** Name in the file -> where it comes from; '*' is the whole file. */
  imports: ReadonlyMap<string, Place>;
  /** `export { name as exported } from`, and without `from`. */
  exports: ReadonlyMap<string, Place>;
  stars: readonly string[];
}

interface Place {
  /** Undefined: this file. */
  from: string | undefined;
  name: string;
}

const outlines = new WeakMap<ts.SourceFile, Outline>();

/** Declarations of one file can reach every other one. */
export const reachesAll = (source: ts.SourceFile): boolean =>
  /\bdeclare\s+(global|module)\b|\bimport\s*\(/.test(source.text);

const environments = new WeakMap<ts.Program, Map<ts.SourceFile, Environment>>();

export function environmentOf(source: ts.SourceFile, program: ts.Program): Environment {
  let known = environments.get(program);
  if (known === undefined) {
    known = new Map();
    environments.set(program, known);
  }
  let found = known.get(source);
  if (found === undefined) {
    found = makeEnvironment(source, program);
    known.set(source, found);
  }
  return found;
}

function makeEnvironment(source: ts.SourceFile, program: ts.Program): Environment {
  const key: string[] = [];
  const seen = new Set<string>();
  const queue: [file: ts.SourceFile, name: string][] = [];
  const want = (file: ts.SourceFile, { from, name }: Place): void => {
    const path = from === undefined ? file.fileName : resolve(file.fileName, from);
    const id = `${path} ${name}`;
    if (seen.has(id)) return;
    seen.add(id);
    const target = program.getSourceFile(path);
    key.push(id);
    // What is no file of the program is a module of the runtime: its declarations are part of every environment.
    if (target !== undefined && !target.isDeclarationFile) queue.push([target, name]);
  };
  const own = outlineOf(source);
  for (const place of own.imports.values()) want(source, place);
  for (const place of own.exports.values()) if (place.from !== undefined) want(source, place);
  for (const from of own.stars) want(source, { from, name: '*' });
  for (const [file, name] of queue) {
    const { units, imports, exports, stars } = outlineOf(file);
    if (name === '*') {
      for (const one of units.keys()) want(file, { from: undefined, name: one });
      for (const place of exports.values()) want(file, place);
    }
    const unit = units.get(name);
    if (unit !== undefined) {
      key.push(unit.text);
      for (const one of unit.mentions) {
        want(file, imports.get(one) ?? { from: undefined, name: one });
      }
    }
    const other = exports.get(name) ?? (unit === undefined ? imports.get(name) : undefined);
    if (other !== undefined) want(file, other);
    else if (unit === undefined) for (const from of stars) want(file, { from, name });
  }
  return key;
}

export function sameEnvironment(a: Environment, b: Environment): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

function resolve(from: string, specifier: string): string {
  if (specifier === INTERFACE_NAME) return `/${INTERFACE_PATH}`;
  if (!specifier.startsWith('.')) return specifier;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function outlineOf(source: ts.SourceFile): Outline {
  let outline = outlines.get(source);
  if (outline === undefined) {
    outline = makeOutline(source);
    outlines.set(source, outline);
  }
  return outline;
}

function makeOutline(source: ts.SourceFile): Outline {
  const texts = new Map<string, string>();
  const imports = new Map<string, Place>();
  const exports = new Map<string, Place>();
  const stars: string[] = [];
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      for (const [name, place] of importsOf(statement)) imports.set(name, place);
    } else if (ts.isExportDeclaration(statement)) {
      const from = textOf(statement.moduleSpecifier);
      const clause = statement.exportClause;
      if (clause === undefined) stars.push(from ?? '');
      else if (ts.isNamedExports(clause)) {
        for (const one of clause.elements) {
          exports.set(one.name.text, { from, name: (one.propertyName ?? one.name).text });
        }
      } else exports.set(clause.name.text, { from, name: '*' });
    } else {
      const text = visibleText(statement, source);
      const names = declaredNames(statement);
      if (/^export\s+default\b/.test(text)) names.push('default');
      for (const name of names) {
        texts.set(name, `${texts.get(name) ?? ''}${text}\n`);
      }
    }
  }
  const units = new Map<string, Unit>();
  for (const [name, text] of texts) {
    const words = new Set(text.match(/[A-Za-z_$][\w$]*/g) ?? []);
    const mentions = [...words].filter(
      (word) => word !== name && (texts.has(word) || imports.has(word)),
    );
    units.set(name, { text, mentions });
  }
  return { units, imports, exports, stars };
}

const textOf = (node: ts.Expression | undefined): string | undefined =>
  node !== undefined && ts.isStringLiteral(node) ? node.text : undefined;

function* importsOf(statement: ts.ImportDeclaration): Generator<[string, Place]> {
  const from = textOf(statement.moduleSpecifier) ?? '';
  const clause = statement.importClause;
  if (clause?.name !== undefined) yield [clause.name.text, { from, name: 'default' }];
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) yield [bindings.name.text, { from, name: '*' }];
  else {
    for (const one of bindings.elements) {
      yield [one.name.text, { from, name: (one.propertyName ?? one.name).text }];
    }
  }
}

/** The names that a statement declares at the top level; `default` for an export without a name. */
export function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    const names: string[] = [];
    const visit = (name: ts.BindingName): void => {
      if (ts.isIdentifier(name)) names.push(name.text);
      else for (const one of name.elements) if (ts.isBindingElement(one)) visit(one.name);
    };
    for (const one of statement.declarationList.declarations) visit(one.name);
    return names;
  }
  const { name } = statement as ts.DeclarationStatement;
  return name !== undefined && 'text' in name ? [name.text] : [];
}

/** The statement without the bodies of functions and methods whose result is declared. */
export function visibleText(node: ts.Statement | ts.ClassElement, source: ts.SourceFile): string {
  const text = (from: number, to: number): string => source.text.slice(from, to);
  if (ts.isClassDeclaration(node)) {
    const head = text(node.getStart(source), node.members.pos);
    return head + node.members.map((member) => visibleText(member, source)).join('\n');
  }
  const body = hiddenBody(node);
  return text(node.getStart(source), body?.pos ?? node.end);
}

export function hiddenBody(node: ts.Node): ts.Block | undefined {
  return (ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isGetAccessorDeclaration(node)) &&
    node.type !== undefined
    ? node.body
    : undefined;
}
