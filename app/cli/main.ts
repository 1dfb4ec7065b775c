/** The command line as a process; run.ts has the commands. */
import { InputError } from './command.ts';
import { runCommandLine } from './run.ts';

const cancel = new AbortController();
process.once('SIGINT', () => cancel.abort(new InputError('stopped by control-C')));

const streams = {
  out: (text: string) => process.stdout.write(`${text}\n`),
  err: (text: string) => process.stderr.write(`${text}\n`),
};

process.exitCode = await runCommandLine(process.argv.slice(2), streams, cancel.signal);
