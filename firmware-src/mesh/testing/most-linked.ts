/** By trying everything: what the root's decisions are measured against. For tests, not part of the firmware. */

/** RSSI between two nodes, 0 when they do not hear each other. */
export type Graph = readonly (readonly number[])[];

/** The most nodes that any tree from node 0 down can hold when nobody has more children than `limit`, one for all or one each. */
export function mostLinked(graph: Graph, limit: number | readonly number[]): number {
  const count = graph.length;
  const limits = typeof limit === 'number' ? graph.map(() => limit) : limit;
  let best = 1;
  const inTree = [0];
  const load = new Array<number>(count).fill(0);
  const isIn = new Array<boolean>(count).fill(false);
  isIn[0] = true;
  const seen = new Set<string>();
  const grow = (): void => {
    best = Math.max(best, inTree.length);
    if (best === count) return;
    const state = `${isIn.map(Number).join('')}${load.join()}`;
    if (seen.has(state)) return;
    seen.add(state);
    for (const parent of [...inTree]) {
      if (load[parent]! >= limits[parent]!) continue;
      for (let child = 1; child < count; child += 1) {
        if (isIn[child] || graph[parent]![child] === 0) continue;
        isIn[child] = true;
        load[parent]! += 1;
        inTree.push(child);
        grow();
        inTree.pop();
        load[parent]! -= 1;
        isIn[child] = false;
        if (best === count) return;
      }
    }
  };
  grow();
  return best;
}
