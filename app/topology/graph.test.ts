import { describe, expect, it } from 'vitest';
import { compareWithPlan } from './expected.ts';
import {
  EMPTY_GRAPH,
  fold,
  forget,
  LOST_AFTER_MS,
  presence,
  QUIET_AFTER_MS,
  QUIET_RELAYED_AFTER_MS,
  readReport,
  rootsOf,
  type Graph,
  type NodeReport,
  type Report,
} from './graph.ts';

const A = '24:0a:c4:00:00:01';
const B = '24:0a:c4:00:00:02';

function node(mac: string, change: Partial<NodeReport> = {}): NodeReport {
  return {
    t: 'node',
    mac,
    name: `n-${mac.slice(-1)}`,
    zone: 'hall',
    parent: null,
    root: A,
    role: mac === A ? 'root' : 'node',
    coordinator: false,
    rssi: -50,
    hops: 0,
    age: 0,
    sequence: 1,
    link: false,
    router: null,
    ...change,
  };
}
const foldAll = (reports: Report[], atMs = 1000): Graph =>
  reports.reduce((graph, report) => fold(graph, report, atMs), EMPTY_GRAPH);

describe('fold', () => {
  it('takes what the board says last, because the line keeps the order', () => {
    const graph = foldAll([
      node(B, { sequence: 5, parent: A }),
      node(B, { sequence: 6, parent: null }),
    ]);
    expect(graph.nodes.get(B)?.parent).toBeNull();
  });
  it('knows who is linked over Wi-Fi, and takes no word about it for no', () => {
    const graph = foldAll([
      readReport({ ...node(A) })!,
      readReport({ ...node(B, { parent: A }), link: true })!,
    ]);
    expect([A, B].map((mac) => graph.nodes.get(mac)?.isLinked)).toEqual([false, true]);
    expect(fold(graph, node(B, { parent: A }), 2000).nodes.get(B)?.isLinked).toBe(false);
  });
  it('counts a smaller sequence as a restart, but not the wrap of a 24-bit counter', () => {
    let graph = foldAll([node(B, { sequence: 50 }), node(B, { sequence: 2 })]);
    expect(graph.nodes.get(B)?.restarts).toBe(1);
    graph = fold(foldAll([node(B, { sequence: 0xffffff })]), node(B, { sequence: 0 }), 2000);
    expect(graph.nodes.get(B)?.restarts).toBe(0);
  });
  it('keeps a name it knows when a report comes without texts', () => {
    const graph = foldAll([
      node(B, { name: 'gate', zone: 'yard' }),
      node(B, { name: '', zone: '' }),
    ]);
    expect(graph.nodes.get(B)).toMatchObject({ name: 'gate', zone: 'yard' });
    expect(foldAll([node(B, { name: '' })]).nodes.get(B)?.name).toBe(B);
  });
  it('takes the same sequence again, because pages repeat it with a fresh age', () => {
    const graph = fold(foldAll([node(B, { age: 900 })]), node(B, { age: 0 }), 3000);
    expect(graph.nodes.get(B)?.heardAtMs).toBe(3000);
  });
  it('turns ages into host times', () => {
    expect(foldAll([node(B, { age: 400 })], 1000).nodes.get(B)?.heardAtMs).toBe(600);
  });
  it('keeps a gone node as lost until the board reports it again', () => {
    let graph = fold(foldAll([node(B)]), { t: 'gone', mac: B }, 2000);
    expect(presence(graph.nodes.get(B)!, 2000)).toBe('lost');
    graph = fold(graph, node(B, { age: 0, sequence: 3 }), 2000);
    expect(presence(graph.nodes.get(B)!, 2000)).toBe('live');
  });
  it('ignores a gone for a node nobody knew', () => {
    expect(fold(EMPTY_GRAPH, { t: 'gone', mac: B }, 0)).toBe(EMPTY_GRAPH);
  });
  it('starts from nothing when another board answers on the port', () => {
    let graph = foldAll([{ t: 'hello', mac: A }, node(B)]);
    graph = fold(graph, { t: 'hello', mac: B }, 2000);
    expect(graph.self).toBe(B);
    expect(graph.nodes.size).toBe(0);
  });
  it('never changes a graph it was given', () => {
    const before = foldAll([node(B)]);
    const copy = structuredClone(before);
    fold(before, node(B, { sequence: 9, name: 'x' }), 5);
    fold(before, { t: 'gone', mac: B }, 5);
    expect(before).toEqual(copy);
  });
});

describe('presence', () => {
  it('goes from live to quiet to lost with silence alone', () => {
    const silent = foldAll([node(B)], 0).nodes.get(B)!;
    expect(presence(silent, QUIET_AFTER_MS)).toBe('live');
    expect(presence(silent, QUIET_AFTER_MS + 1)).toBe('quiet');
    expect(presence(silent, LOST_AFTER_MS + 1)).toBe('lost');
  });
  it('is more patient with a node that is known only through others', () => {
    const far = foldAll([node(B, { rssi: null, hops: 2 })], 0).nodes.get(B)!;
    expect(presence(far, QUIET_AFTER_MS + 1)).toBe('live');
    expect(presence(far, QUIET_RELAYED_AFTER_MS + 1)).toBe('quiet');
  });
  it('names every live root and no lost one', () => {
    const graph = foldAll([node(A), node(B, { role: 'root' })], 0);
    expect(rootsOf(graph, 0).map((root) => root.mac)).toEqual([A, B]);
    expect(rootsOf(fold(graph, { t: 'gone', mac: A }, 1), 1).map((root) => root.mac)).toEqual([B]);
  });
});

it('finds missing and unknown nodes against the plan', () => {
  const graph = foldAll([node(A), node(B)], 0);
  const plan = [
    { mac: A, name: 'a' },
    { mac: 'ff', name: 'never seen' },
  ];
  const result = compareWithPlan(graph, plan, 0);
  expect(result.missing.map((missing) => missing.name)).toEqual(['never seen']);
  expect(result.unknown.map((unknown) => unknown.mac)).toEqual([B]);
  expect(result.present).toBe(1);
});

it('forgets a node on request', () => {
  expect(forget(foldAll([node(B)]), B).nodes.size).toBe(0);
  expect(forget(EMPTY_GRAPH, B)).toBe(EMPTY_GRAPH);
});

describe('readReport', () => {
  it('reads the three frames it knows and nothing else', () => {
    expect(readReport({ ...node(B) })).toEqual(node(B));
    expect(readReport({ t: 'gone', mac: B })).toEqual({ t: 'gone', mac: B });
    expect(readReport({ t: 'hello', mac: B, uptime: 7, name: 'x' })).toEqual({
      t: 'hello',
      mac: B,
    });
    expect(readReport({ t: 'log', text: 'x' })).toBeNull();
    expect(readReport({ t: 'node' })).toBeNull();
  });
  it('fills missing or mistyped fields with harmless values', () => {
    const report = readReport({ t: 'node', mac: B, rssi: 'loud', hops: NaN, role: 7 });
    expect(report).toMatchObject({
      name: '',
      zone: '',
      parent: null,
      role: 'node',
      rssi: null,
      hops: 0,
    });
  });
});
