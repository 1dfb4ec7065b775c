import { FLAG_ROOT, HOPS_NONE } from '../wire/advert.ts';
import { NO_NODE } from '../wire/cells.ts';
import { PROBATION_RSSI } from './link.ts';
import type { NodeRecord } from './node-record.ts';
import { FLAGS, NEAR, SELF } from './node-rows.ts';
import type { NodeTable } from './node-table.ts';
import type { Tree } from './tree.ts';

const MOST_STEPS = 64;

/**
 * The neighbour to hand something for `to` to; '' when there is none. Down to the child whose subtree holds it, as far as its
 * chain of parents is known; else up. `direct`: straight to it where it is a neighbour with a sound link.
 */
export function nextHop(table: NodeTable, tree: Tree, to: string, direct: boolean): string {
  const target = table.get(to);
  const near = target !== null && target.twoWay();
  if (near && direct && target.rssiDbm > PROBATION_RSSI) return to;
  const rows = table.rows;
  let at = rows.findKey(to);
  for (let steps = 0; at > SELF && !rows.isGone(at) && steps < MOST_STEPS; steps += 1) {
    const above = rows.parent(at);
    if (above === SELF) {
      if (rows.is(at, NEAR)) return rows.key(at);
      break;
    }
    at = above;
  }
  if (tree.parent !== NO_NODE) return tree.parent;
  return near ? to : NO_NODE;
}

/** Hops from the root to the node in this row, by the chain of parents as it is known; 255 where it does not lead there. */
export function hopsOf(table: NodeTable, tree: Tree, row: number): number {
  const rows = table.rows;
  let at = row;
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    if (at === SELF) return tree.isPlaced() ? steps + tree.hops : HOPS_NONE;
    if (at < 0 || rows.isGone(at)) break;
    if ((rows.u8(at, FLAGS) & FLAG_ROOT) !== 0) return steps;
    at = rows.parent(at);
  }
  return HOPS_NONE;
}

/** Whether the two of us are parent and child, in either order. */
export function isTreeNeighbour(table: NodeTable, record: NodeRecord): boolean {
  return !table.rows.isGone(record.row) && table.isOfTree(record);
}
