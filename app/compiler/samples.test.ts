import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { runBoth, type Comparison, type Program } from './testing/run-both.ts';

/** Each folder of samples/ is a program; it must print the same in V8 and in MicroPython. */
const folder = fileURLToPath(new URL('./samples', import.meta.url));

function read(name: string): Program {
  const files: Record<string, string> = {};
  for (const file of readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) files[file] = readFileSync(join(folder, name, file), 'utf8');
  }
  return { files, entry: 'main.ts' };
}

const only = process.env['SAMPLE'];
const names = readdirSync(folder)
  .filter((name) => name !== 'rejected' && (only === undefined || name.includes(only)))
  .sort();

describe.each([
  ['module by module', false],
  ['joined into one module', true],
])('samples, %s', (_how, bundle) => {
  let comparisons: Comparison[] = [];
  beforeAll(async () => {
    comparisons = await runBoth(names.map(read), { bundle });
  }, 180_000);

  it.each(names.map((name, at) => [name, at] as const))(
    '%s prints the same in V8 and in MicroPython',
    (_, at) => {
      const one = comparisons[at] as Comparison;
      expect(one.result.diagnostics).toEqual([]);
      expect(one.v8.error).toBe('');
      expect(one.v8.output).not.toBe('');
      expect(one.micropython).toEqual(one.v8);
    },
  );
});
