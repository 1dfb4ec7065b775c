/** The best rate per kind of serial bridge, remembered: a bridge that failed at 460800 is not tried there every time. */
import { bridgeKey, bridgeOf, type UsbIds } from '../link/bridges.ts';

/** Slow and safe, the usual start, and on offer. */
export const RATES: readonly number[] = [115200, 460800, 921600];
const USUAL_RATE = 460800;

/** A small store, such as one row of settings. */
export interface RateMemory {
  get(key: string): number | undefined;
  set(key: string, rate: number): void;
}

/** The rate to ask for. @param wish what the person chose, if anything */
export function rateToTry(memory: RateMemory, ids: UsbIds, wish?: number): number {
  const known = memory.get(bridgeKey(ids));
  const rate = wish ?? (known !== undefined && RATES.includes(known) ? known : USUAL_RATE);
  return Math.min(rate, bridgeOf(ids).maxBaud);
}

/**
 * To be called when a job ended.
 * @param asked what rateToTry() said; `used` what the session ended up with; `ok` whether the job was carried to its end
 */
export function rememberRate(
  memory: RateMemory,
  ids: UsbIds,
  { asked, used, ok }: { asked: number; used: number; ok: boolean },
): void {
  const { kind } = bridgeOf(ids);
  if (kind === 'usb-jtag' || kind === 'usb-otg') return; // a rate means nothing there
  // The library falls back to the slowest rate at once: what lies between was not tried yet.
  if (ok) memory.set(bridgeKey(ids), used < asked ? nextLower(asked) : used);
  else if (used === asked) memory.set(bridgeKey(ids), nextLower(asked));
}

function nextLower(rate: number): number {
  return [...RATES].reverse().find((each) => each < rate) ?? RATES[0]!;
}
