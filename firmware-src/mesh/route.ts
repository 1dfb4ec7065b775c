import { NO_NODE } from '../wire/cells.ts';
import { PROBATION_RSSI } from './link.ts';
import type { NodeRecord } from './node-record.ts';
import type { NodeTable } from './node-table.ts';
import type { Tree } from './tree.ts';

const MOST_STEPS = 32;

/**
 * The neighbour to hand something for `to` to; '' when there is none. Down to the child whose subtree holds it, as far as its
 * chain of parents is known; else up. `direct`: straight to it where it is a neighbour with a sound link.
 */
export function nextHop(
  selfKey: string,
  table: NodeTable,
  tree: Tree,
  to: string,
  direct: boolean,
): string {
  const target = table.get(to);
  if (target !== null && direct && target.twoWay() && target.rssiDbm > PROBATION_RSSI) return to;
  let at = target;
  for (let steps = 0; at !== null && !at.gone && steps < MOST_STEPS; steps += 1) {
    if (at.parent === selfKey) {
      if (at.direct) return at.key;
      break;
    }
    at = table.get(at.parent);
  }
  if (tree.parent !== NO_NODE) return tree.parent;
  return target !== null && target.twoWay() ? to : NO_NODE;
}

/** Whether the two of us are parent and child, in either order. */
export function isTreeNeighbour(selfKey: string, tree: Tree, record: NodeRecord): boolean {
  return record.direct && !record.gone && (record.parent === selfKey || record.key === tree.parent);
}
