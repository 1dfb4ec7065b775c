import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { atMost, type Figure, noted, printFigures } from './benchmark.ts';
import { type Command, InputError, UsageError } from './command.ts';
import { FIRMWARE_FOLDER, readSources } from './files.ts';
import type { PairsReport } from './measure-pairs.ts';

const ROUNDS = 5;
/** Of the default profile. */
const MOST_KIB = 40;
/** Of every feature. */
const MOST_FULL_KIB = 56;
const MOST_RATIO = 1.15;
/** The file of the firmware that the warm rebuilds change; most of the mesh imports it. */
const CHANGED = 'mesh/node-table.ts';
const CHANGED_TEXT = 'this.list.length < MAX_NEIGHBOURS';

export const command: Command = {
  usage: 'compile | pairs | heap | mesh | sim | flash [--runtime FILE.bin]',
  summary:
    'measures the time to build the firmware, compiled programs against the same by hand, what each file costs a board (JSON), the mesh and a board’s memory against every target, how fast the simulator is, or what flashing costs',
  options: { once: { type: 'boolean' }, runtime: { type: 'string' } },
  positionals: [1, 1],
  async run(invocation) {
    const [name] = invocation.positionals;
    if (name === 'compile') {
      if (invocation.values['once'] !== true) {
        return printFigures(invocation, await compileRounds(invocation.signal));
      }
      invocation.out(JSON.stringify(await compileOnce()));
    } else if (name === 'flash') {
      const { benchmark } = await import('./bench-flash.ts');
      return printFigures(invocation, await benchmark(invocation));
    } else if (name === 'mesh') {
      const { benchmark } = await import('./bench-mesh.ts');
      return printFigures(invocation, await benchmark(invocation));
    } else if (name === 'sim') {
      const { benchmark } = await import('./bench-sim.ts');
      return printFigures(invocation, await benchmark(invocation));
    } else if (name === 'pairs') {
      const { measurePairs } = await import('./measure-pairs.ts');
      return printFigures(invocation, pairFigures(await measurePairs(ROUNDS)));
    } else if (name === 'heap') {
      return printFigures(invocation, await heapOfFirmware());
    } else {
      throw new UsageError(
        `there is no benchmark "${name ?? ''}"; compile, pairs, heap, mesh, sim, flash`,
      );
    }
    return 0;
  },
};

