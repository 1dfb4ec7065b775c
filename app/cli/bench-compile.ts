import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typescriptBundle } from '../compiler/typescript-bundle.ts';
import { median } from './bench.ts';
import { type BrowserRounds, buildInBrowser } from './bench-compile-browser.ts';
import { ROUNDS } from './bench-compile-changes.ts';
import type { Build, Once } from './bench-compile-once.ts';
import { atMost, type Figure, noted } from './benchmark.ts';
import { InputError, type Invocation } from './command.ts';
import { FIRMWARE_FOLDER, readSources } from './files.ts';

/** Of the default profile. */
const MOST_KIB = 40;
const COLD = 'cold build';
const MOST_NEED = 'rebuild of one changed file that most others need';
const FEW_NEED = 'rebuild of one changed file that few others need';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Among the packages, so that the bundle finds what is no JavaScript: mpy-cross's .wasm. */
const FOLDER = join(ROOT, 'node_modules/.cache/meshwright-bench');
/** mpy-cross was made for CommonJS, and asks for these where it sees Node. */
const COMMON_JS = 'const __filename = import.meta.filename, __dirname = import.meta.dirname;';

/**
 * Time of builds: in the app's worker, medians of five pages of a browser; and in five processes of Node, which run the same bundle.
 * Node takes longer on two cores: it gives V8's optimiser four threads, however many cores there are, and they take turns with the
 * build. Without a browser on the machine, Node's are the figures.
 */
export async function benchmark({ signal, err }: Invocation): Promise<Figure[]> {
  const load = loadavg()[0];
  await rm(FOLDER, { recursive: true, force: true });
  const entry = await bundle();
  const sources = join(FOLDER, 'sources.json');
  await mkdir(FOLDER, { recursive: true });
  await writeFile(sources, JSON.stringify(await readSources(FIRMWARE_FOLDER)));
  const rounds: Once[] = [];
  err(`${String(ROUNDS)} rounds in Node, then as many in a browser ...`);
  for (let round = 0; round < ROUNDS; round++) rounds.push(await child(entry, sources, signal));
  const firmware = JSON.parse(await readFile(sources, 'utf8')) as Record<string, string>;
  const inBrowser = await buildInBrowser(join(FOLDER, 'browser'), firmware, ROUNDS, signal);
  await rm(FOLDER, { recursive: true, force: true });
  const wall = (builds: readonly Build[]): number => median(builds.map((one) => one.wallMs)) / 1000;
  const cpu = (builds: readonly Build[]): number => median(builds.map((one) => one.cpuMs)) / 1000;
  const cold = rounds.map((one) => one.cold);
  const warm = rounds.flatMap((one) => one.warm);
  const leaf = rounds.flatMap((one) => one.leaf);
  const { files, sourceBytes, pyBytes, mpyBytes } = rounds[0]!;
  const judged = inBrowser === null ? atMost : unjudged;
  const where = inBrowser === null ? '' : 'Node: ';
  return [
    ...(inBrowser === null ? [] : browserFigures(inBrowser)),
    judged(`${where}${COLD}`, wall(cold), 3, 's'),
    noted('... processor', cpu(cold), 's'),
    judged(`${where}${MOST_NEED}`, wall(warm), 0.5, 's'),
    noted('... processor', cpu(warm), 's'),
    noted('... the first after the cold build', wall(rounds.map((one) => one.warm[0]!)), 's'),
    judged(`${where}${FEW_NEED}`, wall(leaf), 0.5, 's'),
    noted('... processor', cpu(leaf), 's'),
    noted('mpy-cross alone, processor', cpu(rounds.map((one) => one.mpyCross)), 's'),
    atMost('.mpy of the default profile', mpyBytes / 1024, MOST_KIB, 'KiB'),
    noted('.py', pyBytes / 1024, 'KiB'),
    noted(`${String(files)} files`, sourceBytes / 1024, 'KiB'),
    noted('load of the machine before', load ?? 0, ''),
    noted('load of the machine after', loadavg()[0] ?? 0, ''),
  ];
}

const unjudged = (name: string, value: number, _most: number, unit: string): Figure =>
  noted(name, value, unit);

function browserFigures({ version, rounds }: BrowserRounds): Figure[] {
  const seconds = (times: readonly number[]): number => median(times) / 1000;
  const where = `worker in Chromium ${version.split('.')[0] ?? ''}: `;
  const firsts = rounds.map((one) => one.warm[0]!);
  return [
    atMost(`${where}${COLD}`, seconds(rounds.map((one) => one.cold)), 3, 's'),
    atMost(`${where}${MOST_NEED}`, seconds(rounds.flatMap((one) => one.warm)), 0.5, 's'),
    noted('... the first after the cold build', seconds(firsts), 's'),
    atMost(`${where}${FEW_NEED}`, seconds(rounds.flatMap((one) => one.leaf)), 0.5, 's'),
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
