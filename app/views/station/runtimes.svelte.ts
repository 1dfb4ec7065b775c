/** The runtime files kept in this browser. */
import { problemOf, type Problem } from '../shared/problem.ts';
import type { RuntimeShelf, StoredRuntime } from '../shared/ports.ts';

/** Twice the largest combined file that is published for a supported chip. */
const LARGEST_BYTES = 16 * 1024 * 1024;

export class RuntimesModel {
  #all = $state.raw<readonly StoredRuntime[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** The file kept last, to confirm it. */
  added = $state.raw<StoredRuntime | null>(null);
  checking = $state(false);
  #shelf: RuntimeShelf;

  constructor(shelf: RuntimeShelf) {
    this.#shelf = shelf;
  }

  get all(): readonly StoredRuntime[] {
    return this.#all;
  }

  async load(): Promise<void> {
    try {
      this.#all = await this.#shelf.list();
    } catch (error) {
      this.problem = problemOf(error, 'reading the kept runtime files');
    }
  }

  async add(file: File): Promise<void> {
    this.problem = null;
    this.added = null;
    this.checking = true;
    try {
      if (file.size > LARGEST_BYTES) {
        throw new Error(
          `expected a file of at most 16 MiB, got ${Math.round(file.size / 1048576)} MiB`,
        );
      }
      this.added = await this.#shelf.add(file.name, new Uint8Array(await file.arrayBuffer()));
      this.#all = await this.#shelf.list();
    } catch (error) {
      this.problem = problemOf(error, `checking ${file.name}`);
    } finally {
      this.checking = false;
    }
  }

  async remove(sha256: string): Promise<void> {
    await this.#shelf.remove(sha256);
    this.#all = await this.#shelf.list();
  }
}
