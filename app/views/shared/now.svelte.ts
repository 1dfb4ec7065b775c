import { createSubscriber } from 'svelte/reactivity';

/** The current time, ticking once a second while something on the screen reads it. */
export class Now {
  #subscribe: () => void;

  constructor(everyMs = 1000) {
    this.#subscribe = createSubscriber((update) => {
      const timer = setInterval(update, everyMs);
      return () => clearInterval(timer);
    });
  }

  get ms(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const now = new Now();
