/** The conformance table of the README: every row of the first two seeds is in it, and each proof that it names is there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = dirname(fileURLToPath(import.meta.url));
/** Rows of each seed, as the acceptance rows count them. */
const ROWS = { S1: 47, S2: 26 };

interface Row {
  ids: string[];
  how: string;
  code: string;
  /** Each with words of a test in that file. */
  proofs: { file: string; words: string }[];
}

function inRepository(path: string): string | undefined {
  return [join(FOLDER, path), join(FOLDER, '..', path)].find((one) => existsSync(one));
}

/** "S1-4, S1-25 to S1-27" as single rows. */
function idsIn(cell: string): string[] {
  return [...cell.matchAll(/(S\d)-(\d+)(?: to S\d-(\d+))?/g)].flatMap(([, seed, from, to]) => {
    const first = Number(from);
    const last = to === undefined ? first : Number(to);
    return Array.from({ length: last - first + 1 }, (_, i) => `${seed}-${first + i}`);
  });
}

/** "`file`: words; more words; `other`: words" */
function proofsIn(cell: string): Row['proofs'] {
  let file = '';
  return cell.split(';').flatMap((piece) => {
    const [, named, words = ''] = /^\s*(?:`([^`]+\.test\.ts)`:?)?\s*(.*?)\s*$/.exec(piece) ?? [];
    file = named ?? file;
    return file === '' || words === '' ? [] : [{ file, words }];
  });
}

function table(): Row[] {
  const text = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  const section = text.slice(text.indexOf('## Conformance'), text.indexOf('## Not there yet'));
  const lines = section.split('\n').filter((line) => /^\| S\d/.test(line));
  return lines.map((line) => {
    const [, ids, how, code, proof] = line.split('|').map((cell) => cell.trim());
    return { ids: idsIn(ids!), how: how!, code: code!, proofs: proofsIn(proof!) };
  });
}

describe('the conformance table', () => {
  const rows = table();

  it.each(Object.entries(ROWS))(
    'has every row of seed %s and none that does not exist',
    (seed, count) => {
      const named = new Set(rows.flatMap(({ ids }) => ids).filter((id) => id.startsWith(seed)));
      const expected = Array.from({ length: count }, (_, i) => `${seed}-${i + 1}`);
      expect([...named].sort()).toEqual([...expected].sort());
    },
  );

  it.each(rows.map((row) => [row.ids.join(', '), row] as const))(
    'names code that exists and a test that says so: %s',
    (_, { how, code, proofs }) => {
      expect(how.length).toBeGreaterThan(15);
      const files = [...code.matchAll(/`([\w./-]+(?:\.ts|\.md)|[\w/-]+\/)`/g)].map(
        ([, path]) => path!,
      );
      expect(files.filter((path) => inRepository(path) === undefined)).toEqual([]);
      expect(proofs.length).toBeGreaterThan(0);
      for (const { file, words } of proofs) {
        const path = inRepository(file);
        const text = path === undefined ? '' : readFileSync(path, 'utf8');
        expect({ file, words, found: text.includes(words) }).toEqual({ file, words, found: true });
      }
    },
  );
});
