/** A clock that stands still until the test moves it. */
import type { Clock } from '../../base/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Lets everything run that waits for promises only. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

export class TestClock implements Clock {
  #nowMs = 0;
  #sleepers: Sleeper[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const sleeper: Sleeper = { atMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal.reason);
      });
    });
  }

  /** When the next sleeper wakes; null when nobody sleeps. */
  nextAtMs(): number | null {
    return this.#sleepers.length === 0 ? null : Math.min(...this.#sleepers.map((s) => s.atMs));
  }

  /** Moves on, waking sleepers in order and letting what they woke run. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const nextMs = this.nextAtMs();
      if (nextMs === null || nextMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      const due = this.#sleepers.filter((each) => each.atMs <= this.#nowMs);
      this.#sleepers = this.#sleepers.filter((each) => each.atMs > this.#nowMs);
      for (const { wake } of due) wake();
      await settle();
    }
    this.#nowMs = untilMs;
  }
}
