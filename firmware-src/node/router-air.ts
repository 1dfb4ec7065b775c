/**
 * A router for the nodes of a small world, for tests: scans, joining and being dragged along, as a driver would carry out the orders of
 * mesh/router.ts. A board that scans or looks for an access point is deaf meanwhile. Not part of the firmware.
 */
import { ORDER_JOIN, ORDER_LEAVE, ORDER_SCAN, type RouterPart } from '../mesh/router.ts';
import type { Board, SmallWorld } from './small-world.ts';

const SCAN_MS = 2600;
const CHANNEL_MS = 120;
const JOIN_MS = 1200;
const REFUSED_MS = 5000;
const ADDRESS_MS = 12000;
const BEACONS_MS = 8400;
const WATCH_MS = 1000;
const POINT = '02b0b0000001';

export class RouterAir {
  isOn = true;
  channel = 6;
  password = 'correct horse';
  /** DHCP answers. */
  hasAddresses = true;
  /** dBm at each board, none out of range. */
  readonly rssi: (number | undefined)[] = [];
  readonly stations = new Set<Board>();
  scans = 0;
  /** Of those, how many while another board scanned. */
  overlaps = 0;
  joins = 0;
  private readonly world: SmallWorld;
  private timers: { atMs: number; run: () => void }[] = [];
  private readonly scanning = new Set<Board>();
  private readonly watchAtMs = new Map<Board, number>();

  constructor(world: SmallWorld) {
    this.world = world;
  }

  private partOf(board: Board): RouterPart | null {
    return board.alive ? (board.node.network?.router ?? null) : null;
  }

  private atMs(board: Board): number {
    return this.world.nowMs - board.startedAtMs;
  }

  private later(ms: number, board: Board, part: RouterPart, run: (atMs: number) => void): void {
    this.timers.push({
      atMs: this.world.nowMs + ms,
      run: () => {
        if (this.partOf(board) === part) run(this.atMs(board));
      },
    });
  }

  private hears(board: Board): number | undefined {
    return this.isOn ? this.rssi[board.index - 1] : undefined;
  }

  /** One step of the world: to be called after each advance(10). */
  step(): void {
    const { nowMs } = this.world;
    const due = this.timers.filter(({ atMs }) => atMs <= nowMs);
    this.timers = this.timers.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of due) run();
    for (const board of this.world.boards) {
      if (!board.alive) this.stations.delete(board);
      const part = this.partOf(board);
      if (part === null) continue;
      const order = part.takeOrder();
      if (order === ORDER_SCAN) this.scan(board, part);
      else if (order === ORDER_JOIN) this.join(board, part);
      else if (order === ORDER_LEAVE) this.stations.delete(board);
      if (this.stations.has(board) && nowMs >= (this.watchAtMs.get(board) ?? 0))
        this.watch(board, part);
    }
  }

  private scan(board: Board, part: RouterPart): void {
    this.scans += 1;
    if (this.scanning.size > 0 && this.world.nowMs > 10_000) this.overlaps += 1;
    this.scanning.add(board);
    board.deafUntilMs = this.world.nowMs + SCAN_MS;
    // Its loop waits for the driver.
    board.dueAtMs = board.deafUntilMs;
    this.timers.push({
      atMs: this.world.nowMs + SCAN_MS,
      run: () => {
        this.scanning.delete(board);
        if (this.partOf(board) !== part) return;
        const rssi = this.hears(board);
        part.scanned(rssi ?? 0, rssi === undefined ? 0 : this.channel, POINT, this.atMs(board));
      },
    });
  }

  private join(board: Board, part: RouterPart): void {
    this.joins += 1;
    board.deafUntilMs = this.world.nowMs + CHANNEL_MS * (this.isOn ? this.channel : 20);
    if (this.hears(board) === undefined) {
      this.later(REFUSED_MS, board, part, (atMs) => part.failed(201, atMs));
      return;
    }
    board.channel = this.channel;
    if (part.password !== this.password) {
      this.later(REFUSED_MS, board, part, (atMs) => part.failed(202, atMs));
    } else if (!this.hasAddresses) {
      this.later(ADDRESS_MS, board, part, (atMs) => part.failed(1001, atMs));
    } else {
      this.later(CHANNEL_MS * this.channel + JOIN_MS, board, part, (atMs) => {
        if (part.state() !== 'joining') return;
        this.stations.add(board);
        this.watchAtMs.set(board, this.world.nowMs + WATCH_MS);
        part.joined('192.168.1.2', this.hears(board) ?? -95, board.channel, atMs);
      });
    }
  }

  private watch(board: Board, part: RouterPart): void {
    this.watchAtMs.set(board, this.world.nowMs + WATCH_MS);
    const rssi = this.hears(board);
    if (rssi !== undefined) {
      board.channel = this.channel;
      part.signal(rssi, this.channel, this.atMs(board));
      return;
    }
    this.stations.delete(board);
    this.later(BEACONS_MS, board, part, (atMs) => part.lost(atMs));
  }
}
