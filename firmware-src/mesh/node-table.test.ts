import { describe, expect, it } from 'vitest';
import { Advert, RECORD_BYTES } from '../wire/advert.ts';
import { writeKey, writeU24 } from '../wire/cells.ts';
import { Jitter } from './jitter.ts';
import { NodeTable } from './node-table.ts';
import { BOOT, PARENT, SEQUENCE } from './node-rows.ts';
import { Profile } from './profile.ts';
import { hopsOf } from './route.ts';
import { Tree } from './tree.ts';

const SELF_KEY = '24000000aa01';
const NEIGHBOUR = '24000000aa02';
const FIRST = '24000000aa03';
const SECOND = '24000000aa04';

function table(): NodeTable {
  return new NodeTable(SELF_KEY, new Profile(0));
}

function advertOf(parent: string): Advert {
  const advert = new Advert();
  advert.parent = parent;
  advert.root = FIRST;
  advert.hops = 1;
  return advert;
}

/** The record as it travels in other nodes' adverts. */
function record(key: string, sequence: number, parent: string): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES);
  writeKey(bytes, 0, key);
  writeU24(bytes, BOOT, 1);
  writeU24(bytes, SEQUENCE, sequence);
  writeKey(bytes, PARENT, parent);
  return bytes;
}

/** A frame of the neighbour, with an advert or without. */
function hear(nodes: NodeTable, sequence: number, advert: Advert | null, atMs: number): void {
  const heard = nodes.hear(NEIGHBOUR, 1, sequence, -60, true, false, advert, atMs)!;
  if (advert !== null) nodes.applyAdvert(heard, advert);
}

describe('what is known of a neighbour', () => {
  it('is as old as its last advert: other frames do not make old news look new', () => {
    const nodes = table();
    hear(nodes, 10, advertOf(FIRST), 1000);
    // Its move to another parent, at 15, was missed; a frame of another kind was not.
    hear(nodes, 20, null, 2000);
    const row = nodes.presentRow(NEIGHBOUR);
    expect(nodes.rows.u24(row, SEQUENCE)).toBe(10);
    nodes.applyRelayed(record(NEIGHBOUR, 15, SECOND), 0, 2100);
    expect(nodes.rows.key(row, PARENT)).toBe(SECOND);
    expect(nodes.rows.u24(row, SEQUENCE)).toBe(15);
    // Older news does not come back.
    nodes.applyRelayed(record(NEIGHBOUR, 12, FIRST), 0, 2200);
    expect(nodes.rows.key(row, PARENT)).toBe(SECOND);
  });

  it('is stamped anew by a short advert that refers to the full one held', () => {
    const nodes = table();
    hear(nodes, 10, advertOf(FIRST), 1000);
    hear(nodes, 20, null, 2000);
    nodes.confirm(nodes.get(NEIGHBOUR)!);
    expect(nodes.rows.u24(nodes.presentRow(NEIGHBOUR), SEQUENCE)).toBe(20);
  });

  it('of its death, is stamped by the last frame of any kind, so that nobody takes what it said before for newer', () => {
    const nodes = table();
    hear(nodes, 10, advertOf(SELF_KEY), 1000);
    hear(nodes, 20, null, 2000);
    const row = nodes.presentRow(NEIGHBOUR);
    nodes.sweep('', 2000 + new Profile(0).leaseMs + 1);
    expect(nodes.rows.isGone(row)).toBe(true);
    expect(nodes.rows.u24(row, SEQUENCE)).toBe(20);
    nodes.applyRelayed(record(NEIGHBOUR, 18, FIRST), 0, 9000);
    expect(nodes.rows.isGone(row)).toBe(true);
    nodes.applyRelayed(record(NEIGHBOUR, 21, FIRST), 0, 9100);
    expect(nodes.rows.isGone(row)).toBe(false);
  });

  it('is not taken back by a relayed death while it speaks', () => {
    const nodes = table();
    hear(nodes, 10, advertOf(FIRST), 1000);
    const gone = record(NEIGHBOUR, 30, FIRST);
    gone[12] = 128;
    nodes.applyRelayed(gone, 0, 1500);
    const row = nodes.presentRow(NEIGHBOUR);
    expect(nodes.rows.isGone(row)).toBe(false);
    hear(nodes, 31, null, 1600);
    expect(nodes.get(NEIGHBOUR)).not.toBeNull();
  });

  it('that others called gone and then heard again, is not given up at its lease for that word', () => {
    const nodes = table();
    hear(nodes, 10, advertOf(FIRST), 1000);
    const row = nodes.presentRow(NEIGHBOUR);
    const gone = record(NEIGHBOUR, 30, FIRST);
    gone[12] = 128;
    nodes.applyRelayed(gone, 0, 1500);
    nodes.applyRelayed(record(NEIGHBOUR, 31, FIRST), 0, 1600);
    // Old news of the same death comes by once more.
    nodes.applyRelayed(gone, 0, 1700);
    nodes.sweep('', 1000 + new Profile(0).leaseMs + 1);
    expect(nodes.rows.isGone(row)).toBe(false);
    nodes.sweep('', 1000 + new Profile(0).strangerLeaseMs + 1);
    expect(nodes.get(NEIGHBOUR)).toBeNull();
  });
});

