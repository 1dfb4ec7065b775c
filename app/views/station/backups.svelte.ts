/** Settings of boards that were kept before a write: to look at, take along as an encrypted file, and put back. */
import type { BackupEntry, BackupKeeper } from '../shared/job-ports.ts';
import type { NetworkHandle } from '../shared/ports.ts';
import { problemOf, type Problem } from '../shared/problem.ts';

export class BackupsModel {
  #all = $state.raw<readonly BackupEntry[]>([]);
  problem = $state.raw<Problem | null>(null);
  working = $state(false);
  #keeper: BackupKeeper;
  #network: NetworkHandle | null = null;

  constructor(keeper: BackupKeeper) {
    this.#keeper = keeper;
  }

  /** Newest first. */
  get all(): readonly BackupEntry[] {
    return this.#all;
  }

  /** Of one board. */
  of(mac: string): readonly BackupEntry[] {
    return this.#all.filter((backup) => backup.mac === mac);
  }

  /** To be called once a network is open. Does not reject. */
  async load(network: NetworkHandle): Promise<void> {
    this.#network = network;
    this.#all = [];
    await this.refresh();
  }

  /** After a job may have kept one. */
  async refresh(): Promise<void> {
    await this.#try('reading the kept settings', async () => undefined);
  }

  /** Null when it failed. */
  async toFile(id: string, passphrase: string): Promise<{ name: string; text: string } | null> {
    let file: { name: string; text: string } | null = null;
    await this.#try('encrypting the settings', async (network) => {
      file = await this.#keeper.toFile(network, id, passphrase);
    });
    return file;
  }

  fromFile(text: string, passphrase: string): Promise<boolean> {
    return this.#try('opening the file with settings', (network) =>
      this.#keeper.fromFile(network, text, passphrase),
    );
  }

  remove(id: string): Promise<boolean> {
    return this.#try('deleting the settings', (network) => this.#keeper.remove(network, id));
  }

  async #try(doing: string, work: (network: NetworkHandle) => Promise<void>): Promise<boolean> {
    const network = this.#network;
    if (!network) return false;
    this.problem = null;
    this.working = true;
    try {
      await work(network);
      const all = await this.#keeper.list(network);
      if (this.#network === network) this.#all = all;
      return true;
    } catch (error) {
      this.problem = problemOf(error, doing);
      return false;
    } finally {
      this.working = false;
    }
  }
}
