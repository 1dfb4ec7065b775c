declare module 'machine' {
  export const PWRON_RESET: number;
  export const HARD_RESET: number;
  export const WDT_RESET: number;
  export const DEEPSLEEP_RESET: number;
  export const SOFT_RESET: number;
  export function reset_cause(): number;
  export function reset(): void;
  /** 6 bytes: the factory MAC of the station interface. */
  export function unique_id(): Uint8Array;
  /** Constructing it again changes the timeout; it cannot be stopped. */
  export class WDT {
    constructor(id: number, timeoutMs: number);
    feed(): void;
  }
  export class Pin {
    static readonly IN: number;
    static readonly OUT: number;
    static readonly PULL_UP: number;
    static readonly PULL_DOWN: number;
    /** `pull` for inputs. */
    constructor(id: number, mode: number, pull?: number);
    /** With a level sets it, without one reads it. */
    value(level: number): void;
    value(): number;
  }
}
