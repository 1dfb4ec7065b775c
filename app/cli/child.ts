import { spawn } from 'node:child_process';
import type { Figure } from './benchmark.ts';
import { InputError, UsageError } from './command.ts';

/** Runs the command line in a process of its own, for figures that others must not disturb; what it prints, as JSON. */
export function runChild(args: readonly string[], signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const script = process.argv[1] ?? '';
    const started = spawn(process.execPath, [...process.execArgv, script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal,
    });
    const output: Buffer[] = [];
    started.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    started.on('error', reject);
    started.on('close', () => {
      const text = Buffer.concat(output).toString();
      // A benchmark that misses a target ends with 1 and has its figures all the same.
      if (text === '') reject(new InputError(`"${args.join(' ')}" ended without a word`));
      else resolve(JSON.parse(text));
    });
  });
}

/** The figures of one part of a benchmark, made in a process of their own. JSON has no NaN. */
export async function partInChild(
  benchmark: string,
  part: string,
  signal: AbortSignal,
): Promise<Figure[]> {
  const printed = await runChild(['bench', benchmark, '--part', part, '--json'], signal);
  const { figures } = printed as { figures: (Omit<Figure, 'value'> & { value: number | null })[] };
  return figures.map((figure) => ({ ...figure, value: figure.value ?? Number.NaN }));
}

export function noSuchPart(benchmark: string, asked: string, parts: readonly string[]): UsageError {
  const names = parts.map((name) => `"${name}"`).join(', ');
  return new UsageError(`bench ${benchmark} has no part "${asked}"; ${names}`);
}
