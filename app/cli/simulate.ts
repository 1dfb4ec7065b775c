import { createWriteStream } from 'node:fs';
import { buildFirmware, firmwareJob } from '../compiler/firmware.ts';
import { transpile } from '../compiler/transpile.ts';
import type { FleetFirmware } from '../sim/fleet.ts';
import { namedScenario, SCENARIO_NAMES, usual } from '../sim/scenarios/library.ts';
import { randomScenario, shrink } from '../sim/scenarios/random.ts';
import { readScenario } from '../sim/scenarios/read-scenario.ts';
import { rehearse } from '../sim/scenarios/rehearsal.ts';
import type { RehearsalOptions } from '../sim/scenarios/rehearsal.ts';
import type { RehearsalReport } from '../sim/scenarios/report.ts';
import type { Scenario } from '../sim/scenarios/scenario.ts';
import { Program } from '../sim/v8/program.ts';
import { type Command, InputError, type Invocation, UsageError, optional } from './command.ts';
import { rehearseGuarded } from './guarded-rehearsal.ts';
import { FIRMWARE_FOLDER, readSources, readText, writeOut } from './files.ts';

const USUAL_NODES = 10;
const USUAL_SECONDS = 60;
const MOST_NODES = 2000;

export type EngineName = 'v8' | 'micropython';

export const command: Command = {
  usage:
    '[--nodes N] [--scenario NAME|FILE.json] [--engine v8|micropython] [--seconds S] [--seed X] [--runs N] [--trace FILE] [--save FILE.json]',
  summary: `runs boards in a simulated world and prints figures; scenarios: ${SCENARIO_NAMES.join(', ')}. --runs tries random ones from seed to seed; --save keeps the smallest one that fails`,
  options: {
    nodes: { type: 'string' },
    scenario: { type: 'string' },
    engine: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    runs: { type: 'string' },
    trace: { type: 'string' },
    save: { type: 'string' },
  },
  async run(invocation) {
    const engine = optional(invocation, 'engine') ?? 'v8';
    if (engine !== 'v8' && engine !== 'micropython') {
      throw new UsageError('--engine is v8 or micropython');
    }
    const asked = wholeNumber(invocation, 'seed', 0, 0x7fffffff);
    const runs = wholeNumber(invocation, 'runs', 1, 100_000) ?? 1;
    if (runs > 1 && optional(invocation, 'scenario') !== 'random') {
      throw new UsageError('--runs goes with --scenario random');
    }
    const first = await scenarioOf(invocation, asked ?? 1);
    const seed = asked ?? first.seed ?? 1;
    const firmware = await firmwareFor(engine, first.networkRouter !== undefined);
    for (let run = 0; run < runs; run++) {
      const scenario = run === 0 ? first : randomScenario(seed + run);
      const report = await simulate(invocation, scenario, firmware, seed + run);
      print(invocation, report);
      if (report.breaks.length === 0) continue;
      await keepSmallest(invocation, scenario, firmware, report);
      return 1;
    }
    return 0;
  },
};

/** @throws InputError when the firmware does not compile */
export async function firmwareFor(engine: EngineName, router = false): Promise<FleetFirmware> {
  const sources = await readSources(FIRMWARE_FOLDER);
  const options = router ? { features: { ROUTER: true } } : {};
  if (engine === 'v8') {
    const job = firmwareJob(sources, options);
    const entry = job.entries[0]!;
    const program = new Program({ modules: transpile(job.sources, entry, job.features), entry });
    return { engine, program };
  }
  const { result } = await buildFirmware(sources, options);
  const [problem] = result.diagnostics;
  if (problem) throw new InputError(`${problem.file}:${problem.line} ${problem.message}`);
  return { engine, modules: result.modules };
}

function wholeNumber(
  invocation: Invocation,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = optional(invocation, name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`--${name} is a whole number from ${least} to ${most}`);
  }
  return value;
}

async function scenarioOf(invocation: Invocation, seed: number): Promise<Scenario> {
  const nodes = wholeNumber(invocation, 'nodes', 1, MOST_NODES);
  const seconds = wholeNumber(invocation, 'seconds', 1, 864_000);
  const name = optional(invocation, 'scenario') ?? 'field';
  if (name === 'field') return usual(nodes ?? USUAL_NODES, seconds ?? USUAL_SECONDS, seed);
  if (name === 'random') return randomScenario(seed, nodes);
  if (nodes !== undefined) throw new UsageError(`--nodes goes with field and random, not ${name}`);
  const scenario = name.endsWith('.json')
    ? parseScenario(name, await readText(name))
    : namedScenario(name);
  if (!scenario) {
    throw new UsageError(`there is no scenario "${name}"; ${SCENARIO_NAMES.join(', ')}`);
  }
  return seconds === undefined ? scenario : { ...scenario, seconds };
}

