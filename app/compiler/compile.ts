import * as ts from 'typescript';
import { Constants, type Constant } from './2-check/constants.ts';
import { Facts } from './2-check/facts.ts';
import { Fractions } from './2-check/fractions.ts';
import { moduleNameOf, orderModules } from './2-check/modules.ts';
import { checkPart, Parts } from './2-check/parts.ts';
import { PlainMaps } from './2-check/plain-maps.ts';
import { NumberRanges } from './2-check/number-ranges.ts';
import { Reachable } from './2-check/reachable.ts';
import { checkSubset } from './2-check/subset.ts';
import { Shapes } from './2-check/shapes.ts';
import { Specials } from './2-check/specials.ts';
import { Switches } from './2-check/switches.ts';
import { ValueFlow } from './2-check/value-flow.ts';
import { askedOnce } from './1-read/asked-once.ts';
import { callerPath, forgetProgram, readProgram } from './1-read/read-program.ts';
import { Memory } from './1-read/memory.ts';
import { forgetClean, typeErrors } from './1-read/type-errors.ts';
import { type LoweredModule, lowerRemembered } from './3-lower/remembered.ts';
import { Names } from './3-lower/names.ts';
import { bundleImports, canBundle, outsideNames, runtimeNames } from './3-lower/bundle.ts';
import { localHelperName, type Tools } from './3-lower/context.ts';
import { lowerExpression, lowerStatement } from './3-lower/syntax-table.ts';
import { compileMpy, forgetMpy, prepareMpy } from './4-emit/mpy.ts';
import type { ClassLayout } from './4-emit/bytecode/namespaces.ts';
import type { TracePlace } from './4-emit/bytecode/line-table.ts';
import { TooFar } from './4-emit/bytecode/instructions.ts';
import { shrink, shrinkBundle, takenFrom } from './4-emit/bytecode/shrink.ts';
import { print } from './4-emit/printer.ts';
import { runtimeModule, runtimeText, type HelperName } from './4-emit/runtime-helpers.ts';
import { diagnostic, type Diagnostic, type DiagnosticCode } from './diagnostics.ts';
import type { Stmt } from './python-ast.ts';
import type { CompileStage } from './stages.ts';

export type { Diagnostic } from './diagnostics.ts';

export interface CompileOptions {
  /** Paths whose exports the build must offer; everything they do not need is left out. */
  entries: string[];
  /** Values for exported consts of features.ts. */
  features?: Record<string, boolean | number | string>;
  /**
   * Joins all modules into one Python module, named after the first entry: less flash and heap, and a faster start.
   * Ignored where the program does not allow it (`import * as`).
   */
  bundle?: boolean;
}

export interface ModuleSizes {
  pyBytes: number;
  mpyBytes: number;
}

export interface CompiledModule {
  /** The TypeScript file, or '' for the module of runtime helpers. */
  path: string;
  /** Python module name; the file on a board is `name.mpy`. */
  name: string;
  py: string;
  mpy: Uint8Array;
  /** lineMap[pyLine - 1] is the TypeScript line (1-based), 0 for none. */
  lineMap: readonly number[];
  /** For a bundle: which TypeScript file the Python lines from `fromLine` (1-based) on came from. */
  parts?: readonly BundlePart[];
  /**
   * For a bundle: what the .mpy calls some of its functions -> the name that the .py has. Behind a dot: what it calls members ->
   * which these may be, with `|` between them; behind a colon: the same for variables, functions and classes of the module.
   */
  shortNames?: Readonly<Record<string, string>>;
  /**
   * For a bundle, whose line tables count places instead of lines: traces[name of a function in the .mpy][number - 1] is the Python
   * line; or, where functions were put into their callers, each call's line and whom it called, outermost first, and then the line.
   */
  traces?: Readonly<Record<string, readonly TracePlace[]>>;
  sizes: ModuleSizes;
}

