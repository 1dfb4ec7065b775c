/**
 * The router of a network (S1-2, S1-22, S1-40): who measures it, who joins it, and what happens when it goes. Only the root joins.
 *
 *   start: every node scans once, before it is on the air -> signal and channel, or nothing heard
 *   the signal is the high part of a node's score (mesh/link.ts), so the best-placed node to the router is elected like any root
 *   root:  router on another channel -> the mesh moves (mesh/channel.ts) -> join -> joined -> (lost -> scan -> ...)
 *
 * A scan or a look for a missing name makes a board deaf for up to 2.9 s, so nobody looks while the root holds the router. When the
 * root says that it is gone (its score has no signal any more), all forget their own figures and look again, one after the other in
 * the order of their MACs, then at gaps that double from one to fifteen minutes. The first that hears it becomes root; then each of
 * the others looks once more, to know whether it is better placed.
 */
import { NO_NODE, tailOf } from '../wire/cells.ts';
import type { RouterCredentials } from '../wire/credentials.ts';
import { MeshChannel } from './channel.ts';
import { routerShare, signalOf } from './link.ts';
import { Jitter } from './jitter.ts';
import type { Mesh } from './mesh.ts';
import { SHOWN } from './node-rows.ts';

/** Between two nodes' scans: 2.9 s deaf, and an advert before and after. */
const TURN_MS = 4000;
const SOON_MS = 3000;
/** The advert that says that we still live, before a scan. */
const ADVERT_MS = 250;
/** A figure of so long ago is not taken anew. */
const FRESH_MS = 30000;
const GAP_MS = 60000;
const SLOWEST_MS = 900000;
/** A root of so long joins; a driver that was told to leave needs half a second, and is told some turns after the order. */
const ROOT_MS = 2000;
const LEFT_MS = 550;
/** All channels, as long as a scan. */
const LOOKING_MS = 2600;
const REFUSED_MS = 30000;
/** A router that restarts is away for a minute: so often, so far apart, it is looked for before it counts as gone. */
const MISSES = 3;
const MISSED_MS = 15000;
/** Another signal is said when it differs by so much. */
const SIGNAL_STEP_DB = 4;
const STATUS_NOT_FOUND = 201;
/** From here on it is no reason: nothing came for as long as the driver waits. */
const STATUS_IDLE = 1000;

export const ORDER_NONE = '';
/** Scan for the name, then scanned(). */
export const ORDER_SCAN = 'scan';
/** Join `ssid` at `point`, then joined() or failed(); once joined, signal() every second, or lost(). */
export const ORDER_JOIN = 'join';
export const ORDER_LEAVE = 'leave';

/** Not joined; joining; joined. */
const PHASE_OFF = 0;
const PHASE_JOINING = 1;
const PHASE_JOINED = 2;

/** `channels`: where to begin, and where else the mesh may be. Boards whose network names no router never load this (features.ts). */
export function openRouter(
  credentials: RouterCredentials,
  mesh: Mesh,
  channels: readonly number[],
): RouterPart {
  const jitter = new Jitter((tailOf(mesh.selfKey) ^ 0x33cc) & 0xffff);
  const channel = new MeshChannel(mesh.selfKey, mesh.tree, jitter, channels);
  return new RouterPart(credentials, mesh, channel);
}

/** Moving average of one sample a second, one quarter new. */
function smoothRssi(old: number, sample: number): number {
  if (old === 0) return sample;
  return Math.floor((old * 3 + sample + 2) / 4);
}

export class RouterPart {
  readonly ssid: string;
  readonly password: string;
  /** The access point to join, as a key; '' any of that name. */
  point = '';
  /** What the router gave this node; '' while it has not joined. */
  address = '';
  /** dBm, 0 not heard. */
  rssiDbm = 0;
  /** What the driver said of the last attempt that failed, 0 none. */
  status = 0;
  /** The first scan is over: the radio may start. */
  ready = false;

  private readonly mesh: Mesh;
  readonly channel: MeshChannel;
  private order = ORDER_SCAN;
  private scanning = true;
  private phase = PHASE_OFF;
  private routerChannel = 0;
  private measuredAtMs = 0;
  /** When to scan, -1 not at all; and when the advert before it was asked for. */
  private scanAtMs = -1;
  private saidAtMs = -1;
  private gapMs = GAP_MS;
  /** The next scan waits for those of the nodes before this one; the ones after it keep that distance. */
  private takesTurn = true;
  private joinAtMs = 0;
  private refusedMs = REFUSED_MS;
  private misses = 0;
  private rootSinceMs = -1;
  /** When the radio is put back on the mesh's channel, after it was led astray; -1 not at all. */
  private homeAtMs = -1;
  private begunAtMs = 0;
  private lastRoot = NO_NODE;
  private lastSignal = 0;

