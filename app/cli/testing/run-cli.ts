/** Runs a command of the command line inside the test's process. */
import { expect } from 'vitest';
import { runCommandLine } from '../run.ts';

export interface Ran {
  status: number;
  /** Lines of standard output. */
  out: string;
  err: string;
}

/** @param signal for commands that run until they are stopped. */
export async function cli(args: readonly string[], signal?: AbortSignal): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCommandLine(
    args,
    { out: (text) => out.push(text), err: (text) => err.push(text) },
    signal ?? new AbortController().signal,
  );
  return { status, out: out.join('\n'), err: err.join('\n') };
}

/** Done, or the test fails with what the command said. */
export async function done(...args: string[]): Promise<string> {
  const { status, out, err } = await cli(args);
  expect(status, err).toBe(0);
  return out;
}

/** Bad input: exit status 1. @returns the reason */
export async function refused(...args: string[]): Promise<string> {
  const { status, err } = await cli(args);
  expect(status, err).toBe(1);
  return err;
}

/** Wrong usage: exit status 2. @returns what was said */
export async function misused(...args: string[]): Promise<string> {
  const { status, err } = await cli(args);
  expect(status, err).toBe(2);
  expect(err).toContain('usage: ');
  return err;
}

/** The one JSON value that a command prints with --json. */
export async function json<T>(...args: string[]): Promise<T> {
  return JSON.parse(await done(...args, '--json')) as T;
}
