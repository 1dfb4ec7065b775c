import { describe, expect, it } from 'vitest';
import { RECORD_BYTES } from '../wire/advert.ts';
import { writeKey, writeU24 } from '../wire/cells.ts';
import { ALL_DRAWERS, DRAWERS, View } from '../wire/view.ts';
import { Jitter } from './jitter.ts';
import { BOOT, PARENT, SEQUENCE } from './node-rows.ts';
import { NodeTable } from './node-table.ts';
import { Profile } from './profile.ts';
import { ViewExchange } from './view-exchange.ts';

const SELF_KEY = '24000000aa01';
const ROOT = '24000000aa02';

/** A node that knows `count` others, and the exchange of its view. */
function knowing(count: number): { table: NodeTable; views: ViewExchange } {
  const table = new NodeTable(SELF_KEY, new Profile(0));
  table.setSelf(1, ROOT);
  for (let i = 0; i < count; i += 1) {
    const bytes = new Uint8Array(RECORD_BYTES);
    writeKey(bytes, 0, `24000000bb${i.toString(16).padStart(2, '0')}`);
    writeU24(bytes, BOOT, 1);
    writeU24(bytes, SEQUENCE, 1);
    writeKey(bytes, PARENT, ROOT);
    table.applyRelayed(bytes, 0, 1000);
  }
  return { table, views: new ViewExchange(table, new Jitter(1)) };
}

function drain(table: NodeTable): void {
  while (table.spreading > 0) table.takeSpread(9);
}

/** A neighbour's view of all drawers that holds nobody. */
function emptyView(): View {
  const view = new View();
  view.drawers = ALL_DRAWERS;
  return view;
}

function sumsOfNobody(): View {
  const view = new View();
  view.sums = new Uint8Array(31);
  return view;
}

describe('views', () => {
  it('wait until the news of this node is told: half of what differs is on its way', () => {
    const { table, views } = knowing(6);
    views.receive(sumsOfNobody(), 2000);
    expect(table.spreading).toBe(6);
    expect(views.take(3000)).toBeNull();
    drain(table);
    const view = views.take(3000);
    expect(view?.entries).toHaveLength(7); // with itself
  });

  it('show a drawer once to all who differ, and again only after a while', () => {
    const { table, views } = knowing(120);
    drain(table);
    const shown: number[] = [];
    // A crowd: twenty neighbours whose sums all differ, one after the other.
    for (let atMs = 2000; atMs < 3400; atMs += 70) {
      views.receive(sumsOfNobody(), atMs);
      for (let at = atMs; at < atMs + 70; at += 10) {
        const view = views.take(at);
        if (view !== null) shown.push(view.drawers);
      }
    }
    expect(shown).toHaveLength(new Set(shown).size);
    expect(shown.reduce((all, one) => all | one, 0)).toBe(ALL_DRAWERS);
    views.receive(sumsOfNobody(), 4000);
    expect(views.take(4500)?.drawers).toBe(1);
  });

  it('do not pass on whom this node itself does not count, but ask by showing the drawer', () => {
    const { table, views } = knowing(1);
    drain(table);
    for (let atMs = 1000; atMs < 6000; atMs += 100) table.sweep(SELF_KEY, atMs);
    expect(table.presentCount).toBe(0);
    const view = emptyView();
    const row = table.rows.findKey('24000000bb00');
    view.entries = [((table.rows.tail(row) << 8) | 77) >>> 0];
    views.receive(view, 6000);
    expect(table.spreading).toBe(0);
    const drawer = 1 << (table.rows.tail(row) % DRAWERS);
    expect(views.take(7000)).toMatchObject({ drawers: drawer, entries: [] });
  });
});
