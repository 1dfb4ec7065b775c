/**
 * Python text to .mpy bytes with MicroPython 1.19's compiler (bytecode version 6.0, read by every release since 1.19).
 * The compiler runs its heap dry without ever calling back, hence the timer; it takes no file names with directories.
 */
import mpyCross from '@pybricks/mpy-cross-v6/build/mpy-cross-v6.js';

const TIMEOUT_MS = 20_000;
let wasmUrl: string | undefined;
let wasm: Promise<WebAssembly.Module> | undefined;

/** Where a browser finds mpy-cross-v6.wasm; Node finds it in node_modules without this. */
export function setMpyCrossUrl(url: string): void {
  if (url !== wasmUrl) wasm = undefined;
  wasmUrl = url;
}

interface NodeProcess {
  getBuiltinModule?(name: 'node:fs'): { readFileSync(path: string): Uint8Array<ArrayBuffer> };
  getBuiltinModule?(name: 'node:module'): {
    createRequire(from: string): { resolve(name: string): string };
  };
  listeners?(event: string): ((...args: never[]) => void)[];
  removeListener?(event: string, listener: (...args: never[]) => void): void;
}
const nodeProcess = (globalThis as unknown as { process?: NodeProcess }).process;

async function load(): Promise<WebAssembly.Module> {
  if (wasmUrl !== undefined) {
    const answer = await fetch(wasmUrl);
    if (!answer.ok) throw new Error(`mpy-cross: ${wasmUrl} answered ${String(answer.status)}`);
    return WebAssembly.compile(await answer.arrayBuffer());
  }
  if (nodeProcess?.getBuiltinModule === undefined) {
    throw new Error('mpy-cross: no address for its .wasm file; call setMpyCrossUrl() first');
  }
  const path = nodeProcess
    .getBuiltinModule('node:module')
    .createRequire(import.meta.url)
    .resolve('@pybricks/mpy-cross-v6/build/mpy-cross-v6.wasm');
  return WebAssembly.compile(nodeProcess.getBuiltinModule('node:fs').readFileSync(path));
}

/** Not to be fetched and compiled a second time, but for a failure. */
function loaded(): Promise<WebAssembly.Module> {
  if (wasm === undefined) {
    const loading = load();
    loading.catch(() => {
      if (wasm === loading) wasm = undefined;
    });
    wasm = loading;
  }
  return wasm;
}

/** Has mpy-cross fetched and compiled on other threads, while this one does what comes before it. */
export function prepareMpy(): void {
  void loaded();
}

const EVENTS = ['uncaughtException', 'unhandledRejection'];

export type MpyResult = { ok: true; mpy: Uint8Array } | { ok: false; message: string };

/** By the module's name: what came of its last texts, the oldest first. Of a program's parts most stay as they are. */
const made = new Map<string, Map<string, Uint8Array>>();
/** Of a module: a part of a program is compiled with what it takes from the core, and without, to find that out. */
const MOST_TEXTS = 2;
const MOST_MODULES = 32;

/** The next texts are compiled, whatever was before. */
export const forgetMpy = (): void => made.clear();

/** `name` is the module's name; it appears as `name.py` in tracebacks. */
export async function compileMpy(name: string, python: string): Promise<MpyResult> {
  const known = made.get(name)?.get(python);
  if (known === undefined) {
    const result = await runMpyCross(name, python);
    if (result.ok) remember(name, python, result.mpy);
    return result;
  }
  remember(name, python, known);
  return { ok: true, mpy: known.slice() };
}

function remember(name: string, python: string, mpy: Uint8Array): void {
  const texts = made.get(name) ?? new Map<string, Uint8Array>();
  putLast(made, name, texts, MOST_MODULES);
  putLast(texts, python, mpy.slice(), MOST_TEXTS);
}

function putLast<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}

async function runMpyCross(name: string, python: string): Promise<MpyResult> {
  const module = await loaded();
  // In Node every run adds listeners of its own that rethrow; they go when the run is over.
  const before = EVENTS.map((event) => new Set(nodeProcess?.listeners?.(event)));
  try {
    return await new Promise<MpyResult>((resolve) => {
      const timer = setTimeout(
        () => resolve({ ok: false, message: `no answer within ${String(TIMEOUT_MS)} ms` }),
        TIMEOUT_MS,
      );
      mpyCross({
        arguments: ['-s', `${name}.py`, '-O2', '-X', 'heapsize=8m', `${name}.py`],
        inputFileContents: python,
        callback: (status, mpy, _out, err) => {
          clearTimeout(timer);
          if (status === 0 && mpy !== undefined) resolve({ ok: true, mpy: mpy.slice() });
          else resolve({ ok: false, message: err.join('\n') });
        },
        instantiateWasm: (imports, received) => {
          void WebAssembly.instantiate(module, imports).then((instance) => {
            received(instance, module);
          });
          return {};
        },
      });
    });
  } finally {
    EVENTS.forEach((event, at) => {
      for (const listener of nodeProcess?.listeners?.(event) ?? []) {
        if (before[at]?.has(listener) !== true) nodeProcess?.removeListener?.(event, listener);
      }
    });
  }
}
