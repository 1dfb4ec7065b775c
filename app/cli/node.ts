import { networkFromJson, nodeToJson } from '../fleet/files.ts';
import { newNode } from '../fleet/record.ts';
import { nodeFileOf } from '../provision/identity.ts';
import { type Command, InputError, required } from './command.ts';
import { readText, writeOut } from './files.ts';
import { worded } from './keygen.ts';

export const command: Command = {
  usage: '--network FILE --mac MAC --name NAME --zone ZONE --out FILE',
  summary: 'makes the record of one node with a fresh node key; the file is a secret (mode 0600)',
  options: {
    network: { type: 'string' },
    mac: { type: 'string' },
    name: { type: 'string' },
    zone: { type: 'string' },
    out: { type: 'string' },
  },
  async run(invocation) {
    const networkPath = required(invocation, 'network');
    const mac = required(invocation, 'mac').toLowerCase().replaceAll('-', ':');
    const name = required(invocation, 'name');
    const zone = required(invocation, 'zone');
    const out = required(invocation, 'out');
    if ((Number.parseInt(mac.slice(0, 2), 16) & 1) === 1) {
      throw new InputError(
        `${mac} is a group address; a board's own address has an even first byte`,
      );
    }
    const networkText = await readText(networkPath);
    const file = worded(() => {
      const network = networkFromJson(networkText);
      return nodeFileOf(network, newNode({ name, zone, mac }, [], Date.now()));
    });
    await writeOut(out, nodeToJson(file), true);
    invocation.out(
      invocation.json
        ? JSON.stringify({ ok: true, id: file.node.id, mac, name: file.node.name, zone, out })
        : `node "${file.node.name}" (${mac}) in zone ${zone}: ${out} (keep it secret)`,
    );
    return 0;
  },
};
