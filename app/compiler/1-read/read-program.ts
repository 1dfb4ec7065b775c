import * as ts from 'typescript';
import { INTERFACE_NAME, INTERFACE_PATH } from '../application.ts';
import { SUBSET_LIB } from './subset-lib.ts';

export const LIB_PATH = '/subset.d.ts';

export const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  noLib: true,
  types: [],
  strict: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  exactOptionalPropertyTypes: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  paths: { [INTERFACE_NAME]: [`/${INTERFACE_PATH}`] },
};

/** Path as the caller gave it: relative, with slashes. */
export const callerPath = (fileName: string): string => fileName.replace(/^\//, '');

export interface ReadProgram {
  program: ts.Program;
  checker: ts.TypeChecker;
}

const parsed = new Map<string, { text: string; source: ts.SourceFile }>();
let previous: ts.Program | undefined;
let previousPaths = '';

/** The next program is read from its text. */
export function forgetProgram(): void {
  parsed.clear();
  previous = undefined;
}

/** A file that did not change is not parsed again: the worker stays alive between builds. */
function parse(
  path: string,
  text: string,
  options: ts.ScriptTarget | ts.CreateSourceFileOptions,
): ts.SourceFile {
  const known = parsed.get(path);
  if (known?.text === text) return known.source;
  // Parents are set when the program is bound, before anybody asks for them.
  const source = ts.createSourceFile(path, text, options, false);
  parsed.set(path, { text, source });
  return source;
}

function host(files: ReadonlyMap<string, string>): ts.CompilerHost {
  return {
    fileExists: (path) => files.has(path),
    readFile: (path) => files.get(path),
    getSourceFile: (path, options) => {
      const text = files.get(path);
      return text === undefined ? undefined : parse(path, text, options);
    },
    getDefaultLibFileName: () => LIB_PATH,
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile: () => undefined,
    directoryExists: () => true,
    getDirectories: () => [],
    // No comment says anything about types here.
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  };
}

/** Parses and binds; types are computed when asked for. */
export function readProgram(
  files: Record<string, string>,
  entries: readonly string[],
): ReadProgram {
  const all = new Map<string, string>([[LIB_PATH, SUBSET_LIB]]);
  for (const [path, text] of Object.entries(files)) {
    if (path === 'subset.d.ts' || path.endsWith('.test.ts')) continue;
    all.set(`/${path}`, text);
  }
  const roots = [LIB_PATH];
  for (const path of [...all.keys()].sort()) {
    if (path.startsWith('/ambient/') && path.endsWith('.d.ts')) roots.push(path);
  }
  for (const entry of entries) roots.push(`/${entry}`);
  // An earlier program remembers what its imports did not find: of use only while the same files are there.
  const paths = [...all.keys()].sort().join('\n');
  const oldProgram = paths === previousPaths ? previous : undefined;
  previousPaths = paths;
  const program = ts.createProgram({
    rootNames: roots,
    options: COMPILER_OPTIONS,
    host: host(all),
    ...(oldProgram === undefined ? {} : { oldProgram }),
  });
  previous = program;
  return { program, checker: program.getTypeChecker() };
}
