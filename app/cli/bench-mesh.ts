/**
 * Every row of the targets for the mesh and for a board's memory, measured beside its target: the mesh core in virtual time
 * (frames arrive 10 ms after they are sent; no collisions: the simulator has those), memory in the bytecode's own machine.
 */
import { availableParallelism } from 'node:os';
import { Application, type Mesh, type Message } from '../../firmware-src/node/application.ts';
import type { Board, SmallWorld } from '../../firmware-src/node/small-world.ts';
import { worldCredentials } from '../../firmware-src/node/small-world.ts';
import { row } from '../sim/scenarios/layout.ts';
import { usual } from '../sim/scenarios/library.ts';
import { Rehearsal } from '../sim/scenarios/rehearsal.ts';
import { AIR_HEADER_BYTES } from '../../firmware-src/wire/air-frame.ts';
import { median } from './bench.ts';
import { type Benchmark, type Figure, atLeast, atMost, noted, notYet } from './benchmark.ts';
import { noSuchPart, partInChild } from './child.ts';
import { optional } from './command.ts';
import { measureMemory } from './mesh-memory.ts';
import { chain, openField, room, threeLayers, zones } from './mesh-worlds.ts';
import { firmwareFor } from './simulate.ts';

const SEEDS = [1, 2, 3, 4, 5];
const STEADY_MS = 60_000;

/** Seconds until `done`, looked at every 50 ms; NaN when that does not come. */
function seconds(world: SmallWorld, limitMs: number, done: () => boolean): number {
  for (let ms = 0; ms <= limitMs; ms += 50) {
    if (done()) return ms / 1000;
    world.advance(50);
  }
  return Number.NaN;
}

const formed = (world: SmallWorld, limitMs = 150_000): number =>
  seconds(world, limitMs, () => world.isSettled());

