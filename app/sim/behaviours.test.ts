import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SHORT } from './scenarios/library.ts';

const FOLDER = dirname(fileURLToPath(import.meta.url));
const ROW = /^\| (.+?) +\| (.+?) +\| `([\w/.-]+\.test\.ts)`: (.+?) +\|$/;

interface Behaviour {
  what: string;
  source: string;
  file: string;
  title: string;
}

/** The rows of the README's table. */
function behaviours(): Behaviour[] {
  const text = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  const section = text.slice(text.indexOf('## Modelled'), text.indexOf('## Not modelled'));
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`:'));
  return rows.map((line) => {
    const [, what, source, file, title] = ROW.exec(line) ?? [];
    if (!title) throw new Error(`not a row of the table: ${line}`);
    return { what: what!, source: source!, file: file!, title };
  });
}

/** What tests of a file are called: first arguments of it() and it.each()(). */
function titlesOf(file: string): string[] {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const calls = /(?:^|\s)(?:it|it\.each\([^]*?\)(?: as const)?)\(\s*(['"`])((?:\\.|(?!\1).)+)\1/g;
  return [...text.matchAll(calls)].map((match) => match[2]!);
}

describe('the table of what is modelled', () => {
  const rows = behaviours();

  it('has the behaviours of the radio, ESP-NOW, Wi-Fi and the board, each once', () => {
    expect(rows.length).toBeGreaterThan(60);
    expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length);
    for (const { source } of rows) expect(source.length).toBeGreaterThan(4);
  });

  it.each(rows.map((row) => [row.what, row] as const))('has a test for it: %s', (_, row) => {
    const fitting = titlesOf(row.file).filter((title) => title.includes(row.title));
    expect({ ...row, tests: fitting.length }).toEqual({ ...row, tests: 1 });
  });
});

describe('the list of scenarios that leave the same trace in both engines', () => {
  it('names all of the library that scenarios.test.ts compares, and they are ten at least', () => {
    const text = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const section = text.slice(text.indexOf('## Two engines'), text.indexOf('## Speed'));
    for (const { name } of SHORT) expect(section).toContain(`\`${name}\``);
    expect(SHORT.length).toBeGreaterThanOrEqual(10);
  });
});
