import { expect, it } from 'vitest';
import {
  EMPTY_GRAPH,
  fold,
  LOST_AFTER_MS,
  type Graph,
  type NodeReport,
} from '../../topology/graph.ts';
import type { NodeEntry } from '../shared/ports.ts';
import { fleetNews } from './fleet-news.ts';

const [SELF, LAMP, GATE] = ['24:0a:c4:00:00:01', '24:0a:c4:00:00:02', '24:0a:c4:00:00:03'] as const;
const NOW = 10_000_000;
const START = NOW - 10_000;

const report = (mac: string, age: number): NodeReport => ({
  t: 'node',
  mac,
  name: mac,
  zone: 'hall',
  parent: SELF,
  root: SELF,
  role: mac === SELF ? 'root' : 'node',
  coordinator: false,
  rssi: mac === SELF ? null : -50,
  hops: mac === SELF ? 0 : 1,
  age,
  sequence: 1,
});
const graphOf = (...reports: NodeReport[]): Graph =>
  reports.reduce<Graph>((graph, each) => fold(graph, each, NOW), { ...EMPTY_GRAPH, self: SELF });
const node = (
  mac: string,
  state: NodeEntry['state'] = 'seen',
  lastSeenAtMs = START,
): NodeEntry => ({
  id: mac,
  name: mac,
  zone: 'hall',
  state,
  mac,
  chip: 'esp32',
  firmware: null,
  lastSeenAtMs,
});

it('tells who is live, and that a node the board lost is lost', () => {
  const graph = fold(
    graphOf(report(SELF, 0), report(LAMP, 0), report(GATE, 0)),
    { t: 'gone', mac: GATE },
    NOW,
  );
  const nodes = [node(SELF), node(LAMP, 'lost'), node(GATE, 'joined')];
  expect(fleetNews(graph, nodes, START, NOW)).toEqual({ seen: [SELF, LAMP], lost: [GATE] });
});
it('says nothing of a node that is only quiet, was lost before, or never joined', () => {
  const quiet = graphOf(report(SELF, 0), report(LAMP, 30_000));
  expect(fleetNews(quiet, [node(SELF), node(LAMP)], START, NOW).lost).toEqual([]);
  const gone = fold(quiet, { t: 'gone', mac: LAMP }, NOW);
  for (const state of ['lost', 'planned', 'flashed', 'revoked'] as const) {
    expect(fleetNews(gone, [node(SELF), node(LAMP, state)], START, NOW).lost).toEqual([]);
  }
});
const LONG = NOW - LOST_AFTER_MS - 1;
it('takes a node that the board never names for lost, once pictures came from it for long', () => {
  const graph = graphOf(report(SELF, 0));
  const lost = (gate: NodeEntry, since: number | null): readonly string[] =>
    fleetNews(graph, [node(SELF), gate], since, NOW).lost;
  expect(lost(node(GATE, 'seen', LONG), START)).toEqual([]);
  expect(lost(node(GATE, 'joined', START), LONG)).toEqual([]);
  expect(lost(node(GATE, 'joined', LONG), LONG)).toEqual([GATE]);
});
it('takes old ages for nothing where no pictures came: they are old because nobody asked', () => {
  const graph = graphOf(report(SELF, 0), report(LAMP, LOST_AFTER_MS + 1));
  const nodes = [node(SELF), node(LAMP, 'seen', LONG)];
  expect(fleetNews(graph, nodes, null, NOW).lost).toEqual([]);
  expect(fleetNews(graph, nodes, LONG, NOW).lost).toEqual([LAMP]);
});
it('never takes the board that speaks for lost', () => {
  const silent = graphOf(report(SELF, LOST_AFTER_MS + 1));
  expect(fleetNews(silent, [node(SELF, 'seen', 0)], 0, NOW)).toEqual({ seen: [], lost: [] });
});
it('hears no loss from a board that is not of this network, or not in a mesh', () => {
  const gate = node(GATE, 'seen', LONG);
  const foreign = fold(graphOf(report(SELF, 0), report(GATE, 0)), { t: 'gone', mac: GATE }, NOW);
  expect(fleetNews(foreign, [gate], LONG, NOW).lost).toEqual([]);
  expect(fleetNews(foreign, [node(SELF, 'revoked'), gate], LONG, NOW).lost).toEqual([]);
  const keyless: Graph = { ...EMPTY_GRAPH, self: SELF };
  expect(fleetNews(keyless, [node(SELF), gate], LONG, NOW).lost).toEqual([]);
});
