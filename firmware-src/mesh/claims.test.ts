import { describe, expect, it } from 'vitest';
import { writeU24 } from '../wire/cells.ts';
import { decodeReport, encodeReport, HEARD_BYTES, LinkReport, SEEKS } from '../wire/link-report.ts';
import { Claims } from './claims.ts';
import { type Graph, mostLinked } from './testing/most-linked.ts';

function graphOf(count: number, edges: readonly (readonly [number, number, number?])[]): Graph {
  const graph = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (const [a, b, rssi] of edges) graph[a]![b] = graph[b]![a] = rssi ?? -60;
  return graph;
}

/** Links as the root's grants make them: node 0 is the root, tails are 100 + place. Every grant is carried out at once. */
class Links {
  readonly up: number[];
  nowMs = 0;
  moves = 0;
  most = 0;
  readonly claims = new Claims();
  readonly graph: Graph;
  readonly limit: number;

  constructor(graph: Graph, limit: number) {
    this.graph = graph;
    this.limit = limit;
    this.up = graph.map(() => -1);
  }

  isLinked(node: number): boolean {
    let at = node;
    for (let steps = 0; at !== 0; steps += 1) {
      if (at < 0 || steps > this.up.length) return false;
      at = this.up[at]!;
    }
    return true;
  }

  children(node: number): number[] {
    return this.up.flatMap((up, child) => (up === node ? [child] : []));
  }

  linked(): number {
    return this.up.filter((_, node) => this.isLinked(node)).length;
  }

  report(node: number): LinkReport {
    const near = this.graph[node]!.flatMap((rssi, other) => (rssi === 0 ? [] : [other]));
    const report = new LinkReport();
    report.tail = 100 + node;
    report.limit = this.limit;
    report.children = this.children(node).map((child) => 100 + child);
    report.heard = new Uint8Array(HEARD_BYTES * near.length);
    near.forEach((other, i) => {
      writeU24(report.heard, HEARD_BYTES * i, 100 + other);
      const seeks = this.isLinked(other) ? 0 : SEEKS;
      report.heard[HEARD_BYTES * i + 3] = -this.graph[node]![other]! + seeks;
    });
    return decodeReport(encodeReport(report))!;
  }

  /** Reports and grants until nothing comes any more. */
  settle(): void {
    for (let rounds = 0; rounds < 200; rounds += 1) {
      for (let node = 0; node < this.up.length; node += 1)
        if (this.isLinked(node)) this.claims.take(this.report(node), this.nowMs);
      this.nowMs += 1000;
      const grant = this.claims.next(100, this.nowMs);
      if (grant === null) return;
      const child = grant.candidate - 100;
      const parent = grant.route.length === 0 ? 0 : grant.route.at(-1)! - 100;
      expect(this.isLinked(parent)).toBe(true);
      expect(this.graph[parent]![child]).not.toBe(0);
      expect(grant.moves).toBe(this.isLinked(child));
      // The way along which it is sent is the way down.
      const way: number[] = [];
      for (let at = parent; at !== 0; at = this.up[at]!) way.unshift(100 + at);
      expect(grant.route).toEqual(way);
      if (grant.moves) this.moves += 1;
      this.up[child] = parent;
      expect(this.isLinked(child)).toBe(true);
      this.most = Math.max(this.most, this.children(parent).length);
      expect(this.children(parent).length).toBeLessThanOrEqual(this.limit + 1);
    }
    throw new Error('the root never comes to an end');
  }
}

function isConnected(graph: Graph): boolean {
  const seen = new Set([0]);
  for (const node of seen) graph[node]!.forEach((rssi, other) => rssi !== 0 && seen.add(other));
  return seen.size === graph.length;
}

/**
 * Every connected graph of so many nodes, up to the names of all but node 0: nodes are in the order of their degrees. RSSI spread
 * so that no order is favoured.
 */
