declare module 'select' {
  export const POLLIN: number;
  export const POLLOUT: number;
  export const POLLERR: number;
  export const POLLHUP: number;
  export class poll {
    register(stream: object, events: number): void;
    unregister(stream: object): void;
    /** [stream, events] of those that are ready. */
    poll(timeoutMs: number): readonly (readonly unknown[])[];
  }
}
