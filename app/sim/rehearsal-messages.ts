/** What the page and the worker of a rehearsal say to each other. All plain data. */
import type { TranspiledModule } from '../compiler/transpile.ts';
import type { FirmwareModule } from '../image/compose.ts';
import type { MediumCounters } from './radio/medium.ts';
import type { Break } from './scenarios/invariants.ts';
import type { Heal } from './scenarios/report.ts';
import type { FromGuarded, ToGuarded } from './hang-guard.ts';
import type { Scenario, ScenarioEvent } from './scenarios/scenario.ts';

/** What boards run, in the shape that crosses to a worker. */
export type SentFirmware =
  | { engine: 'v8'; modules: readonly TranspiledModule[]; entry: string }
  | { engine: 'micropython'; modules: readonly FirmwareModule[] };

type WithoutTime<T> = T extends unknown ? Omit<T, 'atMs'> : never;
export type LiveEvent = WithoutTime<ScenarioEvent>;

export type ToRehearsal =
  | ToGuarded
  /** isTraced: each event is kept as a line, see trace.ts; costs time and memory. */
  | { t: 'open'; scenario: Scenario; seed: number; firmware: SentFirmware; isTraced?: boolean }
  /** Virtual over real time; null is as fast as possible. */
  | { t: 'run'; rate: number | null }
  | { t: 'pause' }
  | { t: 'step'; ms: number }
  /** The trace so far, please. */
  | { t: 'trace' }
  | { t: 'perform'; event: LiveEvent };

/** How a node stands, as somebody who sees all of them would say it; see live-nodes.ts. */
export type Standing = 'live' | 'seeking' | 'starting' | 'quiet' | 'lost' | 'off';

export interface LiveNode {
  standing: Standing;
  x: number;
  y: number;
  parent: number | null;
  isRoot: boolean;
  hops: number;
  rssiDbm: number | null;
  knows: number;
  heapBytes: number;
}

export interface LiveEntry {
  id: number;
  atMs: number;
  kind: 'done' | 'power' | 'parent' | 'root' | 'formed' | 'apart' | 'break';
  node: number | null;
  text: string;
}

export interface LiveFigures {
  formedMs: number | null;
  heals: Heal[];
  isOneTree: boolean;
  traffic: Record<string, { frames: number; bytes: number }>;
  air: MediumCounters;
  dropped: number;
  heapBytes: number;
  breaks: Break[];
}

export interface LiveNews {
  atMs: number;
  ratio: number | null;
  running: boolean;
  isOver: boolean;
  nodes: LiveNode[];
  figures: LiveFigures;
  entries: LiveEntry[];
  /** What was made to happen since the last news, with its exact time: the script that does it again. */
  performed: ScenarioEvent[];
}

export type FromRehearsal =
  | FromGuarded
  | { t: 'opened' }
  | { t: 'news'; news: LiveNews }
  | { t: 'trace'; trace: RecordedTrace }
  | { t: 'failed'; message: string };

export interface RecordedTrace {
  text: string;
  /** Virtual time at which the recording was full; null: it has everything. */
  fullAtMs: number | null;
}
