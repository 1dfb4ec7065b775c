declare module 'builtins' {
  /** Raised by drivers; args[0] is the number, args[1] its name where the driver gives one. */
  export class OSError {
    readonly args: readonly unknown[];
  }
  export class ValueError {
    readonly args: readonly unknown[];
  }
  export class RuntimeError {
    readonly args: readonly unknown[];
  }
  /** No room in the heap, also after it was collected. */
  export class MemoryError {
    readonly args: readonly unknown[];
  }
  /** A copy that never changes, as bytes; what the radio and NVS take. */
  export function bytes(source: Uint8Array): Uint8Array;
  export function len(value: object): number;
}
