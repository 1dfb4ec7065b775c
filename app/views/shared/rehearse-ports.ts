/** What the Rehearse screen needs from the parts below it: a simulated world in a worker, and a place for the plan. */
import type { FirmwareChoice } from './firmware-ports.ts';
import type { OnStage } from './ports.ts';

/** Metres. */
export interface Spot {
  x: number;
  y: number;
}
export interface WallPiece {
  from: Spot;
  to: Spot;
  /** Every path that crosses it loses so much. */
  lossDb: number;
}

/** What can be made to happen; nodes are named by their place in the list. */
export type Happening =
  | { do: 'start' | 'kill' | 'reset'; node: number }
  | { do: 'move'; node: number; x: number; y: number }
  | { do: 'walls'; walls: WallPiece[] }
  | { do: 'jam'; channel: number; on: boolean }
  | { do: 'partition'; groups: number[][] }
  | { do: 'air'; loss?: number; duplicate?: number; damage?: number }
  | { do: 'power-cut'; node: number; operation: number; offMs: number };

/** A script may hold others, which only scenarios have: they are carried along as they are. */
export type ScriptedHappening = { atMs: number } & (
  Happening | { do: 'deafen' | 'button' | 'send' | 'forge' | 'replay' }
);

export interface ScenarioFile {
  name: string;
  about: string;
  seconds: number;
  nodes: {
    x: number;
    y: number;
    zone?: string;
    name?: string;
    /** Null: off until an event switches it on. */
    startMs?: number | null;
    keyless?: boolean;
  }[];
  events: ScriptedHappening[];
  expect?: { formedMs?: number; healMs?: number };
  propagation?: Readonly<Record<string, number>>;
  seed?: number;
}

export const AIRS = ['open', 'house', 'concrete'] as const;
export type Air = (typeof AIRS)[number];
export interface AirOffer {
  readonly id: Air;
  readonly title: string;
  readonly help: string;
  readonly propagation: Readonly<Record<string, number>>;
  /** To where one frame in ten is lost, without walls. */
  readonly reachM: number;
}

/**
 * live      has a way to a root
 * seeking   runs, but has none
 * starting  has power, and has not said anything yet
 * quiet     is off, but others still count it in
 * lost      is off, and nobody counts it in any more
 * off       was never on
 */
export type Standing = 'live' | 'seeking' | 'starting' | 'quiet' | 'lost' | 'off';

export interface NodeTold {
  readonly standing: Standing;
  readonly x: number;
  readonly y: number;
  readonly parent: number | null;
  readonly isRoot: boolean;
  /** 255: no path to a root. */
  readonly hops: number;
  /** At which it hears its parent; null without one. */
  readonly rssiDbm: number | null;
  /** Other nodes that it knows of. */
  readonly knows: number;
  /** 0 where it is not measured. */
  readonly heapBytes: number;
}

export interface WorldEntry {
  readonly id: number;
  readonly atMs: number;
  readonly kind: 'done' | 'power' | 'parent' | 'root' | 'formed' | 'apart' | 'break';
  readonly node: number | null;
  readonly text: string;
}

export interface Broken {
  readonly atMs: number;
  readonly what: string;
  readonly text: string;
}

export interface RehearsalFigures {
  readonly formedMs: number | null;
  /** The last ones. */
  readonly heals: readonly {
    readonly cause: string;
    readonly atMs: number;
    readonly healedMs: number | null;
  }[];
  readonly isOneTree: boolean;
  /** Payload handed to the radio by type of frame, over the last seconds of virtual time. */
  readonly kbitPerSecond: Readonly<Record<string, number>>;
  readonly sent: number;
  readonly received: number;
  readonly tooWeak: number;
  readonly collided: number;
  readonly dropped: number;
  /** The fullest node; 0 where it is not measured. */
  readonly heapBytes: number;
  readonly breaks: readonly Broken[];
}

export interface RehearsalNews {
  readonly atMs: number;
  /** Virtual over real time, of late; null while it stands. */
  readonly ratio: number | null;
  readonly running: boolean;
  /** The script has come to its end. */
  readonly isOver: boolean;
  readonly nodes: readonly NodeTold[];
  readonly figures: RehearsalFigures;
  /** What is new. */
  readonly entries: readonly WorldEntry[];
  /** What was made to happen since the last news, with its exact time. */
  readonly performed: readonly ScriptedHappening[];
}

export type EngineName = 'v8' | 'micropython';

export interface RehearsalRun {
  /** For the saved scenario: which firmware it was. */
  readonly firmwareId: string;
  /** Virtual over real time; null: as fast as possible. */
  run(rate: number | null): void;
  pause(): void;
  step(ms: number): void;
  perform(happening: Happening): void;
  /** What was recorded so far; empty unless asked for at the start. Rejects once it was stopped. */
  trace(): Promise<RecordedTrace>;
  /** At once, wherever it is. */
  stop(): void;
}

export interface RecordedTrace {
  /** Lines as app/sim/trace.ts describes them. */
  readonly text: string;
  /** Virtual time at which the recording was full; null: it has everything. */
  readonly fullAtMs: number | null;
}

export interface RehearsalListener {
  news(news: RehearsalNews): void;
  /** Nothing more comes. */
  failed(message: string): void;
}

export interface Rehearsals {
  readonly airs: readonly AirOffer[];
  /** A MicroPython for each node: more do not fit well into a page. */
  readonly mostBytecodeNodes: number;
  readonly mostNodes: number;
  scenarios(): Promise<readonly ScenarioFile[]>;
  /** @throws WordedError for a file that is no scenario */
  read(fileName: string, text: string): Promise<ScenarioFile>;
  open(
    scenario: ScenarioFile & { seed: number },
    engine: EngineName,
    choice: FirmwareChoice,
    listener: RehearsalListener,
    onStage: OnStage,
    signal: AbortSignal,
    isTraced: boolean,
  ): Promise<RehearsalRun>;
}

/** The plan as it lies in this browser; whoever reads it checks it. */
export interface PlanStore {
  load(): Promise<unknown>;
  keep(plan: unknown): Promise<void>;
}
