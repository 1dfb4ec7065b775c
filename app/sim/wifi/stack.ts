/**
 * The IP side of one board: two interfaces, connections, and which way a packet goes.
 *
 * - What is meant for one of its own addresses never leaves the board, so with the same subnet on both sides (192.168.4.1 is the
 *   default of every access point) a node that connects to 192.168.4.1 reaches itself (platform facts, section 2; mesh notes, P8).
 * - Nothing is forwarded between the interfaces (mesh notes, P7); the access point does pass frames between its own stations.
 * - When the station loses its address, its connections are aborted: ECONNABORTED at once (lwIP core/tcp.c
 *   tcp_netif_ip_addr_changed; seen on an emulated chip with stock 1.26.0). Those of the access point's side stay half open.
 */
import type { Wireless } from '../wireless.ts';
import { ANY, DEFAULT_AP_IP, isBroadcast, sameSubnet } from './address.ts';
import type { IpConfig } from './address.ts';
import { ERRNO } from './errno.ts';
import { NO_DATA, TCP_FLAG } from './packet.ts';
import type { Packet } from './packet.ts';
import { TcpConnection } from './tcp.ts';
import type { Endpoints, TcpHost } from './tcp-facts.ts';

const LOOPBACK_US = 500;
const LOOPBACK_IP = 0x7f000001;
/** Twice TCP_MSL. */
const TIME_WAIT_US = 120e6;
const FIRST_PORT = 49152;
const PORTS = 16384;

interface Interface {
  config: IpConfig;
  up: boolean;
}

/** Somebody who waits for connections or datagrams at a port. */
export interface Bound {
  readonly protocol: 'tcp' | 'udp';
  readonly ip: number;
  readonly port: number;
  /** A connection is complete. */
  accept(connection: TcpConnection): boolean;
  /** A datagram, or a SYN: false refuses it. */
  take(packet: Packet): boolean;
}

const NOWHERE: IpConfig = { ip: ANY, mask: ANY, gateway: ANY, dns: ANY };

export class IpStack implements TcpHost {
  readonly interfaces: readonly [Interface, Interface] = [
    { config: { ...NOWHERE }, up: false },
    {
      config: { ip: DEFAULT_AP_IP, mask: 0xffffff00, gateway: DEFAULT_AP_IP, dns: ANY },
      up: false,
    },
  ];
  /** The station asks for an address; false once it was given one. */
  usesDhcp = true;
  readonly bound = new Set<Bound>();
  readonly #connections = new Map<string, TcpConnection>();
  /** Ports of connections that were closed from here, and until when. */
  readonly #lingering = new Map<number, number>();
  readonly #own: Wireless;
  #nextPort: number;

  constructor(own: Wireless) {
    this.#own = own;
    this.#nextPort = own.random.int(PORTS);
  }

