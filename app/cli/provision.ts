import { openConsole } from '../console/board-console.ts';
import { networkFromJson, nodeFromJson } from '../fleet/files.ts';
import { ProvisionError } from '../provision/provision-error.ts';
import { joinBoard } from '../provision/session.ts';
import { type Command, InputError, required } from './command.ts';
import { readText } from './files.ts';
import { worded } from './keygen.ts';
import { connectTcp } from './tcp-stream.ts';

export const command: Command = {
  usage: '--network FILE --node FILE --connect HOST:PORT [--through]',
  summary:
    "runs the registrar's side of the handshake with the board on a TCP socket (--through: with a keyless board near it, whose " +
    'button somebody holds for 5 s meanwhile)',
  options: {
    network: { type: 'string' },
    node: { type: 'string' },
    connect: { type: 'string' },
    through: { type: 'boolean' },
  },
  async run(invocation) {
    const networkPath = required(invocation, 'network');
    const nodePath = required(invocation, 'node');
    const address = required(invocation, 'connect');
    const networkText = await readText(networkPath);
    const nodeText = await readText(nodePath);
    const network = worded(() => networkFromJson(networkText));
    const { node, networkId } = worded(() => nodeFromJson(nodeText));
    if (networkId !== network.id) {
      throw new InputError(`the node belongs to network ${networkId}, not to ${network.id}`);
    }
    if (network.rotation?.revoked.includes(node.id)) {
      throw new InputError(
        `${node.name} is being revoked, and would get the new keys. Take it back first (rotate --keep, before the switch), or finish the rotation and make it a new record`,
      );
    }
    const through = invocation.values['through'] === true;
    const board = openConsole(await connectTcp(address, invocation.signal));
    try {
      const { proof, hello } = await joinBoard(board, {
        network,
        node,
        through,
        signal: invocation.signal,
        onStage: (stage) => invocation.err(stage),
      });
      invocation.out(
        invocation.json
          ? JSON.stringify({
              ok: true,
              state: 'joined',
              ...proof,
              // Through another board, it is that one's hello.
              ...(through ? {} : { chip: hello.chip, runtime: hello.runtime }),
            })
          : `${proof.mac} joined network ${proof.networkId} as "${node.name}"`,
      );
      return 0;
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error;
      if (invocation.json) {
        invocation.out(
          JSON.stringify({ ok: false, code: error.code, error: error.message, next: error.next }),
        );
        invocation.err(error.message);
        return 1;
      }
      throw new InputError(`${error.message} ${error.next}`);
    } finally {
      await board.close();
    }
  },
};
