import { WDT } from 'machine';

/** Longer than any step, also the radio's start; a step that hangs longer is restarted. */
const GUARD_MS = 60000;
/** A watchdog cannot be stopped; this is as good, for somebody at the REPL (constructing it again sets the timeout). */
const RELEASE_MS = 24 * 3600 * 1000;

/** Starts only once the node is up, so that a board that cannot start leaves its REPL in peace. */
export class Watchdog {
  private timer: WDT | null = null;

  feed(): void {
    if (this.timer === null) this.timer = new WDT(0, GUARD_MS);
    this.timer.feed();
  }

  /** Nobody will feed it for a while: Ctrl-C, or an error on its way to main.py, which pauses and resets by itself. */
  release(): void {
    if (this.timer === null) return;
    this.timer = null;
    new WDT(0, RELEASE_MS).feed();
  }
}
