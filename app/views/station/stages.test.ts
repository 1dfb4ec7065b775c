import { expect, it } from 'vitest';
import { overall, STAGES, timeLeftMs } from './stages.ts';

it('runs from nothing to everything without going back', () => {
  const steps = STAGES.flatMap((stage) => [overall(stage.id, 0), overall(stage.id, 1)]);
  expect(steps[0]).toBe(0);
  expect(steps.at(-1)).toBe(1);
  expect([...steps].sort((a, b) => a - b)).toEqual(steps);
});
it('keeps fractions within their stage', () => {
  expect(overall('write', 7)).toBe(overall('write', 1));
  expect(overall('write', -1)).toBe(overall('write', 0));
});
it('tells the time left only once the pace is known', () => {
  expect(timeLeftMs(0, 100, 5000)).toBeNull();
  expect(timeLeftMs(50, 100, 500)).toBeNull();
  expect(timeLeftMs(25, 100, 5000)).toBe(15_000);
  expect(timeLeftMs(5, 0, 5000)).toBeNull();
});