/** NaN if one of them is. */
const quantile = (values: readonly number[], share: number): number =>
  values.some(Number.isNaN)
    ? Number.NaN
    : ([...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN);
const worst = (values: readonly number[]): number => quantile(values, 1);

function rootOf(world: SmallWorld): Board {
  return world.live().find((board) => board.tree.isRoot())!;
}

function coldStart(): Figure[] {
  const ten = SEEDS.map((seed) => formed(threeLayers(seed)));
  const fifty = SEEDS.map((seed) => formed(openField(50, seed)));
  return [
    atMost('cold start to one full tree, 10 nodes in 3 layers, worst of 5', worst(ten), 20, 's'),
    atMost('cold start to one full tree, 50 nodes in a field, worst of 5', worst(fifty), 45, 's'),
  ];
}

function largeStart(): Figure[] {
  const large = zones(400, 1);
  const many = formed(large);
  const all = many + seconds(large, 120_000, () => large.viewsAreRight());
  return [
    atMost('cold start to one full tree, 400 nodes in 14 zones', many, 120, 's'),
    noted('... until each of the 400 knows all others', all, 's'),
    noted('... hops of the deepest', Math.max(...large.boards.map((one) => one.tree.hops)), ''),
  ];
}

/**
 * For each orphan, the time from its parent's death until it hangs in a tree again. How long a parent was silent when it dies counts for
 * seconds, and all its children are lucky or not together: many parents, at odd moments.
 */
function parentLost(): number[] {
  const times: number[] = [];
  for (let seed = 1; seed <= 25; seed++) {
    const world = openField(30, seed);
    formed(world);
    world.advance(30_000 + 137 * seed);
    for (let round = 0; round < 4; round++) {
      const inner = world
        .live()
        .filter((one) => !one.tree.isRoot() && world.live().some((o) => o.tree.parent === one.key));
      const dead = inner[(seed * 7 + round * 3) % inner.length];
      if (dead === undefined) continue;
      const orphans = world.live().filter((one) => one.tree.parent === dead.key);
      world.kill(dead.index - 1);
      const startMs = world.nowMs;
      const home = new Set<Board>();
      world.advance(20_000 + 911 * round, () => {
        for (const one of orphans) {
          if (home.has(one) || !one.tree.isPlaced() || one.tree.parent === dead.key) continue;
          home.add(one);
          times.push((world.nowMs - startMs) / 1000);
        }
      });
      // An orphan that hears nobody else is a mesh of its own; it counts when it says so.
      for (const one of orphans) if (!home.has(one)) times.push(Number.NaN);
    }
  }
  return times;
}

function rootLost(make: (seed: number) => SmallWorld): number[] {
  return SEEDS.map((seed) => {
    const world = make(seed);
    formed(world);
    world.advance(30_000);
    world.kill(rootOf(world).index - 1);
    return formed(world, 60_000);
  });
}

function deadGone(): number[] {
  return SEEDS.flatMap((seed) => {
    const world = openField(30, seed, 0.05);
    formed(world);
    world.advance(30_000);
    const leaf = world.live().findLast((one) => !one.tree.isRoot())!;
    world.kill(leaf.index - 1);
    const { key } = leaf;
    return [seconds(world, 60_000, () => world.live().every((one) => !one.view().includes(key)))];
  });
}

/** Two halves of a chain that come into each other's range. */
function meeting(): number[] {
  return SEEDS.map((seed) => {
    const world = chain(10, seed);
    world.unlink(4, 5);
    world.advance(30_000);
    world.link(4, 5, -65);
    return seconds(world, 60_000, () => world.isSettled());
  });
}

function joining(): number[] {
  return SEEDS.map((seed) => {
    const world = room(10, seed);
    formed(world);
    world.advance(20_000);
    const late = world.add();
    for (let i = 0; i < 10; i++) world.link(i, 10);
    return seconds(world, 60_000, () => late.tree.isPlaced() && world.isSettled());
  });
}

const KBIT = 8 / 1000;

/** From the start on until a minute after one tree; and in the minute after that. */
function traffic(make: (seed: number) => SmallWorld): { forming: number; steady: number } {
  const rates = SEEDS.map((seed) => {
    const world = make(seed);
    formed(world);
    world.advance(60_000);
    const before = world.airBytes;
    const formingSeconds = world.nowMs / 1000;
    world.advance(STEADY_MS);
    return {
      forming: (before * KBIT) / formingSeconds,
      steady: ((world.airBytes - before) * KBIT) / (STEADY_MS / 1000),
    };
  });
  return {
    forming: median(rates.map((one) => one.forming)),
    steady: median(rates.map((one) => one.steady)),
  };
}

function trafficFigures(what: string, limit: number, make: (seed: number) => SmallWorld): Figure[] {
  const { forming, steady } = traffic(make);
  return [
    atMost(`steady traffic, ${what}, median of 5`, steady, limit, 'kb/s'),
    noted('... from the start to a minute after one tree', forming, 'kb/s'),
  ];
}

/** With the radio's own losses: most of the links that a node hears of at all lose frames. */
async function weakField(): Promise<Figure[]> {
  const rates: { forming: number; steady: number }[] = [];
  const firmware = await firmwareFor('v8');
  for (const seed of SEEDS.slice(0, 3)) {
    const rehearsal = new Rehearsal(usual(50, 120, seed), { firmware, seed });
    const bytes = (): number =>
      Object.values(rehearsal.figures(1).traffic).reduce((sum, one) => sum + one.bytes, 0);
    await rehearsal.advance(60_000);
    const before = bytes();
    await rehearsal.advance(120_000);
    rates.push({ forming: (before * KBIT) / 60, steady: ((bytes() - before) * KBIT) / 60 });
    rehearsal.world.close();
  }
  return [
    noted(
      'traffic in the first minute, 50 nodes in a field of weak links, radio modelled, median of 3',
      median(rates.map((one) => one.forming)),
      'kb/s',
    ),
    atMost('... in the second', median(rates.map((one) => one.steady)), 20, 'kb/s'),
  ];
}

const ROW = 'hops of a row of 32, radio modelled, median of all seconds';

/**
 * A row of boards of which each hears the next one, and some the one after it, radio modelled: one tree from end to end. Its links are
 * weak and break now and then, in some rows one all the time, so one moment or row says little: ten rows for three minutes, second by second.
 */
async function deepRow(): Promise<Figure[]> {
  const depths: number[] = [];
  for (let seed = 1; seed <= 10; seed++) {
    const scenario = { ...usual(0, 210, seed), name: 'row', nodes: row(32, 180) };
    const rehearsal = new Rehearsal(scenario, { firmware: await firmwareFor('v8'), seed });
    for (let second = 30; second <= scenario.seconds; second++) {
      await rehearsal.advance(second * 1000);
      const hops = rehearsal.observers.map((one) => one.place?.hops ?? 255);
      const roots = hops.filter((one) => one === 0).length;
      const isWhole = roots === 1 && hops.every((one) => one < 255);
      depths.push(isWhole ? Math.max(...hops) : 0);
    }
    const { breaks } = rehearsal.figures(1);
    rehearsal.world.close();
    if (breaks.length > 0) return [atLeast(ROW, 0, 10, '')];
  }
  const whole = depths.filter((one) => one > 0);
  return [
    atLeast(ROW, median(depths), 10, ''),
    noted('... of the time in which it is one tree', (100 * whole.length) / depths.length, '%'),
  ];
}

class Listener extends Application {
  readonly texts: string[] = [];

  override process(message: Message): void {
    this.texts.push(message.text);
  }
}

/** From one end of a chain of four to the other, at odd moments of the mesh's own timing. */
function messages(loss: number): number[] {
  const world = chain(0, 7, 0);
  const listeners: Listener[] = [];
  for (let i = 0; i < 4; i++) {
    world.add(worldCredentials(1, null), (mesh: Mesh, index) => {
      listeners[index - 1] = new Listener(mesh);
      return listeners[index - 1]!;
    });
    if (i > 0) world.link(i - 1, i);
  }
  world.advance(30_000);
  world.loss = loss;
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    const startMs = world.nowMs;
    listeners[0]!.mesh.send(listeners[3]!.mesh.id, `message ${i}`);
    const took = world.until(() => listeners[3]!.texts.includes(`message ${i}`), 12_000);
    times.push(took < 0 ? Number.NaN : world.nowMs - startMs);
    world.advance(370);
  }
  return times;
}

