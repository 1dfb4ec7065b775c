/** The runtime files kept in this browser, and the ways in which one gets here. */
import type { Board } from './boards.svelte.ts';
import type { Jobs } from './jobs.svelte.ts';
import { isCancelled, problemOf, type Problem } from './problem.ts';
import type { OfferedRuntime, Parts, StoredRuntime } from './ports.ts';

/** Twice the largest combined file that is published for a supported chip. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/** A copy from a board in progress. */
export interface Copying {
  readonly board: Board;
  readonly doing: string;
  /** 0 to 1; null while there is no measure. */
  readonly fraction: number | null;
}

export class RuntimesModel {
  #all = $state.raw<readonly StoredRuntime[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** The file kept last, to confirm it. */
  added = $state.raw<StoredRuntime | null>(null);
  /** A file is being checked, fetched or copied. */
  checking = $state(false);
  copying = $state.raw<Copying | null>(null);
  /** What the site offers; null until it was asked. */
  offered = $state.raw<readonly OfferedRuntime[] | null>(null);
  #parts: Pick<Parts, 'runtimes' | 'siteRuntimes' | 'bench'>;
  #running: Jobs;
  #abort = new AbortController();

  constructor(parts: Pick<Parts, 'runtimes' | 'siteRuntimes' | 'bench'>, running: Jobs) {
    this.#parts = parts;
    this.#running = running;
  }

  get all(): readonly StoredRuntime[] {
    return this.#all;
  }

  async load(): Promise<void> {
    try {
      this.#all = await this.#parts.runtimes.list();
    } catch (error) {
      this.problem = problemOf(error, 'reading the kept runtime files');
    }
  }

  add(file: File): Promise<void> {
    return this.#take(`checking ${file.name}`, async () => {
      if (file.size > LARGEST_BYTES) {
        throw new Error(
          `expected a file of at most 16 MiB, got ${Math.round(file.size / 1048576)} MiB`,
        );
      }
      return this.#parts.runtimes.add(file.name, new Uint8Array(await file.arrayBuffer()));
    });
  }

  /** Asks the site which files it offers. */
  askSite(): Promise<void> {
    return this.#take('asking this site for runtime files', async () => {
      this.offered = await this.#parts.siteRuntimes.list();
      return null;
    });
  }

  takeOffered(file: OfferedRuntime): Promise<void> {
    return this.#take(`fetching ${file.name}`, () => this.#parts.siteRuntimes.take(file));
  }

  /** Reads the runtime from a board and keeps it; the board restarts afterwards. */
  copyFrom(board: Board): Promise<void> {
    const { signal } = (this.#abort = new AbortController());
    return this.#take('copying the runtime from a board', () =>
      this.#running.during(async () => {
        await board.hangUp();
        if (board.use !== 'free') throw Object.assign(new Error('busy'), { code: 'in-use' });
        board.use = 'bench';
        this.copying = { board, doing: 'Opening the loader', fraction: null };
        try {
          return await this.#parts.bench.copyRuntime(
            board.port,
            (doing, done, total) => {
              this.copying = { board, doing, fraction: total > 0 ? done / total : null };
            },
            signal,
          );
        } finally {
          this.copying = null;
          board.use = 'free';
        }
      }),
    );
  }

  cancelCopy(): void {
    this.#abort.abort(new DOMException('cancelled by the person', 'AbortError'));
  }

  async remove(sha256: string): Promise<void> {
    await this.#parts.runtimes.remove(sha256);
    this.#all = await this.#parts.runtimes.list();
  }

  async #take(doing: string, work: () => Promise<StoredRuntime | null>): Promise<void> {
    if (this.checking) return;
    this.problem = null;
    this.added = null;
    this.checking = true;
    try {
      this.added = await work();
      this.#all = await this.#parts.runtimes.list();
    } catch (error) {
      if (!isCancelled(error)) this.problem = problemOf(error, doing);
    } finally {
      this.checking = false;
    }
  }
}
