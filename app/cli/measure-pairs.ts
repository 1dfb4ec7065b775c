import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileMpy } from '../compiler/4-emit/mpy.ts';
import { compile } from '../compiler/compile.ts';

/**
 * Programs written twice, in TypeScript and by hand in MicroPython: what the compiler's output costs against the other,
 * in the MicroPython WebAssembly port. Both must give the same result.
 */
export interface Cost {
  mpyBytes: number;
  /** Growth of gc.mem_alloc() by the import. */
  heapBytes: number;
  /** CPU time of one run(), median. */
  runMs: number;
}

export interface Pair {
  name: string;
  compiled: Cost;
  byHand: Cost;
  /** Compiled over by hand. */
  ratio: { mpy: number; heap: number; time: number };
}

export interface PairsReport {
  pairs: Pair[];
  /** Geometric means. */
  ratio: { mpy: number; heap: number; time: number };
}

interface Measured {
  heapBytes: number;
  runMs: number;
  result: string;
}

const folder = fileURLToPath(new URL('../compiler/bench-pairs', import.meta.url));

/** @throws Error naming the program that does not compile, or whose two versions differ. */
export async function measurePairs(rounds: number): Promise<PairsReport> {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.py'))
    .map((file) => file.slice(0, -3));
  const programs: { name: string; mpy: Uint8Array }[] = [];
  for (const name of names) {
    const files = { [`${name}.ts`]: readFileSync(`${folder}/${name}.ts`, 'utf8') };
    const built = await compile(files, { entries: [`${name}.ts`], bundle: true });
    const [problem] = built.diagnostics;
    if (problem !== undefined) {
      throw new Error(`${name}.ts:${String(problem.line)}: ${problem.message}`);
    }
    const made = await compileMpy(name, readFileSync(`${folder}/${name}.py`, 'utf8'));
    if (!made.ok) throw new Error(`${name}.py: ${made.message}`);
    programs.push({ name, mpy: built.modules[0]!.mpy }, { name, mpy: made.mpy });
  }
  const measured = await child({
    rounds,
    programs: programs.map(({ name, mpy }) => ({ name, mpy: Buffer.from(mpy).toString('base64') })),
  });
  const pairs = names.map((name, at): Pair => {
    const [compiled, byHand] = [2 * at, 2 * at + 1].map((one): Cost & { result: string } => ({
      mpyBytes: programs[one]!.mpy.length,
      ...measured[one]!,
    })) as [Cost & { result: string }, Cost & { result: string }];
    if (compiled.result !== byHand.result || compiled.result === '') {
      throw new Error(`${name}: compiled gives ${compiled.result}, by hand ${byHand.result}`);
    }
    return { name, compiled: cost(compiled), byHand: cost(byHand), ratio: over(compiled, byHand) };
  });
  const mean = (pick: (one: Pair) => number): number =>
    round(Math.exp(pairs.reduce((sum, one) => sum + Math.log(pick(one)), 0) / pairs.length));
  return {
    pairs,
    ratio: {
      mpy: mean((one) => one.ratio.mpy),
      heap: mean((one) => one.ratio.heap),
      time: mean((one) => one.ratio.time),
    },
  };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

const cost = ({ mpyBytes, heapBytes, runMs }: Cost): Cost => ({
  mpyBytes,
  heapBytes,
  runMs: round(runMs),
});

const over = (a: Cost, b: Cost): Pair['ratio'] => ({
  mpy: round(a.mpyBytes / b.mpyBytes),
  heap: round(a.heapBytes / b.heapBytes),
  time: round(a.runMs / b.runMs),
});

function child(input: unknown): Promise<Measured[]> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [`${folder}/child-measure.mjs`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const output: Buffer[] = [];
    started.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    started.on('error', reject);
    started.on('close', (code) => {
      if (code !== 0) reject(new Error(`the measurement ended with status ${String(code)}`));
      else resolve(JSON.parse(Buffer.concat(output).toString()) as Measured[]);
    });
    started.stdin.end(JSON.stringify(input));
  });
}
