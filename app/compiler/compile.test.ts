import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { SUBSET_LIB } from './1-read/subset-lib.ts';
import { compileMpy } from './4-emit/mpy.ts';
import { compile, translate } from './compile.ts';
import { DIAGNOSTICS } from './diagnostics.ts';
import { runMicroPython } from './testing/run-both.ts';
import { translateTraceback } from './traceback.ts';

const python = (
  files: Record<string, string>,
  features: Record<string, boolean | number | string> = {},
): string => {
  const { modules, diagnostics } = translate(files, { entries: ['main.ts'], features });
  expect(diagnostics).toEqual([]);
  return modules.map((one) => `# ${one.name}\n${one.py}`).join('');
};

describe('compile', () => {
  it('gives the same bytes for the same input', async () => {
    const files = { 'main.ts': 'export const twice = (n: number): number => n * 2;' };
    const first = await compile(files, { entries: ['main.ts'] });
    const second = await compile(files, { entries: ['main.ts'] });
    expect(second).toEqual(first);
    expect(first.modules[0]?.mpy.slice(0, 2)).toEqual(new Uint8Array([0x4d, 6]));
  });

  it('reports an entry that is not among the files', () => {
    const { diagnostics } = translate({}, { entries: ['main.ts'] });
    expect(diagnostics[0]?.code).toBe('missing-entry');
    expect(diagnostics[0]?.message).toContain('main.ts');
  });

  it('leaves out what no entry needs, and folds constants across modules', () => {
    const text = python({
      'main.ts':
        "import { SIZE, used } from './other.ts';\nexport const f = (): number => used(SIZE);",
      'other.ts':
        'export const SIZE = 3 * 4;\nexport function used(n: number): number { return n; }\n' +
        'export function unused(): number { return 99; }',
    });
    expect(text).toContain('used(12)');
    expect(text).not.toContain('SIZE');
    expect(text).not.toContain('unused');
  });

  it('drops the branch that a feature rules out, and what only it needs', () => {
    const files = {
      'features.ts': 'export const RADIO: boolean = true;',
      'main.ts':
        "import { RADIO } from './features.ts';\nimport { radio } from './radio.ts';\n" +
        "export function start(): string { if (RADIO) return radio(); return 'off'; }",
      'radio.ts': "export function radio(): string { return 'on'; }",
    };
    expect(python(files)).toContain('radio()');
    const without = python(files, { RADIO: false });
    expect(without).not.toContain('radio');
    expect(without).toContain("return 'off'");
  });

  it('refuses what is outside of the subset where the build leaves it out, too', () => {
    const { diagnostics } = translate(
      {
        'main.ts':
          'function unused(): void { for (const k in { a: 1 }) console.log(k); }\n' +
          'class Used { one(): number { return 1; }\n' +
          'two(): void { for (const k in { a: 1 }) console.log(k); }\n' +
          'three(): number { class Inner { four(): number { return 4; }\n' +
          'five(): void { for (const k in { a: 1 }) console.log(k); } } return new Inner().four(); } }\n' +
          'const used = new Used();\nconsole.log(used.one() + used.three());',
      },
      { entries: ['main.ts'] },
    );
    expect(diagnostics.map(({ code, line }) => `${code} ${String(line)}`)).toEqual([
      'for-in 1',
      'for-in 3',
      'for-in 5',
    ]);
  });

  it('refuses a Map that goes by as an Iterable, on whatever way, and lets the library take it', () => {
    const text = [
      'type Pair = readonly [string, number];',
      'const each = (pairs: Iterable<Pair>): void => { for (const [k, v] of pairs) console.log(k, v); };',
      'function any<T extends Iterable<Pair>>(pairs: T): T { return pairs; }',
      'function* all(map: Map<string, number>): Generator<Pair> {',
      'yield* map;',
      'yield* map.entries(); }',
      "const map = new Map([['a', 1]]);",
      'each(map);',
      'any(map);',
      'const later: Iterable<Pair> = map;',
      'const box: { items: Iterable<Pair> | undefined } = { items: map };',
      'const back = (): Iterable<Pair> => map;',
      'box.items = map;',
      'each(map.entries()); for (const [k] of map) console.log(k);',
      'console.log(new Map(map).size, Array.from(map).length, [...map].length);',
      'each(later); each(back()); for (const pair of all(map)) console.log(pair[0]);',
    ].join('\n');
    const { diagnostics } = translate({ 'main.ts': text }, { entries: ['main.ts'] });
    expect(diagnostics.map(({ code, line }) => `${code} ${String(line)}`)).toEqual(
      [5, 8, 9, 10, 11, 12, 13].map((line) => `unsupported-member ${String(line)}`),
    );
  });

  it('leaves no trace of what only a switched-off feature uses', async () => {
    const files = {
      'features.ts': 'export const RADIO: boolean = true;\nexport const SPEED = 9;',
      'ambient/aerial.d.ts':
        "declare module 'aerial' { export function tune(level: number): void; }",
      'main.ts':
        "import { RADIO, SPEED } from './features.ts';\nimport { Receiver } from './receiver.ts';\n" +
        "import { Node } from './node.ts';\nconst WORD = 'wave length of the radio that nobody hears';\n" +
        'export function start(): string {\n  const node = new Node();\n  node.open();\n' +
        '  if (RADIO && SPEED > 3) {\n    const receiver = new Receiver(node.antenna);\n' +
        '    node.listen(receiver.hear([3, 1, 2]));\n    return WORD + node.heard;\n  }\n' +
        "  return node.isOpen ? 'open' : 'closed';\n}\n",
      'node.ts':
        'export class Node {\n  isOpen = false;\n  antenna = 4;\n  #last = 0;\n' +
        '  open(): void {\n    this.isOpen = true;\n  }\n' +
        '  listen(level: number): void {\n    this.#last = level;\n  }\n' +
        '  get heard(): string {\n    return String(this.#last);\n  }\n}\n',
      'receiver.ts':
        "import { tune } from 'aerial';\nimport { loudest } from './loudest.ts';\n" +
        'export class Receiver {\n  readonly level: number;\n  constructor(level: number) {\n' +
        '    this.level = level;\n    tune(level);\n  }\n  hear(levels: number[]): number {\n' +
        '    return loudest(levels) + this.level;\n  }\n}\n',
      'loudest.ts':
        'const FLOOR = [1, 2, 3];\nexport function loudest(levels: number[]): number {\n' +
        '  levels.sort((a, b) => b - a);\n  return (levels[0] ?? 0) + (FLOOR[0] ?? 0);\n}\n',
    };
    const traces =
      /wave|tune|aerial|Receiver|hear|listen|antenna|last|level|loud|FLOOR|sort|_at\b|RADIO|SPEED/i;
    for (const bundle of [true, false]) {
      const build = (features: Record<string, boolean | number>): ReturnType<typeof compile> =>
        compile(files, { entries: ['main.ts'], features, bundle });
      const [on, off, slow] = [
        await build({}),
        await build({ RADIO: false }),
        await build({ SPEED: 2 }),
      ];
      expect([...on.diagnostics, ...off.diagnostics]).toEqual([]);
      const text = (of: typeof on): string => of.modules.map((one) => one.name + one.py).join('');
      expect(text(on)).toMatch(traces);
      expect(text(off)).not.toMatch(traces);
      expect(text(slow)).toBe(text(off));
      const bytes = off.modules.map((one) => new TextDecoder('latin1').decode(one.mpy)).join('');
      expect(bytes).not.toMatch(traces);
      expect(off.sizes.mpyBytes).toBeLessThan(on.sizes.mpyBytes / 2);
    }
  });

  it('leaves out methods and fields that nothing asks for, not those of exported classes', () => {
    const text = python({
      'main.ts':
        "import { Tool } from './tool.ts';\nexport class Kept {\n  size = 1;\n  grow(): void {}\n}\n" +
        'interface Useful {\n  use(): number;\n}\n' +
        'export const use = (tool: Useful): number => tool.use();\n' +
        "export const made = (): number => use(new Tool()) + ('spare' in { spare: 1 } ? 1 : 0);\n",
      'tool.ts':
        'class Base {\n  inherited(): number {\n    return this.hook();\n  }\n  hook(): number {\n    return 1;\n  }\n}\n' +
        'let made = 0;\nfunction count(): number {\n  made += 1;\n  return made;\n}\n' +
        'export class Tool extends Base {\n  spare = 3;\n  idle = 4;\n  number = count();\n' +
        '  use(): number {\n    return this.inherited();\n  }\n  override hook(): number {\n    return 2;\n  }\n' +
        '  toString(): string {\n    return this.told();\n  }\n  told(): string {\n    return "tool";\n  }\n' +
        '  unused(): number {\n    return this.alsoUnused();\n  }\n  alsoUnused(): number {\n    return 1;\n  }\n}\n',
    });
    for (const name of [
      'grow',
      'size',
      'inherited',
      'hook',
      'toString',
      'told',
      'spare',
      'number',
      'use',
    ]) {
      expect(text).toContain(name);
    }
    for (const name of ['idle', 'unused', 'alsoUnused']) expect(text).not.toContain(name);
  });

  it('gives the same bytes warm as cold, whatever was built before', async () => {
    const options = { entries: ['main.ts'], bundle: true };
    const first = {
      'main.ts': "import { f } from './f.ts';\nexport const run = (): number => f(2);",
      'f.ts': 'export function f(n: number): number {\n  return (n << 3) | 1;\n}',
    };
    const cold = await compile(first, options);
    const edits = [
      { ...first, 'f.ts': first['f.ts'].replace('<< 3', '<< 30') },
      { ...first, 'main.ts': first['main.ts'].replace('f(2)', 'f(1 << 28)') },
      { ...first, 'f.ts': `${first['f.ts']}\nexport const g = 'unused';` },
      { ...first, 'f.ts': 'export function f(n: string): number { return n.length; }' },
    ];
    for (const files of edits) await compile(files, options);
    expect(await compile(first, options)).toEqual(cold);
    // The second of them again, in a compiler that has built nothing before.
    const warm = await compile(edits[1]!, options);
    vi.resetModules();
    const fresh = await import('./compile.ts');
    expect(await fresh.compile(edits[1]!, options)).toEqual(warm);
  });

  it('writes no wrap where ranges rule it out', () => {
    const text = python({
      'main.ts':
        'export function word(bytes: Uint8Array): number {\n  if (bytes.length < 2) return 0;\n' +
        '  return (bytes[0] | (bytes[1] << 8)) & 0x7fff;\n}',
    });
    expect(text).toContain('return (bytes_[0] | bytes_[1] << 8) & 32767');
    expect(text).not.toContain('_rt');
  });

  it('asks whether a byte is there where nobody has: it counts as 0, as in JavaScript', () => {
    const text = python({
      'main.ts': 'export const high = (bytes: Uint8Array): number => bytes[1] << 8;',
    });
    expect(text).toContain('low_at(bytes_, 1) << 8');
  });

  it('turns Keywords arguments and ambient modules into plain Python', () => {
    const text = python({
      'ambient/python.d.ts': 'type Keywords<T> = T;',
      'ambient/radio.d.ts':
        "declare module 'radio' { export class Radio { constructor(id: number); config(options: Keywords<{ channel: number }>): void; } }",
      'main.ts': "import { Radio } from 'radio';\nnew Radio(1).config({ channel: 6 });",
    });
    expect(text).toContain('from radio import Radio\nRadio(1).config(channel=6)');
  });

  it('never throws, whatever the text', () => {
    const pieces = [
      'class',
      '{',
      '}',
      '(',
      ')',
      'yield',
      'a',
      '=>',
      '...',
      '`',
      '${',
      'for',
      'of',
      '?.',
      '#x',
      '@',
      'let',
      ';',
      '=',
      '1',
    ];
    let state = 12345;
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 150; round++) {
      const text = Array.from({ length: 1 + next(14) }, () => pieces[next(pieces.length)]).join(
        ' ',
      );
      const { diagnostics } = translate({ 'main.ts': text }, { entries: ['main.ts'] });
      for (const one of diagnostics) expect(one.code in DIAGNOSTICS).toBe(true);
    }
  });
});

