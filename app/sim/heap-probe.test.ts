import { expect, it } from 'vitest';
import { compile } from '../compiler/compile.ts';
import { moduleCosts, type ModuleCost } from '../compiler/costs.ts';
import { measureImports } from './heap-probe.ts';

const METHODS = Array.from(
  { length: 20 },
  (_, at) =>
    `  method${String(at)}(value: number): number {\n    return this.#sum + value * ${String(at)};\n  }\n`,
).join('');
const USES = Array.from({ length: 20 }, (_, at) => `large.method${String(at)}(1)`).join(', ');
const FILES = {
  'main.ts':
    "import { Large } from './large.ts';\nimport { small } from './small.ts';\n" +
    `export const large = new Large();\nconsole.log(small(), ${USES});\n`,
  'large.ts':
    `import { Base } from './base.ts';\nexport class Large extends Base {\n  #sum = 1;\n${METHODS}}\n`.replace(
      '  #sum = 1;\n',
      '  readonly #sum: number;\n  constructor() {\n    super();\n    this.#sum = this.first();\n  }\n',
    ),
  'base.ts': 'export class Base {\n  first(): number {\n    return 1;\n  }\n}\n',
  'small.ts': 'export function small(): number {\n  return 2;\n}\n',
};

async function costsOf(
  files: Record<string, string>,
): Promise<{ all: ModuleCost[]; bytes: number }> {
  const result = await compile(files, { entries: ['main.ts'], bundle: true });
  expect(result.diagnostics).toEqual([]);
  const all = await moduleCosts(result.modules, (modules) => measureImports(modules));
  return { all, bytes: result.sizes.mpyBytes };
}
const costOf = (all: readonly ModuleCost[], path: string): ModuleCost =>
  all.find((one) => one.path === path)!;

it('says of every file of a build what it takes of the .mpy and of the heap', async () => {
  const { all, bytes } = await costsOf(FILES);
  expect(all.map((one) => one.path)).toEqual(expect.arrayContaining(Object.keys(FILES)));
  expect(all.reduce((sum, one) => sum + one.mpyBytes, 0)).toBe(bytes);
  const [large, small] = [costOf(all, 'large.ts'), costOf(all, 'small.ts')];
  expect(small.heapBytes).toBeGreaterThan(0);
  expect(large.heapBytes).toBeGreaterThan(10 * small.heapBytes);
  expect(large.mpyBytes).toBeGreaterThan(5 * small.mpyBytes);
});

it('charges nothing for what a program leaves out, and more to the file that grows', async () => {
  const before = await costsOf(FILES);
  const grown = FILES['small.ts'].replace(
    'return 2;',
    'let sum = 0;\n  for (let i = 0; i < 9; i++) sum += i * 3;\n  return sum;',
  );
  const after = await costsOf({
    ...FILES,
    'small.ts': `${grown}export function unused(): number {\n  return 7;\n}\n`,
  });
  expect(costOf(after.all, 'small.ts').mpyBytes).toBeGreaterThan(
    costOf(before.all, 'small.ts').mpyBytes,
  );
  expect(costOf(after.all, 'small.ts').heapBytes).toBeGreaterThan(
    costOf(before.all, 'small.ts').heapBytes,
  );
  expect(
    Math.abs(costOf(after.all, 'base.ts').heapBytes - costOf(before.all, 'base.ts').heapBytes),
  ).toBeLessThan(64);
});
