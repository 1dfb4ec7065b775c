/** Long actions in progress: they keep the screen awake, hold back updates, and warn before the tab is closed. */
import { whileAwake, type AwakeScope } from '../../flash/awake.ts';

export class Jobs {
  #running = $state(0);
  #scope: AwakeScope;
  /** Ends the guards of flash/awake.ts, which one for all jobs is enough of. */
  #release: () => void = () => undefined;

  constructor(scope: AwakeScope) {
    this.#scope = scope;
  }

  get busy(): boolean {
    return this.#running > 0;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running++ === 0) {
      const over = new Promise<void>((resolve) => (this.#release = resolve));
      void whileAwake(this.#scope, () => over);
    }
    try {
      return await work();
    } finally {
      if (--this.#running === 0) this.#release();
    }
  }
}
