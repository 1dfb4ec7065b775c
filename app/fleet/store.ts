/**
 * The fleet in IndexedDB. At rest everything is ciphertext (names of nodes, zones and MAC addresses too) but for the
 * network's random id, its display name and the day it was made, which people need to choose what to unlock.
 *
 *   networks   id -> { id, name, createdAtMs, vault: VaultHeader, sealed: network record }
 *   nodes      [networkId, id] -> { networkId, id, sealed: node record }
 */
import type { DBSchema, IDBPDatabase } from 'idb';
import { openDB } from 'idb';
import { networkFromJson, networkToJson, nodeRecordFromJson, nodeRecordToJson } from './files.ts';
import { FleetError } from './fleet-error.ts';
import type { NetworkDraft, NetworkRecord, NodeRecord } from './record.ts';
import { checkNetwork, checkNode, newNetwork } from './record.ts';
import type { Sealed, Vault, VaultHeader } from './vault.ts';
import { changePassphrase, createVault, openVault } from './vault.ts';
import { equalBytes } from '../base/bytes.ts';

interface NetworkRow {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly vault: VaultHeader;
  readonly sealed: Sealed;
}

interface NodeRow {
  readonly networkId: string;
  readonly id: string;
  readonly sealed: Sealed;
}

interface FleetSchema extends DBSchema {
  networks: { key: string; value: NetworkRow };
  nodes: { key: [string, string]; value: NodeRow; indexes: { networkId: string } };
}

export interface NetworkHeader {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
}

const DATABASE = 'meshwright-fleet';
const DATABASE_VERSION = 1;
const MOST_RETRIES = 8;

const networkPurpose = (id: string): string => `network ${id}`;
const nodePurpose = (networkId: string, id: string): string => `node ${networkId}/${id}`;

function notFound(what: string): FleetError {
  return new FleetError('not-found', `This ${what} is not in the fleet any more.`);
}

export class FleetStore {
  readonly #database: IDBPDatabase<FleetSchema>;

  private constructor(database: IDBPDatabase<FleetSchema>) {
    this.#database = database;
  }

  static async open(name: string = DATABASE): Promise<FleetStore> {
    const database = await openDB<FleetSchema>(name, DATABASE_VERSION, {
      upgrade(db) {
        db.createObjectStore('networks', { keyPath: 'id' });
        const nodes = db.createObjectStore('nodes', { keyPath: ['networkId', 'id'] });
        nodes.createIndex('networkId', 'networkId');
      },
    });
    return new FleetStore(database);
  }

  close(): void {
    this.#database.close();
  }

  /** What can be read without a passphrase, oldest first. */
  async headers(): Promise<NetworkHeader[]> {
    const rows = await this.#database.getAll('networks');
    return rows
      .map(({ id, name, createdAtMs }) => ({ id, name, createdAtMs }))
      .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
  }

  /** A new network, unlocked. @throws FleetError */
  async create(draft: NetworkDraft, passphrase: string, atMs: number): Promise<OpenNetwork> {
    return this.adopt(newNetwork(draft, atMs), passphrase);
  }

