/** `bench compile` in a real browser: the app's worker, in a fresh page for each round. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { BROWSER_ARGUMENTS, findBrowser } from '../../scripts/browser.ts';
import { typescriptBundle } from '../compiler/typescript-bundle.ts';
import type { PageBuilds } from './bench-compile-page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KINDS: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  json: 'application/json',
  wasm: 'application/wasm',
};

export interface BrowserRounds {
  /** "150.0.7871.100" */
  version: string;
  rounds: PageBuilds[];
}

/** null without a browser on this machine. @param folder of its own, emptied by the caller */
export async function buildInBrowser(
  folder: string,
  sources: Readonly<Record<string, string>>,
  rounds: number,
  signal: AbortSignal,
): Promise<BrowserRounds | null> {
  const executablePath = findBrowser();
  if (executablePath === null) return null;
  await bundle(folder);
  await writeFile(join(folder, 'sources.json'), JSON.stringify(sources));
  await writeFile(join(folder, 'index.html'), '<script type="module" src="page.js"></script>');
  const server = await serve(folder);
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({ executablePath, args: [...BROWSER_ARGUMENTS] });
  try {
    const found: PageBuilds[] = [];
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted();
      const page = await (await browser.newContext()).newPage();
      await page.goto(`http://127.0.0.1:${String(port)}/index.html`);
      await page.waitForFunction('globalThis.benchCompile !== undefined');
      found.push(await page.evaluate<PageBuilds>('globalThis.benchCompile()'));
      await page.context().close();
    }
    return { version: browser.version(), rounds: found };
  } finally {
    await browser.close();
    server.close();
  }
}

async function bundle(folder: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    root: ROOT,
    base: './',
    configFile: false,
    publicDir: false,
    plugins: [typescriptBundle],
    worker: { format: 'es', plugins: () => [typescriptBundle] },
    logLevel: 'error',
    build: {
      outDir: folder,
      target: 'es2022',
      chunkSizeWarningLimit: 6000,
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL('bench-compile-page.ts', import.meta.url)),
        output: { entryFileNames: 'page.js' },
      },
    },
  });
}

function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const name = path.startsWith('/assets/') ? join('assets', basename(path)) : basename(path);
    readFile(join(folder, name)).then(
      (bytes) => {
        const kind = KINDS[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': kind }).end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
