/** The live mesh as the chosen board's console tells it. */
import type { Board, Boards } from '../shared/boards.svelte.ts';
import type { NetworkModel } from '../network/network.svelte.ts';
import { now } from '../shared/now.svelte.ts';
import type { Frame } from '../shared/ports.ts';
import { compareWithPlan } from '../../topology/expected.ts';
import {
  EMPTY_GRAPH,
  fold,
  forget,
  presence,
  readReport,
  rootsOf,
  type Graph,
  type GraphNode,
  type NodeReport,
  type Presence,
} from '../../topology/graph.ts';
import { layoutTree } from '../../topology/layout.ts';
import { EMPTY_TIMELINE, recordChange, recordEvent } from '../../topology/timeline.ts';
import { fleetNews } from './fleet-news.ts';

/** A full picture is asked for this often: changes come by themselves, ages do not. */
const REFRESH_MS = 2000;
const NOTE_EVERY_MS = 15_000;
/** Pictures further apart than this do not follow each other: the screen was left, or the board was silent. */
const PICTURE_GAP_MS = 15_000;

export const TREE_OPTIONS = { columnPx: 148, rowPx: 136, marginXPx: 86, marginYPx: 64 };

export class MeshModel {
  #graph = $state.raw<Graph>(EMPTY_GRAPH);
  #timeline = $state.raw(EMPTY_TIMELINE);
  #board = $state.raw<Board | null>(null);
  selected = $state<string | null>(null);
  find = $state('');
  /** Pages are asked for only while somebody looks; changes come by themselves. */
  watched = false;

  #boards: Boards;
  #network: NetworkModel;
  #unwatch: (() => void) | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #asking = false;
  #notedAtMs = 0;
  /** The last whole picture, and the first of those that follow each other up to it. */
  #pictureAtMs = 0;
  #picturesSinceMs = 0;

  constructor(boards: Boards, network: NetworkModel) {
    this.#boards = boards;
    this.#network = network;
  }

  get board(): Board | null {
    return this.#board;
  }
  get graph(): Graph {
    return this.#graph;
  }
  get events(): (typeof EMPTY_TIMELINE)['events'] {
    return this.#timeline.events;
  }

