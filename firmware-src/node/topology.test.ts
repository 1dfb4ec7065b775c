/**
 * What the seeds promise of the picture that every node has of the mesh: seed 1 has the root push the whole tree every seven seconds
 * (S1-29, S1-30), seed 2 floods each edge under its node's number (S2-7 to S2-11). Here each row is told once when it changes.
 */
import { describe, expect, it } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { FLAGS, PARENT, SHOWN } from '../mesh/node-rows.ts';
import { hopsOf } from '../mesh/route.ts';
import { FLAG_ROOT } from '../wire/advert.ts';
import { keyToMac } from '../wire/cells.ts';
import { type Board, SmallWorld } from './small-world.ts';

/** The seed's root pushes so often. */
const PUSH_MS = 7000;

function world(count: number, seed = 1): SmallWorld {
  let state = seed;
  const made = new SmallWorld(crypto, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  });
  for (let i = 0; i < count; i += 1) made.add();
  return made;
}

function chain(count: number): SmallWorld {
  const made = world(count);
  for (let i = 1; i < count; i += 1) made.link(i - 1, i);
  expect(made.until(() => made.isSettled() && made.viewsAreRight(), 60_000)).toBeGreaterThan(0);
  made.advance(10_000);
  return made;
}

/** "node>parent hops" of every node as it is, sorted. */
function truth(made: SmallWorld): string {
  return made
    .live()
    .map(({ key, tree }) => `${key}>${tree.parent} ${tree.hops}`)
    .sort()
    .join('\n');
}

/** The same as this board has it, its own place included. */
function picture(board: Board): string {
  const { table, tree } = board.node.network!.mesh;
  const lines = [`${board.key}>${tree.parent} ${tree.hops}`];
  for (let row = 1; row < table.rows.size; row += 1) {
    if (!table.rows.is(row, SHOWN)) continue;
    const isRoot = (table.rows.u8(row, FLAGS) & FLAG_ROOT) !== 0;
    const parent = isRoot ? '' : table.rows.key(row, PARENT);
    lines.push(`${table.rows.key(row)}>${parent} ${hopsOf(table, tree, row)}`);
  }
  return lines.sort().join('\n');
}

const allKnow = (made: SmallWorld): boolean => {
  const right = truth(made);
  return made.live().every((board) => picture(board) === right);
};

describe('the tree as every node knows it', () => {
  it('is whole, with each node’s place, sooner than a push every seven seconds would bring it down ten hops', () => {
    const ten = chain(11);
    expect(allKnow(ten)).toBe(true);
    // The end of the chain moves to its other end: everyone knows, and knows the new depths.
    ten.unlink(9, 10);
    ten.link(0, 10);
    const tookMs = ten.until(() => ten.isSettled() && allKnow(ten), 40_000);
    expect(tookMs).toBeGreaterThan(0);
    // 6 s of silence until the lost link is noticed, and then the news.
    expect(tookMs).toBeLessThan(6000 + PUSH_MS);
  });

  it('is mended where a node missed the news, in less than three pushes', () => {
    const six = chain(6);
    // The first does not hear its only neighbour while that one tells of a death at the other end.
    const level = six.rssi[1]![0];
    six.kill(5);
    const { rows } = six.boards[4]!.node.network!.mesh.table;
    const row = rows.findKey(six.boards[5]!.key);
    expect(six.until(() => rows.isGone(row), 20_000)).toBeGreaterThan(0);
    six.rssi[1]![0] = undefined;
    six.advance(2500);
    six.rssi[1]![0] = level;
    expect(six.live().map((board) => board.view().length)).toEqual([6, 5, 5, 5, 5]);
    const tookMs = six.until(() => allKnow(six), 40_000);
    expect(tookMs).toBeGreaterThanOrEqual(0);
    expect(tookMs).toBeLessThan(3 * PUSH_MS);
  });

  it('costs next to nothing while nothing changes: no record travels', () => {
    const six = chain(6);
    six.advance(30_000);
    six.record = [];
    six.advance(30_000);
    // The longest advert without a record: 13 bytes, one echo, under a header of 24.
    for (const { bytes } of six.record) expect(bytes.length).toBeLessThanOrEqual(24 + 13 + 6);
    expect(six.record.length).toBeGreaterThan(40);
  });

  it('is shown to a node that joins within two seconds, whole', () => {
    const ten = chain(10);
    const late = ten.add();
    ten.link(9, 10);
    expect(ten.until(() => late.tree.isPlaced(), 5000)).toBeGreaterThan(0);
    const tookMs = ten.until(() => picture(late) === truth(ten), 10_000);
    expect(tookMs).toBeGreaterThanOrEqual(0);
    expect(tookMs).toBeLessThanOrEqual(2000);
  });
});

