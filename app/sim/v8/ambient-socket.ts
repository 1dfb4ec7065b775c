/** socket for the V8 engine; see ambient.ts. Behaviour and sources: modules/socket.ts. */
import { ipText } from '../wifi/address.ts';
import { parsedIp } from './ambient-network.ts';
import { OSError, RuntimeError, ValueError } from './errors.ts';
import { here } from './processor.ts';

type Address = readonly [host: string, port: number];

const DATA_AT = 64;
const CHUNK = 16384;
const AGAIN = -11;
const IN_PROGRESS = -119;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const TCP_NODELAY = 1;
const SO_REUSEADDR = 4;
const ADOPTED = Symbol('accepted');

function checked(code: number): number {
  if (code < 0) throw new OSError(-code);
  return code;
}

function placed(address: Address): number {
  const [host, port] = address;
  let bytes: Uint8Array;
  try {
    bytes = parsedIp(host);
  } catch {
    throw new OSError(-202);
  }
  here().put(bytes);
  return port;
}

function origin(): Address {
  const { mailbox } = here();
  const view = new DataView(mailbox.buffer, mailbox.byteOffset);
  return [ipText(view.getUint32(0)), view.getUint16(4)];
}

class Socket {
  #id = -1;
  readonly #kind: number;
  /** Milliseconds; undefined waits for ever. */
  #timeout: number | undefined;
  #closed = false;

  constructor(family: number | typeof ADOPTED = 2, kind = SOCK_STREAM) {
    if (family === ADOPTED) {
      this.#id = kind;
      this.#kind = SOCK_STREAM;
      return;
    }
    this.#kind = kind;
    if (family !== 2 || (kind !== SOCK_STREAM && kind !== SOCK_DGRAM)) throw new OSError(5);
    this.#id = checked(here().call('sock_open', kind));
  }

  #wait(name: string): never {
    if (this.#timeout === 0) throw new OSError(11);
    if (this.#timeout === undefined) {
      throw new RuntimeError(
        `socket.${name}: this call would block for ever here; use setblocking(False) and poll`,
      );
    }
    here().call('sleep', this.#timeout, 0);
    throw new OSError(116);
  }

  bind(address: Address): void {
    const port = placed(address);
    checked(here().call('sock_bind', this.#id, port));
  }

  listen(_backlog?: number): void {
    checked(here().call('sock_listen', this.#id));
  }

  accept(): readonly [Socket, Address] {
    const made = here().call('sock_accept', this.#id);
    if (made === AGAIN) this.#wait('accept');
    return [new Socket(ADOPTED, checked(made)), origin()];
  }

  connect(address: Address): void {
    const board = here();
    const port = placed(address);
    let result = board.call('sock_connect', this.#id, port);
    if (result === IN_PROGRESS && this.#timeout !== 0) {
      result = board.call('sock_connected', this.#id);
      if (result === AGAIN) this.#wait('connect');
    }
    checked(result);
  }

  #put(data: Uint8Array, at: number): number {
    const board = here();
    const part = data.subarray(at, at + CHUNK);
    board.put(part, DATA_AT);
    return board.call('sock_send', this.#id, part.length);
  }

  send(data: Uint8Array): number {
    const sent = this.#put(data, 0);
    if (sent === AGAIN) this.#wait('send');
    return checked(sent);
  }

  sendall(data: Uint8Array): void {
    const sent = this.send(data);
    if (sent >= data.length) return;
    const more = this.#put(data, sent);
    if (more < 0 || sent + more < data.length) throw new OSError(116);
  }

  sendto(data: Uint8Array, address: Address): number {
    const board = here();
    const port = placed(address);
    const part = data.subarray(0, CHUNK);
    board.put(part, DATA_AT);
    return checked(board.call('sock_sendto', this.#id, port, part.length));
  }

  #get(most: number): number {
    if (this.#closed) return 0;
    const count = here().call('sock_recv', this.#id, Math.min(most, CHUNK));
    if (count === AGAIN) this.#wait('recv');
    checked(count);
    if (count === 0 && most > 0 && this.#kind === SOCK_STREAM) this.#closed = true;
    return count;
  }

  recv(most: number): Uint8Array {
    const count = this.#get(most);
    return here().mailbox.slice(DATA_AT, DATA_AT + count);
  }

  recvfrom(most: number): readonly [Uint8Array, Address] {
    return [this.recv(most), origin()];
  }

  /** Null when there is nothing, as a stream without waiting has it. */
  readinto(buffer: Uint8Array, most = buffer.length): number | null {
    let at = 0;
    const end = Math.min(most, buffer.length);
    while (at < end) {
      let count: number;
      if (this.#timeout === 0 && !this.#closed) {
        count = here().call('sock_recv', this.#id, Math.min(end - at, CHUNK));
        if (count === AGAIN) return at > 0 ? at : null;
        if (checked(count) === 0) this.#closed = true;
      } else count = this.#get(end - at);
      if (count === 0) break;
      buffer.set(here().mailbox.subarray(DATA_AT, DATA_AT + count), at);
      at += count;
    }
    return at;
  }

  settimeout(seconds: number | null): void {
    if (seconds === null) this.#timeout = undefined;
    else this.#timeout = seconds === 0 ? 0 : Math.max(100, Math.trunc(seconds * 10) * 100);
  }

  setblocking(on: boolean): void {
    this.#timeout = on ? undefined : 0;
  }

  setsockopt(_level: number, option: number, value: number): void {
    if (option === TCP_NODELAY) checked(here().call('sock_option', this.#id, 1, value ? 1 : 0));
    else if (option === SO_REUSEADDR) {
      checked(here().call('sock_option', this.#id, 2, value ? 1 : 0));
    } else if (option !== 32) {
      const text = new TextEncoder().encode('Warning: lwip.setsockopt() option not implemented\n');
      here().put(text);
      here().call('console_write', text.length, 1);
    }
  }

  close(): void {
    if (this.#id < 0) return;
    here().call('sock_close', this.#id);
    this.#id = -1;
  }

  pollState(): number {
    return here().call('sock_poll', this.#id);
  }
}

/** Literal addresses only. */
function getaddrinfo(host: string, port: number): readonly unknown[] {
  const bytes = parsedIp(host);
  if (bytes.length !== 4) throw new ValueError('invalid arguments');
  const text = bytes.join('.');
  return [[2, SOCK_STREAM, 0, text, [text, port]]];
}

export const socket = {
  AF_INET: 2,
  SOCK_STREAM,
  SOCK_DGRAM,
  SOL_SOCKET: 4095,
  SO_REUSEADDR,
  IPPROTO_TCP: 6,
  TCP_NODELAY,
  socket: Socket,
  getaddrinfo,
};
