import type { Jitter } from './jitter.ts';
import type { Profile } from './profile.ts';

/** When to advertise: quick after a change, then at doubling gaps up to the slow one, each within 20 % of its mean. */
export class AdvertTimer {
  private readonly profile: Profile;
  private readonly jitter: Jitter;
  private intervalMs: number;
  private lastAtMs = -1000000;
  nextAtMs = 0;

  constructor(profile: Profile, jitter: Jitter) {
    this.profile = profile;
    this.jitter = jitter;
    this.intervalMs = profile.advertFastMs;
  }

  /** Our own state changed: advertise within 80 ms, and fast for a while. */
  reset(atMs: number): void {
    this.intervalMs = this.profile.advertFastMs;
    this.soon(atMs, 80);
  }

  /** There is something to pass on: advertise within `spreadMs`, but keep the pace. */
  soon(atMs: number, spreadMs: number): void {
    const least = this.lastAtMs + this.profile.advertLeastMs;
    const start = atMs > least ? atMs : least;
    const next = start + this.jitter.below(spreadMs);
    if (next < this.nextAtMs) this.nextAtMs = next;
  }

  sent(atMs: number): void {
    this.lastAtMs = atMs;
    const interval = this.intervalMs;
    this.nextAtMs = atMs + Math.floor((interval * (80 + this.jitter.below(41))) / 100);
    const doubled = interval * 2;
    this.intervalMs = doubled > this.profile.advertSlowMs ? this.profile.advertSlowMs : doubled;
  }
}
