import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript';
import { fromUtf8 } from '../base/bytes.ts';
import { captureGlue, silenceFinalisation, swapGlueIn, swapGlueOut } from './vm-globals.ts';

interface Machine {
  _module: object;
  FS: { writeFile(path: string, bytes: Uint8Array): void };
  runPython(code: string): void;
}

export interface HeapGrowth {
  /** Of all names and texts that the modules keep in the machine's table. */
  namesBytes: number;
  /** Of each module, without them. */
  moduleBytes: number[];
}

interface Probe {
  machine: Machine;
  run(python: string): void;
  /** Bytes that are still needed. */
  used(): number;
}

async function freshMachine(wasmUrl?: string): Promise<Probe> {
  silenceFinalisation();
  let printed = '';
  const machine = (await loadMicroPython({
    ...(wasmUrl === undefined ? {} : { url: wasmUrl }),
    linebuffer: false,
    stdout: (bytes: Uint8Array) => (printed += fromUtf8(bytes)),
  })) as Machine;
  const state = captureGlue(machine._module as Parameters<typeof captureGlue>[0]);
  const run = (python: string): void => {
    const before = swapGlueIn(state);
    try {
      machine.runPython(python);
    } finally {
      swapGlueOut(state, before);
    }
  };
  const used = (): number => {
    run('gc.collect()'); // it is done when the call returns
    printed = '';
    run('print(gc.mem_alloc())');
    return Number(printed);
  };
  return { machine, run, used };
}

/**
 * Imports the modules in a fresh MicroPython, then makes the calls of `entry`'s functions one after the other: the heap in use
 * before the first and after each.
 * @throws Error when a module cannot be imported, or a call raises
 */
export async function measureCalls(
  modules: readonly { name: string; mpy: Uint8Array }[],
  entry: string,
  calls: readonly string[],
): Promise<number[]> {
  const { machine, run, used } = await freshMachine();
  run('import gc');
  for (const { name, mpy } of modules) machine.FS.writeFile(`/${name}.mpy`, mpy);
  run(`import ${entry}`);
  used();
  const heaps = [used()];
  for (const call of calls) {
    run(`${entry}.${call}`);
    heaps.push(used());
  }
  return heaps;
}

/**
 * Imports the modules one after the other in a fresh MicroPython, for moduleCosts() of the compiler: by how much the heap
 * grows, garbage aside. It is a 32-bit machine, as boards are. The table of names grows by leaps, so all modules are
 * imported once and forgotten before each is measured. Not while other machines start in this realm.
 * @throws Error when a module cannot be imported
 */
export async function measureImports(
  modules: readonly { name: string; mpy: Uint8Array }[],
  wasmUrl?: string,
): Promise<HeapGrowth> {
  const { machine, run, used } = await freshMachine(wasmUrl);
  run('import gc, sys, collections, json, struct');
  used();
  const empty = used();
  for (const { name, mpy } of modules) {
    machine.FS.writeFile(`/${name}.mpy`, mpy);
    run(`import ${name}`);
  }
  for (const { name } of modules) run(`del ${name}, sys.modules['${name}']`);
  let before = used();
  const namesBytes = before - empty;
  const moduleBytes: number[] = [];
  for (const { name } of modules) {
    run(`import ${name}`);
    const now = used();
    moduleBytes.push(now - before);
    before = now;
  }
  return { namesBytes, moduleBytes };
}
