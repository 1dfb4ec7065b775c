/**
 * What `bench compile` runs in a process of its own, bundled as the app's worker is: node FILE SOURCES.json. A first build, the
 * loading of the compiler included, then builds with one changed file; prints what each took as JSON.
 */
import { readFileSync } from 'node:fs';
import { type Change, changed, CORE, LEAF, ROUNDS } from './bench-compile-changes.ts';
import { InputError } from './command.ts';

export interface Build {
  wallMs: number;
  /** Of the whole process, its background threads included: the figure of an idle machine. */
  cpuMs: number;
}

export interface Once {
  cold: Build;
  warm: Build[];
  /** The same with another file changed, one that few import. */
  leaf: Build[];
  /** mpy-cross alone, part of the others. */
  mpyCross: Build;
  files: number;
  sourceBytes: number;
  pyBytes: number;
  mpyBytes: number;
}

async function timed(work: () => Promise<unknown>): Promise<Build> {
  const from = performance.now();
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return { wallMs: performance.now() - from, cpuMs: (used.user + used.system) / 1000 };
}

async function main(file: string): Promise<void> {
  const sources = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  let last = { py: '', mpyBytes: 0 };
  const build = async (files: Record<string, string>): Promise<void> => {
    const { buildFirmware } = await import('../compiler/firmware.ts');
    const { result } = await buildFirmware(files, { profile: 'default' });
    const [problem] = result.diagnostics;
    if (problem !== undefined) throw new InputError(`${problem.file}: ${problem.message}`);
    last = { py: result.modules[0]?.py ?? '', mpyBytes: result.sizes.mpyBytes };
  };
  const cold = await timed(() => build(sources));
  const { py } = last;
  const rebuilds = async (change: Change): Promise<Build[]> => {
    const found: Build[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      found.push(await timed(() => build(changed(sources, change, round))));
      if (last.py === py) throw new InputError(`a change of ${change.path} changes nothing`);
    }
    return found;
  };
  const warm = await rebuilds(CORE);
  const leaf = await rebuilds(LEAF);
  const { mpyBytes } = last;
  const { compileMpy } = await import('../compiler/4-emit/mpy.ts');
  const mpyCross = await timed(() => compileMpy('firmware', last.py));
  const once: Once = {
    cold,
    warm,
    leaf,
    mpyCross,
    files: Object.keys(sources).length,
    sourceBytes: Object.values(sources).reduce((sum, text) => sum + text.length, 0),
    pyBytes: last.py.length,
    mpyBytes,
  };
  process.stdout.write(JSON.stringify(once));
}

await main(process.argv[2] ?? '');
