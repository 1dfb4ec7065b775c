import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
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

  it('comes into a bundle without the parts that nobody there imports', async () => {
    const made = await build({
      configFile: false,
      logLevel: 'silent',
      plugins: [typescriptBundle],
      ssr: { noExternal: true },
      build: {
        ssr: fileURLToPath(new URL('1-read/environment.ts', import.meta.url)),
        write: false,
        minify: false,
        chunkSizeWarningLimit: 10_000,
      },
    });
    const [bundle] = [made].flat();
    if (bundle === undefined || !('output' in bundle)) throw new Error('a bundle is not watched');
    const written = bundle.output.map((one) => ('code' in one ? one.code : '')).join('\n');
    const parts = ['isVariableStatement', '_ProjectService', 'executeCommandLine'];
    const found = parts.filter((name) => new RegExp(`(function|class) ${name}\\b`).test(written));
    expect(found).toEqual(['isVariableStatement']);
  }, 60_000);

  it('is not made of a file that is put together in another way', () => {
    expect(() => typescriptModule(text.replace('((module) =>', '((modules) =>'))).toThrow(
      'not put together',
    );
    expect(() => typescriptModule(text.replace('__export(typescript_exports', 'f('))).toThrow();
  });
});