function parents(): Figure[] {
  const orphans = parentLost();
  return [
    atMost(`parent lost to rejoined, median of ${orphans.length}`, median(orphans), 5, 's'),
    atMost('parent lost to rejoined, 95 in 100', quantile(orphans, 0.95), 10, 's'),
  ];
}

function healing(): Figure[] {
  return [
    atMost('root lost, 10 nodes, worst of 5', worst(rootLost((seed) => room(10, seed))), 10, 's'),
    atMost('root lost, 50 nodes, worst of 5', worst(rootLost((s) => openField(50, s))), 15, 's'),
    atMost('a dead node gone from every view, worst of 5', worst(deadGone()), 10, 's'),
    atMost('two meshes meet, worst of 5', worst(meeting()), 20, 's'),
    atMost('a keyed node joins a running mesh, worst of 5', worst(joining()), 5, 's'),
    atMost('frame header with tag and counter', AIR_HEADER_BYTES, 24, 'B'),
    atMost('application message over 3 hops, median of 60', median(messages(0)), 60, 'ms'),
    noted('... at 10 % loss', median(messages(0.1)), 'ms'),
  ];
}

/** The whole in pieces, each for a process of its own; the longest first. */
const PARTS: readonly (readonly [string, () => Figure[] | Promise<Figure[]>])[] = [
  ['400 nodes', largeStart],
  [
    '100 nodes in a room, lossy',
    () => trafficFigures('100 nodes in a room at 10 % loss', 20, (s) => room(100, s, 0.1)),
  ],
  ['100 nodes in a room', () => trafficFigures('100 nodes in a room', 20, (s) => room(100, s))],
  ['memory', measureMemory],
  ['weak links', weakField],
  [
    '100 nodes in a field',
    () => trafficFigures('100 nodes in a field', 20, (s) => openField(100, s)),
  ],
  [
    '100 nodes in a field, lossy',
    () => trafficFigures('100 nodes in a field at 10 % loss', 20, (s) => openField(100, s, 0.1)),
  ],
  ['parents', parents],
  ['losses', healing],
  ['10 nodes', () => trafficFigures('10 nodes', 2, (s) => room(10, s))],
  ['10 nodes, lossy', () => trafficFigures('10 nodes at 10 % loss', 2, (s) => room(10, s, 0.1))],
  ['starts', coldStart],
  ['depth', deepRow],
];
/** The order of targets.md. */
const TOLD: readonly string[] = [
  'memory',
  'starts',
  '400 nodes',
  'parents',
  'losses',
  '10 nodes',
  '10 nodes, lossy',
  '100 nodes in a field',
  '100 nodes in a field, lossy',
  '100 nodes in a room',
  '100 nodes in a room, lossy',
  'weak links',
  'depth',
];

export const benchmark: Benchmark = async (invocation) => {
  const asked = optional(invocation, 'part');
  if (asked !== null) {
    const part = PARTS.find(([name]) => name === asked);
    if (part === undefined)
      throw noSuchPart(
        'mesh',
        asked,
        PARTS.map(([name]) => name),
      );
    return part[1]();
  }
  const done = new Map<string, readonly Figure[]>();
  const left = PARTS.map(([name]) => name);
  const work = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const figures = await partInChild('mesh', name, invocation.signal);
      // The whole takes minutes: each figure is told as soon as it is there.
      for (const { what, value, unit } of figures)
        invocation.err(`  ${String(Math.round(value * 100) / 100)} ${unit}  ${what}`);
      done.set(name, figures);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  return [
    ...TOLD.flatMap((name) => done.get(name) ?? []),
    notYet('update over the air of 100 KB to 10 nodes in 3 layers', 'at most 3 min'),
  ];
};
