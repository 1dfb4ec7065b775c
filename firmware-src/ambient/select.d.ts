declare module 'select' {
  export const POLLIN: number;
  export class poll {
    register(stream: object, events: number): void;
    poll(timeoutMs: number): readonly unknown[];
  }
}
