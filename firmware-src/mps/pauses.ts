/** How often a wrong key was offered in a row, and when a node listens to the next one: see pauseAfterMs() in timing.ts. */
export class MpsPauses {
  failures = 0;
  endMs = 0;
}
