import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * The import table of the README, enforced. Keys and values are folders; a folder may always import itself.
 * Tests are exempt from the folder table (they join parts on purpose) but not from the package table.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'firmware-src/std': [],
  'firmware-src/wire': ['firmware-src/std', 'firmware-src/features'],
  'firmware-src/mesh': ['firmware-src/wire', 'firmware-src/std', 'firmware-src/features'],
  'firmware-src/zone': ['firmware-src/wire', 'firmware-src/std', 'firmware-src/features'],
  'firmware-src/mps': ['firmware-src/wire', 'firmware-src/std', 'firmware-src/features'],
  'firmware-src/control': ['firmware-src/wire', 'firmware-src/std', 'firmware-src/features'],
  'firmware-src/ota': ['firmware-src/wire', 'firmware-src/std', 'firmware-src/features'],
  'firmware-src/features': [],
  'firmware-src/node': [
    'firmware-src/mesh',
    'firmware-src/zone',
    'firmware-src/mps',
    'firmware-src/control',
    'firmware-src/ota',
    'firmware-src/wire',
    'firmware-src/std',
    'firmware-src/features',
  ],
  'firmware-src/board': [
    'firmware-src/application',
    'firmware-src/node',
    'firmware-src/mesh',
    'firmware-src/wire',
    'firmware-src/std',
    'firmware-src/features',
    'firmware-src/ambient',
  ],
  'app/base': [],
  'app/compiler': ['app/base'],
  'app/image': ['app/base'],
  'app/keys': ['app/base', 'firmware-src/std'],
  'app/link': ['app/base'],
  'app/runtimes': ['app/base', 'app/image'],
  'app/fleet': ['app/base', 'app/keys'],
  'app/flash': ['app/base', 'app/image', 'app/link'],
  'app/console': ['app/base', 'app/link', 'firmware-src/wire', 'firmware-src/std'],
  'app/topology': ['app/base', 'app/console'],
  'app/provision': [
    'app/base',
    'app/keys',
    'app/fleet',
    'app/image',
    'app/runtimes',
    'app/flash',
    'app/link',
    'app/console',
    'firmware-src/mps',
    'firmware-src/wire',
    'firmware-src/std',
  ],
  'app/sim': [
    'app/base',
    'app/image',
    'app/link',
    'app/compiler',
    'firmware-src/node',
    'firmware-src/mesh',
    'firmware-src/zone',
    'firmware-src/mps',
    'firmware-src/control',
    'firmware-src/ota',
    'firmware-src/wire',
    'firmware-src/std',
  ],
  'app/views': [
    'app/base',
    'app/compiler',
    'app/console',
    'app/fleet',
    'app/flash',
    'app/image',
    'app/keys',
    'app/link',
    'app/provision',
    'app/runtimes',
    'app/topology',
  ],
};

/** Anything but views; and the files at the root of app/, which join the parts. */
const CLI_REFUSES = ['app/views', 'app/'];

/** Each npm package is imported in one folder. `app/` means the files at the root of app/. */
const PACKAGES: Record<string, string> = {
  typescript: 'app/compiler',
  vite: 'app/cli',
  '@playwright/test': 'app/cli',
  // Not a package: what an application calls the firmware's interface.
  meshwright: 'firmware-src/application',
  '@pybricks/mpy-cross-v6': 'app/compiler',
  '@micropython/micropython-webassembly-pyscript': 'app/sim',
  'esptool-js': 'app/flash',
  '@noble/hashes': 'app/base',
  '@noble/ciphers': 'app/keys',
  idb: 'app/fleet',
  qr: 'app/fleet',
  fflate: 'app/sim',
  'd3-hierarchy': 'app/topology',
  '@codemirror/state': 'app/views',
  '@codemirror/view': 'app/views',
  '@codemirror/commands': 'app/views',
  '@codemirror/language': 'app/views',
  '@codemirror/lang-javascript': 'app/views',
  '@codemirror/lang-python': 'app/views',
  '@codemirror/lint': 'app/views',
  '@codemirror/search': 'app/views',
  '@codemirror/autocomplete': 'app/views',
  '@lezer/highlight': 'app/views',
  'workbox-window': 'app/',
  'virtual:pwa-register': 'app/',
};
/** The user interface's own framework and Node's modules. */
const FRAMEWORK = /^(svelte(\/.*)?|node:.*)$/;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      return path === 'app/compiler/samples' || entry.name === 'node_modules'
        ? []
        : sourceFiles(path);
    }
    return /\.(ts|svelte)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

