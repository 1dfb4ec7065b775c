/**
 * What becomes of a session from its first file to its end: the turns of main.py's loop one after the other, the prompt that a
 * firmware which ends leaves behind, and what the console's input does to both.
 *
 *   boot.py -> main.py up to its loop -> turn -> turn -> ... -> reset, watchdog, deep sleep: told to the board
 *                                                           -> ended or raised: the prompt
 */
import { utf8 } from '../base/bytes.ts';
import { ImageError } from '../image/image-error.ts';
import type { ConsoleRing } from './console-ring.ts';
import type { Engine, EngineFile, StepResult } from './engine.ts';
import type { EventQueue, QueuedEvent } from './event-queue.ts';
import { FlashPowerLost } from './flash-chip.ts';
import { splitOrWhole } from './main-split.ts';
import { Prompt } from './prompt.ts';
import type { Session } from './session.ts';

export type StopKind = NonNullable<Session['stopRequest']>;

/** What a run needs of its board. */
export interface RunSeat {
  readonly queue: EventQueue;
  readonly input: ConsoleRing;
  become(activity: 'prompt'): void;
  output(bytes: Uint8Array): void;
  /** Puts the firmware's files on the flash. @throws FlashPowerLost or ImageError */
  store(files: readonly EngineFile[]): void;
  /** The firmware asked for it, or the watchdog bit; its session is still there. */
  stopped(request: StopKind): void;
}

const STEP = (engine: Engine): StepResult => engine.step();

export class FirmwareRun {
  readonly session: Session;
  readonly #queue: EventQueue;
  /** Of the turns: one event for all, as there are hundreds in a second. */
  #timer: QueuedEvent | undefined;
  /** The runtime is up, and no prompt shows. */
  #isRunning = false;
  readonly #seat: RunSeat;
  #prompt: Prompt | undefined;
  #seenFileChanges = 0;

  constructor(session: Session, seat: RunSeat) {
    this.session = session;
    this.#queue = seat.queue;
    this.#seat = seat;
  }

  /** Nothing of it takes effect any more. */
  end(): void {
    this.session.dead = true;
    if (this.session.next) this.session.next.cancelled = true;
    this.#prompt = undefined;
  }

  /** A program in V8, which has no files. */
  startProgram(): void {
    this.#isRunning = true;
    this.#turn((engine) => engine.start('main.py', '', '', ''));
  }

