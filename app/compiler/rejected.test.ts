import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile, translate } from './compile.ts';
import { DIAGNOSTICS } from './diagnostics.ts';

/** samples/rejected/<code>/ must be refused with that code at the place in expected.txt (file:line:column). */
const folder = fileURLToPath(new URL('./samples/rejected', import.meta.url));

/** Codes that no program text causes; compile.test.ts has them. */
const WITHOUT_SAMPLE = new Set(['internal', 'missing-entry']);
/** Those that MicroPython's own compiler finds. */
const OF_BYTECODE = new Set(['python-error']);

function read(code: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const file of readdirSync(join(folder, code), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) files[file] = readFileSync(join(folder, code, file), 'utf8');
  }
  return files;
}

const codes = Object.keys(DIAGNOSTICS).filter((code) => !WITHOUT_SAMPLE.has(code));

describe('rejected programs', () => {
  it.each(codes)('%s is reported at the expected place', async (code) => {
    expect(existsSync(join(folder, code))).toBe(true);
    const options = { entries: ['main.ts'] };
    const { diagnostics, modules } = OF_BYTECODE.has(code)
      ? await compile(read(code), options)
      : translate(read(code), options);
    const places = diagnostics
      .filter((one) => one.code === code)
      .map((one) => `${one.file}:${String(one.line)}:${String(one.column)}`);
    const expected = readFileSync(join(folder, code, 'expected.txt'), 'utf8').trim();
    expect(places).toContain(expected);
    expect(modules).toEqual([]);
    expect(diagnostics.filter((one) => one.code === 'internal')).toEqual([]);
    for (const one of diagnostics) expect(one.remedy).not.toBe('');
  });

  it('has no folder for a code that does not exist', () => {
    expect(readdirSync(folder).filter((name) => !(name in DIAGNOSTICS))).toEqual([]);
  });
});
