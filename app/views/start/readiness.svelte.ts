/** What this browser can do for the app, and what to do about each gap. */
import type { Offline } from '../shared/offline.svelte.ts';
import type { RuntimesModel } from '../shared/runtimes.svelte.ts';
import { chipName, plural } from '../shared/format.ts';

export type ReadinessLevel = 'good' | 'gap' | 'waiting';

export interface ReadinessItem {
  readonly id: 'serial' | 'secure' | 'storage' | 'offline' | 'runtime';
  readonly title: string;
  readonly level: ReadinessLevel;
  readonly text: string;
}

export class Readiness {
  #persisted = $state<boolean | null>(null);
  #secure: boolean;
  #hasWebSerial: boolean;
  #offline: Offline;
  #runtimes: RuntimesModel;
  #storage: StorageManager | undefined;

  readonly items = $derived.by(() => this.#describe());
  readonly gaps = $derived(this.items.filter((item) => item.level === 'gap').length);

  constructor(target: Window, offline: Offline, runtimes: RuntimesModel, hasWebSerial: boolean) {
    this.#secure = target.isSecureContext;
    this.#storage = target.navigator.storage;
    this.#offline = offline;
    this.#runtimes = runtimes;
    this.#hasWebSerial = hasWebSerial;
  }

  async check(): Promise<void> {
    this.#persisted = (await this.#storage?.persisted?.()) ?? false;
  }

  /** Asks the browser to keep our data; it may decide without asking the person. */
  async persist(): Promise<void> {
    this.#persisted = (await this.#storage?.persist?.()) ?? false;
  }

  #describe(): ReadinessItem[] {
    return [this.#serial(), this.#secureContext(), this.#keeping(), this.#copy(), this.#runtime()];
  }

  #serial(): ReadinessItem {
    return this.#hasWebSerial
      ? item('serial', 'Web Serial', 'good', 'This browser can talk to boards on USB.')
      : item(
          'serial',
          'No Web Serial',
          'gap',
          'Real boards need Chrome, Edge or Opera on a computer. Virtual boards work here all the same.',
        );
  }
  #secureContext(): ReadinessItem {
    return this.#secure
      ? item('secure', 'Secure context', 'good', 'Keys can be made and kept.')
      : item('secure', 'Not a secure context', 'gap', 'Open the app over https, or on localhost.');
  }
  #keeping(): ReadinessItem {
    if (this.#persisted === null)
      return item('storage', 'Storage', 'waiting', 'Asking the browser.');
    return this.#persisted
      ? item(
          'storage',
          'Persistent storage',
          'good',
          'The browser keeps the fleet until you delete it.',
        )
      : item(
          'storage',
          'Storage may be cleared',
          'gap',
          'The browser may delete the fleet when the disk is full. Ask it to keep it; installing the app helps.',
        );
  }
  #copy(): ReadinessItem {
    switch (this.#offline.state) {
      case 'complete':
        return item(
          'offline',
          'Offline copy complete',
          'good',
          'Everything works without a network.',
        );
      case 'copying':
        return item(
          'offline',
          'Making the offline copy',
          'waiting',
          'Stay online until this is done.',
        );
      case 'failed':
        return item(
          'offline',
          'No offline copy',
          'gap',
          'Storing it failed. Reload the page while online.',
        );
      case 'unsupported':
        return item(
          'offline',
          'No offline copy',
          'gap',
          'This browser, or this address, allows no service worker.',
        );
    }
  }
  #runtime(): ReadinessItem {
    const kept = this.#runtimes.all;
    return kept.length > 0
      ? item(
          'runtime',
          plural(kept.length, 'runtime file'),
          'good',
          `Kept for ${kept
            .map((runtime) => chipName(runtime.chip))
            .filter((chip, index, chips) => chips.indexOf(chip) === index)
            .join(', ')}.`,
        )
      : item(
          'runtime',
          'No runtime file',
          'gap',
          'Real boards need the stock MicroPython file of their chip once. Virtual boards need none.',
        );
  }
}

function item(
  id: ReadinessItem['id'],
  title: string,
  level: ReadinessLevel,
  text: string,
): ReadinessItem {
  return { id, title, level, text };
}
