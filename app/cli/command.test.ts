import { describe, expect, it } from 'vitest';
import { type Command, UsageError, optional, parseInvocation, required } from './command.ts';

const command: Command = {
  usage: 'FILE --out DIR',
  summary: 'a command for these tests',
  options: { out: { type: 'string' } },
  positionals: [1, 2],
  run: () => Promise.resolve(0),
};
const streams = { out: () => undefined, err: () => undefined };
const parse = (...args: string[]) =>
  parseInvocation(command, args, streams, new AbortController().signal);

describe('the arguments of a command', () => {
  it('are options and positionals, and every command knows --json', () => {
    const invocation = parse('a.ts', '--out', 'x', '--json');
    expect(invocation.positionals).toEqual(['a.ts']);
    expect(required(invocation, 'out')).toBe('x');
    expect(invocation.json).toBe(true);
  });
  it.each([
    ['an unknown option', ['a.ts', '--colour', 'red']],
    ['an option without its value', ['a.ts', '--out']],
    ['too few positionals', ['--out', 'x']],
    ['too many positionals', ['a', 'b', 'c']],
  ])('are refused as wrong usage: %s', (_case, args) => {
    expect(() => parse(...args)).toThrow(UsageError);
  });
  it('name the option that is missing', () => {
    expect(() => required(parse('a.ts'), 'out')).toThrow('--out is missing');
    expect(optional(parse('a.ts'), 'out')).toBeNull();
  });
});
