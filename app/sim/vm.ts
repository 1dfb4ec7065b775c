/**
 * One MicroPython WebAssembly instance: the processor of one virtual board.
 *
 * Python and the host share a mailbox of 32 KiB that lies outside MicroPython's heap (so that its collector never scans
 * it) and is reached through uctypes on one side and HEAPU8 on the other. Host functions take and give integers of at most
 * 31 bits; bytes travel in the mailbox. Host functions must not throw into the VM (the exception would fly past Python's
 * finally blocks): what they throw is kept and thrown when the VM has returned.
 *
 * The collector only runs when the outermost call returns, so firmware is driven by short calls of step().
 * A discarded instance needs no goodbye: nothing else refers to it.
 *
 * Differences from a board that no shim hides: floats are double precision; about 156 nested calls instead of 49;
 * a Python loop that never calls the host cannot be interrupted.
 */
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript';
import { utf8 } from '../base/bytes.ts';
import type { Engine, EngineFile, EngineOptions, HostFunction, StepResult } from './engine.ts';
import { withFastInvokes } from './vm-invoke.ts';
import { captureGlue, silenceFinalisation, swapGlueIn, swapGlueOut } from './vm-globals.ts';
import type { GlueState } from './vm-globals.ts';
import { BOOTSTRAP, SHIMS, START_BOOTSTRAP } from './modules/shims.ts';

export const MAILBOX_BYTES = 32768;
/**
 * MicroPython's first heap area; it grows by itself. Not larger than needed: gc.mem_alloc() and every collection walk all of it
 * (five boards with the project's firmware: 385 us a turn with 1 MiB, 200 us with 256 KiB).
 */
const HEAP_BYTES = 262144;

const RESULTS: readonly StepResult[] = ['ended', 'again', 'raised', 'stopped'];

export interface VmOptions extends EngineOptions {
  /** Where micropython.wasm is; needed in browsers, found beside the package in Node. */
  wasmUrl?: string | undefined;
}

interface FileSystem {
  writeFile(path: string, bytes: Uint8Array | string): void;
  readFile(path: string): Uint8Array;
  readdir(path: string): string[];
  mkdirTree(path: string): void;
  rmdir(path: string): void;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  mkdir(path: string, mode?: number): unknown;
  close(stream: { flags: number }): unknown;
  stat(path: string): { mode: number };
  isDir(mode: number): boolean;
}

interface Glue {
  _module: {
    HEAPU8: Uint8Array;
    FS: FileSystem;
    _malloc(size: number): number;
    _mp_sched_keyboard_interrupt(): void;
  };
  globals: { get(name: string): (...values: unknown[]) => number };
  registerJsModule(name: string, module: object): void;
  runPython(code: string): void;
}

/** Names in the root of the instance's file system that no board has. */
const NOT_ON_BOARDS = new Set(['dev', 'tmp', 'home', 'proc']);
const O_ACCMODE = 3;
let loading: Promise<unknown> = Promise.resolve();

export class Vm implements Engine {
  /** Set when a host function threw: a bug of the simulator, never of the firmware. */
  hostError: unknown;
  fileChanges = 0;
  readonly #glue: Glue;
  readonly #state: GlueState;
  readonly #mailboxAt: number;
  readonly #onPrint: (bytes: Uint8Array) => void;
  #inside = false;
  #step: (...values: unknown[]) => number = () => 0;
  #start: (...values: unknown[]) => number = () => 0;
  #line: (...values: unknown[]) => number = () => 0;
  #used: (...values: unknown[]) => number = () => 0;

  private constructor(glue: Glue, state: GlueState, onPrint: (bytes: Uint8Array) => void) {
    this.#onPrint = onPrint;
    this.#glue = glue;
    this.#state = state;
    // Plain allocation touches none of the glue's globals.
    this.#mailboxAt = glue._module._malloc(MAILBOX_BYTES);
  }

  static async create(options: VmOptions): Promise<Vm> {
    silenceFinalisation();
    const load = loading.then(async () => {
      const glue = await withFastInvokes(
        () =>
          loadMicroPython({
            ...(options.wasmUrl === undefined ? {} : { url: options.wasmUrl }),
            linebuffer: false,
            heapsize: HEAP_BYTES,
            stdout: options.onPrint,
            stderr: options.onPrint,
            stdin: () => null,
          }) as Promise<Glue>,
      );
      return new Vm(glue, captureGlue(glue._module), options.onPrint);
    });
    loading = load.catch(() => undefined);
    const vm = await load;
    vm.#bootstrap(options.host(vm));
    return vm;
  }