export interface BundlePart {
  fromLine: number;
  /** The TypeScript file, '' for none. */
  path: string;
  /** Of the .mpy; what several parts share is divided among them. */
  mpyBytes?: number;
}

export interface CompileResult {
  /** In the order in which they are loaded; empty when there are diagnostics. */
  modules: CompiledModule[];
  /** Sorted by file and place. */
  diagnostics: Diagnostic[];
  sizes: ModuleSizes;
}

export const RUNTIME_MODULE = '_rt';

/** The phases of a build in their order, for whoever shows progress. */
export type OnCompileStage = (stage: CompileStage) => void;
const nobody: OnCompileStage = () => undefined;

/**
 * Compiles the modules that the entries reach. `files`: path -> text, relative to the source folder.
 * Never throws for what the files hold: every problem is a diagnostic.
 */
export async function compile(
  files: Record<string, string>,
  options: CompileOptions,
  onStage: OnCompileStage = nobody,
): Promise<CompileResult> {
  prepareMpy();
  const front = translate(files, options, onStage);
  const modules: CompiledModule[] = [];
  const diagnostics = front.diagnostics;
  if (diagnostics.length === 0) {
    onStage('bytecode');
    const raw: { module: TranslatedModule; mpy: Uint8Array }[] = [];
    for (const one of front.modules) {
      const module = one.core === undefined ? one : await withCoreNames(one, raw[0]!.mpy);
      const made = await compileMpy(module.name, module.py);
      if (made.ok) raw.push({ module, mpy: made.mpy });
      else {
        const place = { file: one.path, line: 1, column: 1 };
        const what = made.message.split('\n').slice(-2).join(' ');
        diagnostics.push(diagnostic('python-error', what, place));
        break;
      }
    }
    if (diagnostics.length === 0) {
      try {
        modules.push(...shrunk(raw));
      } catch (error) {
        if (!(error instanceof TooFar)) throw error;
        const place = { file: raw[0]!.module.path, line: 1, column: 1 };
        diagnostics.push(diagnostic('python-error', error.message, place));
      }
    }
  }
  const sizes = { pyBytes: 0, mpyBytes: 0 };
  for (const one of modules) {
    sizes.pyBytes += one.sizes.pyBytes;
    sizes.mpyBytes += one.sizes.mpyBytes;
  }
  return { modules: diagnostics.length === 0 ? modules : [], diagnostics, sizes };
}

/** The parts of a bundle have their short names together. */
function shrunk(raw: readonly { module: TranslatedModule; mpy: Uint8Array }[]): CompiledModule[] {
  const keep = raw[0]?.module.outside;
  const files = raw.map(({ module, mpy }) => ({
    name: module.name,
    mpy,
    lineOf: traceLines(module),
    partOf: partFinder(module.parts ?? []),
  }));
  const made =
    keep === undefined
      ? files.map((one) => shrink(one.mpy, one))
      : shrinkBundle(files, keep, raw[0]?.module.classes ?? []);
  return raw.map(
    ({ module: { outside: _outside, core: _core, classes: _classes, ...module } }, at) => {
      const { mpy, names, traces, partBytes } = made[at]!;
      const sizes = { pyBytes: module.py.length, mpyBytes: mpy.length };
      if (keep === undefined || module.parts === undefined) return { ...module, mpy, sizes };
      const parts = module.parts.map((part, number) => ({
        ...part,
        mpyBytes: partBytes[number] ?? 0,
      }));
      return { ...module, mpy, sizes, shortNames: names, traces, parts };
    },
  );
}

/** A part with its import of what it needs from the core: names that it loads, and that the core has. */
async function withCoreNames(part: TranslatedModule, core: Uint8Array): Promise<TranslatedModule> {
  const made = await compileMpy(part.name, part.py);
  if (!made.ok) return part;
  const names = takenFrom(core, made.mpy);
  if (names.length === 0) return part;
  const line = `from ${part.core ?? ''} import ${names.join(', ')}`;
  return { ...part, py: line + part.py.slice(CORE_NAMES.length) };
}

