/**
 * The laptop's book of a key rotation: who shall get the new keys, who has them, who shall not. Plain values; no radio.
 *
 *   start -> told, one node after the other -> switch -> finish
 *     ^        |                                           revoked nodes lose their node key; the old network key is forgotten
 *     +--------+  revoking one more begins again with fresh keys: it may have the new ones already
 *
 * Until the switch the old key rules, and a node that was to be revoked can be taken back. The setup key changes along, for a
 * revoked board knows the old one and could be admitted by button again with it.
 */
import { randomBytes } from '../keys/crypto.ts';
import { forgetPreviousKey, KEY_BYTES, rotateNetworkKey } from '../keys/network-keys.ts';
import { FleetError } from './fleet-error.ts';
import type { NetworkRecord, NodeRecord, RotationRecord } from './record.ts';
import { markRevoked } from './record.ts';

function under(network: NetworkRecord): RotationRecord {
  if (network.rotation) return network.rotation;
  throw new FleetError('no-rotation', 'No keys are being rotated in this network.');
}

/**
 * Fresh keys of the next epoch, told to nobody yet. One that was begun and has not switched is begun again: whoever it had told
 * is told anew, and the key that rules now stays the old one.
 * @param revoked ids of nodes that are to be left out
 */
export function startRotation(
  network: NetworkRecord,
  revoked: readonly string[],
  atMs: number,
): NetworkRecord {
  const { rotation, keys } = network;
  if (rotation?.switched) {
    throw new FleetError(
      'rotation-running',
      'The nodes are changing over to new keys just now. Finish that first.',
    );
  }
  const next = rotateNetworkKey(keys);
  const ruling = rotation ? keys.previous : keys.current;
  return {
    ...network,
    keys: { ...next, previous: ruling, setupKey: randomBytes(KEY_BYTES) },
    rotation: {
      startedAtMs: rotation?.startedAtMs ?? atMs,
      switched: false,
      told: [],
      revoked: [...new Set([...(rotation?.revoked ?? []), ...revoked])],
    },
  };
}

/** Undoes the revocation of a node: it will be told like the others. @throws FleetError once the nodes have switched */
export function takeBack(network: NetworkRecord, nodeId: string): NetworkRecord {
  const rotation = under(network);
  if (rotation.switched) {
    throw new FleetError(
      'rotation-running',
      'The nodes go by the new keys already. To have this node back, write it and join it again.',
    );
  }
  return {
    ...network,
    rotation: { ...rotation, revoked: rotation.revoked.filter((id) => id !== nodeId) },
  };
}

/** A node has shown, by a receipt or a handshake, that it has the keys of this epoch. */
export function noteTold(network: NetworkRecord, nodeId: string, epoch: number): NetworkRecord {
  const { rotation, keys } = network;
  if (!rotation || epoch !== keys.current.epoch || rotation.told.includes(nodeId)) return network;
  return { ...network, rotation: { ...rotation, told: [...rotation.told, nodeId] } };
}

/** From now on nodes are told to send under the new key. */
export function switchOver(network: NetworkRecord): NetworkRecord {
  return { ...network, rotation: { ...under(network), switched: true } };
}

/** The old key is forgotten. The caller marks the nodes of `rotation.revoked` with finishNode(). */
export function finishRotation(network: NetworkRecord): NetworkRecord {
  if (!under(network).switched) {
    throw new FleetError(
      'rotation-running',
      'The nodes have not changed over to the new keys yet.',
    );
  }
  return { ...network, keys: forgetPreviousKey(network.keys), rotation: null };
}

/** What a finished rotation leaves of a node. */
export function finishNode(rotation: RotationRecord, node: NodeRecord, atMs: number): NodeRecord {
  return rotation.revoked.includes(node.id) ? markRevoked(node, atMs) : node;
}

export type Standing = 'has' | 'waits' | 'revoked' | 'outside';

/** How a node stands in the rotation; `outside`: it was never a member, or is none any more. */
export function standingOf(rotation: RotationRecord, node: NodeRecord): Standing {
  if (rotation.revoked.includes(node.id)) return 'revoked';
  if (node.state === 'revoked' || node.state === 'planned' || node.mac === null) return 'outside';
  return rotation.told.includes(node.id) ? 'has' : 'waits';
}
