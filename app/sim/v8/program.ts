/**
 * A firmware as V8 runs it: each source compiled once, and modules that keep no state evaluated once for all boards. Modules
 * that keep state, and those that import them, are evaluated anew for every start of every board.
 */
import type { TranspiledModule } from '../../compiler/transpile.ts';
import { AMBIENT } from './ambient.ts';
import { REMEMBERED } from './remembered.ts';

type Exports = Record<string, unknown>;
type Factory = (exports: Exports, require: (name: string) => unknown) => void;

export interface ProgramOptions {
  /** Of transpile(): a browser does that in the compiler's worker, not in the world's. */
  modules: readonly TranspiledModule[];
  /** The module whose step() main.py calls. */
  entry: string;
}

export class Program {
  readonly #entry: string;
  readonly #factories = new Map<string, Factory>();
  readonly #shared = new Map<string, Exports>();
  readonly #own: ReadonlySet<string>;

  constructor({ modules, entry }: ProgramOptions) {
    this.#entry = entry;
    for (const { path, code } of modules) {
      const factory = new Function('exports', 'require', `${code}\n//# sourceURL=firmware/${path}`);
      this.#factories.set(path, factory as Factory);
    }
    this.#own = ownModules(modules);
  }

  /** Paths that every start evaluates anew. */
  get ownModules(): string[] {
    return [...this.#own].sort();
  }

  /** Evaluates the entry for a new start. To be called on a board (processor.ts enter). */
  start(): { step: () => boolean } {
    const own = new Map<string, Exports>();
    const load = (name: string): unknown => {
      if (!name.endsWith('.ts')) {
        const module = AMBIENT[name];
        if (!module) throw new Error(`the V8 engine has no module "${name}"`);
        return module;
      }
      const made = this.#own.has(name) ? own : this.#shared;
      const known = made.get(name);
      if (known) return known;
      const exports: Exports = {};
      made.set(name, exports);
      this.#factories.get(name)!(exports, load);
      remember(name, exports);
      return exports;
    };
    return load(this.#entry) as { step: () => boolean };
  }
}

/** Gives those functions of the firmware a memory that are asked the same again and again. */
function remember(path: string, exports: Exports): void {
  for (const [name, remembered] of Object.entries(REMEMBERED[path] ?? {}))
    if (name in exports) exports[name] = remembered(exports[name] as never);
}

function ownModules(modules: readonly TranspiledModule[]): Set<string> {
  const own = new Set(modules.filter((module) => module.keepsState).map(({ path }) => path));
  for (let before = -1; before !== own.size;) {
    before = own.size;
    for (const { path, imports } of modules) {
      if (imports.some((name) => own.has(name))) own.add(path);
    }
  }
  return own;
}
