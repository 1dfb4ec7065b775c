/**
 * The plan of the Rehearse screen, kept in this browser. No secret: it lies in IndexedDB as it is, in one row. The last tab
 * that changes it wins.
 *
 *   plan   'current' -> what views/rehearse/plan.ts writes and checks as it reads
 */
import type { PlanStore } from '../shared/rehearse-ports.ts';

const DATABASE = 'meshwright-rehearse';
const STORE = 'plan';
const KEY = 'current';

export class KeptPlan implements PlanStore {
  readonly #factory: IDBFactory;

  constructor(factory: IDBFactory) {
    this.#factory = factory;
  }

  load(): Promise<unknown> {
    return this.#within('readonly', (store) => store.get(KEY));
  }

  async keep(plan: unknown): Promise<void> {
    await this.#within('readwrite', (store) => store.put(plan, KEY));
  }

  async #within(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest,
  ): Promise<unknown> {
    const opening = this.#factory.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error ?? new Error('the database refused'));
    });
    try {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      // A full disk shows only as the transaction ends.
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? new Error('storing was aborted'));
      });
      return request.result as unknown;
    } finally {
      database.close();
    }
  }
}
