import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { typescriptBundle, typescriptModule } from './typescript-bundle.ts';

const require = createRequire(import.meta.url);
const path = require.resolve('typescript');

describe('TypeScript as a module', () => {
  const text = readFileSync(path, 'utf8');

  it('has every name of the package, and works as it does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'typescript-'));
    try {
      const file = join(folder, 'typescript.mjs');
      writeFileSync(file, typescriptModule(text));
      const made = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<
        string,
        unknown
      >;
      const known = require('typescript') as Record<string, unknown>;
      expect(Object.keys(made).sort()).toEqual(Object.keys(known).sort());
      // What TypeScript knows of Node is not there, as in a browser.
      expect(Object.keys(known).filter((name) => typeof made[name] !== typeof known[name])).toEqual(
        ['sys'],
      );
      expect(Object.keys(made['server'] as object)).toEqual(Object.keys(known['server'] as object));
      const { transpile } = made as { transpile(text: string): string };
      expect(transpile('export const one: number = 1;')).toContain('one = 1');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is made of that file only', () => {
    expect(typescriptBundle.transform(text, path)?.code).toBe(typescriptModule(text));
    expect(typescriptBundle.transform(text, path.replace('typescript.js', 'tsc.js'))).toBe(null);
  });

  it('is not made of a file that is put together in another way', () => {
    expect(() => typescriptModule(text.replace('((module) =>', '((modules) =>'))).toThrow(
      'not put together',
    );
    expect(() => typescriptModule(text.replace('__export(typescript_exports', 'f('))).toThrow();
  });
});
