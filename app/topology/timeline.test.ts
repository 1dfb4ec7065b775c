import { expect, it } from 'vitest';
import { EMPTY_GRAPH, fold, type NodeReport } from './graph.ts';
import { EMPTY_TIMELINE, recordChange, recordEvent, TIMELINE_LIMIT } from './timeline.ts';

const lamp = (mac: string, change: Partial<NodeReport> = {}): NodeReport => ({
  t: 'node',
  mac,
  name: `lamp-${mac}`,
  zone: '',
  parent: null,
  root: '1',
  role: 'node',
  coordinator: false,
  rssi: null,
  hops: 0,
  age: 0,
  sequence: 0,
  ...change,
});

it('tells appearing, election, parents, loss and return in order', () => {
  let graph = EMPTY_GRAPH;
  let timeline = EMPTY_TIMELINE;
  const steps = [
    lamp('1', { role: 'root' }),
    lamp('2', { parent: '1' }),
    { t: 'gone', mac: '2' } as const,
    lamp('2', { parent: '1', sequence: 1 }),
  ];
  steps.forEach((report, index) => {
    const next = fold(graph, report, index * 10);
    timeline = recordChange(timeline, graph, next, index * 10);
    graph = next;
  });
  expect(timeline.events.map((event) => event.text)).toEqual([
    'lamp-1 appeared',
    'lamp-1 is root',
    'lamp-2 appeared',
    'lamp-2 is now below lamp-1',
    'lamp-2 is lost',
    'lamp-2 is back',
  ]);
  expect(timeline.events.map((event) => event.id)).toEqual([1, 2, 3, 4, 5, 6]);
});
it('says nothing when only the age changed', () => {
  const before = fold(EMPTY_GRAPH, lamp('1'), 0);
  const after = fold(before, lamp('1'), 50);
  expect(recordChange(EMPTY_TIMELINE, before, after, 50)).toBe(EMPTY_TIMELINE);
});
it('words the events of the board and resolves MACs to names', () => {
  const graph = fold(EMPTY_GRAPH, lamp('1'), 0);
  const timeline = recordEvent(
    EMPTY_TIMELINE,
    { t: 'event', event: 'root-elected', root: '1' },
    graph,
    5,
  );
  expect(timeline.events[0]).toMatchObject({
    text: 'A root was elected: root lamp-1',
    kind: 'board',
    mac: '1',
    atMs: 5,
  });
});
it('stays bounded', () => {
  let timeline = EMPTY_TIMELINE;
  for (let i = 0; i < TIMELINE_LIMIT + 50; i++) {
    timeline = recordEvent(timeline, { event: 'x' }, EMPTY_GRAPH, i);
  }
  expect(timeline.events).toHaveLength(TIMELINE_LIMIT);
  expect(timeline.events[0]?.id).toBe(51);
});
