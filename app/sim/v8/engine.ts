/**
 * The V8 engine: runs the firmware's TypeScript instead of its bytecode, and does main.py's job (app/image/main-py.ts) around it:
 * Wi-Fi off and on, first start, pause and reset after an exception, with the count kept in RTC memory.
 *
 * What is not the same as with bytecode, and on purpose not in the trace:
 * - the modules on the flash are not read, so slots and their check are left out (NVS is the board's own flash);
 * - the heap is a model (session.ts heapModel);
 * - the text of a traceback, and so the time that it takes on the line;
 * - there is no prompt: the board says so and takes no line.
 */
import { utf8 } from '../../base/bytes.ts';
import type { Engine, EngineFile, EngineOptions, StepResult } from '../engine.ts';
import { AMBIENT } from './ambient.ts';
import type { network } from './ambient-network.ts';
import type { Program } from './program.ts';
import { enter, Halt, KeyboardInterrupt, leave, Processor } from './processor.ts';

/** As in main.py: an exception within this time of the start makes the next pause longer. */
const SHORT_RUN_MS = 60_000;
const MOST_DOUBLINGS = 6;
/** "mw": main.py's own mark in RTC memory. */
const MARK = [109, 119] as const;

export class V8Engine implements Engine {
  readonly fileChanges = 0;
  readonly #board: Processor;
  #step: (() => boolean) | undefined;
  readonly #program: Program;
  readonly #print: (bytes: Uint8Array) => void;
  #startMs = 0;
  #recovered = false;

  constructor(program: Program, options: EngineOptions) {
    this.#program = program;
    this.#print = options.onPrint;
    this.#board = new Processor(options);
    // MicroPython's bootstrap seeds its `random` module: the same draw here keeps both engines in step.
    this.#board.call('seed');
  }

  start(): StepResult {
    return this.#run(true);
  }

  step(): StepResult {
    return this.#run(false);
  }

  line(): StepResult {
    this.#say('[virtual board: there is no Python in this engine]\n');
    return 'again';
  }

  heapUsed(): number {
    return 0;
  }

  interrupt(): void {
    this.#board.interrupt();
  }

  writeFile(): void {
    throw new Error('the V8 engine has no files');
  }

  makeFolder(): void {
    throw new Error('the V8 engine has no files');
  }

  listFiles(): EngineFile[] {
    return [];
  }

  #run(isStart: boolean): StepResult {
    const board = this.#board;
    let result: StepResult;
    enter(board);
    try {
      result = isStart ? this.#begin() : this.#turn();
    } catch (error) {
      result = this.#failed(error);
    } finally {
      leave();
    }
    if (board.hostError !== undefined) {
      const error = board.hostError;
      board.hostError = undefined;
      throw error;
    }
    return result;
  }

  #begin(): StepResult {
    const wlan = new (AMBIENT['network'] as typeof network).WLAN(0);
    wlan.active(false);
    wlan.active(true);
    this.#startMs = this.#board.call('ticks_ms');
    this.#step = this.#program.start().step;
    return 'again';
  }

  #turn(): StepResult {
    if (this.#board.takeInterrupt()) throw new KeyboardInterrupt();
    return this.#step!() ? 'again' : 'ended';
  }

  #failed(error: unknown): StepResult {
    const board = this.#board;
    if (board.hostError !== undefined) return 'stopped';
    if (error instanceof Halt || board.call('halted') !== 0) return 'stopped';
    if (error instanceof KeyboardInterrupt || this.#recovered) {
      this.#say(`Traceback (V8): ${described(error)}\n`);
      return 'raised';
    }
    this.#recovered = true;
    try {
      this.#recover(error);
    } catch (second) {
      return this.#failed(second);
    }
    return 'stopped';
  }

  /** main.py's recover(): the same waits, and the same count in RTC memory. */
  #recover(error: unknown): void {
    const board = this.#board;
    board.call('kbd_intr', 3);
    this.#say(`Traceback (V8): ${described(error)}\n`);
    const kept = board.mailbox.slice(0, board.call('rtc_read'));
    const isMine = kept.length === 3 && kept[0] === MARK[0] && kept[1] === MARK[1];
    const ranMs = board.call('ticks_ms') - this.#startMs;
    let doublings = 1;
    if (isMine && ranMs >= 0 && ranMs < SHORT_RUN_MS) {
      doublings = Math.min(kept[2]! + 1, MOST_DOUBLINGS);
    }
    if (isMine || kept.length === 0) {
      board.put(Uint8Array.of(...MARK, doublings));
      board.call('rtc_write', 3);
    }
    const text = JSON.stringify(`firmware failed, restart in ${1 << doublings} s`);
    this.#say(`\x1e{"t":"log","level":"error","text":${text}}\n`);
    for (let i = 0; i < 10 << doublings; i++) board.call('sleep', 100, 0);
    board.call('reset', 0);
  }

  #say(text: string): void {
    this.#print(utf8(text));
  }
}

function described(error: unknown): string {
  if (error instanceof KeyboardInterrupt) return 'KeyboardInterrupt';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
