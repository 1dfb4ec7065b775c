declare module 'esp32' {
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
