/**
 * Days of virtual time for many nodes, with kills, resets, partitions, power cuts, jamming, walls, forged and replayed frames from a
 * seed; what must never be is checked all the while. Prints a line for each hour of it, and stops at the first break: its seed, what
 * happened so far as a scenario file, and a smaller one when a fresh start with the last minutes shows the same.
 *
 *   npx tsx scripts/soak.ts --nodes 50 --days 7 --seed 1 [--layout field|room] [--gap SECONDS] [--save FILE.json] [--on]
 *   npx tsx scripts/soak.ts --by-day --days 7 --seed 1 [--processes 2] ...
 *
 * --on goes on after a break. --by-day runs each day from a fresh start and with a seed of its own (--seed, the next one, ...), several
 * at a time in processes of their own; without it, the days are one uninterrupted run. The same arguments do the same again, wherever
 * it runs. A day of 50 nodes takes about half an hour of processor time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { firmwareFor } from '../app/cli/simulate.ts';
import { rehearse } from '../app/sim/scenarios/rehearsal.ts';
import { shrink } from '../app/sim/scenarios/random.ts';
import type { Break } from '../app/sim/scenarios/invariants.ts';
import { Soak } from '../app/sim/scenarios/soak.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Of the events before a break, those of so many minutes are tried on a fresh start. */
const TAILS_MINUTES = [3, 10, 30];

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '50' },
    days: { type: 'string', default: '7' },
    seed: { type: 'string', default: '1' },
    layout: { type: 'string', default: 'field' },
    gap: { type: 'string', default: '90' },
    save: { type: 'string', default: '' },
    on: { type: 'boolean', default: false },
    'by-day': { type: 'boolean', default: false },
    processes: { type: 'string', default: String(availableParallelism()) },
  },
});

function number(
  name: 'nodes' | 'days' | 'seed' | 'gap' | 'processes',
  least: number,
  most: number,
): number {
  const value = Number(values[name]);
  if (values[name] !== '' && value >= least && value <= most) return value;
  console.error(`--${name} is a number from ${least} to ${most}`);
  process.exit(2);
}

const nodes = Math.floor(number('nodes', 2, 2000));
const untilMs = Math.round(number('days', 0.001, 3650) * DAY_MS);
const seed = Math.floor(number('seed', 0, 0x7fffffff));
const gapSeconds = number('gap', 5, 86_400);
const { layout } = values;
if (layout !== 'field' && layout !== 'room') {
  console.error('--layout is field or room');
  process.exit(2);
}
if (values['by-day']) process.exit(await runDays(Math.ceil(untilMs / DAY_MS)));
const save = values.save || `soak-${seed}.json`;
const firmware = await firmwareFor('v8');
const broken: Break[] = [];
const soak = new Soak({
  firmware,
  seed,
  nodes,
  layout,
  gapSeconds,
  onBreak: (one) => {
    broken.push(one);
    console.log(`BREAK at ${(one.atMs / 1000).toFixed(1)} s: ${one.what}: ${one.text}`);
  },
});
console.log(`${nodes} nodes in a ${layout}, seed ${seed}, something every ${gapSeconds} s`);

const startedMs = performance.now();
/** The least of each hour: what the collector cannot take. */
const heapsOfHours: number[] = [];
let used = process.cpuUsage();
while (soak.nowMs < untilMs && (broken.length === 0 || values.on)) {
  const fromMs = soak.nowMs;
  const stopMs = Math.min(untilMs, fromMs + HOUR_MS);
  let leastHeap = Infinity;
  while (soak.nowMs < stopMs && (broken.length === 0 || values.on)) {
    await soak.advance(Math.min(stopMs, soak.nowMs + 10_000));
    leastHeap = Math.min(leastHeap, process.memoryUsage().heapUsed);
  }
  heapsOfHours.push(leastHeap);
  const spent = process.cpuUsage(used);
  used = process.cpuUsage();
  const { heals, events, apartMs, report } = soak.takeFigures();
  const speed = ((soak.nowMs - fromMs) * 1000) / (spent.user + spent.system);
  const memory = process.memoryUsage();
  console.log(
    [
      `${(soak.nowMs / HOUR_MS).toFixed(2).padStart(7)} h`,
      `${events} events`,
      `${heals.count} heals, median ${heals.medianMs} ms, p95 ${heals.p95Ms}, longest ${heals.longestMs}`,
      apartMs > 0 ? `no single tree for ${Math.round(apartMs / 1000)} s` : 'one tree',
      `${report.air.sent} frames sent, ${report.air.delivered} received, ${report.dropped} dropped`,
      `${report.breaks.length} breaks`,
      `${speed.toFixed(1)} x of processor time`,
      `heap ${megabytes(leastHeap)} MB at the least, all ${megabytes(memory.rss)} MB`,
      `load ${loadavg()[0]!.toFixed(1)}`,
    ].join('; '),
  );
}
const wallSeconds = Math.round((performance.now() - startedMs) / 1000);
const hours = (soak.nowMs / HOUR_MS).toFixed(2);
console.log(
  `${hours} h of virtual time in ${wallSeconds} s, ${broken.length} breaks, seed ${seed}`,
);
// The first hour still learns; from then on nothing may grow but the list of events.
const [, early] = heapsOfHours;
if (early !== undefined) {
  const ratio = heapsOfHours.at(-1)! / early;
  console.log(`heap of the last hour against that of the second: ${ratio.toFixed(2)} x`);
}

const first = broken[0];
if (first) {
  writeFileSync(save, `${JSON.stringify(soak.scenario(), null, 1)}\n`);
  console.log(`all of it: simulate --scenario ${save} --seed ${seed}`);
  for (const minutes of TAILS_MINUTES) {
    const tail = soak.tail(minutes * 60_000);
    const shows = async (scenario: typeof tail): Promise<boolean> =>
      (await rehearse(scenario, { firmware, seed })).breaks.some((one) => one.what === first.what);
    if (!(await shows(tail))) continue;
    const small = save.replace(/(\.json)?$/, '-small.json');
    const smallest = await shrink(tail, shows);
    writeFileSync(small, `${JSON.stringify(smallest, null, 1)}\n`);
    console.log(
      `${smallest.nodes.length} nodes and ${smallest.events.length} events are enough: simulate --scenario ${small} --seed ${seed}`,
    );
    break;
  }
  process.exit(1);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

/** Each day in a process of its own. @returns the exit status: 0 when none of them broke */
async function runDays(count: number): Promise<number> {
  const most = Math.floor(number('processes', 1, 256));
  let day = 0;
  let failed = 0;
  const next = async (): Promise<void> => {
    while (day < count) {
      const ownSeed = seed + day++;
      const options = ['--nodes', values.nodes, '--layout', values.layout, '--gap', values.gap];
      const own = ['--days', '1', '--seed', String(ownSeed), ...(values.on ? ['--on'] : [])];
      if (values.save) own.push('--save', values.save.replace(/(\.json)?$/, `-${ownSeed}.json`));
      const command = [...process.execArgv, process.argv[1]!, ...options, ...own];
      const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
      createInterface(child.stdout).on('line', (line) => console.log(`seed ${ownSeed}: ${line}`));
      const [status] = (await once(child, 'close')) as [number | null];
      if (status !== 0) failed++;
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, count) }, next));
  console.log(`${count} days, ${failed} of them with a break`);
  return failed === 0 ? 0 : 1;
}