export interface TranslatedModule {
  path: string;
  name: string;
  py: string;
  lineMap: readonly number[];
  parts?: readonly BundlePart[];
  /** For a bundle: names that the rest of the board knows; the others may be short. */
  outside?: ReadonlySet<string>;
  /** For a bundle: the classes of all files. */
  classes?: readonly ClassLayout[];
  /** Of a part: the bundle that it takes names from. */
  core?: string;
}

/** Which part a Python line is in. */
function partFinder(parts: readonly BundlePart[]): (line: number) => number {
  return (line) => {
    let at = 0;
    while (at + 1 < parts.length && parts[at + 1]!.fromLine <= line) at++;
    return at;
  };
}

/** The first of the Python lines that a TypeScript line became; a helper's lines are those of its first one. */
function traceLines({ py, lineMap, parts }: TranslatedModule): (line: number) => number {
  const starts = new Set((parts ?? []).map((part) => part.fromLine));
  const text = py.split('\n');
  const first: number[] = [0];
  lineMap.forEach((line, at) => {
    const isSame =
      line === 0 ? (text[at] ?? '').startsWith(' ') : at > 0 && line === lineMap[at - 1];
    first.push(isSame && !starts.has(at + 1) ? first[at]! : at + 1);
  });
  return (line) => first[line] ?? line;
}

/** Everything but the .mpy step: TypeScript text to Python text. */
export function translate(
  files: Record<string, string>,
  options: CompileOptions,
  onStage: OnCompileStage = nobody,
): { modules: TranslatedModule[]; diagnostics: Diagnostic[] } {
  const found = new Map<string, Diagnostic>();
  const add = (one: Diagnostic): void => {
    const key = `${one.file}:${String(one.line)}:${String(one.column)}:${one.code}`;
    if (!found.has(key)) found.set(key, one);
  };
  const report = (code: DiagnosticCode, node: ts.Node, what: string): void => {
    add(
      diagnostic(
        code,
        what,
        placeOf(node.getSourceFile(), ts.isSourceFile(node) ? 0 : node.getStart()),
      ),
    );
  };
  let modules: TranslatedModule[] = [];
  try {
    modules = run(files, options, report, add, () => found.size, onStage);
  } catch (error) {
    memory.clear();
    const what = error instanceof Error ? error.message : String(error);
    add(diagnostic('internal', what, { file: options.entries[0] ?? '', line: 1, column: 1 }));
  }
  const diagnostics = [...found.values()].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
  return { modules: diagnostics.length === 0 ? modules : [], diagnostics };
}

/** What builds remember for each other. */
const memory = new Memory();

/** Makes the next build a cold one. */
export function forgetBuilds(): void {
  memory.clear();
  forgetProgram();
  forgetClean();
  forgetMpy();
}

type Report = (code: DiagnosticCode, node: ts.Node, what: string) => void;

