/**
 * Makes a MicroPython instance faster: its trampolines, by which nearly every call of a Python function goes, without JavaScript.
 *
 * The WebAssembly port is built with Emscripten's setjmp: a call that may end in an exception leaves for JavaScript and comes back
 *
 *   invoke_iiii(index, a, b, c):  sp = stackSave()
 *                                 try { return table.get(index)(a, b, c) }
 *                                 catch (e) { stackRestore(sp); if (e !== e + 0) throw e; setThrew(1, 0) }
 *
 * and the published build checks its copy of the table each time. Together that was a third of the time that bytecode took. The same
 * in WebAssembly needs its exception instructions (Chrome 95, Firefox 100, Safari 15.2, Node 17): a small module made here, one
 * function for each import called invoke_*. It cannot see what was thrown, so longjmp says so beforehand in a global ("pending"); all
 * else goes on as it was. The functions to call are in a table of its own, filled from the instance's own once that exists.
 *
 * Where the instructions are missing, or the glue is another one than expected, the trampolines stay as they are.
 *
 * Sources: WebAssembly binary format 2.0, and the exception handling proposal in its first form ("legacy", try 06, rethrow 09,
 * catch_all 19); glue of @micropython/micropython-webassembly-pyscript 1.28.0-6 (invoke_*, _emscripten_throw_longjmp).
 */

const LONGJMP = '_emscripten_throw_longjmp';
const NUMBER_TYPE: Readonly<Record<string, number>> = { i: 0x7f, j: 0x7e, f: 0x7d, d: 0x7c };
const I32 = 0x7f;
const FUNCREF = 0x70;
const NO_RESULT = 0x40;

type Env = Record<string, unknown>;
type Imports = Record<string, Env>;
type Start = (
  source: unknown,
  imports: Imports,
) => Promise<WebAssembly.WebAssemblyInstantiatedSource>;

/** Runs `load`; the instance that it makes gets fast trampolines. One at a time in a realm. */
export async function withFastInvokes<T>(load: () => Promise<T>): Promise<T> {
  const realm = WebAssembly as unknown as { instantiate: Start; instantiateStreaming: Start };
  const { instantiate, instantiateStreaming } = realm;
  const around =
    (original: Start): Start =>
    async (source, imports) => {
      const env = imports?.['env'];
      const fast = env && typeof env['invoke_iiii'] === 'function' ? prepare(env) : undefined;
      if (!fast) return original.call(WebAssembly, source, imports);
      const made = await original.call(WebAssembly, source, { ...imports, env: fast.env });
      fast.connect(made.instance.exports);
      return made;
    };
  realm.instantiate = around(instantiate);
  if (instantiateStreaming) realm.instantiateStreaming = around(instantiateStreaming);
  try {
    return await load();
  } finally {
    realm.instantiate = instantiate;
    realm.instantiateStreaming = instantiateStreaming;
  }
}

interface Prepared {
  env: Env;
  connect(exports: WebAssembly.Exports): void;
}

/** Compiled once for each set of names. */
const compiled = new Map<string, WebAssembly.Module | undefined>();

function prepare(env: Env): Prepared | undefined {
  const names = Object.keys(env).filter((name) => /^invoke_[vijfd][ijfd]*$/.test(name));
  const key = names.join();
  if (!compiled.has(key)) {
    const bytes = trampolines(names);
    compiled.set(key, WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined);
  }
  const module = compiled.get(key);
  if (!module || typeof env[LONGJMP] !== 'function') return undefined;
  const pending = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  const { exports } = new WebAssembly.Instance(module, { glue: { pending } });
  return {
    env: {
      ...env,
      ...Object.fromEntries(names.map((name) => [name, exports[name]])),
      [LONGJMP]: () => {
        pending.value = 1;
        throw Infinity; // what the glue throws, for those of its own frames that look at it
      },
    },
    connect: (instance) => {
      const from = instance['__indirect_function_table'] as WebAssembly.Table;
      const functions = exports['functions'] as WebAssembly.Table;
      const helpers = exports['helpers'] as WebAssembly.Table;
      functions.grow(from.length);
      for (let i = 0; i < from.length; i++) functions.set(i, from.get(i) as unknown);
      helpers.set(STACK_SAVE, instance['emscripten_stack_get_current']);
      helpers.set(STACK_RESTORE, instance['_emscripten_stack_restore']);
      helpers.set(SET_THREW, instance['setThrew']);
    },
  };
}

