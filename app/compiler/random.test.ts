import fc from 'fast-check';
import { expect, it } from 'vitest';
import { programs } from './testing/random-programs.ts';
import { type Program, runBoth } from './testing/run-both.ts';

/** COMPILER_RANDOM_RUNS programs (200 without it), seed COMPILER_RANDOM_SEED; a failing text belongs into samples/. */
const runs = Number(process.env['COMPILER_RANDOM_RUNS'] ?? '200');
const seed = Number(process.env['COMPILER_RANDOM_SEED'] ?? '1');

it(
  'random programs of the subset print the same in V8 and in MicroPython',
  async () => {
    const texts = fc.sample(programs, { numRuns: runs, seed });
    const programsOf = (parity: number): Program[] =>
      texts
        .filter((_, at) => at % 2 === parity)
        .map((text) => ({ files: { 'main.ts': text }, entry: 'main.ts' }));
    // Every other one is joined, as the firmware is: its functions are inlined, its names short.
    const [alone, joined] = [
      await runBoth(programsOf(0)),
      await runBoth(programsOf(1), { bundle: true }),
    ];
    const outcomes = texts.map((_, at) => (at % 2 === 0 ? alone : joined)[at >> 1]!);
    outcomes.forEach((one, at) => {
      const text = texts[at] ?? '';
      // A comparison that TypeScript finds pointless is no program of the subset.
      if (one.result.diagnostics.some((problem) => problem.code === 'type-error')) return;
      expect(one.result.diagnostics, text).toEqual([]);
      expect(one.micropython, text).toEqual(one.v8);
    });
    const ran = outcomes.filter((one) => one.v8.output !== '' && one.result.modules.length > 0);
    expect(ran.length).toBeGreaterThan(runs / 2);
  },
  30_000 + runs * 1000,
);
