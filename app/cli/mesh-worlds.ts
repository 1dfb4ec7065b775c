/** Worlds of the firmware's mesh core in virtual time, for figures: who hears whom at which level, nothing of the radio below. */
import { seededRandom } from '../base/random.ts';
import { nodeCrypto as crypto } from '../../firmware-src/std/testing/node-crypto.ts';
import { SmallWorld } from '../../firmware-src/node/small-world.ts';
import { field, USUAL_GAP_M } from '../sim/scenarios/layout.ts';

const ZONE_NODES = 29;
const ZONES_A_ROW = 7;
const ZONE_M = 100;
/** Weaker than this is not heard. */
const LEAST_DBM = -90;

interface Place {
  x: number;
  y: number;
}

function empty(count: number, seed: number, loss: number): SmallWorld {
  const random = seededRandom(seed);
  const world = new SmallWorld(crypto, () => random.next01());
  world.keepsConsole = false;
  world.loss = loss;
  for (let i = 0; i < count; i++) world.add();
  return world;
}

/** Everybody hears everybody alike. */
export function room(count: number, seed: number, loss = 0): SmallWorld {
  const world = empty(count, seed, loss);
  world.linkAll();
  return world;
}

/** Each hears the one before and the one behind. */
export function chain(count: number, seed: number, loss = 0): SmallWorld {
  const world = empty(count, seed, loss);
  for (let i = 1; i < count; i++) world.link(i - 1, i);
  return world;
}

/** One in the middle, three around it, each with two more behind: three layers of ten nodes. */
export function threeLayers(seed: number, loss = 0): SmallWorld {
  const world = empty(10, seed, loss);
  for (let i = 1; i < 4; i++) world.link(0, i);
  for (let i = 4; i < 10; i++) world.link(1 + ((i - 4) >> 1), i);
  return world;
}

function placed(
  places: readonly Place[],
  lossExponent: number,
  seed: number,
  loss: number,
): SmallWorld {
  const world = empty(places.length, seed, loss);
  places.forEach((a, i) => {
    places.slice(0, i).forEach((b, j) => {
      const metres = Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
      const rssiDbm = Math.round(-20.5 - lossExponent * Math.log10(metres));
      if (rssiDbm >= LEAST_DBM) world.link(i, j, rssiDbm);
    });
  });
  return world;
}

/** About five neighbours each, on a square. */
export function openField(count: number, seed: number, loss = 0): SmallWorld {
  return placed(field(count, USUAL_GAP_M, seed), 30, seed, loss);
}

/** Zones of 29 nodes in two rows of seven, 100 m each, with walls between everything. */
export function zones(count: number, seed: number, loss = 0): SmallWorld {
  const random = seededRandom(seed + 1000);
  const places = Array.from({ length: count }, (_, i) => {
    const zone = Math.floor(i / ZONE_NODES);
    const within = (): number => random.next01() * ZONE_M * 0.9;
    return {
      x: (zone % ZONES_A_ROW) * ZONE_M + within(),
      y: Math.floor(zone / ZONES_A_ROW) * ZONE_M + within(),
    };
  });
  return placed(places, 34, seed, loss);
}
