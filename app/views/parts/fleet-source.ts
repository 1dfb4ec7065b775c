/** The encrypted fleet of app/fleet as the screens use it: no key ever passes through here. */
import { markLost, markSeen, newNode, type NodeRecord } from '../../fleet/record.ts';
import { FleetStore, type OpenNetwork } from '../../fleet/store.ts';
import type { FleetSource, NetworkHandle, NodeEntry } from '../shared/ports.ts';

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
      const { id, name, createdAtMs, channel, zones } = record;
      const entries = nodes.map(entryOf).sort((a, b) => ORDER.compare(a.name, b.name));
      return { id, name, createdAtMs, channel, zones, nodes: entries };
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
    markSeen: (macs, atMs) => markEach(network, macs, (record) => markSeen(record, atMs)),
    markLost: (macs, atMs) => markEach(network, macs, (record) => markLost(record, atMs)),
    lock: () => network.lock(),
  };
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
    async create({ name, channel, zones, passphrase }) {
      const draft = { name, channel, zones };
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
