/**
 * Wi-Fi between the nodes of a small world, for tests: access points, joining and connections as a driver would carry out the orders
 * of mesh/links.ts. Whoever dies or leaves the range says nothing; bytes come in pieces. Not part of the firmware.
 */
import type { LinkOrder } from '../mesh/link-home.ts';
import type { Links } from '../mesh/links.ts';
import type { Board, SmallWorld } from './small-world.ts';

const OPEN_MS = 40;
const JOIN_MS = 1100;
const JOIN_FAILS_MS = 2600;
/** The scan before it, in which no mesh is heard: it ends where the access point is found (seen on an emulated chip). */
const SCAN_MS = 700;

interface Point {
  readonly name: string;
  readonly password: string;
  readonly subnet: number;
}

interface End {
  readonly board: Board;
  readonly links: Links;
  readonly id: number;
}

interface Connection {
  readonly child: End;
  readonly parent: End;
  isOpen: boolean;
}

export class LinkAir {
  /** Boards whose access point lets nobody in, or does not come up at all. */
  readonly unjoinable = new Set<Board>();
  readonly pointless = new Set<Board>();
  /** What is sent over any connection is lost, and nobody is told: half-open connections. */
  silent = false;
  joins = 0;
  failures = 0;
  opened = 0;
  /** Bytes handed to connections, and what they were cut to. */
  bytes = 0;
  private readonly world: SmallWorld;
  private readonly random: () => number;
  private readonly points = new Map<Links, Point>();
  private readonly connections: Connection[] = [];
  private timers: { atMs: number; run: () => void }[] = [];
  private nextId = 1;
  private readonly joining = new Map<Links, number>();

  constructor(world: SmallWorld, random: () => number) {
    this.world = world;
    this.random = random;
  }

  private linksOf(board: Board): Links | null {
    return board.alive ? (board.node.network?.links ?? null) : null;
  }

  private atMs(board: Board): number {
    return this.world.nowMs - board.startedAtMs;
  }

  private later(ms: number, end: End, run: (atMs: number) => void): void {
    this.timers.push({
      atMs: this.world.nowMs + ms,
      run: () => {
        if (this.linksOf(end.board) === end.links) run(this.atMs(end.board));
      },
    });
  }

  private reaches(a: Board, b: Board): boolean {
    const { rssi } = this.world;
    return (
      rssi[a.index - 1]![b.index - 1] !== undefined && rssi[b.index - 1]![a.index - 1] !== undefined
    );
  }

  /** One step of the world: to be called after each advance(10). */
  step(): void {
    const due = this.timers.filter(({ atMs }) => atMs <= this.world.nowMs);
    this.timers = this.timers.filter(({ atMs }) => atMs > this.world.nowMs);
    for (const { run } of due) run();
    for (const board of this.world.boards) {
      const links = this.linksOf(board);
      if (!links) continue;
      for (;;) {
        const order = links.takeOrder();
        if (!order) break;
        this.perform({ board, links, id: 0 }, order);
      }
    }
  }

  private perform(end: End, order: LinkOrder): void {
    switch (order.kind) {
      case 'open':
        this.opened += 1;
        this.later(OPEN_MS, end, (atMs) => {
          const broken = this.pointless.has(end.board);
          if (!broken) this.points.set(end.links, order);
          end.links.opened(broken ? '' : `${end.board.key.slice(0, 11)}f`, atMs);
        });
        return;
      case 'shut':
        this.points.delete(end.links);
        for (const one of this.connections)
          if (one.isOpen && one.parent.links === end.links) this.close(one, one.child);
        return;
      case 'join':
        this.join(end, order);
        return;
      case 'leave':
        this.joining.delete(end.links);
        for (const one of this.connections)
          if (one.isOpen && one.child.links === end.links) this.close(one, one.parent);
        return;
      case 'drop': {
        const found = this.connections.find((one) => one.isOpen && one.parent.id === order.link);
        if (found) this.close(found, found.child);
        return;
      }
      case 'send':
        this.send(end, order.link, order.bytes);
    }
  }

  private close(connection: Connection, other: End): void {
    connection.isOpen = false;
    if (!this.reaches(connection.child.board, connection.parent.board)) return;
    this.later(20, other, (atMs) => {
      if (other.id === 0) {
        const newer = this.connections.some((one) => one.isOpen && one.child.links === other.links);
        if (!newer && !this.joining.has(other.links)) other.links.failed(atMs);
      } else other.links.closed(other.id, atMs);
    });
  }

  private join(end: End, order: Extract<LinkOrder, { kind: 'join' }>): void {
    this.joins += 1;
    const attempt = this.joins;
    this.joining.set(end.links, attempt);
    const find = (): End | undefined => {
      for (const [links, point] of this.points) {
        const board = this.world.boards.find((one) => this.linksOf(one) === links);
        if (!board || this.unjoinable.has(board) || !this.reaches(board, end.board)) continue;
        if (point.name === order.name && point.password === order.password)
          return { board, links, id: this.nextId++ };
      }
      return undefined;
    };
    const still = (): boolean => this.joining.get(end.links) === attempt;
    end.board.deafUntilMs = this.world.nowMs + (find() ? SCAN_MS : JOIN_FAILS_MS);
    if (!find()) {
      this.failures += 1;
      this.later(JOIN_FAILS_MS, end, (atMs) => {
        if (!still()) return;
        this.joining.delete(end.links);
        end.links.failed(atMs);
      });
      return;
    }
    this.later(JOIN_MS, end, (atMs) => {
      const parent = find();
      if (!still()) return;
      this.joining.delete(end.links);
      if (!parent) {
        end.links.failed(atMs);
        return;
      }
      this.connections.push({ child: end, parent, isOpen: true });
      parent.links.accepted(parent.id, this.atMs(parent.board));
      end.links.connected(atMs);
    });
  }

  private send(end: End, link: number, bytes: Uint8Array): void {
    const found = this.connections.find(
      (one) => one.isOpen && (link === 0 ? one.child.links === end.links : one.parent.id === link),
    );
    if (!found) return;
    this.bytes += bytes.length;
    const to = link === 0 ? found.parent : found.child;
    // A cut connection keeps what it was given; the order of bytes is TCP's business.
    if (this.silent || !this.reaches(end.board, to.board)) return;
    const middle = Math.floor(this.random() * bytes.length);
    for (const part of [bytes.slice(0, middle), bytes.slice(middle)]) {
      this.later(20, to, (atMs) => {
        if (found.isOpen) to.links.received(to.id, part, atMs);
      });
    }
  }

  /** Key of the parent that this board is linked to, '' without. */
  parentOf(board: Board): string {
    const uplink = this.linksOf(board)?.uplink;
    return uplink?.isUp() === true ? uplink.parent : '';
  }

  /** Whether the links above this board lead to the root of its tree. */
  isLinked(board: Board): boolean {
    const seen = new Set<Board>();
    let at: Board | undefined = board;
    while (at && !seen.has(at)) {
      seen.add(at);
      if (at.tree.isRoot()) return true;
      const parent = this.parentOf(at);
      at = this.world.live().find(({ key }) => key === parent);
    }
    return false;
  }

  hasLoop(): boolean {
    return this.world.live().some((board) => {
      let at: Board | undefined = board;
      for (let steps = 0; at && steps <= this.world.boards.length; steps += 1) {
        const parent = this.parentOf(at);
        at = this.world.live().find(({ key }) => key === parent);
        if (at === board) return true;
      }
      return false;
    });
  }
}