describe('a neighbour that is none any more', () => {
  /** A root, a neighbour below `parent` and a node below that one; the neighbour has just fallen silent. */
  function without(parent: string): NodeTable {
    const nodes = table();
    nodes.root = FIRST;
    const root = record(FIRST, 5, '');
    root[12] = 1;
    nodes.applyRelayed(root, 0, 1000);
    hear(nodes, 10, advertOf(parent), 1000);
    nodes.applyRelayed(record(SECOND, 5, NEIGHBOUR), 0, 1000);
    for (let atMs = 1000; atMs < 8000; atMs += 100) nodes.sweep(FIRST, atMs);
    expect(nodes.isRestless(8000)).toBe(false);
    nodes.sweep(FIRST, 1000 + new Profile(0).strangerLeaseMs + 1);
    expect(nodes.get(NEIGHBOUR)).toBeNull();
    return nodes;
  }

  it('leaves all paths as they were when its own leads to the root: there is nothing to look for', () => {
    const nodes = without(FIRST);
    expect(nodes.isRestless(16_000)).toBe(false);
    for (let atMs = 16_000; atMs < 24_000; atMs += 300) nodes.sweep(FIRST, atMs);
    expect(nodes.presentCount).toBe(3);
  });

  it('takes those with it that had a path through it alone', () => {
    const nodes = without('24000000aa0f');
    expect(nodes.isRestless(16_000)).toBe(true);
    for (let atMs = 16_000; atMs < 24_000; atMs += 100) nodes.sweep(FIRST, atMs);
    expect(nodes.presentCount).toBe(1);
  });
});

