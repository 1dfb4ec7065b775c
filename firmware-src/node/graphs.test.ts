import { describe, expect, it } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { RECORD_BYTES } from '../wire/advert.ts';
import { writeKey, writeU24 } from '../wire/cells.ts';
import { MAX_NEIGHBOURS, MAX_NODES } from '../mesh/node-table.ts';
import { PARENT, SHOWN } from '../mesh/node-rows.ts';
import { type Board, keyOf, SmallWorld } from './small-world.ts';

function world(count: number): SmallWorld {
  let state = count;
  const made = new SmallWorld(crypto, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  });
  made.keepsConsole = false;
  for (let i = 0; i < count; i += 1) made.add();
  return made;
}

type Edge = readonly [number, number];

function pairs(count: number): Edge[] {
  const all: Edge[] = [];
  for (let a = 0; a < count; a += 1) for (let b = 0; b < a; b += 1) all.push([b, a]);
  return all;
}

function isConnected(count: number, edges: readonly Edge[]): boolean {
  const group = Array.from({ length: count }, (_, i) => i);
  for (const [a, b] of edges) {
    const [from, to] = [group[a]!, group[b]!];
    group.forEach((one, i) => {
      if (one === from) group[i] = to;
    });
  }
  return new Set(group).size === 1;
}

/** Every connected graph of so many numbered nodes. */
function connectedGraphs(count: number): Edge[][] {
  const all = pairs(count);
  const graphs: Edge[][] = [];
  for (let bits = 0; bits < 1 << all.length; bits += 1) {
    const edges = all.filter((_, i) => ((bits >> i) & 1) === 1);
    if (isConnected(count, edges)) graphs.push(edges);
  }
  return graphs;
}

/** The same up to the nodes' numbers once only: the least of all renumberings stands for all. */
function shapes(count: number): Edge[][] {
  const seen = new Set<string>();
  const orders = permutations(Array.from({ length: count }, (_, i) => i));
  return connectedGraphs(count).filter((edges) => {
    const name = orders
      .map((order) =>
        edges
          .map(([a, b]) => [order[a]!, order[b]!].sort().join('-'))
          .sort()
          .join(),
      )
      .sort()[0]!;
    return seen.size < seen.add(name).size;
  });
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((one) =>
    permutations(items.filter((other) => other !== one)).map((rest) => [one, ...rest]),
  );
}

/** What this board holds of the whole mesh, child -> parent, its own edge included. */
function graphOf(board: Board): string {
  const { rows } = board.node.network!.mesh.table;
  const edges = [`${board.key}>${board.tree.parent}`];
  for (let row = 1; row < rows.size; row += 1)
    if (rows.is(row, SHOWN)) edges.push(`${rows.key(row)}>${rows.key(row, PARENT)}`);
  return edges.sort().join(' ');
}

/** In each island all hold the same directed graph, and it is the one that the nodes themselves have. */
function graphsAgree(made: SmallWorld): boolean {
  return made.islands().every((island) => {
    const truth = island
      .map((board) => `${board.key}>${board.tree.parent}`)
      .sort()
      .join(' ');
    return island.every((board) => graphOf(board) === truth);
  });
}

const isDone = (made: SmallWorld): boolean =>
  made.isSettled() && made.viewsAreRight() && graphsAgree(made);

function spans(count: number, edges: readonly Edge[]): void {
  const noLoop = (made: SmallWorld) => () => {
    if (made.hasLoop()) throw new Error(`loop in ${JSON.stringify(edges)} at ${made.nowMs} ms`);
  };
  for (let dead = -1; dead < count; dead += 1) {
    const made = world(count);
    for (const [a, b] of edges) made.link(a, b);
    made.advance(9000, noLoop(made));
    const took = made.until(() => isDone(made), 11_000);
    expect(took, `cold start of ${JSON.stringify(edges)}`).toBeGreaterThanOrEqual(0);
    if (dead < 0) continue;
    made.kill(dead);
    made.advance(6000, noLoop(made));
    const healed = made.until(() => isDone(made), 14_000);
    expect(healed, `${JSON.stringify(edges)} without ${dead}`).toBeGreaterThanOrEqual(0);
  }
}

