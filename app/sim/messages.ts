/** What the page and the worker with the virtual world say to each other. */
import type { BoardActivity } from './board-world.ts';
import type { BoardState } from './board-state.ts';
import type { ChipName } from './chips.ts';

import type { FromGuarded, ToGuarded } from './hang-guard.ts';

export interface NewBoard {
  chip: ChipName;
  mac: string;
  name: string;
  x: number;
  y: number;
  flashSizeBytes?: number | undefined;
  /** Flash of an earlier life. */
  state?: BoardState | undefined;
  powered: boolean;
  /** The board's serial port is served here (link/remote-port.ts). */
  serial: MessagePort;
}

/** Plain properties of faults.ts, and bytes to lose. */
export interface FaultChange {
  unplugAtCommand?: number;
  stuckAtCommand?: number;
  stuckLoader?: boolean;
  garbledAboveBaud?: number;
  noAutoReset?: boolean;
  resetOnOpen?: boolean;
  portBusy?: boolean;
  loseEvery?: number;
  doubleEvery?: number;
  noiseEvery?: number;
  lateMs?: number;
  rateFactor?: number;
  powerLossAtOperation?: number;
  secured?: boolean;
  unknownChip?: boolean;
  flashSizeBytes?: number;
  loseByte?: { direction: 'to-board' | 'to-host'; bytesFromNow: number };
}

/** Faults of the air (radio/medium.ts); jammed channels and cut links as lists. */
export interface AirChange {
  loss?: number;
  duplicate?: number;
  damage?: number;
  jammed?: number[];
  /** Pairs of addresses between which nothing arrives, in that direction. */
  cut?: { from: string; to: string }[];
}

export type ToWorld =
  | ToGuarded
  | { t: 'start'; seed: number; bootMs?: number | undefined; paced?: boolean | undefined }
  | { t: 'add'; mac: string; board: NewBoard }
  | { t: 'do'; mac: string; what: 'power-on' | 'power-off' | 'unplug' | 'plug' | 'remove' }
  | { t: 'reset'; mac: string; mode: 'run' | 'download' }
  | { t: 'boot-button'; mac: string; down: boolean }
  | { t: 'move'; mac: string; x: number; y: number }
  | { t: 'faults'; mac: string; change: FaultChange }
  | { t: 'air'; change: AirChange }
  | { t: 'save'; mac: string; request: number }
  | { t: 'measure'; request: number };

export interface BoardMeasure {
  mac: string;
  activity: BoardActivity;
  turns: number;
  heapBytes: number;
  droppedInput: number;
}

export interface WorldMeasure {
  nowMs: number;
  boards: BoardMeasure[];
  air: {
    sent: number;
    sentBytes: number;
    delivered: number;
    lostBySignal: number;
    lostByCollision: number;
  };
}

export type WorldNews =
  | { kind: 'pin'; mac: string; pin: number; value: number }
  | { kind: 'activity'; mac: string; activity: BoardActivity }
  /** Frames and bytes since the last of these. */
  | { kind: 'traffic'; mac: string; sent: number; received: number; sentBytes: number };

export type FromWorld =
  | FromGuarded
  | { t: 'saved'; request: number; state: BoardState | undefined }
  | { t: 'measured'; request: number; measure: WorldMeasure }
  | { t: 'news'; news: WorldNews }
  /** The simulator itself failed; a reason to report, not a state of a board. */
  | { t: 'error'; message: string };

/** A Worker, the worker's own scope, or one end of a MessageChannel. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}