const STACK_SAVE = 0;
const STACK_RESTORE = 1;
const SET_THREW = 2;

/** Types 0 to 2 are those of the helpers; then two for each trampoline: of what it calls, and its own (one more i32 in front). */
function trampolines(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const signature = (name: string): { result: number[]; values: number[] } => {
    const [result, ...values] = [...name.slice('invoke_'.length)];
    const types = values.map((letter) => NUMBER_TYPE[letter]!);
    return { result: result === 'v' ? [] : [NUMBER_TYPE[result!]!], values: types };
  };
  const types: number[][] = [
    functionType([], [I32]),
    functionType([I32], []),
    functionType([I32, I32], []),
    ...names.flatMap((name) => {
      const { result, values } = signature(name);
      return [functionType(values, result), functionType([I32, ...values], result)];
    }),
  ];
  const bodies = names.map((name, i) => {
    const { result, values } = signature(name);
    return body(3 + 2 * i, values.length, result[0]);
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([[...text('glue'), ...text('pending'), 0x03, I32, 1]])),
    ...section(3, vector(names.map((_, i) => leb(4 + 2 * i)))),
    ...section(
      4,
      vector([
        [FUNCREF, 0, 0],
        [FUNCREF, 0, 3],
      ]),
    ),
    ...section(
      7,
      vector([
        [...text('functions'), 0x01, 0],
        [...text('helpers'), 0x01, 1],
        ...names.map((name, i) => [...text(name), 0x00, ...leb(i)]),
      ]),
    ),
    ...section(10, vector(bodies.map((code) => [...leb(code.length), ...code]))),
  ]);
}

/** @param type of the function that is called with the `count` values after the index */
function body(type: number, count: number, result: number | undefined): number[] {
  const sp = leb(1 + count);
  const helper = (index: number, ofType: number): number[] => [0x41, index, 0x11, ofType, 1];
  const values = Array.from({ length: count }, (_, i) => [0x20, ...leb(1 + i)]).flat();
  return [
    ...[1, 1, I32], // one local more: sp
    ...[...helper(STACK_SAVE, 0), 0x21, ...sp],
    ...[0x06, result ?? NO_RESULT], // try
    ...[...values, 0x20, 0, 0x11, ...leb(type), 0], // the call, by the first table
    0x19, // catch_all
    ...[0x20, ...sp, ...helper(STACK_RESTORE, 1)],
    ...[0x23, 0, 0x45, 0x04, NO_RESULT, 0x09, 1, 0x0b], // not longjmp: rethrow
    ...[0x41, 0, 0x24, 0], // pending = 0
    ...[0x41, 1, 0x41, 0, ...helper(SET_THREW, 2)],
    ...zero(result),
    0x0b,
    0x0b,
  ];
}

function zero(type: number | undefined): number[] {
  if (type === undefined) return [];
  if (type === NUMBER_TYPE['f']) return [0x43, 0, 0, 0, 0];
  if (type === NUMBER_TYPE['d']) return [0x44, 0, 0, 0, 0, 0, 0, 0, 0];
  return [type === I32 ? 0x41 : 0x42, 0];
}

function functionType(values: readonly number[], results: readonly number[]): number[] {
  return [0x60, ...leb(values.length), ...values, ...leb(results.length), ...results];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function text(value: string): number[] {
  return [...leb(value.length), ...[...value].map((letter) => letter.charCodeAt(0))];
}

/** Unsigned LEB128. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
