import { expect, it } from 'vitest';
import { compile } from '../compiler/compile.ts';
import { measureCalls } from './heap-probe.ts';

/** A part of some size, whose object the program keeps for a while. */
const METHODS = Array.from(
  { length: 30 },
  (_, at) => `  m${String(at)}(v: number): number { return this.sum * v + ${String(at)}; }\n`,
).join('');
const USES = Array.from({ length: 30 }, (_, at) => `session.m${String(at)}(1)`).join(' + ');
const FILES = {
  'features.ts': "export const LAZY_PARTS = ['part.ts'];\n",
  'part.ts': `export class Session {\n  sum = 2;\n${METHODS}}\nexport function open(): Session {\n  return new Session();\n}\n`,
  'main.ts':
    "import { open, type Session } from './part.ts';\nlet held: Session | null = null;\nlet failed = 0;\n" +
    'export function load(): void {\n  held = open();\n}\n' +
    `export function work(): number {\n  const session = held;\n  return session === null ? 0 : ${USES};\n}\n` +
    'export function release(): void {\n  held = null;\n}\n' +
    'export function attempt(): void {\n  try {\n    held = open();\n  } catch (error) {\n    failed += 1;\n' +
    '    console.log(error instanceof Error ? error.message : "");\n  }\n}\n' +
    'export function failures(): number {\n  return failed;\n}\n',
};

it('the code of a part is in the heap only while the part is in use, however often', async () => {
  const { modules, diagnostics } = await compile(FILES, { entries: ['main.ts'], bundle: true });
  expect(diagnostics).toEqual([]);
  expect(modules.map(({ name }) => name)).toEqual(['main', 'part']);
  const rounds = Array.from({ length: 50 }, () => ['load()', 'work()', 'release()']).flat();
  const heaps = await measureCalls(modules, 'main', rounds);
  const released = heaps.filter((_, at) => at > 3 && at % 3 === 0);
  const loaded = heaps.filter((_, at) => at > 3 && at % 3 === 1);
  const [first = 0] = released;
  for (const one of released) expect(Math.abs(one - first)).toBeLessThanOrEqual(64);
  for (const one of loaded) expect(one - first).toBeGreaterThan(modules[1]!.mpy.length);
});

it('a part that is not there is an error of the call, which the program survives', async () => {
  const { modules } = await compile(FILES, { entries: ['main.ts'], bundle: true });
  const heaps = await measureCalls([modules[0]!], 'main', [
    'attempt()',
    'attempt()',
    'work()',
    'attempt()',
  ]);
  expect(Math.abs(heaps[4]! - heaps[2]!)).toBeLessThanOrEqual(64);
});