describe('a node that fails', () => {
  it('is told to everybody, the root among them, by name of its address, within ten seconds', () => {
    const eight = chain(8);
    const dead = eight.boards[7]!;
    expect(dead.tree.isRoot()).toBe(false);
    eight.kill(7);
    const diedMs = eight.nowMs;
    eight.advance(10_000);
    for (const board of eight.live()) {
      const said = board.console.filter(
        (line) => line['t'] === 'gone' && line['mac'] === keyToMac(dead.key),
      );
      expect(said).toHaveLength(1);
      expect(said[0]!['seenAtMs']).toBeGreaterThan(diedMs);
    }
  });

  it('in the middle takes nobody else with it who has another way', () => {
    const ring = world(8);
    for (let i = 0; i < 8; i += 1) ring.link(i, (i + 1) % 8);
    expect(ring.until(() => ring.isSettled() && allKnow(ring), 60_000)).toBeGreaterThan(0);
    ring.advance(10_000);
    const inner = ring.boards.find(
      (one) => !one.tree.isRoot() && ring.boards.some((other) => other.tree.parent === one.key),
    )!;
    const saidBefore = ring.boards.map((board) => board.console.length);
    ring.kill(inner.index - 1);
    ring.advance(20_000);
    expect(ring.isSettled() && allKnow(ring)).toBe(true);
    for (const board of ring.live()) {
      const gone = board.console
        .slice(saidBefore[board.index - 1])
        .filter((l) => l['t'] === 'gone');
      expect(gone.map((line) => line['mac'])).toContain(keyToMac(inner.key));
    }
  });
});

describe('a link that breaks kills nobody', () => {
  /** Four in a ring, once with each seed: the one opposite the root, its parent, and the other one that it hears. */
  function rings(): { ring: SmallWorld; child: Board; parent: Board; gone: () => unknown[] }[] {
    return [1, 2, 3, 4].map((seed) => {
      const ring = world(4, seed);
      for (let i = 0; i < 4; i += 1) ring.link(i, (i + 1) % 4);
      expect(ring.until(() => ring.isSettled() && allKnow(ring), 60_000)).toBeGreaterThan(0);
      ring.advance(20_000);
      const child = ring.boards.find((one) => one.tree.hops === 2)!;
      const parent = ring.boards.find((one) => one.key === child.tree.parent)!;
      const before = ring.boards.map((board) => board.console.length);
      const gone = (): unknown[] =>
        ring.boards
          .flatMap(({ console }, i) => console.slice(before[i]))
          .filter((line) => line['t'] === 'gone')
          .map((line) => line['mac']);
      return { ring, child, parent, gone };
    });
  }

  it('who loses its parent and has another one says nothing of the first: that one’s own parent would', () => {
    for (const { ring, child, parent, gone } of rings()) {
      ring.unlink(child.index - 1, parent.index - 1);
      ring.advance(25_000);
      expect(child.tree.parent).not.toBe(parent.key);
      expect(ring.isSettled() && allKnow(ring)).toBe(true);
      expect(gone()).not.toContain(keyToMac(parent.key));
    }
  });

  it('... but when that one is dead, all know it in time', () => {
    for (const { ring, child, parent, gone } of rings()) {
      ring.kill(parent.index - 1);
      ring.advance(10_000);
      expect(gone()).toEqual(Array.from({ length: 3 }, () => keyToMac(parent.key)));
      expect(child.tree.isPlaced()).toBe(true);
      expect(allKnow(ring)).toBe(true);
    }
  });

  it('who is heard by its parent no longer, and hears it, leaves before anybody says that it is gone', () => {
    for (const { ring, child, parent, gone } of rings()) {
      ring.rssi[child.index - 1]![parent.index - 1] = undefined;
      const tookMs = ring.until(() => child.tree.parent !== parent.key, 10_000);
      expect(tookMs).toBeGreaterThan(0);
      expect(tookMs).toBeLessThan(6000);
      ring.advance(20_000);
      expect(ring.isSettled() && allKnow(ring)).toBe(true);
      expect(gone()).toEqual([]);
    }
  });
});