  startFiles(files: readonly EngineFile[]): void {
    const { session } = this;
    this.#isRunning = true;
    this.#seenFileChanges = session.engine.fileChanges;
    const text = (path: string): string | undefined => {
      const bytes = files.find((file) => file.path === path)?.bytes;
      return bytes ? new TextDecoder().decode(bytes) : undefined;
    };
    const bootPy = text('/boot.py');
    const mainPy = text('/main.py');
    const main = (): void => {
      if (session.dead) return;
      if (mainPy === undefined) {
        this.#enterPrompt();
        return;
      }
      const { setup, step, onError } = splitOrWhole(mainPy);
      this.#turn((engine) => engine.start('main.py', setup, step, onError));
    };
    if (bootPy === undefined) {
      main();
      return;
    }
    const queue = this.#queue;
    const result = session.turn((engine) => engine.start('boot.py', bootPy, '', ''));
    if (session.dead) return;
    const doneUs = session.busyUntilUs;
    if (result === 'ended') session.next = queue.at(doneUs, main);
    else if (result === 'stopped') this.#performStop(doneUs);
    else session.next = queue.at(doneUs, () => this.#enterPrompt());
  }

  /** Something came for the board: an idle one takes its next turn at once. */
  wake(cause: 'frame' | 'byte'): void {
    const { session } = this;
    if (!session.idle || !session.next) return;
    const atUs = session.wakeUs(cause);
    if (session.next.atUs <= atUs || !this.#isRunning) return;
    session.next.cancelled = true;
    this.#nextTurn(atUs);
  }

  /** Bytes are in the ring. @param interrupted Control-C was among them */
  input(interrupted: boolean): void {
    if (this.#prompt) {
      if (interrupted) this.#prompt.interrupt();
      this.#drainToPrompt();
      return;
    }
    if (!this.#isRunning) return;
    if (!interrupted) {
      this.wake('byte');
      return;
    }
    const { session } = this;
    const queue = this.#queue;
    session.idle = false;
    session.interruptPending = session.stopRequest === undefined;
    // Even out of a long sleep, or out of the pause before a reset.
    if (session.next) session.next.cancelled = true;
    const stopping = session.stopRequest !== undefined;
    session.stopRequest = undefined;
    session.next = queue.at(queue.nowUs, () =>
      this.#turn((engine) => (stopping ? engine.line('raise KeyboardInterrupt') : engine.step())),
    );
  }

  #turn(run: Parameters<Session['turn']>[0]): void {
    const { session } = this;
    if (session.dead) return;
    const queue = this.#queue;
    if (session.watchdogAtUs <= queue.nowUs) {
      session.stop({ kind: 'watchdog' });
      this.#performStop(queue.nowUs);
      return;
    }
    const result = session.turn(run);
    if (session.dead) return;
    this.#storeFiles();
    if (session.dead) return;
    switch (result) {
      case 'again':
        this.#nextTurn(session.nextTurnUs);
        return;
      case 'stopped':
        this.#performStop(session.busyUntilUs);
        return;
      case 'ended':
      case 'raised':
        session.next = queue.at(session.busyUntilUs, () => this.#enterPrompt());
    }
  }

  /** The next turn. */
  run(): void {
    this.#turn(STEP);
  }

  #nextTurn(atUs: number): void {
    if (this.#timer) this.#queue.again(this.#timer, atUs);
    else this.#timer = this.#queue.at(atUs, this);
    this.session.next = this.#timer;
  }

  #performStop(atUs: number): void {
    const { session } = this;
    session.next = this.#queue.at(atUs, () => {
      if (!session.dead) this.#seat.stopped(session.stopRequest ?? { kind: 'reset' });
    });
  }

  /** Files that were closed or removed in the last turn go to the flash. */
  #storeFiles(): void {
    const { session } = this;
    if (session.engine.fileChanges === this.#seenFileChanges) return;
    this.#seenFileChanges = session.engine.fileChanges;
    try {
      this.#seat.store(session.engine.listFiles());
    } catch (error) {
      if (error instanceof FlashPowerLost) return;
      if (!(error instanceof ImageError)) throw error;
      session.print(
        utf8(`[virtual board: the files do not fit on the flash: ${error.message}]\n`),
        true,
      );
      session.flush();
    }
  }

  #enterPrompt(): void {
    const { session } = this;
    const queue = this.#queue;
    const { input } = this.#seat;
    if (session.dead) return;
    this.#isRunning = false;
    input.interruptByte = 3;
    session.interruptPending = false;
    session.stopRequest = undefined;
    this.#prompt = new Prompt({
      banner: `MicroPython ${session.runtime.text}; ${session.runtime.machine}\r\nType "help()" for more information.\r\n`,
      write: (text) => this.#seat.output(utf8(text)),
      softReset: () => this.#seat.stopped({ kind: 'soft' }),
      run: (line, again) => {
        const result = session.turn((engine) => engine.line(line));
        if (session.dead) return;
        this.#storeFiles();
        if (result === 'stopped') this.#performStop(session.busyUntilUs);
        else
          session.next = queue.at(session.busyUntilUs, () => {
            if (!session.dead) again();
          });
      },
    });
    this.#seat.become('prompt');
    const bite = session.watchdogAtUs;
    if (bite !== Infinity) {
      session.next = queue.at(bite, () => {
        if (!session.dead) this.#seat.stopped({ kind: 'watchdog' });
      });
    }
    this.#drainToPrompt();
  }

  #drainToPrompt(): void {
    while (this.#prompt && !this.#prompt.busy) {
      const byte = this.#seat.input.take();
      if (byte < 0) return;
      this.#prompt.type(byte);
    }
  }
}
