/**
 * Native USB goes away at a reset and comes back, perhaps as another port object: a normal state. The board is known again by its
 * MAC, read over the loader; USB ids only say which ports are worth a look. The loader is listened for before it is reset into,
 * because it may have been the way into the loader that took the board away.
 */
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { bridgeKey, bridgeOf } from '../link/bridges.ts';
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
  /** Of the board that is awaited; null when it went away before it could say: then whatever port is new is taken. */
  readonly mac: string | null;
  /** All granted ports before it went away: those of other boards, which must be left alone. */
  readonly before: readonly SerialPortLike[];
  /** Opens a loader session: openFlashSession() with its options, one attempt. @param reset false to listen only */
  open(port: SerialPortLike, reset: boolean): Promise<FlashSession>;
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
  const deadline = clock.nowMs() + (options.limitMs ?? LIMIT_MS);
  const tried = (port: SerialPortLike, reset: boolean): Promise<FlashSession | null> =>
    open(port, reset).catch((error: unknown) => {
      if (error instanceof FlashError && error.code !== 'cancelled') return null; // not there yet
      throw error;
    });
  const strangers = new Set<SerialPortLike>(before.filter((port) => port !== lost));
  for (;;) {
    for (const port of await ports.getPorts()) {
      if (signal?.aborted) throw new FlashError('cancelled');
      if (strangers.has(port) || !mayBe(port, lost)) continue;
      const session = (await tried(port, false)) ?? (await tried(port, true));
      if (session && (mac === null || session.mac === mac)) return { port, session };
      if (session) {
        strangers.add(port);
        await session.resetIntoFirmware().catch(() => undefined);
        await session.close();
      }
    }
    if (signal?.aborted) throw new FlashError('cancelled');
    if (clock.nowMs() >= deadline)
      throw new FlashError('unplugged', `${mac ?? 'the board'} did not come back`);
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** The same kind of port; a chip with USB-OTG has other ids in its loader than in its firmware. */
function mayBe(port: SerialPortLike, lost: SerialPortLike): boolean {
  const [ids, old] = [port.getInfo(), lost.getInfo()];
  if (bridgeOf(old).kind === 'usb-otg') {
    return bridgeOf(ids).kind === 'usb-otg' && ids.usbVendorId === old.usbVendorId;
  }
  return bridgeKey(ids) === bridgeKey(old);
}
