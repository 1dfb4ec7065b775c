declare module 'cryptolib' {
  /** mode 1 is ECB. An object either encrypts or decrypts. */
  export class aes {
    constructor(key: Uint8Array, mode: number);
    encrypt(blocks: Uint8Array): Uint8Array;
  }
}