function run(
  files: Record<string, string>,
  options: CompileOptions,
  report: Report,
  add: (one: Diagnostic) => void,
  problemCount: () => number,
  onStage: OnCompileStage,
): TranslatedModule[] {
  onStage('read');
  for (const entry of options.entries) {
    if (files[entry] === undefined) {
      add(diagnostic('missing-entry', entry, { file: entry, line: 1, column: 1 }));
    }
  }
  const { program } = readProgram(files, options.entries);
  const syntax = program.getSyntacticDiagnostics();
  for (const one of syntax) add(fromTypeScript('syntax-error', one));
  if (syntax.length > 0) return [];
  onStage('types');
  const { sources, problems } = orderModules(program, options.entries);
  for (const problem of problems) report(problem.code, problem.node, problem.what);
  for (const one of typeErrors(program)) add(fromTypeScript('type-error', one));
  if (problems.length > 0) return [];
  onStage('check');
  const checker = askedOnce(program.getTypeChecker());
  const remembering = memory.begin(program, checker);
  for (const source of sources) {
    const before = problemCount();
    memory.of('subset', source, () => checkSubset([source], checker, report));
    if (problemCount() !== before) memory.forget('subset', source);
  }
  const facts = new Facts(remembering, sources, memory);
  const features: Readonly<Record<string, Constant>> = options.features ?? {};
  const constants = new Constants(facts, features);
  const switches = new Switches(features, (source) => memory.environmentOf(source));
  const flow = new ValueFlow(facts, sources, memory);
  const fractions = new Fractions(flow, constants, switches, memory);
  const specials = new Specials(flow, constants, switches, memory);
  const entries = new Set(
    options.entries.flatMap((entry) => program.getSourceFile(`/${entry}`) ?? []),
  );
  const isBundle = options.bundle === true && canBundle(sources, checker);
  const parts = new Parts(sources, entries, checker, files['features.ts'] ?? '');
  for (const source of sources) if (parts.of(source.fileName) !== '') checkPart(source, report);
  const tools: Tools = {
    checker,
    facts,
    constants,
    switches,
    fractions,
    specials,
    ranges: new NumberRanges(facts, constants, fractions, specials, sources, program, memory),
    plainMaps: new PlainMaps(facts, sources, memory),
    shapes: new Shapes(checker, sources, memory),
    names: new Names(facts, isBundle ? sharedNames(sources, entries, checker) : undefined, parts),
    isBundle,
    isNeeded: (member) => reachable.hasMember(member),
    report,
    moduleName: (source) => moduleNameOf(source.fileName),
    expressionTable: guard(lowerExpression, report, { k: 'constant', value: 'None' }),
    statementTable: guard(lowerStatement, report, []),
  };
  onStage('lower');
  tools.names.survey(sources);
  const reachable = new Reachable(facts, constants, sources, entries, memory);
  const lowered = sources.map((source) =>
    lowerRemembered(source, tools, reachable, memory, problemCount),
  );
  if (isBundle) {
    const outside = outsideNames(program, entries, tools);
    const name = moduleNameOf(options.entries[0] ?? '');
    const classes = lowered.flatMap(({ module }) => module.classes);
    return writeBundles(name, lowered, parts).map((one) => ({ ...one, outside, classes }));
  }
  const helpers = helpersOf(lowered);
  const modules = lowered.map(({ source, imports, body }) => write(source, [...imports, ...body]));
  const needed = modules.filter((one) => isNeeded(one, modules, options.entries));
  if (helpers.size === 0) return needed;
  const py = runtimeModule(helpers);
  const lineMap = py.split('\n').map(() => 0);
  return [{ path: '', name: RUNTIME_MODULE, py, lineMap }, ...needed];
}

/** The entries' names come first: whoever imports the bundle asks for them. */
function sharedNames(
  sources: readonly ts.SourceFile[],
  entries: ReadonlySet<ts.SourceFile>,
  checker: ts.TypeChecker,
): { sources: ts.SourceFile[]; taken: Set<string> } {
  const others = sources.filter((source) => !entries.has(source));
  return { sources: [...entries, ...others], taken: runtimeNames(sources, checker) };
}

function helpersOf(lowered: readonly LoweredModule[]): Set<HelperName> {
  return new Set(lowered.flatMap(({ module }) => [...module.helpers]));
}

