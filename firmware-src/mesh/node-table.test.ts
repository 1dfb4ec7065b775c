import { describe, expect, it } from 'vitest';
import { Advert, RECORD_BYTES } from '../wire/advert.ts';
import { writeKey, writeU24 } from '../wire/cells.ts';
import { NodeTable } from './node-table.ts';
import { BOOT, PARENT, SEQUENCE } from './node-rows.ts';
import { Profile } from './profile.ts';

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
  bytes[13] = 1;
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
});