  /** Everything is forgotten, as when power goes. */
  reset(): void {
    for (const connection of [...this.#connections.values()]) connection.vanish();
    this.#connections.clear();
    this.bound.clear();
    this.#lingering.clear();
    this.usesDhcp = true;
    this.interfaces[0].config = { ...NOWHERE };
    this.interfaces[0].up = false;
    this.interfaces[1].config = {
      ip: DEFAULT_AP_IP,
      mask: 0xffffff00,
      gateway: DEFAULT_AP_IP,
      dns: ANY,
    };
    this.interfaces[1].up = false;
  }

  stationUp(config: IpConfig): void {
    this.interfaces[0].config = config;
    this.interfaces[0].up = true;
  }

  stationDown(): void {
    const station = this.interfaces[0];
    station.up = false;
    const { ip } = station.config;
    if (this.usesDhcp) station.config = { ...NOWHERE, dns: station.config.dns };
    if (ip !== ANY) this.#abort(ip);
  }

  /** Connections of an address that is no more. */
  #abort(ip: number): void {
    for (const connection of [...this.#connections.values()]) {
      if (connection.ends.fromIp === ip) connection.abort(ERRNO.connectionAborted);
    }
  }

  /** A new address for an interface. */
  configure(index: 0 | 1, config: IpConfig): void {
    const before = this.interfaces[index].config.ip;
    this.interfaces[index].config = config;
    if (index === 0) this.usesDhcp = false;
    if (before !== config.ip && before !== ANY) this.#abort(before);
    if (index === 1) this.#own.accessPoint.dhcp.restart(config.ip);
    else if (this.#own.station.associated) this.interfaces[0].up = true;
  }

  /** A fixed address is given back. */
  useDhcp(): void {
    const station = this.interfaces[0];
    this.#abort(station.config.ip);
    station.config = { ...NOWHERE, dns: station.config.dns };
    station.up = false;
    this.usesDhcp = true;
    this.#own.station.askAgain();
  }

  owns(ip: number): boolean {
    return ip === LOOPBACK_IP || this.interfaces.some((one) => one.up && one.config.ip === ip);
  }

  /** The interface for this destination; the access point's subnet is looked at first, and the station is the default. */
  route(toIp: number): 0 | 1 | undefined {
    for (const index of [1, 0] as const) {
      const { up, config } = this.interfaces[index];
      if (up && config.ip !== ANY && sameSubnet(toIp, config.ip, config.mask)) return index;
    }
    if (this.interfaces[0].up && this.interfaces[0].config.ip !== ANY) return 0;
    return this.interfaces[1].up ? 1 : undefined;
  }

  resolves(ip: number): boolean {
    const index = this.route(ip);
    return this.owns(ip) || (index !== undefined && this.#own.link.finds(index, ip));
  }

  later(us: number, run: () => void): ReturnType<Wireless['later']> {
    return this.#own.later(us, run);
  }

  wake(): void {
    this.#own.wake();
  }

  freePort(): number {
    for (;;) {
      this.#nextPort = (this.#nextPort + 1) % PORTS;
      const port = FIRST_PORT + this.#nextPort;
      if (![...this.bound].some((one) => one.port === port)) return port;
    }
  }

  /** @returns undefined without a route */
  connect(toIp: number, toPort: number, fromPort: number): TcpConnection | undefined {
    const own = this.owns(toIp);
    const index = this.route(toIp);
    if (index === undefined && !own) return undefined;
    const fromIp = own ? toIp : this.interfaces[index!].config.ip;
    const ends = { fromIp, fromPort, toIp, toPort };
    const connection = new TcpConnection(this, ends, this.#firstSequence());
    this.#connections.set(keyOf(ends), connection);
    connection.open();
    return connection;
  }

  #firstSequence(): number {
    return this.#own.random.int(0x3fffffff);
  }

  accepted(connection: TcpConnection): void {
    const { fromIp, fromPort } = connection.ends;
    const listener = this.#find('tcp', fromIp, fromPort);
    if (listener?.accept(connection)) this.wake();
    else connection.close();
  }

  ended(connection: TcpConnection): void {
    const key = keyOf(connection.ends);
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
    if (connection.lingers) {
      this.#lingering.set(connection.ends.fromPort, this.#own.nowUs() + TIME_WAIT_US);
    }
  }

  /** Whether a connection of this port is there or has been closed lately: bind() then needs SO_REUSEADDR. */
  portInUse(port: number): boolean {
    if ((this.#lingering.get(port) ?? 0) > this.#own.nowUs()) return true;
    return [...this.#connections.values()].some(({ ends }) => ends.fromPort === port);
  }

  #find(protocol: 'tcp' | 'udp', ip: number, port: number): Bound | undefined {
    for (const one of this.bound) {
      if (one.protocol === protocol && one.port === port && (one.ip === ANY || one.ip === ip)) {
        return one;
      }
    }
    return undefined;
  }

  /** @returns false when there is no route, or no room in the driver's queue */
  send(packet: Packet): boolean {
    if (this.owns(packet.toIp)) {
      this.later(LOOPBACK_US, () => {
        if (this.owns(packet.toIp)) this.input(packet);
      });
      return true;
    }
    const index = this.route(packet.toIp);
    if (index === undefined) return false;
    return this.#own.link.send(
      index,
      packet,
      isBroadcast(packet.toIp, this.interfaces[index].config),
    );
  }

  /** A packet for this board. */
  input(packet: Packet): void {
    const broadcast = this.interfaces.some((one) => isBroadcast(packet.toIp, one.config));
    if (!this.owns(packet.toIp) && !broadcast) return;
    if (packet.protocol === 'udp') {
      const taker = this.#find('udp', packet.toIp, packet.toPort);
      if (taker?.take(packet)) this.wake();
      return;
    }
    const ends: Endpoints = {
      fromIp: packet.toIp,
      fromPort: packet.toPort,
      toIp: packet.fromIp,
      toPort: packet.fromPort,
    };
    const known = this.#connections.get(keyOf(ends));
    if (known) {
      known.input(packet);
      return;
    }
    if ((packet.flags & TCP_FLAG.reset) !== 0) return;
    const isSyn = packet.flags === TCP_FLAG.syn;
    const listener = isSyn ? this.#find('tcp', ends.fromIp, ends.fromPort) : undefined;
    if (listener?.take(packet)) {
      const connection = new TcpConnection(this, ends, this.#firstSequence(), packet);
      this.#connections.set(keyOf(ends), connection);
      connection.open();
      return;
    }
    this.send({
      protocol: 'tcp',
      ...ends,
      flags: TCP_FLAG.reset | TCP_FLAG.acknowledge,
      sequence: packet.acknowledged,
      acknowledged: packet.sequence + packet.data.length + (isSyn ? 1 : 0),
      window: 0,
      data: NO_DATA,
    });
  }
}

function keyOf({ fromIp, fromPort, toIp, toPort }: Endpoints): string {
  return `${fromIp}:${fromPort}>${toIp}:${toPort}`;
}