/** The core first. What helpers several of them need is there. */
function writeBundles(
  name: string,
  lowered: readonly LoweredModule[],
  parts: Parts,
): TranslatedModule[] {
  const groups = new Map<string, LoweredModule[]>([['', []]]);
  for (const one of lowered) {
    const part = parts.of(one.source.fileName);
    const group = groups.get(part);
    if (group === undefined) groups.set(part, [one]);
    else group.push(one);
  }
  const { '': core, ...others } = Object.fromEntries(groups) as Record<string, LoweredModule[]>;
  const shared = helpersOf(core!);
  const counts = new Map<HelperName, number>();
  for (const group of Object.values(others))
    for (const one of helpersOf(group)) counts.set(one, (counts.get(one) ?? 0) + 1);
  for (const [helper, count] of counts) if (count > 1) shared.add(helper);
  const made = [writeBundle(name, runtimeText(shared, localHelperName), core!)];
  for (const [part, group] of Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1))) {
    // Switches took all of it away.
    if (group.every(({ body }) => body.length === 0)) continue;
    const helpers = runtimeText(helpersOf(group), localHelperName, shared);
    made.push({ ...writeBundle(part, `${CORE_NAMES}\n${helpers}`, group), core: name });
  }
  return made;
}

/** Stands where a part takes what it needs from the core; see partImports. */
const CORE_NAMES = 'pass';

/** Helpers and bodies one after the other, in the order in which JavaScript evaluates the modules. */
function writeBundle(
  name: string,
  helpers: string,
  lowered: readonly LoweredModule[],
): TranslatedModule {
  let py = helpers;
  const imports = bundleImports(lowered);
  if (imports.length > 0) py += print(imports).text;
  const lineMap = py
    .split('\n')
    .slice(0, -1)
    .map(() => 0);
  const parts: BundlePart[] = [{ fromLine: 1, path: '' }];
  for (const { source, body } of lowered) {
    if (body.length === 0) continue;
    const { text, lineMap: lines } = printed(body);
    parts.push({ fromLine: lineMap.length + 1, path: callerPath(source.fileName) });
    py += text;
    for (const line of lines) lineMap.push(line);
  }
  const path = callerPath(lowered[lowered.length - 1]!.source.fileName);
  return { path, name, py, lineMap, parts };
}

const prints = new WeakMap<readonly Stmt[], ReturnType<typeof print>>();

/** A file that was not lowered anew has its text already. */
function printed(body: readonly Stmt[]): ReturnType<typeof print> {
  let known = prints.get(body);
  if (known === undefined) {
    known = print(body);
    prints.set(body, known);
  }
  return known;
}

/** A module that nobody imports any more (types and folded constants only) is left out. */
function isNeeded(
  module: TranslatedModule,
  all: readonly TranslatedModule[],
  entries: readonly string[],
): boolean {
  if (entries.includes(module.path)) return true;
  const pattern = new RegExp(`^(from|import) ${module.name}\\b`, 'm');
  return all.some((other) => other !== module && pattern.test(other.py));
}

function write(source: ts.SourceFile, statements: readonly Stmt[]): TranslatedModule {
  const { text, lineMap } = print(statements);
  return {
    path: callerPath(source.fileName),
    name: moduleNameOf(source.fileName),
    py: text,
    lineMap,
  };
}

/** A failure inside the lowering of one construct is reported at that construct. */
function guard<N extends ts.Node, C, R>(
  lower: (node: N, context: C) => R,
  report: Report,
  fallback: R,
): (node: N, context: C) => R {
  return (node, context) => {
    try {
      return lower(node, context);
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      report('internal', node, `${ts.SyntaxKind[node.kind]}: ${what}`);
      return fallback;
    }
  };
}

function placeOf(
  source: ts.SourceFile,
  at: number,
): { file: string; line: number; column: number } {
  const place = source.getLineAndCharacterOfPosition(at);
  return {
    file: callerPath(source.fileName),
    line: place.line + 1,
    column: place.character + 1,
  };
}

function fromTypeScript(code: 'type-error' | 'syntax-error', one: ts.Diagnostic): Diagnostic {
  const text = ts.flattenDiagnosticMessageText(one.messageText, ' ');
  const place =
    one.file === undefined ? { file: '', line: 1, column: 1 } : placeOf(one.file, one.start ?? 0);
  return diagnostic(code, `${text} (TS${String(one.code)})`, place);
}
