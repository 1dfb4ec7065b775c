import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { EXPRESSIONS, STATEMENTS } from './3-lower/syntax-table.ts';
import { translate } from './compile.ts';
import { DIAGNOSTICS } from './diagnostics.ts';

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');

/** First column of the table under a heading, its cells split at commas. */
function firstColumn(heading: string): string[] {
  const from = readme.indexOf(`## ${heading}`);
  const to = readme.indexOf('\n## ', from + 1);
  return readme
    .slice(from, to < 0 ? undefined : to)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .flatMap((line) => (line.split('|')[1] ?? '').split(','))
    .map((cell) => cell.trim().replaceAll('`', ''));
}

const kinds = (table: object): string[] =>
  Object.keys(table)
    .map((kind) => ts.SyntaxKind[Number(kind)] ?? '')
    .sort();

describe('the README', () => {
  it('lists the expressions of the syntax table', () => {
    // TypeScript's first literal kinds carry the name of the range they start.
    const named = kinds(EXPRESSIONS).map((kind) =>
      kind === 'FirstLiteralToken'
        ? 'NumericLiteral'
        : kind === 'LastLiteralToken' || kind === 'FirstTemplateToken'
          ? 'NoSubstitutionTemplateLiteral'
          : kind,
    );
    expect(firstColumn('The subset: expressions').sort()).toEqual(named.sort());
  });
  it('lists the statements of the syntax table', () => {
    const named = kinds(STATEMENTS).map((kind) =>
      kind === 'FirstStatement' ? 'VariableStatement' : kind,
    );
    expect(firstColumn('The subset: statements').sort()).toEqual(named.sort());
  });
  it('lists every diagnostic', () => {
    expect(firstColumn('Diagnostics').sort()).toEqual(Object.keys(DIAGNOSTICS).sort());
  });
});

it('the firmware is inside the subset', () => {
  const root = fileURLToPath(new URL('../../firmware-src', import.meta.url));
  const files: Record<string, string> = {};
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) files[file] = readFileSync(join(root, file), 'utf8');
  }
  const { modules, diagnostics } = translate(files, { entries: ['board/main.ts'] });
  expect(diagnostics).toEqual([]);
  expect(modules.map((one) => one.name)).toContain('board_main');
}, 240_000);