/** First two path segments; a file directly in app/ or firmware-src/ belongs to a folder of its own. */
function folderOf(path: string): string {
  const parts = path.split('/');
  if (parts.length > 2) return `${parts[0]}/${parts[1]}`;
  return parts[0] === 'app' ? 'app/' : `${parts[0]}/${parts[1]!.replace(/\.ts$/, '')}`;
}

interface Import {
  readonly file: string;
  readonly what: string;
}

const imports: Import[] = [...sourceFiles('app'), ...sourceFiles('firmware-src')].flatMap(
  (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const script = file.endsWith('.svelte')
      ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n')
      : text;
    return ts.preProcessFile(script, true, true).importedFiles.map(({ fileName }) => ({
      file,
      what: fileName,
    }));
  },
);

const isTest = (file: string): boolean =>
  /\.test(\.svelte)?\.ts$/.test(file) ||
  /\/(testing|fakes)\//.test(file) ||
  file.endsWith('.bench.ts');

describe('the import table', () => {
  it('finds imports at all, so that the checks below cannot pass by blindness', () => {
    expect(imports.length).toBeGreaterThan(10);
  });

  it('lets every folder import only what the table grants it', () => {
    const broken: string[] = [];
    for (const { file, what } of imports) {
      if (!what.startsWith('.') || isTest(file)) continue;
      const target = posix.normalize(posix.join(posix.dirname(file), what.replace(/\?.*$/, '')));
      const from = folderOf(file);
      const to = folderOf(target);
      if (from === to || from === 'app/') continue;
      if (from === 'app/cli') {
        if (CLI_REFUSES.includes(to)) broken.push(`${file} imports ${target}`);
        continue;
      }
      if (!(MAY_IMPORT[from] ?? []).includes(to)) broken.push(`${file} imports ${target}`);
    }
    expect(broken).toEqual([]);
  });

  it('keeps each npm package behind one folder', () => {
    const broken: string[] = [];
    for (const { file, what } of imports) {
      if (what.startsWith('.') || FRAMEWORK.test(what) || isTest(file)) continue;
      if (file.startsWith('firmware-src/board/')) continue; // the runtime's own modules
      const name = what
        .split('/')
        .slice(0, what.startsWith('@') ? 2 : 1)
        .join('/');
      if (PACKAGES[name] !== folderOf(file)) broken.push(`${file} imports ${what}`);
    }
    expect(broken).toEqual([]);
  });

  it('keeps Node out of everything that runs in a browser', () => {
    const broken = imports.filter(
      ({ file, what }) => what.startsWith('node:') && !isTest(file) && folderOf(file) !== 'app/cli',
    );
    expect(broken).toEqual([]);
  });
});

describe('file names and sizes', () => {
  const files = [...sourceFiles('app'), ...sourceFiles('firmware-src')];
  it('has no file over 600 lines but for pure data', () => {
    const long = files.filter(
      (file) => readFileSync(join(root, file), 'utf8').split('\n').length > 601,
    );
    expect(long).toEqual([]);
  });
  it('names files kebab-case.ts, components PascalCase.svelte', () => {
    const odd = files.filter((file) => {
      const name = relative(dirname(file), file);
      return name.endsWith('.svelte')
        ? !/^[A-Z][A-Za-z0-9]*\.svelte$/.test(name)
        : !/^[a-z0-9]+(-[a-z0-9]+)*(\.svelte)?(\.test)?(\.svelte)?(\.bench)?\.ts$/.test(name);
    });
    expect(odd).toEqual([]);
  });
});

describe('the map in the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  it('names every folder of the app, and no folder that is not there', () => {
    const named = [...readme.matchAll(/`(app\/[a-z-]+)`/g)].map((match) => match[1]!).sort();
    const folders = readdirSync(join(root, 'app'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `app/${entry.name}`)
      .sort();
    expect(named).toEqual(folders);
  });
});
