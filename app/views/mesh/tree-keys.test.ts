import { expect, it } from 'vitest';
import { layoutTree } from '../../topology/layout.ts';
import { matches, neighbour } from './tree-keys.ts';

const layout = layoutTree(
  [
    { mac: 'r', name: 'r', parent: null, role: 'root' },
    { mac: 'a', name: 'a', parent: 'r', role: 'node' },
    { mac: 'b', name: 'b', parent: 'r', role: 'node' },
  ],
  { columnPx: 10, rowPx: 10, marginXPx: 5, marginYPx: 5 },
);

it.each([
  ['r', 'ArrowDown', 'a'],
  ['a', 'ArrowUp', 'r'],
  ['a', 'ArrowRight', 'b'],
  ['b', 'ArrowLeft', 'a'],
  ['b', 'Home', 'r'],
  ['b', 'ArrowRight', null],
  ['r', 'ArrowUp', null],
  ['a', 'x', null],
  ['unknown', 'ArrowUp', null],
])('goes from %s by %s to %s', (from, key, to) => expect(neighbour(layout, from, key)).toBe(to));
it('finds by any part of name, zone or MAC in any case', () => {
  const node = { name: 'Lamp-1', zone: 'Hall', mac: '24:0a' };
  for (const text of ['lamp', 'HALL', '4:0', ' ']) expect(matches(node, text)).toBe(true);
  expect(matches(node, 'attic')).toBe(false);
});
