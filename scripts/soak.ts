/**
 * Days of virtual time for many nodes, with kills, resets, partitions, power cuts, jamming, walls, forged and replayed frames from a
 * seed; what must never be is checked all the while. Prints a line for each hour of it, and stops at the first break: its seed, what
 * happened so far as a scenario file, and a smaller one when a fresh start with the last minutes shows the same.
 *
 *   npx tsx scripts/soak.ts --nodes 50 --days 7 --seed 1 [--layout field|room] [--gap SECONDS] [--save FILE.json] [--on]
 *
 * --on goes on after a break. The same arguments do the same again, wherever it runs. Needs an hour or more for each day of 50 nodes.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
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
  },
});

function number(name: 'nodes' | 'days' | 'seed' | 'gap', least: number, most: number): number {
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
let used = process.cpuUsage();
while (soak.nowMs < untilMs && (broken.length === 0 || values.on)) {
  const fromMs = soak.nowMs;
  const stopMs = Math.min(untilMs, fromMs + HOUR_MS);
  while (soak.nowMs < stopMs && (broken.length === 0 || values.on)) {
    await soak.advance(Math.min(stopMs, soak.nowMs + 10_000));
  }
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
      `heap ${Math.round(memory.heapUsed / 1e6)} MB, all ${Math.round(memory.rss / 1e6)} MB`,
      `load ${loadavg()[0]!.toFixed(1)}`,
    ].join('; '),
  );
}
const wallSeconds = Math.round((performance.now() - startedMs) / 1000);
const hours = (soak.nowMs / HOUR_MS).toFixed(2);
console.log(
  `${hours} h of virtual time in ${wallSeconds} s, ${broken.length} breaks, seed ${seed}`,
);

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
