/**
 * The processor of a virtual board: what runs the firmware between two moments of the world. Two engines have this shape, and
 * the same firmware leaves the same trace in both:
 *
 *   vm.ts            MicroPython's WebAssembly build with the board's own files: real bytecode, heap measured
 *   v8/engine.ts     the firmware's TypeScript with its types erased: fast, heap not modelled
 */

import type { Packet } from './esp-now.ts';
import type { HostSeat } from './host-functions.ts';

/** What a call of the firmware ended with. */
export type StepResult = 'again' | 'ended' | 'raised' | 'stopped';

/** Integers in, an integer out; see host-functions.ts for the whole list. */
export type HostFunction = (...values: number[]) => number;

/** What host functions use of the engine that calls them. */
export interface HostMemory {
  /** 32 KiB in which bytes travel both ways. */
  readonly mailbox: Uint8Array;
  /** As soon as the host function has returned, the firmware is interrupted. */
  interrupt(): void;
}

/** A frame as the ESP-NOW driver hands it over; undefined for none, 'broken' or an error below zero (esp-now.ts take()). */
export type TakenFrame = Packet | 'broken' | number | undefined;

export interface EngineOptions {
  /** Bytes the firmware prints, one or more at a time, as it wrote them (LF, not CR LF). */
  onPrint: (bytes: Uint8Array) => void;
  /** Functions that the modules of a board call. */
  host: (memory: HostMemory) => Record<string, HostFunction>;
  /** What the host functions ask, for an engine that shares this memory: bytes of a frame belong to nobody and must not be changed. */
  seat: HostSeat;
}

export interface EngineFile {
  path: string;
  /** Null for a folder. */
  bytes: Uint8Array | null;
}

export interface Engine {
  /** Counts changes of files made by the firmware; the board compares it with what it has stored. */
  readonly fileChanges: number;
  /** Runs the text of main.py up to its loop, then remembers the loop's condition for step(). 'ended' when `step` is empty. */
  start(fileName: string, setup: string, step: string, onError: string): StepResult;
  /** One turn of main.py's last loop. */
  step(): StepResult;
  /** One line at the prompt. */
  line(text: string): StepResult;
  /** Bytes of the heap in use, less what the simulator itself put there; 0 where that is not modelled. */
  heapUsed(): number;
  /** The firmware is interrupted as soon as possible. */
  interrupt(): void;
  writeFile(path: string, bytes: Uint8Array): void;
  makeFolder(path: string): void;
  /** Every file and folder, sorted by path. */
  listFiles(): EngineFile[];
}
