/**
 * Speed of the simulator (targets, Simulator): virtual time over the time of the clock, or over the processor time that this process
 * took for it, collector threads included, whichever is less: an idle machine would show that or better it. With other work on the
 * machine the clock shows more; without, threads share what the processor time adds up.
 */
import { loadavg } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { row, field, USUAL_GAP_M } from '../sim/scenarios/layout.ts';
import { rehearse } from '../sim/scenarios/rehearsal.ts';
import type { Break } from '../sim/scenarios/invariants.ts';
import type { RehearsalReport } from '../sim/scenarios/report.ts';
import type { Scenario } from '../sim/scenarios/scenario.ts';
import { Soak } from '../sim/scenarios/soak.ts';
import { type Benchmark, type Figure, atLeast, atMost, noted } from './benchmark.ts';
import { noSuchPart, partInChild } from './child.ts';
import { optional } from './command.ts';
import { firmwareFor, type EngineName } from './simulate.ts';

const BOOT_SECONDS = 2.25;
const DAY_NODES = 3;
const DAY = `a simulated day of ${DAY_NODES} nodes with faults`;

interface Case {
  what: string;
  engine: EngineName;
  scenario: Scenario;
  /** Virtual seconds before the measurement: without, the forming is measured; boards that boot cost nothing. */
  fromSeconds?: number;
  /** Least speed, in times of real time; none for a figure that is only noted. */
  target?: number;
}

const inField = (nodes: number, seconds: number): Scenario => ({
  name: 'field',
  about: '',
  seconds,
  nodes: field(nodes, USUAL_GAP_M, 1),
  events: [],
});

const inRoom = (nodes: number, seconds: number): Scenario => ({
  ...inField(nodes, seconds),
  nodes: row(nodes, 8),
});

const CASES: readonly Case[] = [
  { what: '30 nodes in V8, a field', engine: 'v8', scenario: inField(30, 60) },
  {
    what: '50 nodes in V8, one room, formed',
    engine: 'v8',
    scenario: inRoom(50, 180),
    fromSeconds: 60,
  },
  {
    what: '50 nodes in V8, a field, formed',
    engine: 'v8',
    scenario: inField(50, 120),
    fromSeconds: 60,
  },
  {
    what: '30 nodes of bytecode, a field, forming',
    engine: 'micropython',
    scenario: inField(30, 15),
    target: 2,
  },
  {
    what: '30 nodes of bytecode, a field, formed',
    engine: 'micropython',
    scenario: inField(30, 30),
    fromSeconds: 20,
    target: 2,
  },
  {
    what: '10 nodes of bytecode, one room',
    engine: 'micropython',
    scenario: inRoom(10, 20),
  },
  { what: '100 nodes in V8, a field', engine: 'v8', scenario: inField(100, 12) },
  { what: '400 nodes in V8, a field, forming', engine: 'v8', scenario: inField(400, 5) },
  {
    // One tree stands after seconds; for two minutes, hundreds of nodes then change to better parents. Later, news of a changed parent
    // comes in bursts: a minute has some of them.
    what: '400 nodes in V8, a field, settled',
    engine: 'v8',
    scenario: inField(400, 180),
    fromSeconds: 120,
    target: 20,
  },
];

/** Each part in a process of its own, one after the other, as a rehearsal has it: a heap and compiled code that no other one shaped. */
export const benchmark: Benchmark = async (invocation) => {
  const asked = optional(invocation, 'part');
  const parts = [...CASES.map(({ what }) => what), DAY];
  if (asked === null) {
    invocation.err(`load ${loadavg()[0]!.toFixed(1)} before`);
    const figures: Figure[] = [];
    for (const part of parts) figures.push(...(await partInChild('sim', part, invocation.signal)));
    return figures;
  }
  const say = invocation.err.bind(invocation);
  if (asked === DAY) return simulatedDay(say);
  const one = CASES.find(({ what }) => what === asked);
  if (one === undefined) throw noSuchPart('sim', asked, parts);
  return speedOf(one, say);
};

async function speedOf(
  { what, engine, scenario, target, fromSeconds = BOOT_SECONDS }: Case,
  say: (text: string) => void,
): Promise<Figure[]> {
  const firmware = await firmwareFor(engine);
  say(`${what}, ${scenario.seconds} s ...`);
  const now = (): { clockMs: number; used: NodeJS.CpuUsage } => ({
    clockMs: performance.now(),
    used: process.cpuUsage(),
  });
  let awake = { atMs: 0, ...now() };
  const startedMs = performance.now();
  const report = await rehearse(scenario, {
    firmware,
    seed: 1,
    onProgress: (atMs) => {
      if (atMs <= fromSeconds * 1000) awake = { atMs, ...now() };
    },
  });
  const awakeSeconds = scenario.seconds - awake.atMs / 1000;
  const used = process.cpuUsage(awake.used);
  const clockMs = performance.now() - awake.clockMs;
  const speed = (awakeSeconds * 1000) / Math.min(clockMs, (used.user + used.system) / 1000);
  const wallSeconds = (performance.now() - startedMs) / 1000;
  say(`  ${summary(report)}; ${wallSeconds.toFixed(1)} s by the clock`);
  return [
    target === undefined ? noted(what, speed, 'x') : atLeast(what, speed, target, 'x'),
    noted(
      `${what}: frames received in a second of a node, since the start`,
      perNode(report, scenario.seconds - BOOT_SECONDS),
      '',
    ),
  ];
}

function summary({ formedMs, air }: RehearsalReport): string {
  const formed = formedMs === null ? 'no tree yet' : `tree after ${formedMs / 1000} s`;
  return `${formed}, ${air.sent} frames sent, ${air.delivered} received`;
}

function perNode(report: RehearsalReport, seconds: number): number {
  return report.air.delivered / report.nodes / seconds;
}

/** What a day with faults leaves behind: memory that cannot be collected, hour by hour, and breaks of what must never be. */
async function simulatedDay(say: (text: string) => void): Promise<Figure[]> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const broken: Break[] = [];
  const soak = new Soak({
    firmware: await firmwareFor('v8'),
    seed: 1,
    nodes: DAY_NODES,
    layout: 'room',
    gapSeconds: 60,
    onBreak: (one) => broken.push(one),
  });
  const what = DAY;
  say(`${what} ...`);
  const started = process.cpuUsage();
  const heapsMb: number[] = [];
  for (let hour = 1; hour <= 24; hour++) {
    await soak.advance(hour * 3_600_000);
    collect();
    heapsMb.push(process.memoryUsage().heapUsed / 1e6);
  }
  const used = process.cpuUsage(started);
  say(`  heap at each hour, MB: ${heapsMb.map((mb) => mb.toFixed(1)).join(' ')}`);
  return [
    noted(what, (86_400 * 1e6) / (used.user + used.system), 'x'),
    atMost(
      `${what}: memory at its end against its second hour`,
      heapsMb[23]! / heapsMb[1]!,
      1.1,
      'x',
    ),
    atMost(`${what}: breaks of what must never be`, broken.length, 0, ''),
  ];
}
