/** The rate of one job on a real port: what worked with this kind of bridge before, and what this job teaches. */
import { rateToTry, rememberRate, type RateMemory } from '../../flash/best-rate.ts';
import type { OpenStage } from '../../flash/flash-session.ts';
import type { UsbIds } from '../../link/bridges.ts';

/** Failures that a slower line may cure. A pulled cable, a refusal or a cancelled job says nothing about the rate. */
const RATE_MAY_BE_TOO_HIGH: readonly unknown[] = [
  'lost-contact',
  'noise',
  'bad-line',
  'write-failed',
  'verify-failed',
];
const KEY = 'meshwright-rate-';

/** Rates in the browser's own storage; where that is blocked or full, nothing is remembered. */
export function storedRates(storage: () => Pick<Storage, 'getItem' | 'setItem'>): RateMemory {
  return {
    get(key) {
      try {
        const text = storage().getItem(KEY + key);
        return text === null ? undefined : Number(text);
      } catch {
        return undefined;
      }
    },
    set(key, rate) {
      try {
        storage().setItem(KEY + key, String(rate));
      } catch {
        // The job goes on; the next one starts at the usual rate.
      }
    },
  };
}

export class JobRate {
  readonly asked: number;
  #memory: RateMemory;
  #ids: UsbIds;
  #used: number | null = null;
  #judged = false;

  /** @param wish what the person chose, if anything; never above what the bridge can do */
  constructor(memory: RateMemory, ids: UsbIds, wish?: number) {
    this.#memory = memory;
    this.#ids = ids;
    this.asked = rateToTry(memory, ids, wish);
  }

  /** The loader's stages: from the change of rate on, a failure may be the rate's. */
  stage(stage: OpenStage): void {
    if (stage === 'changing-rate') this.#used = this.asked;
  }

  opened(session: { readonly baudRate: number }): void {
    this.#used = session.baudRate;
  }

  /** Everything was written and verified. */
  worked(): void {
    this.#judge(true);
  }

  failed(error: unknown): void {
    const code = typeof error === 'object' && error && 'code' in error ? error.code : null;
    if (RATE_MAY_BE_TOO_HIGH.includes(code)) this.#judge(false);
  }

  #judge(ok: boolean): void {
    if (this.#used === null || this.#judged) return;
    this.#judged = true;
    rememberRate(this.#memory, this.#ids, { asked: this.asked, used: this.#used, ok });
  }
}
