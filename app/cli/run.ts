/**
 * The command line: the same functions as the app, for Node.
 * Exit status: 0 done, 1 the input was bad (with the reason), 2 wrong usage.
 */
import { type Command, InputError, type Streams, UsageError, parseInvocation } from './command.ts';

const COMMANDS: Record<string, () => Promise<{ readonly command: Command }>> = {
  build: () => import('./build.ts'),
  compile: () => import('./compile.ts'),
  keygen: () => import('./keygen.ts'),
  node: () => import('./node.ts'),
  image: () => import('./image.ts'),
  inspect: () => import('./inspect.ts'),
  nvs: () => import('./nvs.ts'),
  fs: () => import('./fs.ts'),
  flash: () => import('./flash.ts'),
  provision: () => import('./provision.ts'),
  rotate: () => import('./rotate.ts'),
  console: () => import('./console.ts'),
  simulate: () => import('./simulate.ts'),
  bench: () => import('./bench.ts'),
};

async function help(): Promise<string> {
  const lines = ['usage: npm run -s cli -- <command> [options] [--json]', ''];
  for (const [name, load] of Object.entries(COMMANDS)) {
    const { command } = await load();
    lines.push(`  ${name} ${command.usage}`, `      ${command.summary}`);
  }
  return lines.join('\n');
}

/** @returns the exit status. @param signal aborted with an InputError to stop the command. */
export async function runCommandLine(
  args: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    streams.out(await help());
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    streams.err(`unknown command "${name}"\n\n${await help()}`);
    return 2;
  }
  const { command } = await load();
  const usage = `usage: npm run -s cli -- ${name} ${command.usage}`;
  if (rest.includes('--help') || rest.includes('-h')) {
    streams.out(`${usage}\n${command.summary}`);
    return 0;
  }
  try {
    return await command.run(parseInvocation(command, rest, streams, signal));
  } catch (error) {
    if (error instanceof UsageError) {
      streams.err(`${name}: ${error.message}\n${usage}`);
      return 2;
    }
    if (error instanceof InputError) {
      if (rest.includes('--json')) streams.out(JSON.stringify({ ok: false, error: error.message }));
      streams.err(`${name}: ${error.message}`);
      return 1;
    }
    throw error;
  }
}
