/** The table of traps in firmware-src/board/main.ts against list.ts: each row has a test that is there, or says why it has none. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TRAPS } from './list.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** Traps that no virtual board can show. */
const MOST_WITHOUT = 0;

interface Row {
  trap: string;
  handledIn: string;
}

/** The rows of the table, which begins and ends with the header comment's second paragraph. */
function rowsOfHeader(): Row[] {
  const text = readFileSync(join(ROOT, 'firmware-src/board/main.ts'), 'utf8');
  const header = text.slice(0, text.indexOf('*/')).split('\n');
  const ruler = header.findIndex((line) => /^ \* -+ +-+$/.test(line));
  if (ruler < 0) throw new Error('the header of board/main.ts has no table any more');
  const end = header.findIndex((line, i) => i > ruler && line.trim() === '*');
  return header.slice(ruler + 1, end < 0 ? -1 : end).map((line) => {
    const [, trap, handledIn] = /^ \* (\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
    if (trap === undefined) throw new Error(`not a row of the table: ${line}`);
    return { trap, handledIn: handledIn! };
  });
}

/** What tests of a file are called: first arguments of it() and it.each()(). */
function titlesOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const calls = /(?:^|\s)it(?:\.each\([^]*?\)(?: as const)?)?\(\s*(['"`])((?:\\.|(?!\1).)+)\1/g;
  return [...text.matchAll(calls)].map((match) => match[2]!);
}

describe('the table of the platform’s traps', () => {
  const rows = rowsOfHeader();

  it('has the same rows as the list of their tests, in the same order, each once', () => {
    expect(rows.length).toBeGreaterThan(45);
    expect(Object.keys(TRAPS)).toEqual(rows.map(({ trap }) => trap));
  });

  it.each(rows.map((row) => [row.trap, row] as const))('has a test for it: %s', (_, row) => {
    expect(row.handledIn.length).toBeGreaterThan(7);
    const known = TRAPS[row.trap];
    if (known === undefined) throw new Error(`list.ts names no test for the trap "${row.trap}"`);
    if ('why' in known) {
      expect(known.why.length).toBeGreaterThan(20);
      return;
    }
    expect(known.length).toBeGreaterThan(0);
    for (const { file, words } of known) {
      const found = existsSync(join(ROOT, file))
        ? titlesOf(file).filter((title) => title.includes(words)).length
        : 'no such file';
      expect({ file, words, found }).toEqual({ file, words, found: 1 });
    }
  });

  it('has few rows that no virtual board can show', () => {
    const without = Object.values(TRAPS).filter((known) => 'why' in known);
    expect(without.length).toBeLessThanOrEqual(MOST_WITHOUT);
  });
});
