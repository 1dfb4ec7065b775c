/**
 * Every row of the targets for the mesh and for a board's memory, measured beside its target: the mesh core in virtual time
 * (frames arrive 10 ms after they are sent; no collisions: the simulator has those), memory in the bytecode's own machine.
 */
import { Application, type Mesh, type Message } from '../../firmware-src/node/application.ts';
import type { Board, SmallWorld } from '../../firmware-src/node/small-world.ts';
import { worldCredentials } from '../../firmware-src/node/small-world.ts';
import { AIR_HEADER_BYTES } from '../../firmware-src/wire/air-frame.ts';
import { median } from './bench.ts';
import { type Benchmark, type Figure, atLeast, atMost, noted, notYet } from './benchmark.ts';
import { measureMemory } from './mesh-memory.ts';
import { chain, openField, room, threeLayers, zones } from './mesh-worlds.ts';

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

function coldStart(say: (text: string) => void): Figure[] {
  say('cold starts');
  const ten = SEEDS.map((seed) => formed(threeLayers(seed)));
  const fifty = SEEDS.map((seed) => formed(openField(50, seed)));
  say('400 nodes in 14 zones, some minutes');
  const large = zones(400, 1);
  const many = formed(large);
  const all = many + seconds(large, 120_000, () => large.viewsAreRight());
  return [
    atMost('cold start to one full tree, 10 nodes in 3 layers, worst of 5', worst(ten), 20, 's'),
    atMost('cold start to one full tree, 50 nodes in a field, worst of 5', worst(fifty), 45, 's'),
    atMost('cold start to one full tree, 400 nodes in 14 zones', many, 120, 's'),
    noted('... until each of the 400 knows all others', all, 's'),
    noted('... hops of the deepest', Math.max(...large.boards.map((one) => one.tree.hops)), ''),
  ];
}

/** For each orphan, the time from its parent's death until it hangs in a tree again. */
function parentLost(): number[] {
  const times: number[] = [];
  for (const seed of SEEDS) {
    const world = openField(30, seed);
    formed(world);
    world.advance(30_000);
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
      world.advance(20_000, () => {
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

function steady(make: (seed: number) => SmallWorld, settleMs = 60_000): number {
  return median(
    SEEDS.map((seed) => {
      const world = make(seed);
      formed(world);
      world.advance(settleMs);
      const before = world.airBytes;
      world.advance(STEADY_MS);
      return ((world.airBytes - before) * 8) / STEADY_MS;
    }),
  );
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

function healing(say: (text: string) => void): Figure[] {
  say('losses');
  const orphans = parentLost();
  const deep = chain(12, 1);
  formed(deep);
  const lossy = messages(0.1);
  return [
    atMost(`parent lost to rejoined, median of ${orphans.length}`, median(orphans), 5, 's'),
    atMost('parent lost to rejoined, 95 in 100', quantile(orphans, 0.95), 10, 's'),
    atMost('root lost, 10 nodes, worst of 5', worst(rootLost((seed) => room(10, seed))), 10, 's'),
    atMost('root lost, 50 nodes, worst of 5', worst(rootLost((s) => openField(50, s))), 15, 's'),
    atMost('a dead node gone from every view, worst of 5', worst(deadGone()), 10, 's'),
    atMost('two meshes meet, worst of 5', worst(meeting()), 20, 's'),
    atMost('a keyed node joins a running mesh, worst of 5', worst(joining()), 5, 's'),
    atLeast('hops of a chain', Math.max(...deep.boards.map((one) => one.tree.hops)), 10, ''),
    atMost('frame header with tag and counter', AIR_HEADER_BYTES, 24, 'B'),
    atMost('application message over 3 hops, median of 60', median(messages(0)), 60, 'ms'),
    noted('... at 10 % loss', median(lossy), 'ms'),
  ];
}

function traffic(say: (text: string) => void): Figure[] {
  say('steady traffic');
  return [
    atMost(
      'steady traffic, 10 nodes, median of 5',
      steady((s) => room(10, s)),
      2,
      'kb/s',
    ),
    atMost(
      '... at 10 % loss',
      steady((s) => room(10, s, 0.1)),
      2,
      'kb/s',
    ),
    atMost(
      'steady traffic, 100 nodes in a field',
      steady((s) => openField(100, s)),
      20,
      'kb/s',
    ),
    atMost(
      '... at 10 % loss',
      steady((s) => openField(100, s, 0.1)),
      20,
      'kb/s',
    ),
  ];
}

export const benchmark: Benchmark = async (invocation) => {
  const say = (text: string): void => {
    invocation.err(`${text} ...`);
  };
  const figures: Figure[] = [];
  // The whole takes minutes: each figure is told as soon as it is there.
  const add = (more: readonly Figure[]): void => {
    for (const { what, value, unit } of more) invocation.err(`  ${value} ${unit}  ${what}`);
    figures.push(...more);
  };
  add(await measureMemory(say));
  add(healing(say));
  add(traffic(say));
  add(coldStart(say));
  add([notYet('update over the air of 100 KB to 10 nodes in 3 layers', 'at most 3 min')]);
  return figures;
};
