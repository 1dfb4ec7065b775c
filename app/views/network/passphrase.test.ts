import { expect, it } from 'vitest';
import { strengthOf, suggestPassphrase } from './passphrase.ts';

it.each([
  ['', 0],
  ['short', 0],
  ['aaaaaaaaaaaa', 1],
  ['password', 1],
  ['Tr0ub4dor&3', 2],
  ['copper willow lantern otter quartz', 3],
])('rates "%s" as %i', (passphrase, level) => expect(strengthOf(passphrase).level).toBe(level));
it('suggests six words drawn by the given source, rated strong', () => {
  const suggestion = suggestPassphrase((draws) => draws.set([0, 50, 100, 150, 180, 20]));
  expect(suggestion.split(' ')).toHaveLength(6);
  expect(strengthOf(suggestion).level).toBe(3);
});
