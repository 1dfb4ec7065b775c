import { expect, it } from 'vitest';
import { compile, forgetBuilds, type CompileResult } from './compile.ts';
import { edited, FILES, SWITCHES } from './testing/random-edits.ts';

/** COMPILER_RANDOM_EDITS edits (60 without it), seed COMPILER_RANDOM_SEED. */
const edits = Number(process.env['COMPILER_RANDOM_EDITS'] ?? '60');
const seed = Number(process.env['COMPILER_RANDOM_SEED'] ?? '1');

interface State {
  files: Readonly<Record<string, string>>;
  features: Record<string, boolean | number | string>;
  bundle: boolean;
}

const build = ({ files, features, bundle }: State): Promise<CompileResult> =>
  compile(files, { entries: ['main.ts'], features, bundle });

/** Edits on top of each other, taken back now and then, so that most of them meet a program that can be built. */
function sequence(): State[] {
  let state = seed;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return limit < 1 ? 0 : (state >>> 8) % limit;
  };
  const paths = Object.keys(FILES);
  const states: State[] = [{ files: FILES, features: {}, bundle: true }];
  for (let made = 1; made <= edits; made++) {
    const last = states[below(3) === 0 ? 0 : states.length - 1]!;
    const files: Record<string, string> = { ...last.files };
    for (let times = 1 + below(2); times > 0; times--) {
      const path = paths[below(paths.length)]!;
      // Most edits of a program break it: every other time what was there comes back.
      files[path] = below(2) === 0 ? FILES[path]! : edited(files[path]!, below);
    }
    const features = below(4) === 0 ? SWITCHES[below(SWITCHES.length)]! : last.features;
    states.push({ files, features, bundle: below(8) !== 0 });
  }
  return states;
}

it(
  'a build after any edits is the one that a cold start gives, byte for byte',
  async () => {
    const states = sequence();
    forgetBuilds();
    const warm: CompileResult[] = [];
    for (const state of states) warm.push(await build(state));
    let programs = 0;
    for (const [at, state] of states.entries()) {
      forgetBuilds();
      const cold = await build(state);
      if (cold.modules.length > 0) programs += 1;
      expect(warm[at], JSON.stringify({ at, ...state })).toEqual(cold);
    }
    // What is refused everywhere proves little.
    expect(programs).toBeGreaterThan(states.length / 4);
  },
  30_000 + edits * 2000,
);