describe('the .mpy step', () => {
  it('words what the MicroPython compiler refuses', async () => {
    const made = await compileMpy('broken', 'a = (');
    expect(made).toEqual({ ok: false, message: expect.stringContaining('SyntaxError') as string });
  });

  it('takes a table of 70,000 numbers', async () => {
    const numbers = Array.from({ length: 70_000 }, (_, i) => i % 250).join(', ');
    const text = `const TABLE: readonly number[] = [${numbers}];\nconsole.log(TABLE.length);\n`;
    const made = await compile({ 'main.ts': text }, { entries: ['main.ts'], bundle: true });
    expect(made.diagnostics).toEqual([]);
    expect(made.sizes.mpyBytes).toBeGreaterThan(70_000);
  });
});

describe('translateTraceback', () => {
  const files = {
    'main.ts':
      "import { fail } from './deep/part-two.ts';\nimport { other } from './other.ts';\n\nother();\nfail([], 1);\n",
    'deep/part-two.ts':
      '// one\nexport function fail(list: number[], n: number): void {\n  if (n > 0) {\n' +
      '    list.sort(() => {\n      throw new Error(`no ${String(n >>> 1)}`);\n    });\n' +
      '    list.push(1, 2);\n    fail(list, n);\n  }\n}\n',
    'other.ts': "export function other(): void {\n  console.log('other');\n}\n",
  };

  it.each([
    ['of modules', false],
    ['of a bundle', true],
  ])('shows a traceback %s with TypeScript files and lines', async (_what, bundle) => {
    const result = await compile(files, { entries: ['main.ts'], bundle });
    expect(result.diagnostics).toEqual([]);
    expect(result.modules.length === 1).toBe(bundle);
    const [outcome] = await runMicroPython([{ result, entry: 'main.ts' }]);
    const text = translateTraceback(outcome?.error ?? '', result.modules);
    const frames = text.split('\n').filter((line) => line.includes('File'));
    expect(frames.some((line) => line.endsWith('File "main.ts", line 5, in <module>'))).toBe(true);
    expect(text).toContain('File "deep/part-two.ts", line 8, in fail');
    expect(frames.at(-1)).toMatch(/File "deep\/part-two.ts", line 5, in /);
  });

  it('leaves lines of runtime helpers and of other modules as they are, and keeps line ends', async () => {
    const text =
      '  File "x/one.py", line 1, in f\r\n  File "one.py", line 4\r\n  File "b.py", line 4\n';
    const parts = [
      { fromLine: 1, path: '' },
      { fromLine: 3, path: 'a.ts' },
      { fromLine: 6, path: 'c.ts' },
    ];
    const one = { path: 'c.ts', name: 'one', lineMap: [0, 0, 7, 0, 9, 0, 3], parts };
    expect(translateTraceback(text, [one])).toBe(
      '  File "x/one.py", line 1, in f\r\n  File "a.ts", line 7\r\n  File "b.py", line 4\n',
    );
    expect(translateTraceback('  File "one.py", line 6, in g', [one])).toBe('  File "c.ts", in g');
  });
});

it('has the same library text for editors as for itself', () => {
  const copy = readFileSync(new URL('../../firmware-src/subset.d.ts', import.meta.url), 'utf8');
  expect(copy).toBe(SUBSET_LIB);
});