describe('every connected graph', () => {
  it.each([2, 3, 4])(
    'of %d numbered nodes gets one tree that spans it, and again after each single death',
    (count) => {
      for (const edges of connectedGraphs(count)) spans(count, edges);
    },
    120_000,
  );

  it('of five nodes, whatever its shape, gets one tree that spans it, and again after each single death', () => {
    const all = shapes(5);
    expect(all).toHaveLength(21);
    for (const edges of all) spans(5, edges);
  }, 120_000);
});

describe('a link that works one way only', () => {
  it('is never a parent’s, and a node behind it stays on its own', () => {
    const three = world(3);
    three.link(0, 1);
    three.rssi[1]![2] = -50;
    for (let second = 0; second < 30; second += 1) {
      three.advance(1000);
      expect(three.boards[2]!.tree.parent).toBe('');
    }
    expect(three.boards[2]!.tree.isRoot()).toBe(true);
    expect(three.boards[1]!.tree.root).toBe(three.boards[0]!.tree.root);
  });

  it('is given up when it becomes one, for another way round', () => {
    const four = world(4);
    four.link(0, 1);
    four.link(1, 2);
    four.link(0, 3, -85);
    four.link(3, 2, -85);
    four.advance(25_000);
    const child = four.boards[2]!;
    const old = child.tree.parent;
    const parent = four.boards.findIndex((board) => board.key === old);
    expect(parent).toBeGreaterThanOrEqual(0);
    // The parent hears the child no more; the child still hears the parent.
    four.rssi[2]![parent] = undefined;
    const isElsewhere = () => child.tree.isPlaced() && child.tree.parent !== old && isDone(four);
    expect(four.until(isElsewhere, 20_000)).toBeGreaterThan(0);
    four.advance(30_000, () => expect(child.tree.parent).not.toBe(old));
  });
});

describe('the graph that every node holds (seed 2)', () => {
  it('is the same three edges everywhere after S joins A (S2-9: T-S and A-B before), and two after the break (S2-10)', () => {
    const four = world(4);
    const [, s, a] = [0, 1, 2];
    four.link(0, 1);
    four.link(2, 3);
    four.advance(20_000);
    expect(four.islands()).toHaveLength(2);
    expect(graphsAgree(four)).toBe(true);
    four.link(s, a);
    expect(four.until(() => isDone(four), 20_000)).toBeGreaterThan(0);
    const graph = graphOf(four.boards[0]!);
    for (const board of four.boards) expect(graphOf(board)).toBe(graph);
    expect(graph.split(' ').filter((edge) => !edge.endsWith('>'))).toHaveLength(3);
    four.unlink(s, a);
    expect(four.until(() => isDone(four), 20_000)).toBeGreaterThan(0);
    for (const board of four.boards) {
      const parents = graphOf(board).split(' ');
      expect(parents).toHaveLength(2);
      expect(parents.filter((edge) => !edge.endsWith('>'))).toHaveLength(1);
    }
  });
});

describe('memory', () => {
  it('keeps a bounded number of rows and neighbours under a flood of authentic-looking records of nodes far away', () => {
    const pair = world(2);
    pair.link(0, 1);
    pair.advance(10_000);
    const { table } = pair.boards[0]!.node.network!.mesh;
    const record = new Uint8Array(RECORD_BYTES);
    for (let i = 0; i < 5000; i += 1) {
      writeKey(record, 0, keyOf(100 + i));
      writeU24(record, 6, 1);
      writeU24(record, 9, 1);
      writeKey(record, 13, keyOf(2));
      table.applyRelayed(record, 0, 10_000);
    }
    expect(table.rows.size).toBeLessThanOrEqual(MAX_NODES + 1);
    expect(table.rows.bytes.length).toBeLessThan(14_000);
    // Who is said to be their parent knows better, and they are gone.
    expect(pair.until(() => pair.viewsAreRight(), 60_000)).toBeGreaterThan(0);
  });

  it('keeps no more neighbours than it has places for in a room of forty, and all of them are in one tree', () => {
    const forty = world(40);
    forty.linkAll();
    expect(forty.until(() => forty.isSettled() && forty.viewsAreRight(), 30_000)).toBeGreaterThan(
      0,
    );
    for (const board of forty.boards)
      expect(board.node.network!.mesh.table.list.length).toBeLessThanOrEqual(MAX_NEIGHBOURS);
  });
});
