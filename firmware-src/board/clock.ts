import { ticks_diff, ticks_ms } from 'time';

/** Milliseconds since start that never wrap: ticks_ms wraps at 2^30 (12.4 days), so its differences are added up. */
export class BoardClock {
  private lastTicks: number = ticks_ms();
  private elapsedMs = 0;

  nowMs(): number {
    const ticks = ticks_ms();
    const passed = ticks_diff(ticks, this.lastTicks);
    this.lastTicks = ticks;
    if (passed > 0) this.elapsedMs += passed;
    return this.elapsedMs;
  }
}
