/** The figures of one run of a scenario. */
import { bytesToHex } from '../../base/bytes.ts';
import type { MediumCounters } from '../radio/medium.ts';
import type { Break } from './invariants.ts';
import type { Scenario } from './scenario.ts';

/** firmware-src/wire/air-frame.ts */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  0x40: 'advert',
  0x41: 'info',
  0x42: 'ask',
  0x43: 'view',
  0x44: 'app',
  0x45: 'app-taken',
};
const TYPE_AT = 1;

export interface Heal {
  /** The event after which there was not one tree any more. */
  cause: string;
  atMs: number;
  /** Until there was one again; null when that did not come before the end. */
  healedMs: number | null;
}

export interface RehearsalReport {
  scenario: string;
  engine: string;
  seed: number;
  nodes: number;
  seconds: number;
  /** From the first start to one tree of all that are on; null when there never was one. */
  formedMs: number | null;
  heals: Heal[];
  /** Frames and payload bytes handed to the radio, by type. */
  traffic: Record<string, { frames: number; bytes: number }>;
  air: MediumCounters;
  /** Frames that a driver's ring had no room for. */
  dropped: number;
  /** The largest heap of any node; 0 where it is not measured. */
  heapBytes: number;
  /** The longest turn of any node that was on at the end, its start aside; no time of the processor is in it. */
  longestTurnMs: number;
  breaks: Break[];
  wallMs: number;
  /** Virtual time over real time. */
  speed: number;
}

export class Report {
  readonly breaks: Break[] = [];
  readonly #scenario: Scenario;
  readonly #engine: string;
  readonly #seed: number;
  readonly #traffic: RehearsalReport['traffic'] = {};
  readonly #heals: Heal[] = [];
  #formedMs: number | null = null;
  #heapBytes = 0;
  #isSettled = false;
  #brokenAtMs = 0;
  #lastEvent: { atMs: number; text: string } = { atMs: 0, text: 'the start' };

  constructor(scenario: Scenario, engine: string, seed: number) {
    this.#scenario = scenario;
    this.#engine = engine;
    this.#seed = seed;
  }

  sent(payload: Uint8Array): void {
    const type = payload[TYPE_AT] ?? 0;
    const name = TYPE_NAMES[type] ?? `0x${bytesToHex(Uint8Array.of(type))}`;
    const row = (this.#traffic[name] ??= { frames: 0, bytes: 0 });
    row.frames++;
    row.bytes += payload.length;
  }

  event(atMs: number, text: string): void {
    this.#lastEvent = { atMs, text };
    // While there is none, the wait begins anew with each event.
    if (!this.#isSettled && this.#formedMs !== null) this.#brokenAtMs = atMs;
  }

  settled(atMs: number, isSettled: boolean): void {
    if (isSettled === this.#isSettled) return;
    this.#isSettled = isSettled;
    const open = this.#heals.at(-1);
    if (!isSettled) {
      const { atMs: causeMs, text } = this.#lastEvent;
      this.#brokenAtMs = atMs;
      this.#heals.push({ cause: text, atMs: Math.round(causeMs), healedMs: null });
    } else if (this.#formedMs === null) this.#formedMs = Math.round(atMs);
    else if (open) open.healedMs = Math.round(atMs - open.atMs);
  }

  heap(bytes: number): void {
    this.#heapBytes = Math.max(this.#heapBytes, bytes);
  }

  get hasFormed(): boolean {
    return this.#formedMs !== null;
  }

  get lastCause(): string {
    return this.#lastEvent.text;
  }

  /** How long there has been no single tree. */
  waitedMs(nowMs: number): number {
    return this.#isSettled ? 0 : nowMs - this.#brokenAtMs;
  }

  finish(
    air: MediumCounters,
    dropped: number,
    longestTurnMs: number,
    wallMs: number,
  ): RehearsalReport {
    const { name, nodes, seconds } = this.#scenario;
    return {
      scenario: name,
      engine: this.#engine,
      seed: this.#seed,
      nodes: nodes.length,
      seconds,
      formedMs: this.#formedMs,
      heals: this.#heals,
      traffic: this.#traffic,
      air: { ...air },
      dropped,
      heapBytes: this.#heapBytes,
      longestTurnMs,
      breaks: this.breaks,
      wallMs: Math.round(wallMs),
      speed: (seconds * 1000) / wallMs,
    };
  }
}
