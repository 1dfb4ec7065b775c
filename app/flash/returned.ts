/**
 * Native USB goes away at a reset and comes back, perhaps as another port object: a normal state. The board is known again by its
 * MAC, read over the loader; USB ids only say which ports are worth a look.
 */
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { bridgeKey } from '../link/bridges.ts';
import type { SerialPortLike } from '../link/serial-port.ts';
import { FlashError } from './flash-error.ts';
import type { FlashSession } from './flash-session.ts';

/** navigator.serial, or the virtual boards' list. */
export interface GrantedPorts {
  getPorts(): Promise<readonly SerialPortLike[]>;
}

export interface ReturnOptions {
  /** The port that went away. */
  readonly lost: SerialPortLike;
  /** Of the board that is awaited. */
  readonly mac: string;
  /** All granted ports before it went away: those of other boards, which must be left alone. */
  readonly before: readonly SerialPortLike[];
  /** Opens a loader session: openFlashSession() with its options, one attempt. */
  open(port: SerialPortLike): Promise<FlashSession>;
  /** How long to wait; 10 seconds unless given. */
  readonly limitMs?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

const LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 250;

/**
 * Waits until the board is back and opens it.
 * @throws FlashError unplugged when it does not come back in time: then the person must choose its port anew; cancelled
 */
export async function openReturned(
  ports: GrantedPorts,
  options: ReturnOptions,
): Promise<{ port: SerialPortLike; session: FlashSession }> {
  const { lost, mac, before, open, signal, clock = systemClock } = options;
  const key = bridgeKey(lost.getInfo());
  const deadline = clock.nowMs() + (options.limitMs ?? LIMIT_MS);
  const strangers = new Set<SerialPortLike>(before.filter((port) => port !== lost));
  for (;;) {
    for (const port of await ports.getPorts()) {
      if (signal?.aborted) throw new FlashError('cancelled');
      if (strangers.has(port) || bridgeKey(port.getInfo()) !== key) continue;
      const session = await open(port).catch((error: unknown) => {
        if (error instanceof FlashError) return null; // not there yet
        throw error;
      });
      if (session?.mac === mac) return { port, session };
      if (session) {
        strangers.add(port);
        await session.resetIntoFirmware().catch(() => undefined);
        await session.close();
      }
    }
    if (signal?.aborted) throw new FlashError('cancelled');
    if (clock.nowMs() >= deadline) throw new FlashError('unplugged', `${mac} did not come back`);
    await clock.sleep(LOOK_EVERY_MS);
  }
}
