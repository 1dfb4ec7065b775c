import { type BoardConsole, type ConsoleEvent, openConsole } from '../console/board-console.ts';
import { translateTraceback } from '../compiler/traceback.ts';
import { ConsoleError } from '../console/console-error.ts';
import { networkFromJson } from '../fleet/files.ts';
import { signAsAdministrator } from '../provision/administrator.ts';
import { macBytes } from '../../firmware-src/std/hex.ts';
import {
  type Command,
  InputError,
  type Invocation,
  UsageError,
  optional,
  required,
} from './command.ts';
import { readText } from './files.ts';
import { worded } from './keygen.ts';
import { readBuild } from './manifest.ts';
import { connectTcp } from './tcp-stream.ts';

export const command: Command = {
  usage: '--connect HOST:PORT [--build DIR] [--send JSON [--network FILE]] [--seconds N]',
  summary:
    'prints frames and log lines of a board; sends a request such as {"t":"stats"} and prints its answer; with --network, as the administrator of that network, whom a joined board wants for all that changes something; with --build, tracebacks name TypeScript files and lines',
  options: {
    connect: { type: 'string' },
    build: { type: 'string' },
    send: { type: 'string' },
    network: { type: 'string' },
    seconds: { type: 'string' },
  },
  async run(invocation) {
    const address = required(invocation, 'connect');
    const request = parseRequest(optional(invocation, 'send'));
    const adminKey = await readAdminKey(optional(invocation, 'network'));
    const limitMs = parseSeconds(optional(invocation, 'seconds'));
    const build = optional(invocation, 'build');
    const translate = build === null ? (text: string) => text : await translator(build);
    const board = openConsole(await connectTcp(address, invocation.signal), {
      onEvent: (event) => print(invocation, event, translate),
    });
    const stop = (): void => void board.close();
    invocation.signal.addEventListener('abort', stop, { once: true });
    let isLate = false;
    const late = (): void => {
      isLate = true;
      stop();
    };
    const timer = limitMs === null ? null : setTimeout(late, limitMs);
    try {
      if (request !== null) {
        const { t, id: _id, ...fields } = request;
        if (adminKey !== null) await sign(board, adminKey, invocation.signal);
        await board.request(t, fields, { signal: invocation.signal });
        if (limitMs === null) return 0;
      }
      let broken: ConsoleError | null = null;
      board.subscribe((event) => {
        if (event.kind === 'ended') broken = event.error;
      });
      await board.ended;
      if (broken !== null) throw broken;
      return 0;
    } catch (error) {
      if (!(error instanceof ConsoleError)) throw error;
      if (!isLate || error.code !== 'closed') throw new InputError(error.message);
      throw new InputError(
        `no answer within ${limitMs! / 1000} s: a board that has just started, or is busy, needs longer; give it more --seconds`,
      );
    } finally {
      if (timer !== null) clearTimeout(timer);
      await board.close();
    }
  },
};

async function readAdminKey(path: string | null): Promise<Uint8Array | null> {
  if (path === null) return null;
  const text = await readText(path);
  return worded(() => networkFromJson(text)).keys.adminKey;
}

/** Requests are tagged from now on. */
async function sign(board: BoardConsole, adminKey: Uint8Array, signal: AbortSignal): Promise<void> {
  const hello = await board.waitForHello({ signal });
  const mac = macBytes(hello.mac);
  if (mac === null) throw new InputError('the board has no address to sign a request for');
  signAsAdministrator(board, adminKey, mac);
}

/** Lines of a traceback in terms of the sources of the build in `folder`; other lines stay as they are. */
async function translator(folder: string): Promise<(text: string) => string> {
  const { manifest } = await readBuild(folder);
  const modules = manifest.modules.map(({ name, source, ...module }) => ({
    name,
    path: source,
    lineMap: module.lineMap,
    parts: module.parts,
    shortNames: module.shortNames,
    traces: module.traces,
  }));
  return (text) => translateTraceback(text, modules);
}

function print(
  { json, out, err }: Invocation,
  event: ConsoleEvent,
  translate: (text: string) => string,
): void {
  if (event.kind === 'frame') out(JSON.stringify(event.frame));
  else if (event.kind === 'log') {
    const text = translate(event.text);
    out(json ? JSON.stringify({ t: 'text', text }) : text);
  } else if (event.kind === 'rebooted') err('the board restarted');
  else if (event.error !== null) err(event.error.message);
}

function parseRequest(
  text: string | null,
): { t: string; id?: unknown; [field: string]: unknown } | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--send expects JSON: ${(error as Error).message}`);
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    typeof (value as { t?: unknown }).t !== 'string'
  ) {
    throw new UsageError('--send expects an object with a text "t", such as {"t":"stats"}');
  }
  return value as { t: string };
}

function parseSeconds(text: string | null): number | null {
  if (text === null) return null;
  const seconds = Number(text);
  if (!(seconds > 0)) throw new UsageError(`--seconds expects a number, got "${text}"`);
  return seconds * 1000;
}
