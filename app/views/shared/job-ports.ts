/** What the Station needs for remembering: jobs, and settings of boards from before a write. See ports.ts. */
import type { JobRecord } from '../../fleet/job-log.ts';
import type { NetworkHandle } from './ports.ts';

export interface JobKeeper {
  /** Which page this is; a job of a page that is gone was cut off. */
  readonly page: string;
  /** Newest first. */
  all(network: NetworkHandle): Promise<JobRecord[]>;
  /** Puts a job in the place of its earlier state. */
  put(network: NetworkHandle, record: JobRecord): Promise<void>;
  clear(network: NetworkHandle, running: readonly string[]): Promise<void>;
}

/** A board's settings as they were before a write; nothing in here is secret. */
export interface BackupEntry {
  readonly id: string;
  readonly mac: string;
  readonly chip: string;
  readonly atMs: number;
  /** Of the node that the board was; may be empty. */
  readonly name: string;
}

export interface BackupKeeper {
  list(network: NetworkHandle): Promise<BackupEntry[]>;
  /** Encrypted; opens with that passphrase alone. */
  toFile(
    network: NetworkHandle,
    id: string,
    passphrase: string,
  ): Promise<{ name: string; text: string }>;
  /** Keeps what is in such a file. @throws an error with code `wrong-passphrase` or `file-invalid` */
  fromFile(network: NetworkHandle, text: string, passphrase: string): Promise<void>;
  remove(network: NetworkHandle, id: string): Promise<void>;
}
