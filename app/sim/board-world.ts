/** What a board and its world know of each other. */
import type { EventQueue } from './event-queue.ts';
import type { VirtualBoard } from './board.ts';
import type { Medium } from './radio/medium.ts';
import type { Program } from './v8/program.ts';

export type BoardActivity =
  'off' | 'download' | 'boot-loop' | 'booting' | 'running' | 'prompt' | 'asleep';

/** What a board needs of its world. */
export interface BoardWorld {
  readonly queue: EventQueue;
  readonly medium: Medium;
  /** Seeds os.urandom and random of the boards. */
  readonly entropy: number;
  readonly bootUs: number;
  readonly wasmUrl: string | undefined;
  readonly heapIsModelled: boolean;
  readonly quietTicks: number;
  /** Clocks of boards run fast or slow by up to so many parts of a million; which board by how much, the seed says. */
  readonly driftPpm: number;
  /** Called before anything that comes from outside: the world's time catches up with its clock. */
  present(): void;
  /** Told before every turn of bytecode. */
  readonly onTurn: ((mac: string) => void) | undefined;
  onPin(board: VirtualBoard, pin: number, value: number): void;
  onActivity(board: VirtualBoard): void;
  onNvsWrite(board: VirtualBoard, key: string, size: number): void;
}

export interface BoardPlace {
  x: number;
  y: number;
  name?: string;
  /** Run in V8 instead of what is on the flash. */
  program?: Program | undefined;
}
