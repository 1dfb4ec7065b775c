import { expect, it } from 'vitest';
import { namesPython, withTracebacks } from './tracebacks.ts';

const log = (text: string): { kind: string; text: string } => ({ kind: 'log', text });
const traceback = [
  'Traceback (most recent call last):',
  '  File "board_main.py", line 12, in a',
  "AttributeError: 'A' object has no attribute 'b'",
];
const lines = [
  log('before'),
  ...traceback.map(log),
  { kind: 'frame', text: 'File "board_main.py", line 3' },
  log('after'),
];

it('hands each traceback over as a whole, with the error at its end, and nothing else', () => {
  const asked: string[] = [];
  const shown = withTracebacks(lines, (text) => {
    asked.push(text);
    return text.replace('board_main.py", line 12', 'board/main.ts", line 7');
  });
  expect(asked).toEqual([traceback.join('\n')]);
  expect(shown.map(({ text }) => text)).toEqual([
    'before',
    traceback[0],
    '  File "board/main.ts", line 7, in a',
    traceback[2],
    'File "board_main.py", line 3',
    'after',
  ]);
});
it('leaves everything as it is when the build is not known', () => {
  expect(withTracebacks(lines, () => null)).toEqual(lines);
});
it('takes a traceback that is cut by the end or by a frame', () => {
  const cut = [log(traceback[0]!), log(traceback[1]!)];
  expect(withTracebacks(cut, (text) => text.toUpperCase())[1]!.text).toContain('BOARD_MAIN');
  const broken = [...cut, { kind: 'frame', text: 'x' }, log('not part of it')];
  expect(withTracebacks(broken, (text) => text.toUpperCase())[3]!.text).toBe('not part of it');
});
it('knows a line that names Python from one that was translated, or is a frame of the console', () => {
  expect(lines.filter(namesPython)).toEqual([log(traceback[1]!)]);
  expect(namesPython(log('  File "board/main.ts", line 3'))).toBe(false);
});
