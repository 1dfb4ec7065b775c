import { type Socket, connect } from 'node:net';
import type { ByteStream } from '../console/byte-stream.ts';
import { InputError, UsageError } from './command.ts';

const CONNECT_LIMIT_MS = 10_000;

/** @throws UsageError unless the text is HOST:PORT ([::1]:5001 for IPv6). */
export function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? 0);
  if (match === null || port < 1 || port > 65535) {
    throw new UsageError(`--connect expects HOST:PORT, got "${text}"`);
  }
  return { host: match[1] ?? match[2]!, port };
}

/**
 * A board's console behind a TCP socket: raw bytes, no RFC 2217.
 * @throws InputError when nobody answers there within 10 seconds.
 */
export function connectTcp(address: string, signal?: AbortSignal): Promise<ByteStream> {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new InputError(`cannot connect to ${address}: ${why}`));
    };
    const timer = setTimeout(() => fail('no answer within 10 s'), CONNECT_LIMIT_MS);
    signal?.addEventListener('abort', () => fail('stopped'), { once: true });
    socket.once('error', (error) => fail(error.message));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      socket.setNoDelay(true);
      resolve(new TcpStream(socket));
    });
  });
}

class TcpStream implements ByteStream {
  readonly #socket: Socket;
  readonly #chunks: Uint8Array[] = [];
  #wake: (() => void) | null = null;
  #ended = false;
  #failure: Error | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) =>
      this.#note(() => this.#chunks.push(new Uint8Array(chunk))),
    );
    socket.on('error', (error) => this.#note(() => (this.#failure = error)));
    socket.on('close', () => this.#note(() => (this.#ended = true)));
    socket.on('end', () => this.#note(() => (this.#ended = true)));
  }

  #note(change: () => void): void {
    change();
    this.#wake?.();
    this.#wake = null;
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) return chunk;
      if (this.#failure !== null) throw this.#failure;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): Promise<void> {
    this.#note(() => (this.#ended = true));
    this.#socket.destroy();
    return Promise.resolve();
  }
}
