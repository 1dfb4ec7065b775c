/**
 * Which pages of this app are alive: a job of a page that is gone was cut off. Each page holds a lock of its own, which the
 * browser lets go with the page, however it ends. Source: W3C Web Locks.
 */

/** navigator.locks as far as it is needed; absent on pages without HTTPS. */
export interface Locks {
  request(name: string, holder: () => Promise<void>): Promise<unknown>;
  query(): Promise<{ held?: { name?: string }[] }>;
}

const PREFIX = 'meshwright-page-';

export class PageLife {
  readonly page: string;
  #locks: Locks | undefined;

  constructor(locks: Locks | undefined, page: string) {
    this.#locks = locks;
    this.page = page;
    locks?.request(PREFIX + page, () => new Promise(() => undefined)).catch(() => undefined);
  }

  /** Without locks, only this page is known to live. */
  async isAlive(page: string): Promise<boolean> {
    if (page === this.page) return true;
    try {
      const held = (await this.#locks?.query())?.held ?? [];
      return held.some(({ name }) => name === PREFIX + page);
    } catch {
      return false;
    }
  }
}
