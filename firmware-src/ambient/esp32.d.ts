declare module 'esp32' {
  export const HEAP_DATA: number;
  /** Regions of the system's own heap: [total, free, largest free block, least ever free] bytes. */
  export function idf_heap_info(kind: number): readonly (readonly number[])[];
  /** Keys and namespace: 1 to 15 ASCII characters, longer ones are cut silently. */
  export class NVS {
    constructor(namespace: string);
    get_i32(key: string): number;
    set_i32(key: string, value: number): void;
    /** Fills the buffer and returns the blob's size. */
    get_blob(key: string, buffer: Uint8Array): number;
    set_blob(key: string, value: Uint8Array): void;
    commit(): void;
  }
}
