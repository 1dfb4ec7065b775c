import { expect, it } from 'vitest';
import { measurePairs } from './measure-pairs.ts';

it('runs ten programs compiled and by hand, which give the same results', async () => {
  const { pairs, ratio } = await measurePairs(1); // throws when the two differ
  expect(pairs.length).toBeGreaterThanOrEqual(10);
  for (const { compiled } of pairs) expect(compiled.mpyBytes).toBeGreaterThan(100);
  expect(ratio.mpy).toBeLessThan(1.5);
}, 60_000);
