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

export const command: Command = {
  usage:
    'compile | pairs | heap | mesh [--part NAME] | sim [--part NAME] | flash [--runtime FILE.bin]',
  summary:
    'measures the time to build the firmware, compiled programs against the same by hand, what each file costs a board (JSON), the mesh and a board’s memory against every target, how fast the simulator is, or what flashing costs',
  options: { part: { type: 'string' }, runtime: { type: 'string' } },
  positionals: [1, 1],
  async run(invocation) {
    const [name] = invocation.positionals;
    if (name === 'compile') {
      const { benchmark } = await import('./bench-compile.ts');
      return printFigures(invocation, await benchmark(invocation));
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
  const core = result.modules[0]!;
  const heapOf = (module: string): number =>
    files.reduce((sum, file) => sum + (file.module === module ? file.heapBytes : 0), 0);
  const heapBytes = heapOf(core.name);
  return [
    atMost(`.mpy of ${id}`, result.sizes.mpyBytes / 1024, MOST_KIB, 'KiB'),
    atMost(
      `.mpy of ${full.id}, profile full`,
      full.result.sizes.mpyBytes / 1024,
      MOST_FULL_KIB,
      'KiB',
    ),
    noted(`of it ${core.name}`, core.mpy.length / 1024, 'KiB'),
    noted('heap after the import', heapBytes / 1024, 'KiB'),
    ...result.modules
      .slice(1)
      .map(({ name }) => noted(`heap more while ${name} is loaded`, heapOf(name) / 1024, 'KiB')),
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
