/** When to send again and how long to pause: shared by both sides, in milliseconds of the driver's clock. */
import { FIRST_RESEND_MS, LONGEST_RESEND_MS } from './messages.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 32000;

/** The timer of one message that is sent until it is answered. */
export class ResendTimer {
  /** -1 when nothing is waiting for an answer. */
  atMs: number = -1;
  /** How often the message was sent. */
  sends: number = 0;
  private intervalMs: number = FIRST_RESEND_MS;

  /** The message goes out for the first time at `atMs`. */
  start(atMs: number): void {
    this.atMs = atMs;
    this.sends = 0;
    this.intervalMs = FIRST_RESEND_MS;
  }

  stop(): void {
    this.atMs = -1;
  }

  isDue(atMs: number): boolean {
    return this.atMs >= 0 && atMs >= this.atMs;
  }

  /** It was sent just now. */
  sent(atMs: number): void {
    this.sends += 1;
    this.atMs = atMs + this.intervalMs;
    this.intervalMs = Math.min(this.intervalMs * 2, LONGEST_RESEND_MS);
  }
}

/** The pause after the n-th wrong key in a row (n from 1): 1, 2, 4 ... 32 seconds. */
export function pauseAfterMs(failures: number): number {
  let pauseMs = FIRST_PAUSE_MS;
  for (let i = 1; i < failures; i++) pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  return pauseMs;
}
