import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { forgetBuilds, translate } from './compile.ts';
import { firmwareJob } from './firmware.ts';

const root = fileURLToPath(new URL('../../firmware-src/', import.meta.url));
const firmware: Record<string, string> = {};
for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
  if (path.endsWith('.ts') && !path.endsWith('.test.ts'))
    firmware[path] = readFileSync(root + path, 'utf8');
}

const build = (sources: Record<string, string>): unknown => {
  const { features, entries, bundle, sources: files } = firmwareJob(sources);
  return translate(files, { features, entries, bundle });
};

/** [what changes, file, text, its replacement]; each edit comes on top of those before it. */
const EDITS: [string, string, string | RegExp, string][] = [
  ['the body of a method', 'mesh/node-table.ts', '?? null;', '?? null; // the same\n'],
  [
    'the body of a method, with another meaning',
    'mesh/node-table.ts',
    'if (this.rows.is(row, QUEUED)) return;',
    'if (this.rows.is(row, QUEUED) || row > 4000) return;',
  ],
  ['a constant that others fold', 'mesh/node-table.ts', 'MAX_NODES = 420', 'MAX_NODES = 300'],
  [
    'an export that nobody needs',
    'mesh/node-table.ts',
    /$/,
    '\nexport function unused(n: number): number {\n  return n / 3;\n}\n',
  ],
  ['a field that others read', 'mesh/node-table.ts', 'presentCount = 0;', 'presentCount = 0.5;'],
  ['back to a whole number', 'mesh/node-table.ts', 'presentCount = 0.5;', 'presentCount = 0;'],
  ['a file at the bottom of all others', 'std/bytes.ts', /^/, '// one more line\n'],
  [
    'a name that moves another one aside',
    'mesh/mesh.ts',
    /$/,
    '\nexport const concat = (n: number): number => n;\nconsole.log(concat(3));\n',
  ],
  ['a type error', 'mesh/link.ts', /$/, "\nexport const wrong: number = 'text';\n"],
  ['the error’s end', 'mesh/link.ts', "\nexport const wrong: number = 'text';\n", ''],
  ['a syntax error', 'wire/view.ts', /$/, '\n}'],
  ['its end', 'wire/view.ts', /\n\}$/, ''],
];

it('gives after every edit what a cold build gives', () => {
  const differing: string[] = [];
  let sources = firmware;
  forgetBuilds();
  build(sources);
  const warm: unknown[] = [];
  const texts: Record<string, string>[] = [];
  for (const [what, path, from, to] of EDITS) {
    const text = sources[path] ?? '';
    const changed = text.replace(from, to);
    expect(changed, what).not.toBe(text);
    sources = { ...sources, [path]: changed };
    texts.push(sources);
    warm.push(build(sources));
  }
  EDITS.forEach(([what], at) => {
    forgetBuilds();
    if (JSON.stringify(build(texts[at]!)) !== JSON.stringify(warm[at])) differing.push(what);
  });
  expect(differing).toEqual([]);
}, 600_000);
