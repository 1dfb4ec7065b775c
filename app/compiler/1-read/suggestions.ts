/** What may be written at a place of a program, for an editor: TypeScript's own answer, shortened to names. */
import * as ts from 'typescript';
import { COMPILER_OPTIONS, LIB_PATH } from './read-program.ts';
import { SUBSET_LIB } from './subset-lib.ts';

export interface Suggestion {
  readonly label: string;
  /** As TypeScript names it: `method`, `const`, `keyword`, … */
  readonly kind: string;
}

/** An editor shows a dozen; more would only cost time on the way to it. */
const MOST = 400;

interface Known {
  readonly text: string;
  readonly version: number;
}

const known = new Map<string, Known>();
let present: ReadonlySet<string> = new Set();
let roots: readonly string[] = [];
let service: ts.LanguageService | undefined;

function textOf(path: string): string | undefined {
  return present.has(path) ? known.get(path)?.text : undefined;
}

function start(): ts.LanguageService {
  return ts.createLanguageService({
    getCompilationSettings: () => COMPILER_OPTIONS,
    getScriptFileNames: () => [...roots],
    getScriptVersion: (path) => String(known.get(path)?.version ?? 0),
    getScriptSnapshot: (path) => {
      const text = textOf(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: () => LIB_PATH,
    fileExists: (path) => textOf(path) !== undefined,
    readFile: textOf,
    directoryExists: () => true,
    getDirectories: () => [],
    useCaseSensitiveFileNames: () => true,
  });
}

/** `at` counts UTF-16 units. Empty where nothing can be said; never throws for what the files hold. */
export function suggestions(
  files: Readonly<Record<string, string>>,
  path: string,
  at: number,
): Suggestion[] {
  const all = new Map(Object.entries(files).map(([name, text]) => [`/${name}`, text]));
  all.delete('/subset.d.ts');
  all.set(LIB_PATH, SUBSET_LIB);
  for (const [name, text] of all) {
    const before = known.get(name);
    if (before?.text !== text) known.set(name, { text, version: (before?.version ?? 0) + 1 });
  }
  present = new Set(all.keys());
  roots = [...present].filter((name) => name.endsWith('.d.ts') || name === `/${path}`);
  const name = `/${path}`;
  if (at > (textOf(name)?.length ?? -1)) return [];
  service ??= start();
  try {
    const found = service.getCompletionsAtPosition(name, at, {
      includeCompletionsForModuleExports: false,
      includeCompletionsWithInsertText: false,
    });
    return (found?.entries ?? [])
      .filter((entry) => entry.insertText === undefined && /^[\w$]+$/.test(entry.name))
      .slice(0, MOST)
      .map((entry) => ({ label: entry.name, kind: entry.kind }));
  } catch {
    // The language service gives up on some broken programs; the next one starts from the beginning.
    service = undefined;
    return [];
  }
}
