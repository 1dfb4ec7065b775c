import { expect, it } from 'vitest';
import * as fc from 'fast-check';
import { Reach } from './reach.ts';

interface Node {
  next: Node[];
}

function plainReach(from: Node): Set<Node> {
  const all = new Set<Node>();
  const open = [from];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (all.has(one)) continue;
    all.add(one);
    open.push(...one.next);
  }
  return all;
}

it('finds in any graph, with circles or without, and asked in any order, who can be got to', () => {
  const place = fc.nat(39);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, place), { maxLength: 90 }),
      fc.array(place),
      (edges, order) => {
        const nodes: Node[] = Array.from({ length: 40 }, () => ({ next: [] }));
        for (const [from, to] of edges) nodes[from]!.next.push(nodes[to]!);
        const reach = new Reach<Node>((one) => one.next);
        for (const at of [...order, ...nodes.keys()]) {
          const found = reach.of(nodes[at]!);
          const expected = plainReach(nodes[at]!);
          for (const one of nodes) expect(found.has(one)).toBe(expected.has(one));
        }
      },
    ),
    { numRuns: 60 },
  );
});
