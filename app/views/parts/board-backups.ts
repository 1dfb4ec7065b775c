/** Settings of boards as they were before a write, encrypted with the network that the board was written for. */
import { BlobStore } from '../../fleet/blob-store.ts';
import { FleetError } from '../../fleet/fleet-error.ts';
import type { OpenNetwork } from '../../fleet/store.ts';
import {
  backupFileName,
  openBackup,
  packBackup,
  sealBackup,
  unpackBackup,
  type BoardBackup,
} from '../../provision/backup-file.ts';
import type { BackupEntry, BackupKeeper } from '../shared/job-ports.ts';
import type { NetworkHandle } from '../shared/ports.ts';
import { networkOf } from './fleet-source.ts';

export const BACKUP_DATABASE = 'meshwright-board-settings';
/** Of one board; a board that is written again and again must not fill the disk. */
const MOST_OF_A_BOARD = 5;

export class BoardBackups implements BackupKeeper {
  #store: Promise<BlobStore> | null = null;
  #open: () => Promise<BlobStore>;

  constructor(open = () => BlobStore.open(BACKUP_DATABASE)) {
    this.#open = open;
  }

  /** Resolves when the backup is stored. The oldest ones of the same board make room; the same settings are kept once. */
  async keep(network: OpenNetwork, backup: BoardBackup): Promise<void> {
    const blobs = await this.#blobs();
    const own = (await this.#all(network)).filter((other) => other.mac === backup.mac);
    const equal = own.find((other) => sameBytes(other.bytes, backup.bytes));
    await blobs.put(network, { name: idOf(backup), bytes: packBackup(backup) });
    const surplus = own.filter((other) => other !== equal).slice(MOST_OF_A_BOARD - 1);
    for (const old of [...surplus, ...(equal ? [equal] : [])]) {
      if (idOf(old) !== idOf(backup)) await blobs.remove(network, idOf(old));
    }
  }

  async list(network: NetworkHandle): Promise<BackupEntry[]> {
    return (await this.#all(networkOf(network))).map((backup) => {
      const { mac, chip, atMs, name } = backup;
      return { id: idOf(backup), mac, chip, atMs, name };
    });
  }

  /** @throws FleetError not-found */
  async take(network: OpenNetwork, id: string): Promise<BoardBackup> {
    const found = (await this.#all(network)).find((backup) => idOf(backup) === id);
    if (!found) throw new FleetError('not-found', 'This backup is not kept any more.');
    return found;
  }

  async toFile(
    network: NetworkHandle,
    id: string,
    passphrase: string,
  ): Promise<{ name: string; text: string }> {
    const backup = await this.take(networkOf(network), id);
    return { name: backupFileName(backup), text: await sealBackup(backup, passphrase) };
  }

  async fromFile(network: NetworkHandle, text: string, passphrase: string): Promise<void> {
    await this.keep(networkOf(network), await openBackup(text, passphrase));
  }

  async remove(network: NetworkHandle, id: string): Promise<void> {
    await (await this.#blobs()).remove(networkOf(network), id);
  }

  async removeNetwork(networkId: string): Promise<void> {
    await (await this.#blobs()).removeNetwork(networkId);
  }

  /** Newest first; what cannot be read is left out. */
  async #all(network: OpenNetwork): Promise<BoardBackup[]> {
    const backups = (await (await this.#blobs()).all(network)).flatMap(({ bytes }) => {
      try {
        return [unpackBackup(bytes)];
      } catch (error) {
        if (error instanceof FleetError) return [];
        throw error;
      }
    });
    return backups.sort((a, b) => b.atMs - a.atMs);
  }

  #blobs(): Promise<BlobStore> {
    this.#store ??= this.#open().catch((error: unknown) => {
      this.#store = null;
      throw error;
    });
    return this.#store;
  }
}

const idOf = ({ mac, atMs }: Pick<BoardBackup, 'mac' | 'atMs'>): string => `${mac} ${atMs}`;

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
