import { describe, expect, it } from 'vitest';
import { lineRange, pythonLinesFor, pythonOf, rangeOf, typeScriptLineFor } from './code-places.ts';

const text = `const größe: number = 'two words';\n\nif (a !== b) return;\n  `;
const shown = (line: number, column: number): string => {
  const { from, to } = rangeOf(text, line, column);
  return text.slice(from, to);
};

describe('what is underlined', () => {
  it('is the word, the text or the operator that begins at the place', () => {
    expect(shown(1, 7)).toBe('größe');
    expect(shown(1, 23)).toBe("'two words'");
    expect(shown(3, 7)).toBe('!==');
    expect(shown(3, 4)).toBe('(');
  });
  it('is the last character when the place is at the end of its line', () => {
    expect(shown(3, 21)).toBe(';');
    expect(shown(1, 999)).toBe(';');
  });
  it('is nothing on an empty line, and stays inside the text wherever the place is', () => {
    expect(rangeOf(text, 2, 1)).toEqual({ from: 35, to: 35 });
    for (const line of [-1, 0, 1, 4, 99]) {
      for (const column of [-5, 0, 1, 3, 99]) {
        const { from, to } = rangeOf(text, line, column);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(text.length);
      }
    }
    expect(rangeOf('', 5, 5)).toEqual({ from: 0, to: 0 });
  });
  it('does not run over the end of its line', () => {
    expect(rangeOf("const a = 'open\nconst b = 1;", 1, 11)).toEqual({ from: 10, to: 15 });
  });
});

it('finds lines by number, the last one for any beyond', () => {
  expect(lineRange('ab\ncd', 1)).toEqual({ from: 0, to: 2 });
  expect(lineRange('ab\ncd', 2)).toEqual({ from: 3, to: 5 });
  expect(lineRange('ab\ncd', 9)).toEqual({ from: 3, to: 5 });
});

describe('TypeScript and Python lines', () => {
  const code = [
    {
      name: 'board_main',
      shortNames: {},
      py: 'if 0:\n _\na = 1\ndef f():\n  x()\n  y()\nb = 2\n',
      lineMap: [0, 0, 4, 6, 7, 7, 3],
      parts: [
        { fromLine: 1, path: '' },
        { fromLine: 3, path: 'app/main.ts' },
        { fromLine: 7, path: 'board/main.ts' },
      ],
    },
  ];
  const part = pythonOf(code, 'app/main.ts')!;
  it('cuts the part of one file out of a joined module', () => {
    expect(part).toEqual({
      module: 'board_main',
      fromLine: 3,
      text: 'a = 1\ndef f():\n  x()\n  y()',
      lineMap: [4, 6, 7, 7],
    });
    expect(pythonOf(code, 'board/main.ts')?.text).toBe('b = 2');
    expect(pythonOf(code, 'types.ts')).toBeNull();
  });
  it('finds all Python lines of a line, and those before it for a line without any', () => {
    expect(pythonLinesFor(part, 7)).toEqual([3, 4]);
    expect(pythonLinesFor(part, 5)).toEqual([1]);
    expect(pythonLinesFor(part, 99)).toEqual([3, 4]);
    expect(pythonLinesFor(part, 2)).toEqual([]);
  });
  it('finds the way back', () => {
    expect([1, 2, 3, 4, 9].map((line) => typeScriptLineFor(part, line))).toEqual([4, 6, 7, 7, 7]);
    expect(typeScriptLineFor({ ...part, lineMap: [0, 0, 5] }, 2)).toBe(0);
  });
});
