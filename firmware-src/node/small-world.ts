/**
 * Nodes in memory for tests and figures: virtual time in steps of 10 ms, a reachability matrix of RSSI, loss, kills.
 * Not part of the firmware. Each node's outputs are delivered in the next step, as a radio would.
 */
import type { Crypto } from '../std/crypto.ts';
import { utf8Decode } from '../std/utf8.ts';
import { encodeCredentials, type RouterCredentials } from '../wire/credentials.ts';
import { SHOWN } from '../mesh/node-rows.ts';
import type { Application, Mesh } from './application.ts';
import { Node } from './node.ts';

/** A board that has nothing to do gets its turn so often. */
const IDLE_MS = 40;

export const NETWORK_ID = new Uint8Array([0x5a, 1, 2, 3, 4, 5, 6, 7]);

export function bytesOf(length: number, start: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (start + i) & 0xff);
}

export function worldCredentials(
  epoch: number,
  previousEpoch: number | null,
  router: RouterCredentials | null = null,
): Uint8Array {
  return encodeCredentials({
    networkId: NETWORK_ID,
    epoch,
    networkKey: bytesOf(32, epoch),
    channel: CHANNEL,
    timing: 0,
    name: '',
    zone: '',
    previous:
      previousEpoch === null
        ? null
        : { epoch: previousEpoch, key: bytesOf(32, previousEpoch), retired: true },
    consoleKey: bytesOf(32, 77),
    setupKey: null,
    router,
  });
}

const CHANNEL = 6;

export interface Sent {
  readonly from: string;
  readonly channel: number;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/** Makes the application of board `index` (1 the first). */
export type MakeApplication = (mesh: Mesh, index: number) => Application;

export class Board {
  readonly index: number;
  readonly key: string;
  node: Node;
  alive = true;
  startedAtMs = 0;
  /** When its turn comes without a frame before. */
  dueAtMs = 0;
  boot = 1;
  /** Of its radio. */
  channel = CHANNEL;
  /** Scanning, or looking for an access point: it neither hears nor is heard. */
  deafUntilMs = 0;
  /** What it stored last under this key. */
  readonly stored = new Map<string, number>();
  credentials: Uint8Array;
  readonly application: MakeApplication | null;
  /** Console frames as parsed JSON. */
  readonly console: Record<string, unknown>[] = [];

  constructor(
    index: number,
    node: Node,
    credentials: Uint8Array,
    application: MakeApplication | null,
  ) {
    this.index = index;
    this.key = keyOf(index);
    this.node = node;
    this.credentials = credentials;
    this.application = application;
  }

  get tree() {
    return this.node.network!.mesh.tree;
  }

  /** Keys of the nodes that this one counts as present, itself included, sorted. */
  view(): string[] {
    const { rows } = this.node.network!.mesh.table;
    const present = Array.from({ length: rows.size }, (_, row) => row).filter((row) =>
      rows.is(row, SHOWN),
    );
    return [this.key, ...present.map((row) => rows.key(row))].sort();
  }
}

export function keyOf(index: number): string {
  return `240ac4${index.toString(16).padStart(6, '0')}`;
}

export class SmallWorld {
  nowMs = 0;
  readonly boards: Board[] = [];
  /** RSSI from a to b, or undefined out of range. */
  readonly rssi: (number | undefined)[][] = [];
  loss = 0;
  /** Boards' console lines are read and kept; without, large worlds run faster. */
  keepsConsole = true;
  airBytes = 0;
  airFrames = 0;
  /** Frames on the air, newest last, when recording. */
  record: Sent[] | null = null;
  private readonly crypto: Crypto;
  private readonly random: () => number;
  private flying: Sent[] = [];

  constructor(crypto: Crypto, random: () => number) {
    this.crypto = crypto;
    this.random = random;
  }

  add(
    credentials: Uint8Array = worldCredentials(1, null),
    application: MakeApplication | null = null,
  ): Board {
    const index = this.boards.length + 1;
    const node = this.makeNode(index, 1, credentials);
    const board = new Board(index, node, credentials, application);
    board.startedAtMs = this.nowMs;
    this.boards.push(board);
    for (const row of this.rssi) row.push(undefined);
    this.rssi.push(this.boards.map(() => undefined));
    this.start(board);
    return board;
  }

  private makeNode(index: number, boot: number, credentials: Uint8Array): Node {
    const mac = Uint8Array.from(keyOf(index).match(/../g)!, (pair) => parseInt(pair, 16));
    return new Node({
      mac,
      chip: 'esp32',
      runtime: '1.26.0',
      firmware: 'test',
      reset: 'power-on',
      identity: {
        name: `node ${index}`,
        zone: 'main',
        nodeKey: bytesOf(32, index),
        setupKey: bytesOf(32, 99),
        consoleKey: null,
      },
      credentials,
      boot,
      adminCounter: 0,
      deliveryCounter: 0,
      channel: this.boards[index - 1]?.stored.get('channel') ?? 0,
      crypto: this.crypto,
    });
  }

  link(a: number, b: number, rssiDbm: number | undefined = -60): void {
    this.rssi[a]![b] = rssiDbm;
    this.rssi[b]![a] = rssiDbm;
  }

  unlink(a: number, b: number): void {
    this.rssi[a]![b] = undefined;
    this.rssi[b]![a] = undefined;
  }

  linkAll(rssiDbm = -60): void {
    for (let a = 0; a < this.boards.length; a += 1) {
      for (let b = 0; b < a; b += 1) this.link(a, b, rssiDbm);
    }
  }

