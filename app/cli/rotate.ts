import { rename } from 'node:fs/promises';
import { openConsole, type BoardConsole } from '../console/board-console.ts';
import { ConsoleError } from '../console/console-error.ts';
import { networkFromJson, networkToJson, nodeFromJson, nodeToJson } from '../fleet/files.ts';
import type { NetworkRecord, NodeRecord } from '../fleet/record.ts';
import {
  finishNode,
  finishRotation,
  noteTold,
  startRotation,
  switchOver,
  takeBack,
} from '../fleet/rotation.ts';
import { deliver } from '../provision/deliver.ts';
import { nodeFileOf } from '../provision/identity.ts';
import { ProvisionError } from '../provision/provision-error.ts';
import {
  type Command,
  type Invocation,
  InputError,
  optional,
  required,
  UsageError,
} from './command.ts';
import { readText, writeOut } from './files.ts';
import { worded } from './keygen.ts';
import { connectTcp } from './tcp-stream.ts';

const STEPS = ['start', 'tell', 'switch', 'finish'] as const;

interface Held {
  readonly path: string;
  readonly node: NodeRecord;
}

/** Old or new, whole: a key that is lost half-way costs the network. */
async function replace(path: string, text: string): Promise<void> {
  await writeOut(`${path}.new`, text, true);
  await rename(`${path}.new`, path);
}

async function readNodes(invocation: Invocation, name: string, id: string): Promise<Held[]> {
  const held: Held[] = [];
  for (const path of (optional(invocation, name) ?? '').split(',').filter((part) => part !== '')) {
    const text = await readText(path);
    const { node, networkId } = worded(() => nodeFromJson(text));
    if (networkId !== id)
      throw new InputError(`${path} belongs to network ${networkId}, not to ${id}`);
    held.push({ path, node });
  }
  return held;
}

export const command: Command = {
  usage:
    '--network FILE --step start|tell|switch|finish [--nodes FILE,...] [--revoke FILE,...] [--keep FILE,...] [--connect HOST:PORT] [--anyway]',
  summary:
    'new keys for a network, one step after the other: start makes them, tell and switch send them to --nodes through the joined ' +
    'board on a TCP socket, finish forgets the old ones; --revoke leaves nodes out for good, --keep takes that back before the switch',
  options: {
    network: { type: 'string' },
    step: { type: 'string' },
    nodes: { type: 'string' },
    revoke: { type: 'string' },
    keep: { type: 'string' },
    connect: { type: 'string' },
    anyway: { type: 'boolean' },
  },
  async run(invocation) {
    const path = required(invocation, 'network');
    const step = STEPS.find((name) => name === required(invocation, 'step'));
    if (step === undefined) throw new UsageError(`--step is one of ${STEPS.join(', ')}`);
    const text = await readText(path);
    let network = worded(() => networkFromJson(text));
    const nodes = await readNodes(invocation, 'nodes', network.id);
    const revoke = await readNodes(invocation, 'revoke', network.id);
    const keep = await readNodes(invocation, 'keep', network.id);
    if (revoke.length > 0 && step !== 'start')
      throw new UsageError('--revoke goes with --step start');
    if (step === 'tell' || step === 'switch') required(invocation, 'connect');
    const save = async (changed: NetworkRecord): Promise<void> => {
      network = changed;
      await replace(path, networkToJson(network));
    };
    if (step === 'start') {
      const ids = revoke.map(({ node }) => node.id);
      await save(worded(() => startRotation(network, ids, Date.now())));
      invocation.out(
        `keys of epoch ${network.keys.current.epoch} are in ${path}; no node has them yet`,
      );
      return 0;
    }
    for (const { node } of keep) await save(worded(() => takeBack(network, node.id)));
    if (step === 'finish') {
      const { rotation } = network;
      const finished = worded(() => finishRotation(network));
      await save(finished);
      for (const { path: file, node } of nodes) {
        const left = rotation ? finishNode(rotation, node, Date.now()) : node;
        await replace(file, nodeToJson(nodeFileOf(network, left)));
      }
      invocation.out(`the keys of epoch ${network.keys.current.epoch} are the only ones now`);
      return 0;
    }
    if (network.rotation === null) throw new InputError('begin with --step start');
    const { rotation } = network;
    if (step === 'switch' && !rotation.switched) {
      // Node files do not follow what becomes of a node: whoever is named counts as a member.
      const { told, revoked } = rotation;
      const waiting = nodes.filter(
        ({ node: { id } }) => !told.includes(id) && !revoked.includes(id),
      );
      if (waiting.length > 0 && invocation.values['anyway'] !== true) {
        const names = waiting.map(({ node }) => node.name).join(', ');
        throw new InputError(
          `without the new keys yet: ${names}. Tell them first; with --anyway they are cut off until they join again over USB`,
        );
      }
      await save(worded(() => switchOver(network)));
    }
    return tell(invocation, nodes, () => network, save);
  },
};

async function tell(
  invocation: Invocation,
  nodes: readonly Held[],
  network: () => NetworkRecord,
  save: (network: NetworkRecord) => Promise<void>,
): Promise<number> {
  const board = openConsole(await connectTcp(required(invocation, 'connect'), invocation.signal));
  let missing = 0;
  try {
    for (const { path, node } of nodes) {
      if (network().rotation?.revoked.includes(node.id)) {
        invocation.out(`${node.name}: revoked, not told`);
        continue;
      }
      const said = await tellOne(invocation, board, network(), node);
      if (typeof said === 'string') {
        missing++;
        invocation.out(`${node.name}: ${said}`);
        continue;
      }
      await save(noteTold(network(), node.id, said));
      await replace(path, nodeToJson(nodeFileOf(network(), node)));
      invocation.out(`${node.name}: has the keys of epoch ${said}`);
    }
  } finally {
    await board.close();
  }
  return missing === 0 ? 0 : 1;
}

/** The epoch that the node has, or why not. */
async function tellOne(
  invocation: Invocation,
  board: BoardConsole,
  network: NetworkRecord,
  node: NodeRecord,
): Promise<number | string> {
  try {
    return (await deliver(board, { network, node, signal: invocation.signal })).epoch;
  } catch (error) {
    if (error instanceof ProvisionError) return `${error.message} ${error.next}`;
    if (error instanceof ConsoleError) throw new InputError(error.message);
    throw error;
  }
}
