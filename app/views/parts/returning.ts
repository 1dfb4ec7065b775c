/**
 * A real board with native USB goes away at each restart and may come back as another port: a normal state within a job.
 * Its loader is known again by its MAC, its firmware by the MAC in its hello; the board keeps its place among the screens.
 */
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/clock.ts';
import { openConsole, type BoardConsole } from '../../console/board-console.ts';
import { openSerialStream } from '../../console/byte-stream.ts';
import { ConsoleError } from '../../console/console-error.ts';
import type { FlashSession } from '../../flash/flash-session.ts';
import { openReturned, type GrantedPorts } from '../../flash/returned.ts';
import { bridgeOf, restartNote } from '../../link/bridges.ts';
import type { SerialPortLike } from '../../link/serial-port.ts';
import type { BoardPort } from '../shared/ports.ts';
import { WordedError } from '../shared/problem.ts';
import type { SerialPorts } from './serial-ports.ts';

/** What a port says whose board is away: gone in the middle, or not to be opened. */
const AWAY: readonly unknown[] = ['unplugged', 'port-busy'];
const LOOK_EVERY_MS = 250;
/** Time for a person to read the note and to press the button or pull the cable. */
const FIRST_WORDS_MS = 60_000;
/** A board without a key says hello every 5 s: a port that is silent for longer is not the one. */
const STRANGER_MS = 7000;
const HEARD_LINES = 20;

export function isNative(serial: SerialPortLike): boolean {
  return restartNote(bridgeOf(serial.getInfo()).kind) !== null;
}

export function isAway(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && AWAY.includes(error.code)
  );
}

function isUnplugged(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'unplugged';
}

export interface ReturningOptions {
  readonly ports: SerialPorts;
  readonly port: BoardPort;
  readonly granted: GrantedPorts;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** How long the firmware's first words are waited for; 60 seconds unless given. */
  readonly firstWordsMs?: number;
}

export class ReturningBoard {
  #options: ReturningOptions;
  #clock: Clock;

  constructor(options: ReturningOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Opens the loader at the board's port or, when that went away, at the port where the board came back. One that is not known
   * yet is taken for the one that is new.
   * @throws FlashError
   */
  async openFlash(
    open: (
      serial: SerialPortLike,
      how?: { attempts: number; reset: boolean },
    ) => Promise<FlashSession>,
  ): Promise<FlashSession> {
    const { ports, port, granted, signal } = this.#options;
    const lost = ports.serialOf(port);
    const mac = ports.macOf(port);
    const around = (await granted.getPorts()).filter((each) => each !== lost);
    let session: FlashSession;
    try {
      session = await open(lost);
    } catch (error) {
      if (signal.aborted || !isAway(error) || (mac === null && !isUnplugged(error))) throw error;
      const before = mac === null ? around : ports.othersThan(port);
      const found = await openReturned(granted, {
        lost,
        mac,
        before,
        signal,
        clock: this.#clock,
        open: (serial, reset) => open(serial, { attempts: 1, reset }),
      });
      session = found.session;
      ports.move(port, found.port);
    }
    ports.learn(port, session.mac);
    return session;
  }

  /**
   * Opens the console of the restarted board, wherever it comes back; it has said hello already.
   * @throws WordedError when it does not come back in time, or the signal's reason
   */
  async openConsole(): Promise<BoardConsole> {
    const { ports, port, granted, signal } = this.#options;
    const deadlineMs = this.#clock.nowMs() + (this.#options.firstWordsMs ?? FIRST_WORDS_MS);
    const own = ports.serialOf(port);
    const strangers = new Set(ports.othersThan(port));
    const heard: string[] = [];
    let failure: unknown = null;
    for (;;) {
      const others = (await granted.getPorts()).filter((each) => each !== own && isNative(each));
      for (const serial of [own, ...others]) {
        signal.throwIfAborted();
        const leftMs = deadlineMs - this.#clock.nowMs();
        if (strangers.has(serial) || leftMs <= 0) continue;
        try {
          const waitMs = serial === own ? leftMs : Math.min(leftMs, STRANGER_MS);
          const board = await this.#greeted(serial, waitMs, heard);
          if (board) {
            if (serial !== own) ports.move(port, serial);
            return board;
          }
          strangers.add(serial);
        } catch (error) {
          if (!(error instanceof ConsoleError)) throw error;
          failure = error; // not there yet, or gone again
        }
      }
      if (this.#clock.nowMs() >= deadlineMs) throw noWords(own, heard, failure);
      await this.#clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  /** The console once the awaited board said hello on it; null when another board did. */
  async #greeted(
    serial: SerialPortLike,
    silentMs: number,
    heard: string[],
  ): Promise<BoardConsole | null> {
    const { ports, port, signal } = this.#options;
    const board = openConsole(await openSerialStream(serial), {
      onEvent: (event) => {
        if (event.kind !== 'log' || event.text === '') return;
        heard.push(event.text);
        if (heard.length > HEARD_LINES) heard.shift();
      },
    });
    try {
      const hello = await board.waitForHello({ silentMs, signal });
      if (hello.mac === ports.macOf(port)) return board;
    } catch (error) {
      await board.close();
      throw error;
    }
    await board.close();
    return null;
  }
}

function noWords(serial: SerialPortLike, heard: readonly string[], failure: unknown): WordedError {
  const lines = heard.length > 0 ? `\nthe board said last:\n${heard.join('\n')}` : '';
  return new WordedError({
    code: 'silent',
    title: 'The board was written, but did not come back with its firmware',
    cause: 'Boards with native USB leave the bus when they restart, and some wait for a hand.',
    next: `${restartNote(bridgeOf(serial.getInfo()).kind) ?? ''} If it is not in the list of boards, choose its port again, then repeat: what was written is skipped.`,
    details: `code: silent\nwhile: waiting for the first words\n${String(failure)}${lines}`,
  });
}
