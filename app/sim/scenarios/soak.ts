/**
 * A run of days: a rehearsal to which something happens again and again, from a seed, with everything switched off coming back.
 * Nothing in it grows with time but the list of what was done to the world, so that it can be replayed: scenario() is the whole of
 * it as a scenario, tail() its last part from a fresh start.
 */
import { seededRandom } from '../../base/random.ts';
import type { SeededRandom } from '../../base/random.ts';
import type { FleetFirmware } from '../fleet.ts';
import type { Break } from './invariants.ts';
import { field, row, USUAL_GAP_M } from './layout.ts';
import { randomEvents } from './random.ts';
import { Rehearsal } from './rehearsal.ts';
import type { RehearsalReport } from './report.ts';
import type { Scenario, ScenarioEvent } from './scenario.ts';

/** Nothing happens before. */
const FIRST_MS = 120_000;
/** In a room: everyone hears everyone. */
const ROOM_GAP_M = 8;
/** A short tail is tried first when a break is to be shown again from a fresh start. */
const SETTLE_MS = 60_000;

export interface SoakOptions {
  firmware: FleetFirmware;
  seed: number;
  nodes: number;
  layout: 'field' | 'room';
  /** Mean time between two things that happen. */
  gapSeconds: number;
  onBreak?: (broken: Break) => void;
  trace?: (line: string) => void;
}

export interface SoakFigures {
  atMs: number;
  events: number;
  /** Times that there was not one tree (in each group of nodes that hear each other) any more, and was one again. */
  heals: { count: number; medianMs: number; p95Ms: number; longestMs: number };
  /** How long there has been no single tree; 0 when there is one. */
  apartMs: number;
  report: RehearsalReport;
}

export class Soak {
  readonly rehearsal: Rehearsal;
  readonly #options: SoakOptions;
  readonly #random: SeededRandom;
  readonly #scenario: Scenario;
  readonly #place: { count: number; widthM: number; heightM: number; restores: true };
  readonly #performed: ScenarioEvent[] = [];
  /** What ends later, in the order of time. */
  #due: ScenarioEvent[] = [];
  #nextMs = FIRST_MS;
  #apartSinceMs: number | undefined;
  #healsMs: number[] = [];

  constructor(options: SoakOptions) {
    const { nodes, layout, seed, firmware, onBreak, trace } = options;
    this.#options = options;
    this.#random = seededRandom(seed ^ 0x50a50a);
    const places = layout === 'room' ? row(nodes, ROOM_GAP_M) : field(nodes, USUAL_GAP_M, seed);
    this.#place = {
      count: nodes,
      widthM: Math.ceil(Math.max(...places.map(({ x }) => x))) + 1,
      heightM: Math.ceil(Math.max(...places.map(({ y }) => y))) + 1,
      restores: true,
    };
    this.#scenario = {
      name: `soak-${seed}`,
      about: `${nodes} nodes in a ${layout}, from seed ${seed}`,
      seconds: 1e9,
      nodes: places,
      events: [],
      seed,
    };
    this.rehearsal = new Rehearsal(this.#scenario, {
      firmware,
      seed,
      ...(trace ? { trace } : {}),
      news: {
        settled: (atMs, isSettled) => {
          if (!isSettled) this.#apartSinceMs = atMs;
          else if (this.#apartSinceMs !== undefined) {
            this.#healsMs.push(atMs - this.#apartSinceMs);
            this.#apartSinceMs = undefined;
          }
        },
        found: (broken) => onBreak?.(broken),
      },
    });
  }

  get nowMs(): number {
    return this.rehearsal.nowMs;
  }

  /** @param untilMs whole milliseconds */
  async advance(untilMs: number): Promise<void> {
    while (this.nowMs < untilMs) {
      this.#plan();
      const event = this.#due[0];
      const atMs = event?.atMs ?? Infinity;
      await this.rehearsal.advance(Math.min(untilMs, atMs));
      if (!event || this.nowMs < atMs) continue;
      this.#due.shift();
      this.rehearsal.perform(event);
      this.#performed.push(event);
    }
  }

  /** Figures since the last call; those of the report are since the start. */
  takeFigures(): SoakFigures {
    const sorted = this.#healsMs.sort((a, b) => a - b);
    this.#healsMs = [];
    const share = (part: number): number =>
      Math.round(sorted[Math.floor(part * sorted.length)] ?? 0);
    return {
      atMs: this.nowMs,
      events: this.#performed.length,
      heals: {
        count: sorted.length,
        medianMs: share(0.5),
        p95Ms: share(0.95),
        longestMs: Math.round(sorted.at(-1) ?? 0),
      },
      apartMs: this.#apartSinceMs === undefined ? 0 : this.nowMs - this.#apartSinceMs,
      report: this.rehearsal.figures(1),
    };
  }

  /** All that has happened, to be run again from the start with the same seed. */
  scenario(): Scenario {
    return { ...this.#scenario, seconds: this.#seconds(), events: [...this.#performed] };
  }

  /** The last `ms` of it on a fresh start: nodes, places and faults as they were then do not come with it. */
  tail(ms: number): Scenario {
    const fromMs = Math.max(0, this.nowMs - ms);
    const shiftMs = Math.max(0, fromMs - SETTLE_MS);
    const events = this.#performed
      .filter(({ atMs }) => atMs >= fromMs)
      .map((event) => ({ ...event, atMs: event.atMs - shiftMs }));
    const seconds = this.#seconds() - Math.floor(shiftMs / 1000);
    return { ...this.#scenario, name: `${this.#scenario.name}-tail`, seconds, events };
  }

  #seconds(): number {
    return Math.ceil(this.nowMs / 1000) + 1;
  }

  #plan(): void {
    const nextDueMs = this.#due[0]?.atMs ?? Infinity;
    if (this.#nextMs > nextDueMs) return;
    const made = randomEvents(this.#random, this.#nextMs, this.#place);
    this.#due = [...this.#due, ...made].sort((a, b) => a.atMs - b.atMs);
    // Between a third and five thirds of the mean.
    const meanMs = this.#options.gapSeconds * 1000;
    this.#nextMs += Math.round(meanMs / 3 + this.#random.next01() * ((4 * meanMs) / 3));
  }
}