  /** The shared 32 KiB. A fresh view each time: the memory may have grown. */
  get mailbox(): Uint8Array {
    const heap = this.#glue._module.HEAPU8;
    return heap.subarray(this.#mailboxAt, this.#mailboxAt + MAILBOX_BYTES);
  }

  start(fileName: string, setup: string, step: string, onError: string): StepResult {
    return this.#call(this.#start, fileName, setup, step, onError);
  }

  step(): StepResult {
    return this.#call(this.#step);
  }

  line(text: string): StepResult {
    return this.#call(this.#line, text);
  }

  /** Bytes of MicroPython's heap in use, less what the simulator itself put there. */
  heapUsed(): number {
    return this.enter(() => this.#used());
  }

  /** The next bytecode that runs raises KeyboardInterrupt. */
  interrupt(): void {
    this.#glue._module._mp_sched_keyboard_interrupt();
  }

  writeFile(path: string, bytes: Uint8Array): void {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder !== '') this.#glue._module.FS.mkdirTree(folder);
    this.#glue._module.FS.writeFile(path, bytes);
  }

  makeFolder(path: string): void {
    this.#glue._module.FS.mkdirTree(path);
  }

  listFiles(): EngineFile[] {
    const fs = this.#glue._module.FS;
    const found: EngineFile[] = [];
    const walk = (folder: string): void => {
      for (const name of fs.readdir(folder === '' ? '/' : folder).sort()) {
        if (name === '.' || name === '..' || (folder === '' && NOT_ON_BOARDS.has(name))) continue;
        const path = `${folder}/${name}`;
        const isFolder = fs.isDir(fs.stat(path).mode);
        found.push({ path, bytes: isFolder ? null : fs.readFile(path) });
        if (isFolder) walk(path);
      }
    };
    walk('');
    return found;
  }

  /** Runs `body` with this instance's glue in place. @throws Error when entered twice, or what a host function threw. */
  enter<T>(body: () => T): T {
    if (this.#inside) throw new Error('a MicroPython instance was entered from inside itself');
    this.#inside = true;
    const before = swapGlueIn(this.#state);
    let result: T;
    try {
      result = body();
    } finally {
      swapGlueOut(this.#state, before);
      this.#inside = false;
    }
    if (this.hostError !== undefined) {
      const error = this.hostError;
      this.hostError = undefined;
      throw error;
    }
    return result;
  }

  #call(entry: (...values: unknown[]) => number, ...values: unknown[]): StepResult {
    return this.enter(() => {
      try {
        return RESULTS[entry(...values)] ?? 'raised';
      } catch (error) {
        // Only an interrupt that hits the bytecode around the firmware gets here.
        if (!(error instanceof Error && error.name === 'PythonError')) throw error;
        const rows = error.message.split('\n').filter((row) => !row.includes('_shim_'));
        this.#onPrint(utf8(rows.join('\n')));
        return 'raised';
      }
    });
  }

  #bootstrap(host: Record<string, HostFunction>): void {
    const fs = this.#glue._module.FS;
    const functions: Record<string, HostFunction> = {
      mailbox_at: () => this.#mailboxAt,
      mailbox_size: () => MAILBOX_BYTES,
    };
    for (const [name, run] of Object.entries(host)) {
      functions[name] = (...values) => {
        try {
          return run(...values);
        } catch (error) {
          this.hostError ??= error;
          this.interrupt();
          return 0;
        }
      };
    }
    fs.mkdirTree('/.shims');
    for (const [name, text] of Object.entries(SHIMS))
      fs.writeFile(`/.shims/_shim_${name}.py`, text);
    fs.writeFile('/.shims/_shim_bootstrap.py', BOOTSTRAP);
    const { globals } = this.#glue;
    this.enter(() => {
      this.#glue.registerJsModule('_board', functions);
      this.#glue.runPython(START_BOOTSTRAP);
      this.#start = globals.get('_start');
      this.#step = globals.get('_step');
      this.#line = globals.get('_line');
      this.#used = globals.get('_used');
    });
    // Only now, outside of Python, does the collector run; what is left is the simulator's own.
    this.enter(() => globals.get('_settle')());
    this.enter(() => this.#glue.runPython('del _start, _step, _line, _used, _settle'));
    for (const name of fs.readdir('/.shims')) {
      if (name !== '.' && name !== '..') fs.unlink(`/.shims/${name}`);
    }
    fs.rmdir('/.shims');
    this.#watchFiles();
  }

  /** The file system calls itself through its own object, so replacing these methods sees every change. */
  #watchFiles(): void {
    const fs = this.#glue._module.FS;
    const close = fs.close.bind(fs);
    fs.close = (stream) => {
      if ((stream.flags & O_ACCMODE) !== 0) this.fileChanges++;
      return close(stream);
    };
    for (const name of ['unlink', 'rename', 'mkdir', 'rmdir'] as const) {
      const original = fs[name].bind(fs) as (...values: unknown[]) => unknown;
      const counted = (...values: unknown[]): unknown => {
        this.fileChanges++;
        return original(...values);
      };
      Object.assign(fs, { [name]: counted });
    }
  }
}
