/**
 * The sockets of one board, over its IP stack: ten in all, TCP and UDP together, those that accept() makes among them (platform facts,
 * section 3). Results below zero are error numbers; -EAGAIN is what a caller that can wait may wait for. Which call gives which
 * number was seen on an emulated chip with stock 1.26.0 and is tested in wifi/sockets.test.ts.
 */
import { ANY } from './address.ts';
import { ERRNO } from './errno.ts';
import type { Packet } from './packet.ts';
import type { Bound, IpStack } from './stack.ts';
import type { TcpConnection } from './tcp.ts';

const MOST_SOCKETS = 10;
/** LWIP_TCP_ACCEPTMBOX_SIZE and LWIP_UDP_RECVMBOX_SIZE of ESP-IDF: what comes beyond is refused, or lost. The backlog does not count. */
const MOST_WAITING = 6;
const POLL = { in: 1, out: 4, hangUp: 16, invalid: 32 } as const;

interface Socket extends Bound {
  protocol: 'tcp' | 'udp';
  ip: number;
  port: number;
  reuse: boolean;
  noDelay: boolean;
  /** Before connect(), bind() or listen(): MicroPython's own state. */
  fresh: boolean;
  listening: boolean;
  connection: TcpConnection | undefined;
  waiting: TcpConnection[];
  datagrams: Packet[];
  peerIp: number;
  peerPort: number;
}

export interface Origin {
  ip: number;
  port: number;
}

export class Sockets {
  readonly #stack: IpStack;
  #table: (Socket | undefined)[] = [];
  /** Who sent what the last call read, or who was accepted. */
  origin: Origin = { ip: ANY, port: 0 };

  constructor(stack: IpStack) {
    this.#stack = stack;
  }

  /** After power-on there are none; nobody is told. */
  reset(): void {
    this.#table = [];
  }

  /** A soft reset finalises them: all are closed. */
  closeAll(): void {
    for (let id = 0; id < MOST_SOCKETS; id++) this.close(id);
  }

  open(protocol: 'tcp' | 'udp'): number {
    return this.#add(protocol);
  }

  #add(protocol: 'tcp' | 'udp', connection?: TcpConnection): number {
    let id = 0;
    while (this.#table[id]) id++;
    if (id >= MOST_SOCKETS) return -ERRNO.tooManyFiles;
    const socket: Socket = {
      protocol,
      ip: ANY,
      port: connection?.ends.fromPort ?? 0,
      reuse: false,
      noDelay: false,
      fresh: protocol === 'tcp' && !connection,
      listening: false,
      connection,
      waiting: [],
      datagrams: [],
      peerIp: ANY,
      peerPort: 0,
      accept: (made) => {
        if (socket.waiting.length >= MOST_WAITING) return false;
        socket.waiting.push(made);
        return true;
      },
      take: (packet) => {
        if (protocol === 'tcp') return socket.listening;
        if (socket.peerPort !== 0 && packet.fromPort !== socket.peerPort) return false;
        if (socket.datagrams.length >= MOST_WAITING) return false;
        socket.datagrams.push(packet);
        return true;
      },
    };
    this.#table[id] = socket;
    return id;
  }

