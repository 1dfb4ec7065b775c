declare module 'time' {
  /** Wraps at 2^30. */
  export function ticks_ms(): number;
  /** Signed difference of two ticks less than 2^29 apart. */
  export function ticks_diff(later: number, earlier: number): number;
  export function sleep_ms(ms: number): void;
}
