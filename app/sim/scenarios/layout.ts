/** Places for nodes. All seeded: the same numbers give the same house on every machine. */
import { seededRandom } from '../../base/random.ts';
import type { ScenarioNode } from './scenario.ts';

/** Nodes to a zone in the larger layouts: 400 nodes in 14 zones (targets, Mesh). */
const ZONE_NODES = 29;

/** One behind the other. */
export function row(count: number, gapM: number, fromX = 0): ScenarioNode[] {
  return Array.from({ length: count }, (_, i) => ({ x: fromX + gapM * i, y: 0 }));
}

/** A square of about this many rows and columns, each node somewhat off its place. */
export function field(count: number, gapM: number, seed: number): ScenarioNode[] {
  const random = seededRandom(seed);
  const columns = Math.ceil(Math.sqrt(count));
  const off = (): number => Math.round(gapM * 0.5 * (random.next01() - 0.5));
  return Array.from({ length: count }, (_, i) => ({
    x: gapM * (i % columns) + off(),
    y: gapM * Math.floor(i / columns) + off(),
    zone: `zone ${Math.floor(i / ZONE_NODES)}`,
  }));
}

/** Distance at which the usual propagation gives every node about a dozen neighbours. */
export const USUAL_GAP_M = 150;
