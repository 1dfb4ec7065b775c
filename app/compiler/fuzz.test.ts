import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { translate } from './compile.ts';
import { DIAGNOSTICS } from './diagnostics.ts';

/** Sources cut short, with parts left out, doubled, moved and mixed: the front end must word every one of them. */
const folder = fileURLToPath(new URL('./samples', import.meta.url));
const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('rejected'))
  .sort()
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .filter((text) => text.length < 4000);

const runs = Number(process.env['COMPILER_FUZZ_RUNS'] ?? '60');

function mutate(text: string, below: (limit: number) => number): string {
  const from = below(text.length);
  const to = from + below(Math.min(60, text.length - from) + 1);
  const other = texts[below(texts.length)] ?? '';
  const piece = other.slice(below(other.length)).slice(0, 1 + below(40));
  switch (below(5)) {
    case 0:
      return text.slice(0, from);
    case 1:
      return text.slice(0, from) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(from, to) + text.slice(to);
    case 3:
      return text.slice(0, from) + piece + text.slice(to);
    default: {
      const words = text.split(/\b/);
      const at = below(words.length);
      words[at] = words[below(words.length)] ?? '';
      return words.join('');
    }
  }
}

it(
  'broken, cut and mixed sources give worded diagnostics or a program, never an exception',
  () => {
    let state = 99;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return limit < 1 ? 0 : (state >>> 8) % limit;
    };
    for (let round = 0; round < runs; round++) {
      let text = texts[below(texts.length)] ?? '';
      for (let times = 1 + below(3); times > 0; times--) text = mutate(text, below);
      const { diagnostics } = translate({ 'main.ts': text }, { entries: ['main.ts'] });
      for (const one of diagnostics) {
        expect(one.code in DIAGNOSTICS).toBe(true);
        expect(one.code, `${one.message}\n${text}`).not.toBe('internal');
        expect(one.message).not.toBe('');
      }
    }
  },
  30_000 + runs * 1000,
);

it('reports a failure of its own at the place that caused it, and goes on', () => {
  // An accessor that throws stands for a fault inside the compiler: files are read before anything is known of them.
  const files = { 'main.ts': 'export const a = 1;' };
  const broken = new Proxy(files, {
    get: () => {
      throw new Error('torn');
    },
  });
  const { diagnostics, modules } = translate(broken, { entries: ['main.ts'] });
  expect(diagnostics.map((one) => one.code)).toEqual(['internal']);
  expect(diagnostics[0]?.message).toContain('torn');
  expect(diagnostics[0]?.file).toBe('main.ts');
  expect(modules).toEqual([]);
});

it('reports text that is nested deeper than its own stack as a failure of its own', () => {
  const deep = `export const f = (n: number): number => ${'Math.abs('.repeat(1200)}n${')'.repeat(1200)};`;
  const { diagnostics } = translate({ 'main.ts': deep }, { entries: ['main.ts'] });
  expect(diagnostics.map((one) => one.code)).toEqual(['internal']);
});