  constructor(credentials: RouterCredentials, mesh: Mesh, channel: MeshChannel) {
    this.ssid = credentials.ssid;
    this.password = credentials.password;
    this.mesh = mesh;
    this.channel = channel;
  }

  isJoined(): boolean {
    return this.phase === PHASE_JOINED;
  }

  /** The radio is, or soon will be, elsewhere or bound to the router's channel. */
  isBusy(): boolean {
    return this.phase !== PHASE_OFF || this.scanning || this.order !== ORDER_NONE;
  }

  /** '' for a router that is neither heard nor joined. */
  state(): string {
    if (this.phase === PHASE_JOINED) return 'joined';
    if (this.phase === PHASE_JOINING) return 'joining';
    if (this.status !== 0) return 'refused';
    return this.rssiDbm < 0 ? 'heard' : 'not-heard';
  }

  /** The station looks through the channels for its router: what is sent now is heard on any of them, and misleads visitors there. */
  isAstray(atMs: number): boolean {
    return this.phase === PHASE_JOINING && atMs - this.begunAtMs < LOOKING_MS;
  }

  /** What the driver is to do next. */
  takeOrder(): string {
    const order = this.order;
    this.order = ORDER_NONE;
    return order;
  }

  /** The strongest access point of the router's name; 0 dBm when there is none. */
  scanned(rssiDbm: number, channel: number, point: string, atMs: number): void {
    this.scanning = false;
    this.measuredAtMs = atMs;
    this.homeAtMs = atMs;
    this.scanAtMs = -1;
    this.mesh.timer.reset(atMs);
    if (rssiDbm < 0) {
      this.misses = 0;
      this.point = point;
      this.routerChannel = channel;
      this.measure(rssiDbm);
    } else this.miss(atMs);
    if (this.ready) return;
    this.ready = true;
    this.channel.settle(rssiDbm < 0 ? channel : this.channel.current, atMs);
    this.channel.moved = false;
  }

  private measure(rssiDbm: number): void {
    this.rssiDbm = rssiDbm;
    this.mesh.tree.routerShare = routerShare(rssiDbm);
  }

  /** Not heard. A root that had it looks again before it says so. */
  private miss(atMs: number): void {
    const tree = this.mesh.tree;
    this.misses += 1;
    if (this.rssiDbm < 0 && tree.isRoot() && this.misses < MISSES) {
      this.scanAtMs = atMs + MISSED_MS;
      return;
    }
    if (this.rssiDbm < 0 && tree.isRoot()) this.say('router-gone');
    this.measure(0);
    if (!tree.isRoot() && this.lastSignal < 0) return;
    this.scanAtMs = atMs + this.gapMs;
    this.gapMs = this.gapMs * 2 < SLOWEST_MS ? this.gapMs * 2 : SLOWEST_MS;
  }

  /** The station has an address. `channel`: where the radio is now. */
  joined(address: string, rssiDbm: number, channel: number, atMs: number): void {
    this.phase = PHASE_JOINED;
    this.address = address;
    this.status = 0;
    this.refusedMs = REFUSED_MS;
    this.misses = 0;
    this.mesh.holdsRouter = true;
    this.mesh.timer.reset(atMs);
    this.say('router-joined');
    this.signal(rssiDbm, channel, atMs);
  }

  /** Once a second while joined. A router that moved has taken the station along: the mesh is fetched first. */
  signal(rssiDbm: number, channel: number, atMs: number): void {
    this.measuredAtMs = atMs;
    this.rssiDbm = smoothRssi(this.rssiDbm, rssiDbm);
    if (Math.abs(signalOf(this.mesh.tree.routerShare) - this.rssiDbm) >= SIGNAL_STEP_DB)
      this.measure(this.rssiDbm);
    if (channel === this.channel.current) return;
    this.routerChannel = channel;
    this.leave(atMs);
  }