  setReuse(id: number, on: boolean): number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    socket.reuse = on;
    return 0;
  }

  setNoDelay(id: number, on: boolean): number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    socket.noDelay = on;
    if (socket.connection) socket.connection.noDelay = on;
    return 0;
  }

  bind(id: number, ip: number, port: number): number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    socket.fresh = false;
    const chosen = port === 0 ? this.#stack.freePort() : port;
    for (const other of this.#table) {
      if (!other || other === socket || other.connection) continue;
      const same = other.protocol === socket.protocol && other.port === chosen;
      if (same && !(other.reuse && socket.reuse)) return -ERRNO.addressInUse;
    }
    if (socket.protocol === 'tcp' && !socket.reuse && this.#stack.portInUse(chosen)) {
      return -ERRNO.addressInUse;
    }
    socket.ip = ip;
    socket.port = chosen;
    if (socket.protocol === 'udp') this.#stack.bound.add(socket);
    return 0;
  }

  listen(id: number): number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    if (socket.protocol === 'udp') return -ERRNO.notSupported;
    if (socket.connection) return -ERRNO.isConnected;
    socket.fresh = false;
    if (socket.port === 0) socket.port = this.#stack.freePort();
    socket.listening = true;
    this.#stack.bound.add(socket);
    return 0;
  }

  /** @returns the new socket's number; `origin` says from where */
  accept(id: number): number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    if (socket.protocol === 'udp') return -ERRNO.notSupported;
    if (!socket.listening) return -ERRNO.invalid;
    const connection = socket.waiting.shift();
    if (!connection) return -ERRNO.again;
    const made = this.#add('tcp', connection);
    if (made < 0) connection.close();
    this.origin = { ip: connection.ends.toIp, port: connection.ends.toPort };
    return made;
  }

  /** @returns 0 when it is done, -EINPROGRESS when it has begun */
  connect(id: number, ip: number, port: number): number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    if (socket.protocol === 'udp') {
      socket.peerIp = ip;
      socket.peerPort = port;
      if (socket.port === 0) this.bind(id, ANY, 0);
      return 0;
    }
    if (socket.listening || socket.connection) return -ERRNO.isConnected;
    socket.fresh = false;
    if (socket.port === 0) socket.port = this.#stack.freePort();
    const connection = this.#stack.connect(ip, port, socket.port);
    if (!connection) return -ERRNO.hostUnreachable;
    connection.noDelay = socket.noDelay;
    socket.connection = connection;
    return -ERRNO.inProgress;
  }

  /** How a connect() ended: 0, an error below zero, or -EAGAIN when it has not. */
  connected(id: number): number {
    const socket = this.#table[id];
    if (!socket?.connection) return -ERRNO.badFile;
    if (socket.connection.state === 'syn-sent') return -ERRNO.again;
    const error = socket.connection.takeError();
    return error === 0 ? 0 : -error;
  }

  send(id: number, data: Uint8Array): number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    if (socket.protocol === 'udp') {
      return socket.peerPort === 0
        ? data.length
        : this.sendTo(id, data, socket.peerIp, socket.peerPort);
    }
    if (socket.connection) {
      const sent = socket.connection.send(data);
      // MicroPython takes EINPROGRESS for a full buffer.
      return sent === -ERRNO.inProgress ? -ERRNO.again : sent;
    }
    return socket.listening ? -ERRNO.again : -ERRNO.notConnected;
  }

  sendTo(id: number, data: Uint8Array, toIp: number, toPort: number): number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    if (socket.protocol === 'tcp') return this.send(id, data);
    if (socket.port === 0) this.bind(id, ANY, 0);
    const index = this.#stack.route(toIp);
    const own = this.#stack.owns(toIp);
    if (index === undefined && !own) return -ERRNO.hostUnreachable;
    const fromIp = own ? toIp : this.#stack.interfaces[index!].config.ip;
    const sent = this.#stack.send({
      protocol: 'udp',
      fromIp,
      toIp,
      fromPort: socket.port,
      toPort,
      data: data.slice(),
      flags: 0,
      sequence: 0,
      acknowledged: 0,
      window: 0,
    });
    // The driver's queue is full: ERR_MEM (lwIP netif, ESP-IDF wlanif.c low_level_output).
    return sent ? data.length : -ERRNO.noMemory;
  }

  receive(id: number, most: number): Uint8Array | number {
    const socket = this.#table[id];
    if (!socket) return -ERRNO.badFile;
    if (socket.protocol === 'udp') {
      const packet = socket.datagrams.shift();
      if (!packet) return -ERRNO.again;
      this.origin = { ip: packet.fromIp, port: packet.fromPort };
      return packet.data.slice(0, most);
    }
    if (socket.connection) {
      const { toIp, toPort } = socket.connection.ends;
      this.origin = { ip: toIp, port: toPort };
      return socket.connection.receive(most);
    }
    return socket.fresh || socket.listening ? -ERRNO.notConnected : -ERRNO.again;
  }

  poll(id: number): number {
    const socket = this.#table[id];
    if (!socket) return POLL.invalid;
    if (socket.fresh) return POLL.out | POLL.hangUp;
    if (socket.protocol === 'udp') return POLL.out | (socket.datagrams.length > 0 ? POLL.in : 0);
    if (socket.listening) return socket.waiting.length > 0 ? POLL.in : 0;
    const { connection } = socket;
    if (!connection) return 0;
    return (connection.readable ? POLL.in : 0) | (connection.writable ? POLL.out : 0);
  }

  close(id: number): void {
    const socket = this.#table[id];
    if (!socket) return;
    this.#table[id] = undefined;
    this.#stack.bound.delete(socket);
    for (const connection of socket.waiting) connection.close();
    socket.connection?.close();
  }
}