  kill(index: number): void {
    this.boards[index]!.alive = false;
  }

  /** Power on again: a new start with the next boot counter and an empty memory. */
  restart(index: number): void {
    const board = this.boards[index]!;
    board.boot += 1;
    board.alive = true;
    board.startedAtMs = this.nowMs;
    board.dueAtMs = 0;
    board.channel = CHANNEL;
    board.deafUntilMs = 0;
    board.node = this.makeNode(board.index, board.boot, board.credentials);
    this.start(board);
  }

  private start(board: Board): void {
    const make = board.application;
    if (make !== null) board.node.carry((mesh) => make(mesh, board.index));
    board.node.start(0);
  }

  private pump(board: Board): void {
    const atMs = this.nowMs - board.startedAtMs;
    board.dueAtMs = Infinity;
    board.node.tick(atMs);
    while (board.node.host?.run(atMs) === true);
    for (;;) {
      const output = board.node.poll(atMs);
      if (output === null) break;
      if (output.kind === 'frame') {
        if (this.nowMs < board.deafUntilMs) continue;
        const { channel } = board;
        const sent = { from: board.key, channel, bytes: output.bytes, atMs: this.nowMs };
        this.airBytes += output.bytes.length;
        this.airFrames += 1;
        this.flying.push(sent);
        this.record?.push(sent);
      } else if (output.kind === 'radio') board.channel = output.channel;
      else if (output.kind === 'number') board.stored.set(output.key, output.value);
      else if (output.kind === 'line' && this.keepsConsole) {
        const text = utf8Decode(output.bytes.subarray(1)) ?? '';
        board.console.push({ ...JSON.parse(text), seenAtMs: this.nowMs });
      }
    }
    // An application's own times are not known here, nor what a test does with the node meanwhile.
    const wakeMs = board.startedAtMs + board.node.wakeAtMs();
    board.dueAtMs = board.node.host === null ? Math.min(wakeMs, this.nowMs + IDLE_MS) : this.nowMs;
  }

  /** Hands `bytes` to every live board as if a radio with key `from` at -50 dBm had sent them. */
  inject(from: string, bytes: Uint8Array): void {
    for (const board of this.boards) {
      if (!board.alive) continue;
      board.node.receiveFrame(from, -50, bytes, this.nowMs - board.startedAtMs);
      board.dueAtMs = 0;
    }
  }

  advance(ms: number, each: () => void = () => undefined): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs += 10;
      const arriving = this.flying;
      this.flying = [];
      for (const sent of arriving) {
        const from = parseInt(sent.from.slice(6), 16) - 1;
        const levels = this.rssi[from]!;
        for (const board of this.boards) {
          const rssi = levels[board.index - 1];
          if (rssi === undefined || !board.alive || board.index - 1 === from) continue;
          if (sent.channel !== board.channel || this.nowMs < board.deafUntilMs) continue;
          if (this.random() < this.loss) continue;
          board.node.receiveFrame(sent.from, rssi, sent.bytes, this.nowMs - board.startedAtMs);
          board.dueAtMs = 0;
        }
      }
      for (const board of this.boards)
        if (board.alive && this.nowMs >= board.dueAtMs) this.pump(board);
      each();
    }
  }

  /** Advances until `done`, at most `limitMs`; the time it took, or -1. */
  until(done: () => boolean, limitMs: number): number {
    const start = this.nowMs;
    while (this.nowMs - start < limitMs) {
      if (done()) return this.nowMs - start;
      this.advance(10);
    }
    return done() ? this.nowMs - start : -1;
  }

  live(): Board[] {
    return this.boards.filter((board) => board.alive);
  }

  /** Groups of live boards that can reach each other over links in both directions. */
  islands(): Board[][] {
    const left = new Set(this.live());
    const islands: Board[][] = [];
    for (const first of this.live()) {
      if (!left.delete(first)) continue;
      const island = [first];
      for (const board of island) {
        for (const other of [...left]) {
          if (this.rssi[board.index - 1]![other.index - 1] === undefined) continue;
          if (this.rssi[other.index - 1]![board.index - 1] === undefined) continue;
          left.delete(other);
          island.push(other);
        }
      }
      islands.push(island);
    }
    return islands;
  }

  /** True when following parents from some board leads back to it. */
  hasLoop(): boolean {
    const byKey = new Map(this.live().map((board) => [board.key, board]));
    for (const start of this.live()) {
      let at = byKey.get(start.tree.parent);
      for (let steps = 0; at !== undefined && steps <= this.boards.length; steps += 1) {
        if (at === start) return true;
        at = byKey.get(at.tree.parent);
      }
    }
    return false;
  }

  /** Every island has one root, everyone in it is placed under it, and every parent is alive and in range. */
  isSettled(): boolean {
    if (this.hasLoop()) return false;
    return this.islands().every((island) => {
      const root = island[0]!.tree.root;
      return island.every((board) => {
        const tree = board.tree;
        if (!tree.isPlaced() || tree.root !== root) return false;
        if (tree.isRoot()) return true;
        return island.some(
          (other) =>
            other.key === tree.parent &&
            this.rssi[other.index - 1]![board.index - 1] !== undefined &&
            other.tree.hops === tree.hops - 1,
        );
      });
    });
  }

  /** Every board's view is exactly its island. */
  viewsAreRight(): boolean {
    return this.islands().every((island) => {
      const keys = island
        .map((board) => board.key)
        .sort()
        .join();
      return island.every((board) => board.view().join() === keys);
    });
  }
}
