/**
 * Runtime files kept in IndexedDB: checked when they come in, and again when they are taken out, so that a damaged disk
 * cannot reach a board.
 */
import type { RuntimeFile } from '../../image/region.ts';
import type { RuntimeCheck } from '../../runtimes/check.ts';
import { WordedError } from '../shared/problem.ts';
import type { ChipName, RuntimeShelf, StoredRuntime } from '../shared/ports.ts';

const DATABASE = 'meshwright-runtimes';
const STORE = 'files';

interface Row extends StoredRuntime {
  readonly addedAtMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function withStore<T>(
  factory: IDBFactory,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = factory.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'sha256' });
  const database = await settled(opening);
  try {
    return await settled(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

export class KeptRuntimes implements RuntimeShelf {
  #factory: IDBFactory;
  #nowMs: () => number;
  #check: (bytes: Uint8Array) => Promise<RuntimeCheck>;

  /** @param check checkRuntime(), off the page's thread: it hashes megabytes */
  constructor(
    factory: IDBFactory,
    nowMs: () => number,
    check: (bytes: Uint8Array) => Promise<RuntimeCheck>,
  ) {
    this.#factory = factory;
    this.#nowMs = nowMs;
    this.#check = check;
  }

  async list(): Promise<StoredRuntime[]> {
    const rows = await this.#rows();
    return rows.map(({ chip, version, sha256, sizeBytes, fileName }) => ({
      chip,
      version,
      sha256,
      sizeBytes,
      fileName,
    }));
  }

  async add(fileName: string, bytes: Uint8Array<ArrayBuffer>): Promise<StoredRuntime> {
    const check = await this.#check(bytes);
    if (!check.ok) throw refused(fileName, check.code, check.message);
    const { runtime } = check;
    if (runtime.standIn) {
      throw refused(
        fileName,
        'stand-in',
        'It is the stand-in for virtual boards; no chip can run it.',
      );
    }
    const kept: StoredRuntime = {
      chip: runtime.chip,
      version: runtime.version,
      sha256: runtime.sha256,
      sizeBytes: runtime.bytes.length,
      fileName,
    };
    const row: Row = { ...kept, addedAtMs: this.#nowMs(), bytes: runtime.bytes.slice() };
    await withStore(this.#factory, 'readwrite', (store) => store.put(row));
    return kept;
  }

  async remove(sha256: string): Promise<void> {
    await withStore(this.#factory, 'readwrite', (store) => store.delete(sha256));
  }

  /** The file added last for a chip. @throws an error with code `no-runtime`. */
  async take(chip: ChipName): Promise<RuntimeFile> {
    const row = (await this.#rows()).findLast((entry) => entry.chip === chip);
    if (!row) throw Object.assign(new Error(`no runtime file for ${chip}`), { code: 'no-runtime' });
    const check = await this.#check(row.bytes);
    if (!check.ok) throw refused(row.fileName, check.code, check.message);
    return check.runtime;
  }

  async #rows(): Promise<Row[]> {
    const rows = await withStore(
      this.#factory,
      'readonly',
      (store) => store.getAll() as IDBRequest<Row[]>,
    );
    return rows.sort((a, b) => a.addedAtMs - b.addedAtMs);
  }
}

function refused(fileName: string, code: string, message: string): WordedError {
  return new WordedError({
    code,
    title: 'This file cannot be used as a runtime',
    cause: message,
    next: 'Take the .bin file for your chip from micropython.org/download, version 1.25 or later.',
    details: `${fileName}\ncode: ${code}\n${message}`,
  });
}
