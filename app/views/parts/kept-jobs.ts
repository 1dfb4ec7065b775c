/** The job log of app/fleet as the Station uses it. */
import { BlobStore } from '../../fleet/blob-store.ts';
import { JOB_LOG_DATABASE, JobLog, type JobRecord } from '../../fleet/job-log.ts';
import type { JobKeeper } from '../shared/job-ports.ts';
import type { NetworkHandle } from '../shared/ports.ts';
import { networkOf } from './fleet-source.ts';
import type { PageLife } from './page-life.ts';

export class KeptJobs implements JobKeeper {
  readonly page: string;
  #life: PageLife;
  #log: Promise<JobLog> | null = null;
  #open: () => Promise<BlobStore>;

  constructor(life: PageLife, open = () => BlobStore.open(JOB_LOG_DATABASE)) {
    this.#life = life;
    this.page = life.page;
    this.#open = open;
  }

  /** Newest first. Jobs whose page is gone are told as interrupted; that is also kept. */
  async all(network: NetworkHandle): Promise<JobRecord[]> {
    const [log, open] = [await this.#opened(), networkOf(network)];
    const records = await log.all(open);
    const checked = records.map(async (record) => {
      if (record.outcome !== 'running' || (await this.#life.isAlive(record.page))) return record;
      const interrupted: JobRecord = { ...record, outcome: 'interrupted' };
      await log.put(open, interrupted);
      return interrupted;
    });
    return Promise.all(checked);
  }

  async put(network: NetworkHandle, record: JobRecord): Promise<void> {
    const [log, open] = [await this.#opened(), networkOf(network)];
    await log.put(open, record);
    if (record.outcome !== 'running') await log.trim(open);
  }

  async clear(network: NetworkHandle, running: readonly string[]): Promise<void> {
    await (await this.#opened()).clear(networkOf(network), running);
  }

  /** With everything of a network that is deleted. */
  async removeNetwork(networkId: string): Promise<void> {
    await (await this.#blobs()).removeNetwork(networkId);
  }

  #store: Promise<BlobStore> | null = null;
  #blobs(): Promise<BlobStore> {
    this.#store ??= this.#open().catch((error: unknown) => {
      this.#store = null;
      throw error;
    });
    return this.#store;
  }

  #opened(): Promise<JobLog> {
    this.#log ??= this.#blobs()
      .then((blobs) => new JobLog(blobs))
      .catch((error: unknown) => {
        this.#log = null;
        throw error;
      });
    return this.#log;
  }
}
