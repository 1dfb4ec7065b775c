/** Tracebacks among the lines that a board printed, in TypeScript's terms. */
interface Line {
  readonly kind: string;
  readonly text: string;
}

const BEGINS = /^Traceback \(most recent call last\)/;
const FRAME = /^\s+File "[^"]+", line \d+/;

/** Whether a line names a place in Python, so that a build is worth having. */
export const namesPython = ({ kind, text }: Line): boolean =>
  kind === 'log' && FRAME.test(text) && !/\.ts"/.test(text);

/**
 * The same lines with each traceback translated as a whole: its last line quotes names that only its frames explain.
 * Lines that `translate` knows nothing about (null) stay as they are, as does everything else a board says.
 */
export function withTracebacks<T extends Line>(
  lines: readonly T[],
  translate: (text: string) => string | null,
): readonly T[] {
  if (!lines.some(namesPython)) return lines;
  const shown = [...lines];
  for (let at = 0; at < lines.length; at++) {
    const first = lines[at]!;
    if (first.kind !== 'log' || !BEGINS.test(first.text)) continue;
    let end = at + 1;
    while (end < lines.length && lines[end]!.kind === 'log' && /^\s/.test(lines[end]!.text)) end++;
    // The error itself.
    if (lines[end]?.kind === 'log') end++;
    const block = lines.slice(at, end);
    const texts = translate(block.map(({ text }) => text).join('\n'))?.split('\n');
    if (texts?.length === block.length) {
      block.forEach((line, i) => (shown[at + i] = { ...line, text: texts[i]! }));
    }
    at = end - 1;
  }
  return shown;
}
