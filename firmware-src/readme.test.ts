import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const text = readFileSync(join(here, 'README.md'), 'utf8');
const rows = text.split('\n').filter((line) => /^\| S[1-4]-\d/.test(line));

/** Files in backticks, as they are called from here or from the project's top; a bare name may be anywhere beside. */
function filesOf(cell: string): string[] {
  return [...cell.matchAll(/`([\w./-]+\.ts)`/g)].map((match) => match[1]!);
}

function isThere(path: string): boolean {
  return existsSync(join(here, path)) || existsSync(join(here, '..', path));
}

describe('the conformance table', () => {
  it('names only files that exist, with their folder', () => {
    expect(rows.length).toBeGreaterThan(30);
    const missing = rows.flatMap(filesOf).filter((path) => path.includes('/') && !isThere(path));
    expect(missing).toEqual([]);
  });

  it('has a code and a proof in each row', () => {
    for (const row of rows) {
      const cells = row.split(/(?<!\\)\|/).slice(1, -1);
      expect(cells, row).toHaveLength(4);
      for (const cell of cells) expect(cell.trim(), row).not.toBe('');
    }
  });
});
