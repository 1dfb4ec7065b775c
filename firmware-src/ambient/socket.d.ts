declare module 'socket' {
  export const AF_INET: number;
  export const SOCK_STREAM: number;
  export const SOCK_DGRAM: number;
  export const SOL_SOCKET: number;
  export const SO_REUSEADDR: number;
  export const IPPROTO_TCP: number;
  export const TCP_NODELAY: number;
  export type Address = readonly [host: string, port: number];
  /** Ten in all. After setblocking(false): OSError 11 nothing now, 119 connect has begun, 128 not connected (see wifi/sockets.ts). */
  export class socket {
    constructor(family: number, kind: number);
    setblocking(on: boolean): void;
    /** Anything but SO_REUSEADDR and TCP_NODELAY prints a warning into the console. */
    setsockopt(level: number, option: number, value: number): void;
    bind(address: Address): void;
    listen(backlog: number): void;
    accept(): readonly [socket, Address];
    connect(address: Address): void;
    /** May take less than it was given. */
    send(data: Uint8Array): number;
    /** Empty when the other side has closed. */
    recv(most: number): Uint8Array;
    /** Null when there is nothing, 0 when the other side has closed. */
    readinto(buffer: Uint8Array): number | null;
    sendto(data: Uint8Array, address: Address): number;
    recvfrom(most: number): readonly [Uint8Array, Address];
    close(): void;
  }
}
