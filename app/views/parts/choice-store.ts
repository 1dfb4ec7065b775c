/**
 * What boards are given, kept in this browser: profile, features and the application's files. No secret: it lies in
 * IndexedDB as it is, in one row, with a revision that tells two tabs apart.
 *
 *   choice   'current' -> { choice: { profile, features, application: { path: text } | null }, revision }
 */
import type {
  ChoiceStore,
  FeatureValue,
  FirmwareChoice,
  KeptChoice,
} from '../shared/firmware-ports.ts';

const DATABASE = 'meshwright-firmware';
const STORE = 'choice';
const KEY = 'current';

export const PLAIN_CHOICE: FirmwareChoice = { profile: 'default', features: {}, application: null };

/** Tells other tabs; a browser without it merely does not hear of them before it keeps something itself. */
type Channel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'removeEventListener'>;

export class KeptChoices implements ChoiceStore {
  #factory: IDBFactory;
  #channel: Channel;

  constructor(factory: IDBFactory, channel: Channel) {
    this.#factory = factory;
    this.#channel = channel;
  }

  load(): Promise<KeptChoice> {
    return this.#within('readonly', async (store) => keptFrom(await settled(store.get(KEY))));
  }

  async keep(choice: FirmwareChoice, revision: number): Promise<number> {
    await this.#within('readwrite', async (store) => {
      const kept = keptFrom(await settled(store.get(KEY)));
      if (kept.revision !== revision) {
        throw Object.assign(
          new Error(
            `expected revision ${revision}, found ${kept.revision}: another tab kept its own`,
          ),
          { code: 'changed-meanwhile' },
        );
      }
      await settled(store.put({ choice, revision: revision + 1 }, KEY));
    });
    this.#channel.postMessage(revision + 1);
    return revision + 1;
  }

  watch(changed: () => void): () => void {
    this.#channel.addEventListener('message', changed);
    return () => this.#channel.removeEventListener('message', changed);
  }

  async #within<T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    const opening = this.#factory.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await settled(opening);
    try {
      const transaction = database.transaction(STORE, mode);
      const written = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? new Error('storing was aborted'));
      });
      // Whoever waits hears of it below; a failure of `work` comes first.
      written.catch(() => undefined);
      const result = await work(transaction.objectStore(STORE));
      // A full disk shows only as the transaction ends.
      await written;
      return result;
    } finally {
      database.close();
    }
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the database refused'));
  });
}

/** What cannot be read is left out: a choice from a later version must not keep the screen from opening. */
function keptFrom(row: unknown): KeptChoice {
  const { choice, revision } = record(row);
  const { profile, features, application } = record(choice);
  const only = <T>(value: unknown, fits: (one: unknown) => one is T): Record<string, T> =>
    Object.fromEntries(
      Object.entries(record(value)).filter((entry): entry is [string, T] => fits(entry[1])),
    );
  return {
    revision: typeof revision === 'number' ? revision : 0,
    choice: {
      profile: typeof profile === 'string' ? profile : PLAIN_CHOICE.profile,
      features: only(features, isFeature),
      application:
        typeof application === 'object' && application !== null ? only(application, isText) : null,
    },
  };
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const isText = (value: unknown): value is string => typeof value === 'string';
const isFeature = (value: unknown): value is FeatureValue =>
  ['boolean', 'number', 'string'].includes(typeof value);
