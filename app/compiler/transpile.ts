/**
 * The firmware's TypeScript for V8: types erased, imports as calls of `require`, nothing else changed. The simulator runs it beside
 * the bytecode that compile() makes of the same text (app/sim/v8).
 */
import * as ts from 'typescript';
import { INTERFACE_NAME, INTERFACE_PATH } from './application.ts';
import { takeApart } from './shared-part.ts';

export interface TranspiledModule {
  /** Path of the source, as in the sources given. */
  readonly path: string;
  /** Body of a function (exports, require) => void. */
  readonly code: string;
  /** Paths of the sources that it imports, and names of the runtime's own modules. */
  readonly imports: readonly string[];
  /** It keeps something that changes at its top level: two nodes must not share one evaluation of it. */
  readonly keepsState: boolean;
}

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  removeComments: true,
};

/**
 * The module `entry` and all that it imports, in no certain order.
 * @param features values for exported consts of features.ts, as compile() takes them
 * @throws Error when an imported source is missing
 */
export function transpile(
  sources: Readonly<Record<string, string>>,
  entry: string,
  features: Readonly<Record<string, boolean | number | string>> = {},
): TranspiledModule[] {
  const done = new Map<string, TranspiledModule>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (done.has(path)) continue;
    const text = sources[path];
    if (text === undefined) throw new Error(`${path} is imported, but it is not in the sources`);
    const whole = path === 'features.ts' ? withFeatures(text, features) : text;
    const parts = keepsState(path, whole) ? takeApart(path, whole, isStateful) : undefined;
    const made = parts
      ? [transpileOne(path, parts.own), transpileOne(parts.shared.path, parts.shared.text)]
      : [transpileOne(path, whole)];
    for (const module of made) done.set(module.path, module);
    for (const { imports } of made) waiting.push(...imports.filter((name) => name.endsWith('.ts')));
  }
  return [...done.values()];
}

/** Top-level constants of features.ts, as the build overrides them by name. */
function withFeatures(
  text: string,
  features: Readonly<Record<string, boolean | number | string>>,
): string {
  const source = ts.createSourceFile('features.ts', text, ts.ScriptTarget.ES2022);
  let result = text;
  for (const statement of [...source.statements].reverse()) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of [...statement.declarationList.declarations].reverse()) {
      if (!ts.isIdentifier(name) || !initializer || !Object.hasOwn(features, name.text)) continue;
      const value = JSON.stringify(features[name.text]);
      result =
        result.slice(0, initializer.getStart(source)) + value + result.slice(initializer.end);
    }
  }
  return result;
}

function transpileOne(path: string, text: string): TranspiledModule {
  const { outputText } = ts.transpileModule(text, { compilerOptions: OPTIONS, fileName: path });
  const imports = new Set<string>();
  // After erasure: what was imported for its types alone is gone.
  const code = outputText.replace(/\brequire\("([^"]+)"\)/g, (_, name: string) => {
    const target = resolve(path, name);
    imports.add(target);
    return `require(${JSON.stringify(target)})`;
  });
  return { path, code, imports: [...imports], keepsState: keepsState(path, text) };
}

/** "mesh/a.ts" + "../std/b.ts" = "std/b.ts"; the runtime's own modules keep their names. */
function resolve(from: string, relative: string): string {
  if (relative === INTERFACE_NAME) return INTERFACE_PATH;
  if (!relative.startsWith('.')) return relative;
  const parts = from.split('/').slice(0, -1);
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function keepsState(path: string, text: string): boolean {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
  return source.statements.some(isStateful);
}

function isStateful(statement: ts.Statement): boolean {
  if (ts.isClassDeclaration(statement)) {
    return statement.members.some(
      (member) =>
        ts.isClassStaticBlockDeclaration(member) ||
        (ts.isPropertyDeclaration(member) &&
          (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0 &&
          !isFixed(member)),
    );
  }
  if (ts.isVariableStatement(statement)) {
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    return !isConst || !statement.declarationList.declarations.every(isFixed);
  }
  return (
    !ts.isImportDeclaration(statement) &&
    !ts.isExportDeclaration(statement) &&
    !ts.isFunctionDeclaration(statement) &&
    !ts.isInterfaceDeclaration(statement) &&
    !ts.isTypeAliasDeclaration(statement)
  );
}

/** A constant that nobody can change: a plain value, a function, or a list declared readonly. */
function isFixed({ type, initializer }: ts.VariableDeclaration | ts.PropertyDeclaration): boolean {
  if (!initializer) return false;
  if (ts.isArrayLiteralExpression(initializer)) {
    return type !== undefined && ts.isTypeOperatorNode(type) && initializer.elements.every(isPlain);
  }
  return isPlain(initializer) || ts.isArrowFunction(initializer) || isEmptyBytes(initializer);
}

/** `new Uint8Array(0)`: there is nothing in it to change. */
function isEmptyBytes(node: ts.Expression): boolean {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return false;
  const [size] = node.arguments ?? [];
  const isNone = size !== undefined && ts.isNumericLiteral(size) && size.text === '0';
  return node.expression.text === 'Uint8Array' && isNone;
}

function isPlain(node: ts.Expression): boolean {
  return (
    ts.isLiteralExpression(node) ||
    ts.isIdentifier(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword ||
    (ts.isPrefixUnaryExpression(node) && isPlain(node.operand)) ||
    (ts.isParenthesizedExpression(node) && isPlain(node.expression)) ||
    (ts.isBinaryExpression(node) && isPlain(node.left) && isPlain(node.right))
  );
}
