/** A contact that has not moved for so long has stopped bouncing. */
const BOUNCE_MS = 30;
/** How long the button has to be held, and how long at most, for setup: longer than by chance, shorter than when stuck. */
const LEAST_MS = 4250;
const MOST_MS = 8500;

/** Tells from a button's level whether it was held as setup wants it. */
export class Press {
  private seen = false;
  private seenAtMs = 0;
  private down = false;
  private downAtMs = 0;

  /** The level now; true once, when the button was let go after 4.25 to 8.5 s. */
  feed(isDown: boolean, atMs: number): boolean {
    if (isDown !== this.seen) {
      this.seen = isDown;
      this.seenAtMs = atMs;
    }
    if (isDown === this.down || atMs - this.seenAtMs < BOUNCE_MS) return false;
    this.down = isDown;
    const heldMs = this.seenAtMs - this.downAtMs;
    this.downAtMs = this.seenAtMs;
    return !isDown && heldMs >= LEAST_MS && heldMs <= MOST_MS;
  }
}