function* graphs(count: number): Generator<Graph> {
  const pairs: [number, number][] = [];
  for (let a = 0; a < count; a += 1) for (let b = 0; b < a; b += 1) pairs.push([b, a]);
  let state = 7;
  for (let bits = 0; bits < 1 << pairs.length; bits += 1) {
    const edges = pairs.flatMap(([a, b], i): [number, number, number][] => {
      state = (state * 75) % 65537;
      return ((bits >> i) & 1) === 1 ? [[a, b, -40 - (state % 48)]] : [];
    });
    const graph = graphOf(count, edges);
    const degrees = graph.slice(1).map((row) => row.filter((rssi) => rssi !== 0).length);
    if (degrees.some((degree, i) => i > 0 && degree < degrees[i - 1]!)) continue;
    if (isConnected(graph)) yield graph;
  }
}

describe('the root places nodes', () => {
  it('at the claimer that hears them best, then nearer to the root, then with fewer children, then the lower tail', () => {
    const best = new Links(graphOf(3, [[0, 1, -50], [0, 2, -80], [1, 2, -50]]), 4); // prettier-ignore
    best.settle();
    expect(best.up).toEqual([-1, 0, 1]);
    const near = new Links(graphOf(3, [[0, 1, -50], [0, 2, -50], [1, 2, -50]]), 4); // prettier-ignore
    near.settle();
    expect(near.up).toEqual([-1, 0, 0]);
    const fewer = new Links(graphOf(5, [[0, 1, -40], [0, 2, -40], [1, 3, -40], [1, 4, -50], [2, 4, -50]]), 4); // prettier-ignore
    fewer.settle();
    expect(fewer.up).toEqual([-1, 0, 0, 1, 2]);
  });

  it('moves a child of a full node to another one, so that a node whom nobody else hears gets in', () => {
    // 1 and 2 hear both 0 and 3; 4 hears only 0, which is full with 1, 2.
    const links = new Links(graphOf(5, [[0, 1], [0, 2], [1, 3], [2, 3], [0, 3, -85], [0, 4, -85]]), 2); // prettier-ignore
    links.settle();
    expect(links.linked()).toBe(5);
    expect(links.children(0)).toHaveLength(2);
    expect(links.children(0)).toContain(4);
  });

  it.each([
    [3, 4],
    [4, 25],
    [5, 200],
    [6, 2600],
  ])(
    'all of them, in every connected graph of %d nodes in which 2 or 3 children each are enough',
    (count, least) => {
      let placed = 0;
      let looked = 0;
      let short = 0;
      for (const graph of graphs(count)) {
        for (const limit of [2, 3]) {
          const links = new Links(graph, limit);
          links.settle();
          const most = mostLinked(graph, limit);
          looked += 1;
          if (most === count) {
            placed += 1;
            expect({ graph, limit, linked: links.linked() }).toEqual({
              graph,
              limit,
              linked: count,
            });
          } else if (links.linked() < most) short += 1;
        }
      }
      expect(placed).toBeGreaterThan(least);
      // Where not all can be linked, nobody who is linked is put out to let in others behind whom there are more.
      expect(short / looked).toBeLessThan(0.02);
    },
    60_000,
  );

  it('most of them in random graphs of 12 nodes, with two children each, and never more than one too many', () => {
    let state = 3;
    const random = (below: number): number => {
      state = (state * 75) % 65537;
      return Math.floor((state * below) / 65537);
    };
    let short = 0;
    for (let round = 0; round < 60; round += 1) {
      const edges: [number, number, number][] = [];
      for (let a = 0; a < 12; a += 1)
        for (let b = 0; b < a; b += 1) if (random(100) < 32) edges.push([b, a, -40 - random(48)]);
      const graph = graphOf(12, edges);
      if (!isConnected(graph)) continue;
      const links = new Links(graph, 2);
      links.settle();
      short += mostLinked(graph, 2) - links.linked();
      for (let node = 0; node < 12; node += 1)
        expect(links.children(node).length).toBeLessThanOrEqual(2);
    }
    expect(short).toBeLessThan(6);
  }, 60_000);
});
