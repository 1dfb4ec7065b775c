/**
 * The time of one board as its radio sees it: the firmware's, in a turn, or else the world's. An object and not a handful of closures,
 * as each frame that a board receives comes this way.
 */
import type { EventQueue, QueuedEvent } from './event-queue.ts';
import type { FirmwareRun } from './firmware-run.ts';
import type { WirelessClock } from './wireless.ts';

export class BoardClock implements WirelessClock {
  /** The firmware that has the time; undefined while none runs. */
  run: FirmwareRun | undefined;
  /** World time of the chip's start. */
  startUs = 0;
  readonly #queue: EventQueue;
  /** The board's seconds in one of the world's. */
  readonly #rate: number;

  /** @param driftPpm by how much it runs fast, in parts of a million */
  constructor(queue: EventQueue, driftPpm: number) {
    this.#queue = queue;
    this.#rate = 1 + driftPpm / 1e6;
  }

  nowUs(): number {
    return this.run?.session.localUs() ?? this.#queue.nowUs;
  }

  uptimeMs(): number {
    return Math.floor(((this.#queue.nowUs - this.startUs) / 1000) * this.#rate);
  }

  waitUntil(us: number): void {
    this.run?.session.waitUntil(us);
  }

  wake(): void {
    this.run?.wake('frame');
  }

  at(us: number, run: () => void): QueuedEvent {
    return this.#queue.at(us, run);
  }
}
