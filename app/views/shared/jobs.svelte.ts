/** Long actions in progress: they keep the screen awake, hold back updates, and warn before the tab is closed. */
export class Jobs {
  #running = $state(0);
  #window: Window;
  #wakeLock: WakeLockSentinel | null = null;

  constructor(target: Window) {
    this.#window = target;
    target.document.addEventListener('visibilitychange', () => void this.#keepAwake());
  }

  get busy(): boolean {
    return this.#running > 0;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running++ === 0) this.#window.addEventListener('beforeunload', this.#warn);
    void this.#keepAwake();
    try {
      return await work();
    } finally {
      if (--this.#running === 0) {
        this.#window.removeEventListener('beforeunload', this.#warn);
        void this.#wakeLock?.release();
        this.#wakeLock = null;
      }
    }
  }

  #warn = (event: BeforeUnloadEvent): void => event.preventDefault();

  async #keepAwake(): Promise<void> {
    if (this.#running === 0 || this.#wakeLock?.released === false) return;
    try {
      this.#wakeLock = (await this.#window.navigator.wakeLock?.request('screen')) ?? null;
    } catch {
      // Refused when the tab is hidden or the battery is low; the job runs all the same.
    }
  }
}
