import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutTree, type LayoutInput } from './layout.ts';

const OPTIONS = { columnPx: 100, rowPx: 80, marginXPx: 60, marginYPx: 40 };
const at = (mac: string, parent: string | null, role: 'root' | 'node' = 'node'): LayoutInput => ({
  mac,
  name: mac,
  parent,
  role,
});

describe('layoutTree', () => {
  it('puts the root on top and its children in name order below', () => {
    const { placed } = layoutTree(
      [at('lamp-10', 'r'), at('r', null, 'root'), at('lamp-2', 'r')],
      OPTIONS,
    );
    expect(placed.get('r')?.depth).toBe(0);
    expect(placed.get('r')?.children).toEqual(['lamp-2', 'lamp-10']);
    expect(placed.get('lamp-2')!.x).toBeLessThan(placed.get('lamp-10')!.x);
    expect(placed.get('lamp-2')?.y).toBe(40 + 80);
  });
  it('gives the same picture whatever the order of the input', () => {
    const inputs = [at('a', null, 'root'), at('b', 'a'), at('c', 'a'), at('d', 'b'), at('e', 'x')];
    const forward = layoutTree(inputs, OPTIONS);
    const backward = layoutTree([...inputs].reverse(), OPTIONS);
    for (const [mac, place] of forward.placed) expect(backward.placed.get(mac)).toEqual(place);
    expect(backward.widthPx).toBe(forward.widthPx);
  });
  it('draws a node whose parent is unknown as a tree of its own', () => {
    expect(layoutTree([at('a', 'gone')], OPTIONS).placed.get('a')?.parent).toBeNull();
  });
  it('cuts a loop of parents at one place and still draws everybody', () => {
    const { placed } = layoutTree(
      [at('a', 'c'), at('b', 'a'), at('c', 'b'), at('d', 'b')],
      OPTIONS,
    );
    expect(placed.size).toBe(4);
    expect([...placed.values()].filter((place) => place.parent === null)).toHaveLength(1);
  });
  it('has a size even without nodes', () => {
    expect(layoutTree([], OPTIONS)).toMatchObject({ widthPx: 120, heightPx: 80 });
  });
  it('places every node once, inside the picture, two never on one spot, whatever the parents say', () => {
    const graphs = fc.array(fc.integer({ min: -1, max: 14 }), { maxLength: 14 });
    fc.assert(
      fc.property(graphs, (parents) => {
        const inputs = parents.map((parent, index) =>
          at(`n${index}`, parent < 0 ? null : `n${parent}`),
        );
        const { placed, widthPx, heightPx } = layoutTree(inputs, OPTIONS);
        expect(placed.size).toBe(inputs.length);
        const spots = new Set<string>();
        for (const place of placed.values()) {
          spots.add(`${place.x},${place.y}`);
          expect(place.x).toBeGreaterThanOrEqual(0);
          expect(place.x).toBeLessThanOrEqual(widthPx);
          expect(place.y).toBeLessThanOrEqual(heightPx);
        }
        expect(spots.size).toBe(inputs.length);
      }),
    );
  });
});
