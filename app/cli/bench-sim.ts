/**
 * Speed of the simulator (targets, Simulator): virtual time over the processor time that this process took for it, collector
 * threads included. That is what an idle machine would show or better it; the wall clock's figure on a machine with other work is
 * told beside it.
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
import { firmwareFor, type EngineName } from './simulate.ts';

const BOOT_SECONDS = 2.25;
const DAY_NODES = 3;

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

export const benchmark: Benchmark = async (invocation) => {
  const figures: Figure[] = [];
  invocation.err(`load ${loadavg()[0]!.toFixed(1)} before`);
  for (const { what, engine, scenario, target, fromSeconds = BOOT_SECONDS } of CASES) {
    const firmware = await firmwareFor(engine);
    invocation.err(`${what}, ${scenario.seconds} s ...`);
    let awake = { atMs: 0, used: process.cpuUsage() };
    const startedMs = performance.now();
    const report = await rehearse(scenario, {
      firmware,
      seed: 1,
      onProgress: (atMs) => {
        if (atMs <= fromSeconds * 1000) awake = { atMs, used: process.cpuUsage() };
      },
    });
    const awakeSeconds = scenario.seconds - awake.atMs / 1000;
    const used = process.cpuUsage(awake.used);
    const speed = (awakeSeconds * 1e6) / (used.user + used.system);
    const wallSeconds = (performance.now() - startedMs) / 1000;
    invocation.err(`  ${summary(report)}; ${wallSeconds.toFixed(1)} s by the clock`);
    figures.push(
      target === undefined ? noted(what, speed, 'x') : atLeast(what, speed, target, 'x'),
    );
    figures.push(
      noted(
        `${what}: frames received in a second of a node, since the start`,
        perNode(report, scenario.seconds - BOOT_SECONDS),
        '',
      ),
    );
  }
  figures.push(...(await simulatedDay(invocation.err.bind(invocation))));
  return figures;
};

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
  const what = `a simulated day of ${DAY_NODES} nodes with faults`;
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