  /** An attempt ended without an address; status as network.WLAN has it, or 1000 and more when nothing came: mostly no answer to DHCP. */
  failed(status: number, atMs: number): void {
    if (this.phase === PHASE_OFF) return;
    this.leave(atMs);
    if (status === STATUS_NOT_FOUND) {
      this.scanAtMs = atMs + LEFT_MS;
      return;
    }
    // The driver was not free yet.
    if (status === 0) return;
    this.status = status;
    this.say(status >= STATUS_IDLE ? 'router-no-address' : 'router-refused');
    this.joinAtMs = atMs + this.refusedMs;
    this.refusedMs = this.refusedMs * 2 < SLOWEST_MS ? this.refusedMs * 2 : SLOWEST_MS;
  }

  /** The router fell silent, or sent us away. */
  lost(atMs: number): void {
    if (this.phase !== PHASE_JOINED) return;
    this.say('router-lost');
    this.leave(atMs);
    this.scanAtMs = atMs + LEFT_MS;
  }

  /** Other nodes may have it now, or nobody. */
  private leave(atMs: number): void {
    this.phase = PHASE_OFF;
    this.address = '';
    this.mesh.holdsRouter = false;
    this.mesh.timer.reset(atMs);
    this.order = ORDER_LEAVE;
    this.joinAtMs = atMs + LEFT_MS;
    this.homeAtMs = atMs + LEFT_MS;
  }

  private say(event: string): void {
    this.mesh.tree.events.push([event, this.mesh.selfKey]);
  }

  /** Place of this node among all that are present. */
  private rank(): number {
    const rows = this.mesh.table.rows;
    let rank = 0;
    for (let row = 1; row < rows.size; row += 1)
      if (rows.is(row, SHOWN) && rows.tail(row) < rows.tail(0)) rank += 1;
    return rank;
  }

  private scanInTurn(atMs: number): void {
    this.gapMs = GAP_MS;
    this.scanAtMs = atMs + SOON_MS;
    this.takesTurn = true;
  }

  /** `quiet`: somebody is being set up over the air, so the radio stays where it is. */
  tick(quiet: boolean, atMs: number): void {
    if (!this.ready || this.scanning) return;
    const tree = this.mesh.tree;
    const isRoot = tree.isRoot();
    if (!isRoot) this.rootSinceMs = -1;
    else if (this.rootSinceMs < 0) this.rootSinceMs = atMs;
    if (this.phase !== PHASE_OFF) {
      if (!isRoot) this.leave(atMs);
      return;
    }
    if (this.homeAtMs >= 0 && atMs >= this.homeAtMs) {
      this.homeAtMs = -1;
      if (this.channel.visiting === 0) this.channel.tune(this.channel.current);
    }
    if (!isRoot) this.follow(atMs);
    if (quiet || this.order !== ORDER_NONE || atMs < this.joinAtMs) return;
    if (isRoot && this.rssiDbm < 0 && this.scanAtMs < 0) {
      if (this.channel.isHome() && atMs - this.rootSinceMs >= ROOT_MS) this.join(atMs);
    } else this.look(atMs);
  }

  private join(atMs: number): void {
    const channel = this.channel;
    if (this.routerChannel !== channel.current) {
      channel.order(this.routerChannel, atMs);
      return;
    }
    this.phase = PHASE_JOINING;
    this.begunAtMs = atMs;
    this.order = ORDER_JOIN;
  }

  /** What the root says of the router changes what our own figure is worth. */
  private follow(atMs: number): void {
    const tree = this.mesh.tree;
    if (!tree.isPlaced()) return;
    const signal = signalOf(tree.rootScore);
    if (signal < 0) this.routerChannel = this.channel.current;
    if (signal === 0 && this.lastSignal < 0 && tree.root === this.lastRoot) {
      this.measure(0);
      this.scanInTurn(atMs);
    } else if (signal < 0 && this.lastSignal === 0 && this.rssiDbm === 0) {
      this.scanAtMs = -1;
      if (atMs - this.measuredAtMs > FRESH_MS) this.scanInTurn(atMs);
    }
    this.lastSignal = signal;
    this.lastRoot = tree.root;
  }

  private look(atMs: number): void {
    if (this.scanAtMs < 0 || atMs < this.scanAtMs || !this.channel.isHome()) return;
    if (this.takesTurn) {
      this.takesTurn = false;
      this.scanAtMs = atMs + this.rank() * TURN_MS;
    } else if (this.saidAtMs < this.scanAtMs) {
      this.saidAtMs = atMs;
      this.mesh.timer.reset(atMs);
    } else if (atMs - this.saidAtMs >= ADVERT_MS) {
      this.scanning = true;
      this.order = ORDER_SCAN;
    }
  }
}