/** @throws InputError when the text is no scenario, or names nodes that it does not have */
export function parseScenario(path: string, text: string): Scenario {
  const read = readScenario(text);
  if (!read.ok) throw new InputError(`${path} is ${read.why}`);
  return read.scenario;
}

async function simulate(
  invocation: Invocation,
  scenario: Scenario,
  firmware: FleetFirmware,
  seed: number,
): Promise<RehearsalReport> {
  const path = optional(invocation, 'trace');
  const file = path === null ? undefined : createWriteStream(path);
  const failed =
    file &&
    new Promise<never>((_, reject) => {
      file.on('error', (error) => reject(new InputError(`cannot write ${path}: ${error.message}`)));
    });
  const running = runOnce(invocation.signal, scenario, {
    firmware,
    seed,
    // With a trace, both engines must be told the same heap; without one, the engine's own is of interest.
    measureHeap: firmware.engine === 'micropython' && !file,
    ...(file ? { trace: (line: string) => void file.write(`${line}\n`) } : {}),
  });
  const report = await (failed ? Promise.race([running, failed]) : running);
  if (file) await new Promise((resolve) => file.end(resolve));
  return report;
}

/** Bytecode in a thread that can be ended. A program in V8 runs here, for its speed. */
function runOnce(
  signal: AbortSignal,
  scenario: Scenario,
  options: Pick<RehearsalOptions, 'firmware' | 'seed' | 'measureHeap' | 'trace'>,
): Promise<RehearsalReport> {
  const { firmware, measureHeap = false } = options;
  if (firmware.engine === 'micropython') {
    return rehearseGuarded({ ...options, scenario, measureHeap, signal });
  }
  return rehearse(scenario, {
    ...options,
    onProgress: () => {
      if (signal.aborted) throw new InputError('stopped');
    },
  });
}

function print({ json, out }: Invocation, report: RehearsalReport): void {
  if (json) {
    out(JSON.stringify({ ok: report.breaks.length === 0, ...report }));
    return;
  }
  const { scenario, engine, nodes, seconds, seed, formedMs, heapBytes, air } = report;
  out(`${scenario}: ${nodes} nodes, ${seconds} s, seed ${seed}, ${engine}`);
  out(`  one tree      ${formedMs === null ? 'never' : `after ${formedMs / 1000} s`}`);
  for (const { cause, atMs, healedMs } of report.heals) {
    const healed = healedMs === null ? 'not healed' : `healed after ${healedMs / 1000} s`;
    out(`  ${(atMs / 1000).toFixed(1).padStart(7)} s  ${cause}: ${healed}`);
  }
  for (const [type, { frames, bytes }] of Object.entries(report.traffic)) {
    const rate = ((bytes * 8) / seconds / 1000).toFixed(2);
    out(`  ${type.padEnd(12)}  ${frames} frames, ${bytes} B, ${rate} kbit/s`);
  }
  const { lostBySignal, lostByCollision, delivered } = air;
  out(
    `  air           ${delivered} received, ${lostBySignal} too weak, ${lostByCollision} collided`,
  );
  out(`  drivers       ${report.dropped} dropped`);
  if (heapBytes > 0) out(`  heap          ${heapBytes} B in the fullest node`);
  out(`  speed         ${report.speed.toFixed(2)} x real time`);
  for (const { atMs, what, text } of report.breaks) {
    out(`  BREAK at ${(atMs / 1000).toFixed(1)} s: ${what}: ${text}`);
  }
}

async function keepSmallest(
  invocation: Invocation,
  scenario: Scenario,
  firmware: FleetFirmware,
  report: RehearsalReport,
): Promise<void> {
  const path = optional(invocation, 'save');
  const { what } = report.breaks[0]!;
  invocation.err(`seed ${report.seed} breaks "${what}"`);
  if (path === null) return;
  const { seed } = report;
  const smallest = await shrink(scenario, async (smaller) => {
    const again = await runOnce(invocation.signal, smaller, { firmware, seed });
    return again.breaks.some((one) => one.what === what);
  });
  await writeOut(path, `${JSON.stringify(smallest, null, 2)}\n`);
  invocation.err(
    `${smallest.nodes.length} nodes and ${smallest.events.length} events are enough: simulate --scenario ${path} --seed ${seed}`,
  );
}