  readonly nodes = $derived([...this.#graph.nodes.values()]);
  /** Changes only when the shape of the tree changes, not with every age. */
  readonly #shape = $derived(
    JSON.stringify(this.nodes.map((node) => [node.mac, node.name, node.parent, node.role])),
  );
  readonly layout = $derived.by(() => {
    const rows = JSON.parse(this.#shape) as [string, string, string | null, 'root' | 'node'][];
    return layoutTree(
      rows.map(([mac, name, parent, role]) => ({ mac, name, parent, role })),
      TREE_OPTIONS,
    );
  });
  readonly roots = $derived(rootsOf(this.#graph, now.ms));
  readonly comparison = $derived.by(() =>
    compareWithPlan(
      this.#graph,
      (this.#network.open?.nodes ?? []).flatMap((node) =>
        node.mac && node.state !== 'planned' && node.state !== 'revoked'
          ? [{ mac: node.mac, name: node.name }]
          : [],
      ),
      now.ms,
    ),
  );
  /** Depth of the tree; 255 hops mean that there is no path to a root. */
  readonly layers = $derived(
    this.nodes.reduce((most, node) => (node.hops < 255 ? Math.max(most, node.hops + 1) : most), 0),
  );
  readonly counts = $derived.by(() => {
    const counts: Record<Presence, number> = { live: 0, quiet: 0, lost: 0 };
    for (const node of this.nodes) counts[presence(node, now.ms)]++;
    return counts;
  });
  readonly selectedNode = $derived(
    this.selected === null ? null : (this.#graph.nodes.get(this.selected) ?? null),
  );

  presenceOf(node: GraphNode): Presence {
    return presence(node, now.ms);
  }
  nameOf(mac: string | null): string {
    if (mac === null) return '—';
    return this.#graph.nodes.get(mac)?.name ?? this.#network.nodeByMac(mac)?.name ?? mac;
  }

  /** Listens to another board; the picture starts anew, because each board has its own view. */
  async listenTo(board: Board | null): Promise<void> {
    if (board === this.#board && board?.listening) return;
    this.#stop();
    if (board !== this.#board) {
      this.#graph = EMPTY_GRAPH;
      this.selected = null;
    }
    this.#board = board;
    if (!board) return;
    this.#pictureAtMs = 0;
    this.#unwatch = board.watch((frame, atMs) => this.#onFrame(frame, atMs));
    await board.listen();
    this.#timer = setInterval(() => void this.#askForPicture(), REFRESH_MS);
    await this.#askForPicture();
  }

  /** The board to propose: the one listened to, else one that has joined, else any that is free. */
  suggested(): Board | null {
    if (this.#board) return this.#board;
    return this.#boards.all.find((board) => this.#canTell(board)) ?? null;
  }

  #canTell(board: Board): boolean {
    const joined = board.mac !== null && this.#network.nodeByMac(board.mac) !== null;
    return joined && board.powered && board.plugged && board.use !== 'bench';
  }

  /** Powers a virtual board on or off. */
  async setPower(board: Board, on: boolean): Promise<void> {
    await this.#boards.setPower(board, on);
    if (on && board === this.#board) await this.listenTo(board);
    // The witness went dark: another one goes on telling, and notices the loss.
    if (!on && board === this.#board) {
      const other = this.#boards.all.find((each) => each !== board && this.#canTell(each));
      if (other) await this.listenTo(other);
      else if (board.mac) await this.#noteCut(board.mac);
    }
  }

  /** Its power was cut here and nobody is left to tell. */
  async #noteCut(mac: string): Promise<void> {
    const news = { seen: [], lost: [mac] };
    await this.#network.markPresence(news, Date.now()).catch(() => undefined);
  }

  forget(mac: string): void {
    this.#graph = forget(this.#graph, mac);
    if (this.selected === mac) this.selected = null;
  }

  #stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #onFrame(frame: Frame, atMs: number): void {
    if (frame.t === 'event') {
      this.#timeline = recordEvent(this.#timeline, frame, this.#graph, atMs);
      return;
    }
    const told = readReport(frame);
    if (!told) return;
    const report = told.t === 'node' ? this.#withFleetNames(told) : told;
    const before = this.#graph;
    this.#graph = fold(before, report, atMs);
    this.#timeline = recordChange(this.#timeline, before, this.#graph, atMs);
    if (report.t === 'hello' && before.self === null) void this.#askForPicture();
    // A loss is news at once.
    if (report.t === 'gone') this.#notedAtMs = 0;
    void this.#notePresence(atMs);
  }

  /** Names travel slower than the tree; until they come the fleet's own are shown. */
  #withFleetNames(report: NodeReport): NodeReport {
    const record = report.name === '' ? this.#network.nodeByMac(report.mac) : null;
    return record ? { ...report, name: record.name, zone: record.zone } : report;
  }

  async #askForPicture(): Promise<void> {
    const board = this.#board;
    // Nothing is sent before a frame came: the bytes might reach a REPL instead.
    if (!this.watched || !board?.listening || board.hello === null || this.#asking) return;
    this.#asking = true;
    try {
      for (let page = 0, pages = 1; page < pages && page < 200; page++) {
        const result = await board.request('topology', { page });
        const told = (result as { pages?: unknown } | null)?.pages;
        if (typeof told === 'number') pages = told;
      }
      if (board === this.#board) this.#notePicture(Date.now());
    } catch {
      // The next round asks again; a silent board shows in the ages.
    } finally {
      this.#asking = false;
    }
  }

  #notePicture(atMs: number): void {
    if (atMs - this.#pictureAtMs > PICTURE_GAP_MS) this.#picturesSinceMs = atMs;
    this.#pictureAtMs = atMs;
  }

  /** The speaking board is the witness: its silence says nothing of the others. */
  async #notePresence(atMs: number): Promise<void> {
    if (atMs - this.#notedAtMs < NOTE_EVERY_MS) return;
    this.#notedAtMs = atMs;
    const nodes = this.#network.open?.nodes ?? [];
    const fresh = atMs - this.#pictureAtMs <= PICTURE_GAP_MS;
    const since = fresh ? this.#picturesSinceMs : null;
    const news = fleetNews(this.#graph, nodes, since, atMs);
    await this.#network.markPresence(news, atMs).catch(() => undefined);
  }
}