describe('a node whose chain of parents does not lead to the root here', () => {
  /** A root, a neighbour below it, and nothing left to tell. */
  function placed(): NodeTable {
    const nodes = table();
    hear(nodes, 10, advertOf(FIRST), 1000);
    const root = record(FIRST, 5, '');
    root[12] = 1;
    nodes.applyRelayed(root, 0, 1000);
    return nodes;
  }
  const sweepUntil = (nodes: NodeTable, fromMs: number, untilMs: number): void => {
    for (let atMs = fromMs; atMs <= untilMs; atMs += 100) {
      nodes.get(NEIGHBOUR)!.heardAtMs = atMs;
      nodes.sweep(FIRST, atMs);
    }
  };
  const drain = (nodes: NodeTable): void => {
    while (nodes.spreading > 0) nodes.takeSpread(9);
  };

  it('is not counted after a while, without a word to anybody, and counts again when its path is known', () => {
    const nodes = placed();
    const before = nodes.digest;
    nodes.applyRelayed(record(SECOND, 5, '24000000aa0f'), 0, 1000);
    const withIt = nodes.digest;
    drain(nodes);
    expect(nodes.presentCount).toBe(3);
    sweepUntil(nodes, 1100, 6000);
    expect(nodes.presentRow(SECOND)).toBe(-1);
    expect([nodes.presentCount, nodes.digest, nodes.spreading]).toEqual([2, before, 0]);
    expect(nodes.rows.isGone(nodes.rows.findKey(SECOND))).toBe(false);
    // The same news again brings nothing back; the missing parent does.
    nodes.applyRelayed(record(SECOND, 5, '24000000aa0f'), 0, 6000);
    sweepUntil(nodes, 6100, 7000);
    expect(nodes.presentRow(SECOND)).toBe(-1);
    nodes.applyRelayed(record('24000000aa0f', 5, NEIGHBOUR), 0, 7000);
    sweepUntil(nodes, 7100, 8000);
    expect(nodes.presentRow(SECOND)).toBeGreaterThan(0);
    expect(nodes.presentCount).toBe(4);
    nodes.applyRelayed(record('24000000aa0f', 6, FIRST), 0, 8000);
    expect(nodes.digest).not.toBe(withIt);
  });

  it('is forgotten when that lasts as long as the dead are remembered', () => {
    const nodes = placed();
    nodes.applyRelayed(record(SECOND, 5, '24000000aa0f'), 0, 1000);
    for (let row = 0; row >= 0; row = nodes.takeChanged());
    sweepUntil(nodes, 1100, 10_000);
    for (let row = 0; row >= 0; row = nodes.takeChanged());
    sweepUntil(nodes, 10_100, new Profile(0).tombstoneMs + 20_000);
    expect(nodes.rows.findKey(SECOND)).toBe(-1);
    expect(nodes.presentCount).toBe(2);
  });

  it('is told that it is not heard, by all, when it names this node as its parent', () => {
    const nodes = placed();
    nodes.applyRelayed(record(SECOND, 5, SELF_KEY), 0, 1000);
    drain(nodes);
    sweepUntil(nodes, 1100, 6000);
    expect(nodes.rows.isGone(nodes.rows.findKey(SECOND))).toBe(true);
    expect(nodes.spreading).toBe(1);
  });
});

describe('news of a node', () => {
  it('does not travel before the node is below somebody, or a root', () => {
    const nodes = table();
    hear(nodes, 10, advertOf(''), 1000);
    expect(nodes.presentRow(NEIGHBOUR)).toBeGreaterThan(0);
    expect(nodes.spreading).toBe(0);
    hear(nodes, 11, advertOf(FIRST), 1100);
    expect(nodes.spreading).toBe(1);
  });

  it('tells its parent, and the depth of all below it follows from that', () => {
    const nodes = table();
    const tree = new Tree(SELF_KEY, 1, new Profile(0), nodes, new Jitter(1));
    hear(nodes, 10, advertOf(FIRST), 1000);
    const root = record(FIRST, 5, '');
    root[12] = 1;
    nodes.applyRelayed(root, 0, 1000);
    nodes.applyRelayed(record(SECOND, 5, NEIGHBOUR), 0, 1000);
    const hops = (key: string): number => hopsOf(nodes, tree, nodes.rows.findKey(key));
    expect([FIRST, NEIGHBOUR, SECOND].map(hops)).toEqual([0, 1, 2]);
    // The neighbour moves below another one: no word of SECOND is needed, and none of it is news.
    nodes.applyRelayed(record('24000000aa05', 5, FIRST), 0, 1000);
    while (nodes.spreading > 0) nodes.takeSpread(9);
    hear(nodes, 20, advertOf('24000000aa05'), 2000);
    expect([FIRST, NEIGHBOUR, SECOND].map(hops)).toEqual([0, 2, 3]);
    expect(nodes.spreading).toBe(1);
    // Below this node, which has no place; round in a ring; and below nobody that is known.
    nodes.applyRelayed(record('24000000aa06', 5, SELF_KEY), 0, 2000);
    nodes.applyRelayed(record('24000000aa07', 5, '24000000aa08'), 0, 2000);
    nodes.applyRelayed(record('24000000aa08', 5, '24000000aa07'), 0, 2000);
    nodes.applyRelayed(record('24000000aa09', 5, '24000000aa0f'), 0, 2000);
    expect(['24000000aa06', '24000000aa07', '24000000aa09'].map(hops)).toEqual([255, 255, 255]);
  });
});
