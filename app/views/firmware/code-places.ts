/** Places in texts: from the compiler's lines and columns to the editor's offsets, and between TypeScript and Python lines. */
import type { CodeModule } from '../shared/firmware-ports.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

const WORD = /[\p{L}\p{N}_$#]+/uy;
const OPERATOR = /[=!<>&|+\-*/%?^~]+/y;
const TEXT = /'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?|`(?:[^`\\\n]|\\.)*`?/y;

/**
 * What to underline for a problem at a 1-based line and column: the word, text or operator that begins there. Places that
 * the text no longer has (it was edited since) are moved to the nearest one it has; at least one character is covered
 * where the line has any.
 */
export function rangeOf(text: string, line: number, column: number): Range {
  const { from: start, to: end } = lineRange(text, line);
  let from = Math.min(start + Math.max(0, column - 1), end);
  if (from === end && end > start) from--;
  for (const pattern of [WORD, TEXT, OPERATOR]) {
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    if (found) return { from, to: Math.min(end, from + found[0].length) };
  }
  return { from, to: Math.min(end, from + 1) };
}

/** Offsets of a 1-based line without its end; of the last one for any beyond. */
export function lineRange(text: string, line: number): Range {
  let from = 0;
  for (let at = 1; at < line; at++) {
    const end = text.indexOf('\n', from);
    if (end < 0) break;
    from = end + 1;
  }
  const end = text.indexOf('\n', from);
  return { from, to: end < 0 ? text.length : end };
}

/** The Python that a TypeScript file became. */
export interface PythonPart {
  readonly module: string;
  /** In the module, 1-based. */
  readonly fromLine: number;
  readonly text: string;
  /** lineMap[line of `text` - 1] is the TypeScript line, 0 for none. */
  readonly lineMap: readonly number[];
}

/** Null when the build carries nothing of the file: only types, or nothing that is used. */
export function pythonOf(code: readonly CodeModule[], path: string): PythonPart | null {
  for (const { name, py, lineMap, parts } of code) {
    const at = parts.findIndex((part) => part.path === path);
    const part = parts[at];
    if (!part) continue;
    const lines = py.replace(/\n$/, '').split('\n');
    const next = parts[at + 1]?.fromLine ?? lines.length + 1;
    return {
      module: name,
      fromLine: part.fromLine,
      text: lines.slice(part.fromLine - 1, next - 1).join('\n'),
      lineMap: lineMap.slice(part.fromLine - 1, next - 1),
    };
  }
  return null;
}

/**
 * The lines of `part` (1-based) that stand for a TypeScript line; for a line without Python (a type, a blank) those of the
 * closest line before it that has some. Empty at the top of a file.
 */
export function pythonLinesFor(part: PythonPart, line: number): number[] {
  const closest = part.lineMap.reduce(
    (best, each) => (each <= line && each > best ? each : best),
    0,
  );
  if (closest === 0) return [];
  return part.lineMap.flatMap((each, i) => (each === closest ? [i + 1] : []));
}

/** The TypeScript line of a line of `part` (1-based), or of the closest one before it; 0 for none. */
export function typeScriptLineFor(part: PythonPart, line: number): number {
  for (let at = Math.min(line, part.lineMap.length); at > 0; at--) {
    const found = part.lineMap[at - 1];
    if (found !== undefined && found > 0) return found;
  }
  return 0;
}
