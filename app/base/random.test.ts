import { expect, it } from 'vitest';
import { seededRandom } from './random.ts';

it('repeats itself for the same seed and differs for another', () => {
  expect(seededRandom(7).bytes(16)).toEqual(seededRandom(7).bytes(16));
  expect(seededRandom(7).bytes(16)).not.toEqual(seededRandom(8).bytes(16));
});
it('stays inside its range and reaches both ends', () => {
  const random = seededRandom(0);
  const seen = new Set(Array.from({ length: 500 }, () => random.int(6)));
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
});
