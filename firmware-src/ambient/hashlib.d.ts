declare module 'hashlib' {
  /** Single-shot: nothing may follow digest(). */
  export class sha256 {
    update(bytes: Uint8Array): void;
    digest(): Uint8Array;
  }
}
