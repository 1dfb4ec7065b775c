import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What the person gave is bad: exit status 1 with the reason. */
export class InputError extends Error {}
/** The command was called wrongly: exit status 2 with the usage. */
export class UsageError extends Error {}

export interface Streams {
  /** Results: people's text, or one JSON value with --json. */
  out(text: string): void;
  /** Diagnostics and progress. */
  err(text: string): void;
}

export interface Invocation extends Streams {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  readonly json: boolean;
  /** Aborted when the person presses control-C. */
  readonly signal: AbortSignal;
}

export interface Command {
  /** One line, without the command's own name. */
  readonly usage: string;
  readonly summary: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** How many positional arguments at least and at most. */
  readonly positionals?: readonly [number, number];
  /** @returns the exit status: 0 done, 1 the input was bad. */
  run(invocation: Invocation): Promise<number>;
}

/** @throws UsageError with Node's own wording for an unknown option or a missing value. */
export function parseInvocation(
  command: Command,
  args: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Invocation {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options: { ...command.options, json: { type: 'boolean' } },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const [least, most] = command.positionals ?? [0, 0];
  const given = parsed.positionals.length;
  if (given < least || given > most) {
    throw new UsageError(
      given < least
        ? 'an argument is missing'
        : `unexpected argument "${parsed.positionals[most]}"`,
    );
  }
  const values = parsed.values as Record<string, string | boolean | undefined>;
  return {
    ...streams,
    values,
    positionals: parsed.positionals,
    json: values['json'] === true,
    signal,
  };
}

/** @throws UsageError when the option is missing. */
export function required(invocation: Invocation, name: string): string {
  const value = invocation.values[name];
  if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} is missing`);
  return value;
}

export function optional(invocation: Invocation, name: string): string | null {
  const value = invocation.values[name];
  return typeof value === 'string' ? value : null;
}
