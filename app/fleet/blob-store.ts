/**
 * Larger pieces of data that belong to a network but are no records of the fleet, such as the flash of a virtual board,
 * which holds a node's key. They lie encrypted under the network's vault, in a database of their own:
 *
 *   blobs   [networkId, id] -> { networkId, id: random, sealed: name and bytes }
 *
 * The id under which a caller keeps a blob is sealed too: it may be a MAC address.
 *
 *   sealed text:  length of the name, 2 bytes little-endian | name in UTF-8 | bytes
 */
import type { DBSchema, IDBPDatabase } from 'idb';
import { openDB } from 'idb';
import { bytesToHex, concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { randomBytes } from '../keys/crypto.ts';
import { FleetError } from './fleet-error.ts';
import type { OpenNetwork } from './store.ts';
import type { Sealed } from './vault.ts';

interface BlobRow {
  readonly networkId: string;
  readonly id: string;
  readonly sealed: Sealed;
}

interface BlobSchema extends DBSchema {
  blobs: { key: [string, string]; value: BlobRow; indexes: { networkId: string } };
}

export interface Blob {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const DATABASE = 'meshwright-virtual-boards';

const purpose = (id: string): string => `blob ${id}`;

export class BlobStore {
  readonly #database: IDBPDatabase<BlobSchema>;
  /** Row ids by network and name, as far as they are known. */
  readonly #ids = new Map<string, string>();

  private constructor(database: IDBPDatabase<BlobSchema>) {
    this.#database = database;
  }

  static async open(name: string = DATABASE): Promise<BlobStore> {
    const database = await openDB<BlobSchema>(name, 1, {
      upgrade(db) {
        const blobs = db.createObjectStore('blobs', { keyPath: ['networkId', 'id'] });
        blobs.createIndex('networkId', 'networkId');
      },
    });
    return new BlobStore(database);
  }

  close(): void {
    this.#database.close();
  }

  /** Needs no passphrase. */
  async count(networkId: string): Promise<number> {
    return this.#database.countFromIndex('blobs', 'networkId', networkId);
  }

  /** Everything kept for a network. What cannot be opened any more is left out: it can be made again. @throws FleetError when the network is locked */
  async all(network: OpenNetwork): Promise<Blob[]> {
    const rows = await this.#database.getAllFromIndex('blobs', 'networkId', network.id);
    const blobs: Blob[] = [];
    for (const row of rows) {
      const blob = await this.#openRow(network, row);
      if (!blob) continue;
      this.#ids.set(keyOf(network.id, blob.name), row.id);
      blobs.push(blob);
    }
    return blobs;
  }

  /** Takes the place of an earlier blob of that name. @throws FleetError when the network is locked */
  async put(network: OpenNetwork, { name, bytes }: Blob): Promise<void> {
    const id = (await this.#idOf(network, name)) ?? bytesToHex(randomBytes(8));
    this.#ids.set(keyOf(network.id, name), id);
    const title = utf8(name);
    const length = Uint8Array.of(title.length & 0xff, title.length >> 8);
    const sealed = await network.sealBytes(purpose(id), concatBytes(length, title, bytes));
    await this.#database.put('blobs', { networkId: network.id, id, sealed });
  }

  async remove(network: OpenNetwork, name: string): Promise<void> {
    const id = await this.#idOf(network, name);
    if (id === undefined) return;
    this.#ids.delete(keyOf(network.id, name));
    await this.#database.delete('blobs', [network.id, id]);
  }

  /** Needs no passphrase. */
  async removeNetwork(networkId: string): Promise<void> {
    const change = this.#database.transaction('blobs', 'readwrite');
    for (const key of await change.store.index('networkId').getAllKeys(networkId)) {
      await change.store.delete(key);
    }
    await change.done;
  }

  async #idOf(network: OpenNetwork, name: string): Promise<string | undefined> {
    const key = keyOf(network.id, name);
    if (!this.#ids.has(key)) await this.all(network);
    return this.#ids.get(key);
  }

  async #openRow(network: OpenNetwork, { id, sealed }: BlobRow): Promise<Blob | null> {
    try {
      const text = await network.openBytes(purpose(id), sealed);
      const start = 2 + text[0]! + (text[1]! << 8);
      return { name: fromUtf8(text.subarray(2, start)), bytes: text.slice(start) };
    } catch (error) {
      if (error instanceof FleetError && error.code === 'vault-damaged') return null;
      throw error;
    }
  }
}

function keyOf(networkId: string, name: string): string {
  return `${networkId}/${name}`;
}
