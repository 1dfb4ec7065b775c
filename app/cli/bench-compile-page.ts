/** What `bench compile` runs in a browser: builds of the firmware in the app's worker, as the Firmware screen has them made. */
import { compileInWorker } from '../compiler/client.ts';
import { firmwareJob } from '../compiler/firmware.ts';
import { type Change, changed, CORE, LEAF, ROUNDS } from './bench-compile-changes.ts';

/** Milliseconds by the clock. */
export interface PageBuilds {
  /** The worker's start and the loading of the compiler included. */
  cold: number;
  warm: number[];
  leaf: number[];
}

async function build(sources: Readonly<Record<string, string>>): Promise<number> {
  const job = firmwareJob(sources, { profile: 'default' });
  const { entries, features, bundle } = job;
  const from = performance.now();
  const { diagnostics } = await compileInWorker(job.sources, { entries, features, bundle });
  const [problem] = diagnostics;
  if (problem !== undefined) throw new Error(`${problem.file}: ${problem.message}`);
  return performance.now() - from;
}

async function benchCompile(): Promise<PageBuilds> {
  const sources = (await (await fetch('sources.json')).json()) as Record<string, string>;
  const cold = await build(sources);
  const rebuilds = async (change: Change): Promise<number[]> => {
    const found: number[] = [];
    for (let round = 1; round <= ROUNDS; round++)
      found.push(await build(changed(sources, change, round)));
    return found;
  };
  return { cold, warm: await rebuilds(CORE), leaf: await rebuilds(LEAF) };
}

Object.assign(globalThis, { benchCompile });
