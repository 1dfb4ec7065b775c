declare module 'sys' {
  export interface BinaryIn {
    /** Blocks until `count` bytes are there: poll first and read one. */
    read(count: number): Uint8Array;
  }
  export interface BinaryOut {
    write(bytes: Uint8Array): number;
  }
  export const stdin: { readonly buffer: BinaryIn };
  export const stdout: { readonly buffer: BinaryOut };
  export const implementation: {
    readonly version: readonly [number, number, number];
    readonly _machine: string;
  };
}
