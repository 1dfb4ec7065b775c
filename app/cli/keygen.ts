import { FleetError } from '../fleet/fleet-error.ts';
import { networkToJson } from '../fleet/files.ts';
import { newNetwork } from '../fleet/record.ts';
import { type Command, InputError, UsageError, optional, required } from './command.ts';
import { writeOut } from './files.ts';

/** By their numbers in the credentials; see firmware-src/mesh/profile.ts. */
const TIMINGS = ['default', 'classic'];

export const command: Command = {
  usage: '--out FILE [--name NAME] [--channel 1..13] [--timing default|classic]',
  summary: 'makes a network with fresh keys; the file is a secret (mode 0600)',
  options: {
    out: { type: 'string' },
    name: { type: 'string' },
    channel: { type: 'string' },
    timing: { type: 'string' },
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
      ...(channelText === null ? {} : { channel: Number(channelText) }),
    };
    const network = worded(() => newNetwork(draft, Date.now()));
    await writeOut(out, networkToJson(network), true);
    const { id, channel } = network;
    invocation.out(
      invocation.json
        ? JSON.stringify({ ok: true, id, name: network.name, channel, out })
        : `network ${id} "${network.name}" on channel ${channel}: ${out} (keep it secret)`,
    );
    return 0;
  },
};

/** Turns the fleet's worded errors into bad input. */
export function worded<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof FleetError) throw new InputError(error.message);
    throw error;
  }
}
