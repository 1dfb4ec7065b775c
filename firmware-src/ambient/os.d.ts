declare module 'os' {
  export function urandom(count: number): Uint8Array;
}