/** What each TypeScript file of the default profile costs: bytes of .mpy, and heap after the import. */
async function heapOfFirmware(): Promise<Figure[]> {
  const { buildFirmware } = await import('../compiler/firmware.ts');
  const { moduleCosts } = await import('../compiler/costs.ts');
  const { measureImports } = await import('../sim/heap-probe.ts');
  const { id, result } = await buildFirmware(await readSources(FIRMWARE_FOLDER));
  const full = await buildFirmware(await readSources(FIRMWARE_FOLDER), { profile: 'full' });
  const [problem] = [...result.diagnostics, ...full.result.diagnostics];
  if (problem !== undefined) throw new InputError(`${problem.file}: ${problem.message}`);
  const files = await moduleCosts(result.modules, (modules) => measureImports(modules));
  const heapBytes = files.reduce((sum, file) => sum + file.heapBytes, 0);
  return [
    atMost(`.mpy of ${id}`, result.sizes.mpyBytes / 1024, MOST_KIB, 'KiB'),
    atMost(
      `.mpy of ${full.id}, profile full`,
      full.result.sizes.mpyBytes / 1024,
      MOST_FULL_KIB,
      'KiB',
    ),
    noted('heap after the import', heapBytes / 1024, 'KiB'),
    ...files.flatMap((file) => [
      noted(`.mpy of ${file.path || 'helpers'}`, file.mpyBytes, 'B'),
      noted(`heap of ${file.path || 'helpers'}`, file.heapBytes, 'B'),
    ]),
  ];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

interface Build {
  wallMs: number;
  /** Of the whole process, its background threads included: the figure of an idle machine. */
  cpuMs: number;
}

interface Once {
  cold: Build;
  warm: Build[];
  /** mpy-cross alone, part of the others. */
  mpyCross: Build;
  files: number;
  sourceBytes: number;
  pyBytes: number;
  mpyBytes: number;
}

/** In a process of its own: the first build, the compiler's loading included, then builds with one changed file. */
async function compileOnce(): Promise<Once> {
  const sources = await readSources(FIRMWARE_FOLDER);
  const build = async (round: number): Promise<{ py: string; mpyBytes: number }> => {
    const files = { ...sources };
    const text = files[CHANGED];
    if (text === undefined) throw new InputError(`the firmware has no ${CHANGED}`);
    if (round > 0) {
      // In the body of a method that the firmware needs: the code differs every time.
      const changed = text.replace(CHANGED_TEXT, `${CHANGED_TEXT} - ${String(round)}`);
      if (changed === text) throw new InputError(`${CHANGED} has no ${CHANGED_TEXT}`);
      files[CHANGED] = changed;
    }
    const { buildFirmware } = await import('../compiler/firmware.ts');
    const { result } = await buildFirmware(files, { profile: 'default' });
    const [problem] = result.diagnostics;
    if (problem !== undefined) throw new InputError(`${problem.file}: ${problem.message}`);
    return { py: result.modules[0]?.py ?? '', mpyBytes: result.sizes.mpyBytes };
  };
  let last = { py: '', mpyBytes: 0 };
  const cold = await timed(async () => (last = await build(0)));
  const warm: Build[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    warm.push(await timed(async () => (last = await build(round))));
  }
  const { compileMpy } = await import('../compiler/4-emit/mpy.ts');
  const mpyCross = await timed(() => compileMpy('firmware', last.py));
  return {
    cold,
    warm,
    mpyCross,
    files: Object.keys(sources).length,
    sourceBytes: Object.values(sources).reduce((sum, text) => sum + text.length, 0),
    pyBytes: last.py.length,
    mpyBytes: last.mpyBytes,
  };
}

async function timed(work: () => Promise<unknown>): Promise<Build> {
  const from = performance.now();
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return { wallMs: performance.now() - from, cpuMs: (used.user + used.system) / 1000 };
}

async function compileRounds(signal: AbortSignal): Promise<Figure[]> {
  const load = loadavg()[0];
  const rounds: Once[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await child(signal));
  const wall = (builds: readonly Build[]): number => median(builds.map((one) => one.wallMs)) / 1000;
  const cpu = (builds: readonly Build[]): number => median(builds.map((one) => one.cpuMs)) / 1000;
  const cold = rounds.map((one) => one.cold);
  const first = rounds.map((one) => one.warm[0]!);
  const warm = rounds.flatMap((one) => one.warm);
  const { files, sourceBytes, pyBytes, mpyBytes } = rounds[0]!;
  return [
    atMost('cold build', wall(cold), 3, 's'),
    noted('cold build, processor', cpu(cold), 's'),
    atMost('rebuild of one changed file', wall(warm), 0.5, 's'),
    noted('rebuild, processor', cpu(warm), 's'),
    noted('first rebuild after the cold build', wall(first), 's'),
    noted('mpy-cross alone, processor', cpu(rounds.map((one) => one.mpyCross)), 's'),
    atMost('.mpy of the default profile', mpyBytes / 1024, MOST_KIB, 'KiB'),
    noted('.py', pyBytes / 1024, 'KiB'),
    noted(`${String(files)} files`, sourceBytes / 1024, 'KiB'),
    noted('load of the machine before', load ?? 0, ''),
    noted('load of the machine after', loadavg()[0] ?? 0, ''),
  ];
}

function pairFigures({ pairs, ratio }: PairsReport): Figure[] {
  return [
    atMost('size, compiled over by hand, geometric mean', ratio.mpy, MOST_RATIO, 'x'),
    atMost('heap, compiled over by hand, geometric mean', ratio.heap, MOST_RATIO, 'x'),
    atMost('time, compiled over by hand, geometric mean', ratio.time, MOST_RATIO, 'x'),
    ...pairs.flatMap((one) => [
      noted(`${one.name}: size`, one.ratio.mpy, 'x'),
      noted(`${one.name}: heap`, one.ratio.heap, 'x'),
      noted(`${one.name}: time`, one.ratio.time, 'x'),
    ]),
    noted('load of the machine', loadavg()[0] ?? 0, ''),
  ];
}

function child(signal: AbortSignal): Promise<Once> {
  return new Promise((resolve, reject) => {
    const script = process.argv[1] ?? '';
    const started = spawn(
      process.execPath,
      [...process.execArgv, script, 'bench', 'compile', '--once'],
      { stdio: ['ignore', 'pipe', 'inherit'], signal },
    );
    const output: Buffer[] = [];
    started.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    started.on('error', reject);
    started.on('close', (code) => {
      if (code !== 0) reject(new InputError(`a build ended with status ${String(code)}`));
      else resolve(JSON.parse(Buffer.concat(output).toString()) as Once);
    });
  });
}
