/** The encrypted fleet of app/fleet as the screens use it: no key ever passes through here. */
import {
  confirmJoined,
  markLost,
  markSeen,
  newNode,
  type NetworkRecord,
  type NodeRecord,
} from '../../fleet/record.ts';
import {
  finishNode,
  finishRotation,
  noteTold,
  standingOf,
  startRotation,
  switchOver,
  takeBack,
} from '../../fleet/rotation.ts';
import { FleetStore, type OpenNetwork } from '../../fleet/store.ts';
import { deliver } from '../../provision/deliver.ts';
import { consoleOf } from './console-opener.ts';
import type { FleetSource, NetworkHandle, NodeEntry, RotationEntry } from '../shared/ports.ts';

/** A handle that also gives the parts below the screens the network itself. */
export interface StoredNetworkHandle extends NetworkHandle {
  readonly network: OpenNetwork;
}

export function networkOf(handle: NetworkHandle): OpenNetwork {
  if (!('network' in handle)) throw new Error('this network does not come from the store');
  return (handle as StoredNetworkHandle).network;
}

const ORDER = new Intl.Collator('en', { numeric: true });

function entryOf(node: NodeRecord): NodeEntry {
  const { id, name, zone, state, mac, chip, firmware, lastSeenMs } = node;
  return { id, name, zone, state, mac, chip, firmware, lastSeenAtMs: lastSeenMs };
}

function handleOf(network: OpenNetwork, nowMs: () => number): StoredNetworkHandle {
  return {
    id: network.id,
    network,
    async snapshot() {
      const [record, nodes] = await Promise.all([network.network(), network.nodes()]);
      const { id, name, createdAtMs, channel, zones, router } = record;
      const entries = nodes.map(entryOf).sort((a, b) => ORDER.compare(a.name, b.name));
      return {
        id,
        name,
        createdAtMs,
        channel,
        router: router && { ssid: router.ssid, hasPassword: router.password !== '' },
        zones,
        nodes: entries,
        rotation: rotationOf(record, nodes),
      };
    },
    async addNodes(drafts) {
      await network.addNodes((existing) => {
        const all = [...existing];
        return drafts.map((draft) => {
          const node = newNode(draft, all, nowMs());
          all.push(node);
          return node;
        });
      });
    },
    async editNode(id, change) {
      await network.updateNode(id, (node) => ({ ...node, ...change }));
    },
    removeNode: (id) => network.removeNode(id),
    async setZones(zones) {
      await network.updateNetwork((record) => ({ ...record, zones }));
    },
    async setRouter(router) {
      await network.updateNetwork((record) => ({
        ...record,
        router: router && {
          ssid: router.ssid,
          password: router.password ?? record.router?.password ?? '',
        },
      }));
    },
    markSeen: (macs, atMs) => markEach(network, macs, (record) => markSeen(record, atMs)),
    markLost: (macs, atMs) => markEach(network, macs, (record) => markLost(record, atMs)),
    async rotateKeys(revoked) {
      await network.updateNetwork((record) => startRotation(record, revoked, nowMs()));
    },
    async takeBack(nodeId) {
      await network.updateNetwork((record) => takeBack(record, nodeId));
    },
    async tellKeys(session, nodeId) {
      const [record, node] = await Promise.all([network.network(), network.node(nodeId)]);
      const proof = await deliver(consoleOf(session), { network: record, node });
      await network.updateNetwork((latest) => noteTold(latest, nodeId, proof.epoch));
      // A board that another one admitted is a member of the fleet from here on: only it could make this receipt.
      if (node.state === 'flashed') {
        await network.updateNode(nodeId, (latest) => confirmJoined(record, latest, proof, nowMs()));
      }
    },
    async switchKeys() {
      await network.updateNetwork(switchOver);
    },
    async finishRotation() {
      const { rotation } = await network.network();
      // First the nodes: a rotation that is still written down can be finished again.
      for (const id of rotation?.switched ? rotation.revoked : []) {
        await network.updateNode(id, (node) => finishNode(rotation!, node, nowMs()));
      }
      await network.updateNetwork(finishRotation);
    },
    lock: () => network.lock(),
  };
}

function rotationOf(record: NetworkRecord, nodes: readonly NodeRecord[]): RotationEntry | null {
  const { rotation } = record;
  if (rotation === null) return null;
  const standings = Object.fromEntries(nodes.map((node) => [node.id, standingOf(rotation, node)]));
  return { switched: rotation.switched, standings };
}

async function markEach(
  network: OpenNetwork,
  macs: readonly string[],
  mark: (record: NodeRecord) => NodeRecord,
): Promise<void> {
  for (const node of await network.nodes()) {
    if (node.mac !== null && macs.includes(node.mac)) await network.updateNode(node.id, mark);
  }
}

/** @param onRemove takes along what other stores keep for a network */
export function fleetSource(
  nowMs: () => number,
  onRemove: (id: string) => Promise<void> = async () => undefined,
): FleetSource {
  let opening: Promise<FleetStore> | null = null;
  const store = (): Promise<FleetStore> => {
    opening ??= FleetStore.open().catch((error: unknown) => {
      opening = null;
      throw Object.assign(new Error(`IndexedDB did not open: ${String(error)}`), {
        code: 'unavailable',
      });
    });
    return opening;
  };
  return {
    headers: async () => (await store()).headers(),
    async create({ name, channel, timing = 0, zones, passphrase }) {
      const draft = { name, channel, timing, zones };
      return handleOf(await (await store()).create(draft, passphrase, nowMs()), nowMs);
    },
    async unlock(id, passphrase) {
      return handleOf(await (await store()).unlock(id, passphrase), nowMs);
    },
    async remove(id) {
      await (await store()).remove(id);
      await onRemove(id);
    },
  };
}
