import { describe, expect, it } from 'vitest';
import { mainPy, splitMainPy } from './main-py.ts';

describe("the board's main.py", () => {
  it('is small, plain ASCII, and never calls sys.exit', () => {
    const text = mainPy();
    expect(text.length).toBeLessThan(4800);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text).not.toContain('sys.exit');
  });

  it('comes apart into setup, step and error handling', () => {
    const parts = splitMainPy(mainPy())!;
    expect(parts.step).toBe('board_main.step()');
    expect(parts.onError.trim()).toBe('recover(error)');
    expect(parts.setup).toContain('def check(slot):');
    expect(
      parts.setup.trimEnd().endsWith('\nboard_main = start()\ngc.collect()\nheld.append(2)'),
    ).toBe(true);
    expect(parts.setup).not.toContain('try:\n    board_main');
  });

  it('lets Ctrl-C through but no other exception', () => {
    expect(mainPy()).toContain('\nexcept (Exception, SystemExit) as error:\n');
  });
});

describe('taking a main.py apart', () => {
  it('takes a bare loop at the end', () => {
    expect(splitMainPy('import x\nwhile x.step():\n    pass\n')).toEqual({
      setup: 'import x\n',
      step: 'x.step()',
      onError: 'raise error\n',
    });
  });

  it('takes a loop in a try, with statements before it and several in the handler', () => {
    const text =
      'a = 1\ntry:\n  b = 2\n\n  while run(b):\n    pass\nexcept Exception as error:\n  f(error)\n  g()\n';
    expect(splitMainPy(text.replaceAll('\n', '\r\n'))).toEqual({
      setup: 'a = 1\nb = 2\n\n',
      step: 'run(b)',
      onError: 'f(error)\ng()\n',
    });
  });

  it.each([
    'print(1)\n',
    'while x():\n    y()\n',
    'while x():\n    pass\nprint(2)\n',
    'try:\n    while x():\n        pass\nexcept Exception as error:\n    f(error)\nprint(3)\n',
    '',
  ])('leaves alone what does not end in such a loop (%j)', (text) => {
    expect(splitMainPy(text)).toBeUndefined();
  });
});
