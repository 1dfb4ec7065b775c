/**
 * How each node stands, as somebody who sees all of them would say it:
 *
 *   live      has a way to a root
 *   seeking   runs, but has none
 *   starting  has power, and has not said anything yet
 *   quiet     is off, but others still count it in
 *   lost      is off, and nobody counts it in any more
 *   off       was never on
 */
import type { LiveNode, Standing } from '../rehearsal-messages.ts';
import type { Observer } from './observer.ts';
import type { Rehearsal } from './rehearsal.ts';

const NO_PATH_HOPS = 255;

export function liveNodes(
  { observers, world }: Rehearsal,
  everOn: ReadonlySet<number>,
  numbers: ReadonlyMap<string, number>,
): LiveNode[] {
  const shown = new Set<string>();
  for (const { board, view } of observers) {
    if (board.activity === 'running') for (const mac of view) shown.add(mac);
  }
  return observers.map((observer, i) => {
    const { board, place, view } = observer;
    const isRoot = place?.role === 'root';
    const parent = isRoot || !place?.parent ? null : (numbers.get(place.parent) ?? null);
    const above = parent === null ? undefined : observers[parent]?.board.wireless;
    const rssiDbm = above ? Math.round(world.medium.rssiDbm(above, board.wireless)) : null;
    return {
      standing: standingOf(observer, everOn.has(i), shown),
      x: board.wireless.position.x,
      y: board.wireless.position.y,
      parent,
      isRoot,
      hops: place?.hops ?? NO_PATH_HOPS,
      rssiDbm,
      knows: view.size,
      heapBytes: board.measure().heapBytes,
    };
  });
}

function standingOf(
  { board, place }: Observer,
  wasOn: boolean,
  shown: ReadonlySet<string>,
): Standing {
  if (board.activity === 'off') {
    if (!wasOn) return 'off';
    return shown.has(board.mac) ? 'quiet' : 'lost';
  }
  if (!place) return 'starting';
  return place.role === 'root' || place.hops < NO_PATH_HOPS ? 'live' : 'seeking';
}
