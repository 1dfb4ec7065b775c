/**
 * The TCP connections of a node, one to its parent and one to each child. Nothing here waits. See the table in board/main.ts.
 */
import { bytes, OSError } from 'builtins';
import { POLLIN, POLLOUT, poll } from 'select';
import {
  AF_INET,
  IPPROTO_TCP,
  SO_REUSEADDR,
  SOCK_STREAM,
  socket,
  SOL_SOCKET,
  TCP_NODELAY,
} from 'socket';
import { LINK_MOST_BYTES, LINK_PORT } from '../wire/link-frame.ts';

/** Of the ten sockets of the system, one listens, and some are left for others. */
const MOST_CONNECTIONS = 7;
/** Frames waiting for room in the system's buffer of 5 KB; with more the connection is of no use any more. */
const MOST_WAITING = 12;
const BLOCKED_FROM = 4;

/** What happens to connections. 0 is the one to the parent. */
export interface SocketEvents {
  connected(atMs: number): void;
  failed(atMs: number): void;
  accepted(id: number, atMs: number): void;
  received(id: number, bytes: Uint8Array, atMs: number): void;
  closed(id: number, atMs: number): void;
  block(id: number, blocked: boolean): void;
}

class Connection {
  readonly id: number;
  readonly socket: socket;
  isOpen: boolean;
  blocked = false;
  readonly waiting: Uint8Array[] = [];
  /** Bytes of the first one that are sent already. */
  sent = 0;

  constructor(id: number, tcp: socket, isOpen: boolean) {
    this.id = id;
    this.socket = tcp;
    this.isOpen = isOpen;
  }
}

function newSocket(address: string, port: number): socket {
  const made = new socket(AF_INET, SOCK_STREAM);
  made.setblocking(false);
  made.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
  made.bind([address, port]);
  return made;
}

export class LinkSockets {
  private readonly poller: poll = new poll();
  private readonly connections: Connection[] = [];
  private readonly buffer: Uint8Array = new Uint8Array(LINK_MOST_BYTES);
  private listener: socket | null = null;
  private lastId = 0;

  /** Listens on this address of our own. */
  listen(address: string): void {
    const listener = newSocket(address, LINK_PORT);
    listener.listen(4);
    this.poller.register(listener, POLLIN);
    this.listener = listener;
  }

  /** Closes the listening socket and all connections to children. */
  shut(): void {
    const listener = this.listener;
    this.listener = null;
    if (listener !== null) {
      this.poller.unregister(listener);
      listener.close();
    }
    for (const one of this.connections.slice()) if (one.id !== 0) this.remove(one);
  }

  /** Connects to a parent, from this address of our own; false when that cannot even begin. */
  connect(from: string, to: string): boolean {
    this.close(0);
    let tcp: socket | null = null;
    try {
      tcp = newSocket(from, 0);
      tcp.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
      this.begin(tcp, to);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      if (tcp !== null) tcp.close();
      return false;
    }
    this.poller.register(tcp, POLLOUT);
    this.connections.push(new Connection(0, tcp, false));
    return true;
  }

  /** A connection that takes its time raises EINPROGRESS; how it ended shows in the first send. */
  private begin(tcp: socket, to: string): void {
    try {
      tcp.connect([to, LINK_PORT]);
    } catch (error) {
      if (!(error instanceof OSError) || error.args[0] !== 119) throw error;
    }
  }

  close(id: number): void {
    const connection = this.find(id);
    if (connection !== null) this.remove(connection);
  }

  private find(id: number): Connection | null {
    for (const one of this.connections) if (one.id === id) return one;
    return null;
  }

  private remove(connection: Connection): void {
    this.connections.splice(this.connections.indexOf(connection), 1);
    this.poller.unregister(connection.socket);
    connection.socket.close();
  }

  /** Hands a frame over; what the system has no room for waits. */
  send(id: number, frame: Uint8Array): void {
    const connection = this.find(id);
    if (connection !== null) connection.waiting.push(bytes(frame));
  }

  /** Takes what came, and sends what waits. */
  step(events: SocketEvents, nowMs: number): void {
    if (this.listener === null && this.connections.length === 0) return;
    for (const [stream, ready] of this.ready()) {
      if (stream === this.listener) this.accept(events, nowMs);
      else {
        for (const one of this.connections.slice()) {
          if (one.socket === stream) this.serve(one, ready as number, events, nowMs);
        }
      }
    }
    for (const one of this.connections.slice()) if (one.isOpen) this.flush(one, events, nowMs);
  }

  /** Raises EIO while the system has no memory to look: then nothing is ready yet. */
  private ready(): readonly (readonly unknown[])[] {
    try {
      return this.poller.poll(0);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      return [];
    }
  }

  private accept(events: SocketEvents, nowMs: number): void {
    const listener = this.listener;
    if (listener === null) return;
    try {
      const tcp = listener.accept()[0];
      if (this.connections.length >= MOST_CONNECTIONS) {
        tcp.close();
        return;
      }
      tcp.setblocking(false);
      tcp.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
      this.poller.register(tcp, POLLIN);
      this.lastId += 1;
      this.connections.push(new Connection(this.lastId, tcp, true));
      events.accepted(this.lastId, nowMs);
    } catch (error) {
      // Nobody there any more, or no socket left: whoever it was tries again.
      if (!(error instanceof OSError)) throw error;
    }
  }

  private serve(one: Connection, ready: number, events: SocketEvents, nowMs: number): void {
    if (!one.isOpen) {
      one.isOpen = true;
      this.poller.unregister(one.socket);
      this.poller.register(one.socket, POLLIN);
      events.connected(nowMs);
      return;
    }
    if (ready === POLLOUT) return;
    try {
      const count = one.socket.readinto(this.buffer);
      if (count === null) return;
      if (count > 0) events.received(one.id, this.buffer.subarray(0, count), nowMs);
      else this.lose(one, events, nowMs);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      this.lose(one, events, nowMs);
    }
  }

  private lose(one: Connection, events: SocketEvents, nowMs: number): void {
    this.remove(one);
    if (one.id === 0) events.failed(nowMs);
    else events.closed(one.id, nowMs);
  }

  private flush(one: Connection, events: SocketEvents, nowMs: number): void {
    const waiting = one.waiting;
    try {
      while (waiting.length > 0) {
        const frame = waiting[0];
        one.sent += one.socket.send(one.sent === 0 ? frame : frame.subarray(one.sent));
        if (one.sent < frame.length) break;
        one.sent = 0;
        waiting.shift();
      }
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      // EAGAIN: no room now.
      if (error.args[0] !== 11) {
        this.lose(one, events, nowMs);
        return;
      }
    }
    if (waiting.length > MOST_WAITING) this.lose(one, events, nowMs);
    const blocked = waiting.length >= BLOCKED_FROM;
    if (blocked !== one.blocked) events.block(one.id, blocked);
    one.blocked = blocked;
  }
}
