import { compileModule } from 'svelte/compiler';
import ts from 'typescript';
import type { Plugin } from 'vitest/config';
import { defineConfig } from 'vitest/config';

/** Rune classes as a browser runs them, so that the models of the screens can be tested without a screen. */
const runes: Plugin = {
  name: 'runes',
  enforce: 'pre',
  transform(code, id) {
    const filename = id.replace(/\?.*$/, '');
    if (!filename.endsWith('.svelte.ts')) return null;
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ESNext, verbatimModuleSyntax: true },
    });
    const { js } = compileModule(outputText, { filename, generate: 'client' });
    return { code: js.code, map: js.map };
  },
};

export default defineConfig({
  plugins: [runes],
  test: {
    include: ['app/**/*.test.ts', 'firmware-src/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
