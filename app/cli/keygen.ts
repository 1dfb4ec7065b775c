import { FleetError } from '../fleet/fleet-error.ts';
import { networkToJson } from '../fleet/files.ts';
import { newNetwork, type RouterRecord } from '../fleet/record.ts';
import {
  type Command,
  InputError,
  type Invocation,
  UsageError,
  optional,
  required,
} from './command.ts';
import { readText, writeOut } from './files.ts';

/** By their numbers in the credentials; see firmware-src/mesh/profile.ts. */
const TIMINGS = ['default', 'classic'];

export const command: Command = {
  usage:
    '--out FILE [--name NAME] [--channel 1..13] [--timing default|classic] [--router SSID [--router-password-file FILE]]',
  summary:
    "makes a network with fresh keys; the file is a secret (mode 0600). --router: its best-placed node joins this router, whose password is the file's first line (an open one has none)",
  options: {
    out: { type: 'string' },
    name: { type: 'string' },
    channel: { type: 'string' },
    timing: { type: 'string' },
    router: { type: 'string' },
    'router-password-file': { type: 'string' },
  },
  async run(invocation) {
    const out = required(invocation, 'out');
    const name = optional(invocation, 'name') ?? 'mesh';
    const channelText = optional(invocation, 'channel');
    if (channelText !== null && !/^\d+$/.test(channelText)) {
      throw new UsageError(`--channel expects a number, got "${channelText}"`);
    }
    const timing = TIMINGS.indexOf(optional(invocation, 'timing') ?? 'default');
    if (timing < 0) throw new UsageError(`--timing is one of ${TIMINGS.join(', ')}`);
    const draft = {
      name,
      timing,
      router: await readRouter(invocation),
      ...(channelText === null ? {} : { channel: Number(channelText) }),
    };
    const network = worded(() => newNetwork(draft, Date.now()));
    await writeOut(out, networkToJson(network), true);
    const { id, channel } = network;
    const router = network.router?.ssid ?? null;
    invocation.out(
      invocation.json
        ? JSON.stringify({ ok: true, id, name: network.name, channel, router, out })
        : `network ${id} "${network.name}" on channel ${channel}: ${out} (keep it secret)`,
    );
    if (router !== null && !invocation.json) {
      invocation.out(
        `its root joins the router "${router}" and takes the mesh to its channel: build with --network ${out}`,
      );
    }
    return 0;
  },
};

/** A password on the command line would stay in the shell's history. */
async function readRouter(invocation: Invocation): Promise<RouterRecord | null> {
  const ssid = optional(invocation, 'router');
  const path = optional(invocation, 'router-password-file');
  if (ssid === null) {
    if (path === null) return null;
    throw new UsageError('--router-password-file goes with --router');
  }
  const password = path === null ? '' : (await readText(path)).split(/\r?\n/, 1)[0]!;
  return { ssid, password };
}

/** Turns the fleet's worded errors into bad input. */
export function worded<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof FleetError) throw new InputError(error.message);
    throw error;
  }
}