  /** A network made elsewhere, such as on the command line. @throws FleetError name-taken when it is here already */
  async adopt(network: NetworkRecord, passphrase: string): Promise<OpenNetwork> {
    checkNetwork(network);
    if ((await this.#database.count('networks', network.id)) > 0) {
      throw new FleetError('name-taken', `The network "${network.name}" is in the fleet already.`);
    }
    const { header, vault } = await createVault(passphrase);
    const sealed = await vault.seal(networkPurpose(network.id), networkToJson(network));
    const { id, name, createdAtMs } = network;
    await this.#database.add('networks', { id, name, createdAtMs, vault: header, sealed });
    return new OpenNetwork(this.#database, id, vault);
  }

  /** @throws FleetError wrong-passphrase | vault-damaged | not-found */
  async unlock(id: string, passphrase: string): Promise<OpenNetwork> {
    const row = await this.#database.get('networks', id);
    if (!row) throw notFound('network');
    const vault = await openVault(row.vault, passphrase);
    const network = new OpenNetwork(this.#database, id, vault);
    await network.network();
    return network;
  }

  /** Removes a network and its nodes for good. */
  async remove(id: string): Promise<void> {
    const change = this.#database.transaction(['networks', 'nodes'], 'readwrite');
    await change.objectStore('networks').delete(id);
    const nodes = change.objectStore('nodes');
    for (const key of await nodes.index('networkId').getAllKeys(id)) await nodes.delete(key);
    await change.done;
  }
}

/** One unlocked network. Every method resolves after the change is stored; several tabs may work at once. */
export class OpenNetwork {
  readonly id: string;
  readonly #database: IDBPDatabase<FleetSchema>;
  #vault: Vault | null;

  constructor(database: IDBPDatabase<FleetSchema>, id: string, vault: Vault) {
    this.#database = database;
    this.id = id;
    this.#vault = vault;
  }

  /** Forgets the working key; every further call is refused. */
  lock(): void {
    this.#vault = null;
  }

  async network(): Promise<NetworkRecord> {
    return (await this.#readNetwork()).record;
  }

  /** @throws FleetError, also when the changed record is not valid; then nothing is stored */
  async updateNetwork(change: (network: NetworkRecord) => NetworkRecord): Promise<NetworkRecord> {
    const vault = this.#open();
    for (let attempt = 0; attempt < MOST_RETRIES; attempt++) {
      const { row, record } = await this.#readNetwork();
      const changed = { ...change(record), id: this.id };
      checkNetwork(changed);
      const sealed = await vault.seal(networkPurpose(this.id), networkToJson(changed));
      const write = this.#database.transaction('networks', 'readwrite');
      const now = await write.store.get(this.id);
      const same = now !== undefined && equalBytes(now.sealed.nonce, row.sealed.nonce);
      if (same) await write.store.put({ ...now, name: changed.name, sealed });
      await write.done;
      if (same) return changed;
    }
    throw changedMeanwhile();
  }

  async nodes(): Promise<NodeRecord[]> {
    const rows = await this.#database.getAllFromIndex('nodes', 'networkId', this.id);
    return Promise.all(rows.map((row) => this.#openNode(row)));
  }

  async node(id: string): Promise<NodeRecord> {
    const row = await this.#database.get('nodes', [this.id, id]);
    if (!row) throw notFound('node');
    return this.#openNode(row);
  }

  /** All or none. @throws FleetError name-taken and the other rules of checkNode */
  async addNodes(
    make: (existing: readonly NodeRecord[]) => readonly NodeRecord[],
  ): Promise<NodeRecord[]> {
    const existing = await this.nodes();
    const added = [...make(existing)];
    const all = [...existing, ...added];
    for (const node of added) checkNode(node, all);
    const rows = await Promise.all(added.map((node) => this.#sealNode(node)));
    const write = this.#database.transaction('nodes', 'readwrite');
    await Promise.all([...rows.map((row) => write.store.add(row)), write.done]);
    return added;
  }

  /** @throws FleetError, also when the changed record is not valid; then nothing is stored */
  async updateNode(id: string, change: (node: NodeRecord) => NodeRecord): Promise<NodeRecord> {
    for (let attempt = 0; attempt < MOST_RETRIES; attempt++) {
      const row = await this.#database.get('nodes', [this.id, id]);
      if (!row) throw notFound('node');
      const changed = { ...change(await this.#openNode(row)), id };
      checkNode(changed, await this.nodes());
      const next = await this.#sealNode(changed);
      const write = this.#database.transaction('nodes', 'readwrite');
      const now = await write.store.get([this.id, id]);
      const same = now !== undefined && equalBytes(now.sealed.nonce, row.sealed.nonce);
      if (same) await write.store.put(next);
      await write.done;
      if (same) return changed;
    }
    throw changedMeanwhile();
  }

  async removeNode(id: string): Promise<void> {
    this.#open();
    await this.#database.delete('nodes', [this.id, id]);
  }

  /** @throws FleetError wrong-passphrase; then nothing is changed */
  async changePassphrase(oldPassphrase: string, newPassphrase: string): Promise<void> {
    const row = await this.#database.get('networks', this.id);
    if (!row) throw notFound('network');
    const vault = await changePassphrase(row.vault, oldPassphrase, newPassphrase);
    const write = this.#database.transaction('networks', 'readwrite');
    const now = await write.store.get(this.id);
    if (now) await write.store.put({ ...now, vault });
    await write.done;
  }

  /** Encrypts what another store keeps for this network. @param purpose what it is and whose; opens it again */
  async sealBytes(purpose: string, bytes: Uint8Array<ArrayBuffer>): Promise<Sealed> {
    return this.#open().sealBytes(`${purpose} of ${networkPurpose(this.id)}`, bytes);
  }

  /** @throws FleetError vault-damaged, also when it was sealed for another purpose */
  async openBytes(purpose: string, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
    return this.#open().openBytes(`${purpose} of ${networkPurpose(this.id)}`, sealed);
  }

  #open(): Vault {
    if (this.#vault === null) throw new FleetError('not-found', 'This network is locked.');
    return this.#vault;
  }

  async #readNetwork(): Promise<{ row: NetworkRow; record: NetworkRecord }> {
    const vault = this.#open();
    const row = await this.#database.get('networks', this.id);
    if (!row) throw notFound('network');
    const text = await vault.open(networkPurpose(this.id), row.sealed);
    return { row, record: networkFromJson(text) };
  }

  async #openNode(row: NodeRow): Promise<NodeRecord> {
    return nodeRecordFromJson(await this.#open().open(nodePurpose(this.id, row.id), row.sealed));
  }

  async #sealNode(node: NodeRecord): Promise<NodeRow> {
    const sealed = await this.#open().seal(nodePurpose(this.id, node.id), nodeRecordToJson(node));
    return { networkId: this.id, id: node.id, sealed };
  }
}

function changedMeanwhile(): FleetError {
  return new FleetError(
    'changed-meanwhile',
    'Another tab changed the same record again and again. Try once more.',
  );
}
