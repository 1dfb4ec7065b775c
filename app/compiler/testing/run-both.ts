import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compile, type CompileResult } from '../compile.ts';

/** Programs run in V8 and in MicroPython's WebAssembly port, each batch in one child process. */
export interface Program {
  files: Record<string, string>;
  entry: string;
}
export interface Outcome {
  output: string;
  /** Text of the exception that ended the program, '' for none. */
  error: string;
}

const TIMEOUT_MS = 120_000;

function child(script: string, input: unknown): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const process_ = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'pipe'] });
    const timer = setTimeout(() => process_.kill('SIGKILL'), TIMEOUT_MS);
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    process_.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    process_.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
    process_.on('close', (code) => {
      clearTimeout(timer);
      try {
        resolve(JSON.parse(Buffer.concat(output).toString()) as Outcome[]);
      } catch {
        const text = Buffer.concat(errors).toString().slice(-2000);
        reject(new Error(`${script} ended with ${String(code)}: ${text}`));
      }
    });
    process_.stdin.end(JSON.stringify(input));
  });
}

export const runV8 = (programs: readonly Program[]): Promise<Outcome[]> =>
  child('./child-v8.mjs', programs);

export function runMicroPython(
  programs: readonly { result: CompileResult; entry: string }[],
): Promise<Outcome[]> {
  return child(
    './child-vm.mjs',
    programs.map(({ result, entry }) => ({
      entry: entry.replace(/\.ts$/, '').replace(/[/-]/g, '_'),
      modules: result.modules.map((one) => ({
        name: one.name,
        mpy: Buffer.from(one.mpy).toString('base64'),
      })),
    })),
  );
}

export interface Comparison {
  v8: Outcome;
  micropython: Outcome;
  result: CompileResult;
}

/** Compiles and runs every program in both engines. Programs with diagnostics are not run. */
export async function runBoth(
  programs: readonly Program[],
  options: { readonly bundle?: boolean } = {},
): Promise<Comparison[]> {
  const results: CompileResult[] = [];
  for (const program of programs) {
    results.push(await compile(program.files, { ...options, entries: [program.entry] }));
  }
  const [v8, micropython] = await Promise.all([
    runV8(programs),
    runMicroPython(
      results.map((result, at) => ({ result, entry: programs[at]?.entry ?? 'main.ts' })),
    ),
  ]);
  return results.map((result, at) => ({
    v8: v8[at] ?? { output: '', error: 'not run' },
    micropython: micropython[at] ?? { output: '', error: 'not run' },
    result,
  }));
}
