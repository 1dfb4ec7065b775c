import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typescriptBundle } from '../compiler/typescript-bundle.ts';
import { median } from './bench.ts';
import type { Build, Once } from './bench-compile-once.ts';
import { atMost, type Figure, noted } from './benchmark.ts';
import { InputError, type Invocation } from './command.ts';
import { FIRMWARE_FOLDER, readSources } from './files.ts';

const ROUNDS = 5;
/** Of the default profile. */
const MOST_KIB = 40;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Among the packages, so that the bundle finds what is no JavaScript: mpy-cross's .wasm. */
const FOLDER = join(ROOT, 'node_modules/.cache/meshwright-bench');
/** mpy-cross was made for CommonJS, and asks for these where it sees Node. */
const COMMON_JS = 'const __filename = import.meta.filename, __dirname = import.meta.dirname;';

/**
 * Time of builds, medians of five processes. Each runs what the app's worker runs: the compiler as one bundle, made here
 * first. As the command line runs it, it takes longer, for Node looks through TypeScript's nine megabytes on its own account.
 */
export async function benchmark({ signal }: Invocation): Promise<Figure[]> {
  const load = loadavg()[0];
  await rm(FOLDER, { recursive: true, force: true });
  const entry = await bundle();
  const sources = join(FOLDER, 'sources.json');
  await mkdir(FOLDER, { recursive: true });
  await writeFile(sources, JSON.stringify(await readSources(FIRMWARE_FOLDER)));
  const rounds: Once[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await child(entry, sources, signal));
  await rm(FOLDER, { recursive: true, force: true });
  const wall = (builds: readonly Build[]): number => median(builds.map((one) => one.wallMs)) / 1000;
  const cpu = (builds: readonly Build[]): number => median(builds.map((one) => one.cpuMs)) / 1000;
  const cold = rounds.map((one) => one.cold);
  const warm = rounds.flatMap((one) => one.warm);
  const leaf = rounds.flatMap((one) => one.leaf);
  const { files, sourceBytes, pyBytes, mpyBytes } = rounds[0]!;
  return [
    atMost('cold build', wall(cold), 3, 's'),
    noted('cold build, processor', cpu(cold), 's'),
    atMost('rebuild of one changed file that most others need', wall(warm), 0.5, 's'),
    noted('... processor', cpu(warm), 's'),
    noted('... the first after the cold build', wall(rounds.map((one) => one.warm[0]!)), 's'),
    atMost('rebuild of one changed file that few others need', wall(leaf), 0.5, 's'),
    noted('... processor', cpu(leaf), 's'),
    noted('mpy-cross alone, processor', cpu(rounds.map((one) => one.mpyCross)), 's'),
    atMost('.mpy of the default profile', mpyBytes / 1024, MOST_KIB, 'KiB'),
    noted('.py', pyBytes / 1024, 'KiB'),
    noted(`${String(files)} files`, sourceBytes / 1024, 'KiB'),
    noted('load of the machine before', load ?? 0, ''),
    noted('load of the machine after', loadavg()[0] ?? 0, ''),
  ];
}

async function bundle(): Promise<string> {
  const { build } = await import('vite');
  await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    plugins: [typescriptBundle],
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('bench-compile-once.ts', import.meta.url)),
      outDir: FOLDER,
      target: 'es2022',
      minify: true,
      chunkSizeWarningLimit: 6000,
      rolldownOptions: {
        output: { banner: COMMON_JS, entryFileNames: 'once.mjs', chunkFileNames: '[name].mjs' },
      },
    },
  });
  return join(FOLDER, 'once.mjs');
}

function child(entry: string, sources: string, signal: AbortSignal): Promise<Once> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [entry, sources], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal,
    });
    const output: Buffer[] = [];
    started.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    started.on('error', reject);
    started.on('close', (code) => {
      if (code !== 0) reject(new InputError(`a build ended with status ${String(code)}`));
      else resolve(JSON.parse(Buffer.concat(output).toString()) as Once);
    });
  });
}
