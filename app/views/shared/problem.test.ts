import { expect, it } from 'vitest';
import { isCancelled, problemOf, WordedError } from './problem.ts';

it('words a known code and keeps the technical text for copying', () => {
  const problem = problemOf(
    Object.assign(new Error('port 3 is busy'), { code: 'in-use' }),
    'opening',
  );
  expect(problem.title).toBe('The port is in use');
  expect(problem.details).toContain('port 3 is busy');
  expect(problem.details).toContain('while: opening');
});
it('says plainly what failed when the code is unknown', () => {
  const problem = problemOf(new Error('flash id 0xffff'), 'reading the chip');
  expect(problem.title).toBe('Something failed while reading the chip');
  expect(problem.cause).toBe('flash id 0xffff');
});
it('keeps the words of an error that brings its own', () => {
  const own = { code: 'x', title: 'a', cause: 'b', next: 'c', details: 'd' };
  expect(problemOf(new WordedError(own), 'doing')).toBe(own);
});
it('prefers the words of a part that says what to do next', () => {
  const thrown = Object.assign(new Error('The board was unplugged.'), {
    code: 'unplugged',
    fix: 'Plug it in again.',
    details: 'block 7 of 20',
  });
  expect(problemOf(thrown, 'writing')).toMatchObject({
    title: 'The board was unplugged.',
    next: 'Plug it in again.',
  });
  expect(problemOf(thrown, 'writing').details).toContain('block 7 of 20');
});
it('survives thrown values that are not errors', () => {
  expect(problemOf('just text', 'doing').cause).toBe('just text');
  expect(problemOf(null, 'doing').code).toBe('unexpected');
});
it('knows a cancelled action from a failed one', () => {
  expect(isCancelled(new DOMException('stop', 'AbortError'))).toBe(true);
  expect(isCancelled(Object.assign(new Error(), { code: 'cancelled' }))).toBe(true);
  expect(isCancelled(new Error('no'))).toBe(false);
});
