/** Every board the app can reach, real or virtual, and who uses its port at the moment. */
import { isCancelled, problemOf, type Problem } from './problem.ts';
import type {
  BoardFault,
  BoardPort,
  ChipName,
  ConsoleListener,
  ConsoleOpener,
  ConsoleSession,
  Frame,
  NetworkHandle,
  Parts,
  RealPorts,
  VirtualBoards,
} from './ports.ts';

const LOG_LIMIT = 1500;
/** Faults that are set as a write begins, and strike within. */
const WHILE_WRITING: readonly BoardFault[] = [
  'unplug-while-writing',
  'hang-while-writing',
  'power-loss-while-writing',
];

export interface ConsoleEntry {
  readonly id: number;
  readonly atMs: number;
  readonly kind: 'log' | 'frame' | 'note';
  readonly text: string;
  /** Type of a frame. */
  readonly type: string | null;
}

export type FrameWatcher = (frame: Frame, atMs: number) => void;

/** One board: its port is either free, held by the bench, or open as a console that several screens share. */
export class Board {
  readonly port: BoardPort;
  use = $state<'free' | 'bench' | 'opening' | 'console'>('free');
  powered = $state(true);
  /** The cable of a virtual board is in. */
  plugged = $state(true);
  /** What will go wrong with a virtual board, and at which command where it counts them. */
  fault = $state<BoardFault | null>(null);
  faultCommand = $state(20);
  /** Stays in the list when its port goes away: there is something to read about it. */
  pinned = $state(false);
  /** Learned from the loader or from a hello. */
  mac = $state<string | null>(null);
  chip = $state<ChipName | null>(null);
  name = $state<string | null>(null);
  /** The last hello of this session. */
  hello = $state.raw<Frame | null>(null);
  entries = $state.raw<readonly ConsoleEntry[]>([]);
  problem = $state.raw<Problem | null>(null);

  #opener: ConsoleOpener;
  #session: ConsoleSession | null = null;
  #watchers: FrameWatcher[] = [];
  #nextId = 1;
  #pending: ConsoleEntry[] = [];
  #flushing = false;

  constructor(port: BoardPort, opener: ConsoleOpener) {
    this.port = port;
    this.mac = port.mac;
    this.chip = port.chip;
    this.#opener = opener;
  }

  get label(): string {
    return this.name ?? this.port.label;
  }
  get listening(): boolean {
    return this.use === 'console';
  }

  /** Opens the console unless it is open already. Problems end in `problem`. */
  async listen(): Promise<void> {
    if (this.use !== 'free') return;
    this.use = 'opening';
    this.problem = null;
    this.hello = null;
    const listener: ConsoleListener = {
      frame: (frame) => this.#onFrame(frame),
      log: (text) => this.#add('log', text, null),
      ended: (problem) => this.#onEnded(problem),
    };
    try {
      this.#session = await this.#opener.open(this.port, listener);
      this.use = 'console';
      this.#add('note', 'console opened', null);
    } catch (error) {
      this.use = 'free';
      if (!isCancelled(error)) this.problem = problemOf(error, 'opening the console');
    }
  }

  async hangUp(): Promise<void> {
    if (this.use !== 'console') return;
    const session = this.#session;
    this.#session = null;
    await session?.close();
    if (this.use === 'console') this.use = 'free';
  }

  /** The open console, for what takes more than a request; null when there is none. */
  get session(): ConsoleSession | null {
    return this.use === 'console' ? this.#session : null;
  }

  /** Sends a request over the open console. */
  async request(type: string, fields?: Record<string, unknown>): Promise<unknown> {
    if (!this.#session) throw new Error('the console of this board is not open');
    return this.#session.request(type, fields);
  }

  watch(watcher: FrameWatcher): () => void {
    this.#watchers = [...this.#watchers, watcher];
    return () => {
      this.#watchers = this.#watchers.filter((other) => other !== watcher);
    };
  }

  clear(): void {
    this.entries = [];
  }

  #onFrame(frame: Frame): void {
    const atMs = Date.now();
    if (frame.t === 'hello') this.#onHello(frame);
    const { t, ...fields } = frame;
    this.#add('frame', JSON.stringify(fields), t);
    for (const watcher of this.#watchers) watcher(frame, atMs);
  }

  #onHello(frame: Frame): void {
    this.hello = frame;
    if (typeof frame['mac'] === 'string') this.mac = frame['mac'];
    if (typeof frame['name'] === 'string' && frame['name'] !== '') this.name = frame['name'];
  }

  #onEnded(problem: Problem | null): void {
    this.#session = null;
    this.#add('note', problem ? `console ended: ${problem.title}` : 'console closed', null);
    this.problem = problem;
    this.use = 'free';
  }

  /** Lines are shown in batches: a chatty board must not redraw the screen for each. */
  #add(kind: ConsoleEntry['kind'], text: string, type: string | null): void {
    this.#pending.push({ id: this.#nextId++, atMs: Date.now(), kind, text, type });
    if (this.#flushing) return;
    this.#flushing = true;
    setTimeout(() => {
      this.#flushing = false;
      this.entries = [...this.entries, ...this.#pending].slice(-LOG_LIMIT);
      this.#pending = [];
    }, 80);
  }
}

type BoardSources = Pick<Parts, 'realPorts' | 'virtualBoards' | 'hasKeptBoards' | 'consoles'>;

/** The shelf of boards. Sources are passed in; the simulator loads when the first virtual board is asked for. */
export class Boards {
  #all = $state.raw<readonly Board[]>([]);
  problem = $state.raw<Problem | null>(null);
  adding = $state(0);
  readonly hasWebSerial: boolean;
  #real: RealPorts | null;
  #loadVirtual: () => Promise<VirtualBoards>;
  #hasKept: (networkId: string) => Promise<boolean>;
  #world: Promise<VirtualBoards> | null = null;
  #opener: ConsoleOpener;
  #arrivals: ((board: Board) => void)[] = [];

  constructor({ realPorts: real, virtualBoards, hasKeptBoards, consoles }: BoardSources) {
    this.#real = real;
    this.hasWebSerial = real !== null;
    this.#loadVirtual = virtualBoards;
    this.#hasKept = hasKeptBoards;
    this.#opener = consoles;
    real?.watch(() => void this.refresh());
  }

  /** Calls for each board that is plugged in or added from now on; returns the way to stop. */
  watchArrivals(arrived: (board: Board) => void): () => void {
    this.#arrivals = [...this.#arrivals, arrived];
    return () => {
      this.#arrivals = this.#arrivals.filter((other) => other !== arrived);
    };
  }

  get all(): readonly Board[] {
    return this.#all;
  }
  byId(id: string | null): Board | null {
    return this.#all.find((board) => board.port.id === id) ?? null;
  }
  byMac(mac: string): Board | null {
    return this.#all.find((board) => board.mac === mac) ?? null;
  }

  /** Takes in the ports that were granted earlier; drops real ones that are gone and unused. */
  async refresh(): Promise<void> {
    if (!this.#real) return;
    const granted = await this.#real.granted();
    const ids = granted.map((port) => port.id);
    const kept = this.#all.filter(
      (board) =>
        board.port.kind === 'virtual' ||
        ids.includes(board.port.id) ||
        board.use !== 'free' ||
        board.pinned,
    );
    const back: Board[] = [];
    for (const board of kept) {
      if (board.port.kind === 'virtual') continue;
      const plugged = ids.includes(board.port.id);
      if (plugged && !board.plugged && board.use === 'free') back.push(board);
      board.plugged = plugged || board.use !== 'free';
    }
    const added = granted.filter((port) => !kept.some((board) => board.port.id === port.id));
    const made = added.map((port) => new Board(port, this.#opener));
    this.#all = [...kept, ...made];
    for (const board of [...back, ...made]) this.#arrive(board);
  }

  /** Takes a card away that only stayed for what it says. */
  forget(board: Board): void {
    board.pinned = false;
    if (!board.plugged) this.#all = this.#all.filter((other) => other !== board);
  }

  async pickReal(): Promise<Board | null> {
    this.problem = null;
    try {
      const port = await this.#real?.pick();
      if (!port) return null;
      const known = this.byId(port.id);
      const board = known ?? new Board(port, this.#opener);
      if (!known) this.#all = [...this.#all, board];
      this.#arrive(board);
      return board;
    } catch (error) {
      if (!isCancelled(error)) this.problem = problemOf(error, 'choosing a port');
      return null;
    }
  }

  async addVirtual(chip: ChipName): Promise<Board | null> {
    this.problem = null;
    this.adding++;
    try {
      const port = await (await this.#virtual()).add(chip);
      const board = new Board(port, this.#opener);
      this.#all = [...this.#all, board];
      this.#arrive(board);
      return board;
    } catch (error) {
      this.problem = problemOf(error, 'making a virtual board');
      return null;
    } finally {
      this.adding--;
    }
  }

  async removeVirtual(board: Board): Promise<void> {
    await board.hangUp();
    await (await this.#virtual()).remove(board.port.id);
    this.#all = this.#all.filter((other) => other !== board);
  }

  /** Pulls or restores the power of a virtual board; its flash keeps what was written. */
  async setPower(board: Board, on: boolean): Promise<void> {
    if (!on) {
      board.powered = false;
      await board.hangUp();
    }
    await (await this.#virtual()).setPower(board.port.id, on);
    board.powered = on;
  }

  /** Pulls the cable of a virtual board, whatever is going on, or puts it in again. */
  async setPlugged(board: Board, on: boolean): Promise<void> {
    await (await this.#virtual()).setPlugged(board.port.id, on);
  }

  async setFault(board: Board, fault: BoardFault | null): Promise<void> {
    board.fault = fault;
    // The other ones are set as the write begins.
    const atOnce = fault === null || !WHILE_WRITING.includes(fault);
    const now = atOnce ? fault : null;
    await (await this.#virtual()).setFault(board.port.id, now, board.faultCommand);
  }

  /** To be called as a write begins: a fault that waits for it strikes within. */
  async beforeWrite(board: Board): Promise<void> {
    if (board.fault === null || !WHILE_WRITING.includes(board.fault)) return;
    await (await this.#virtual()).setFault(board.port.id, board.fault);
    board.fault = null;
  }

  /** From now on the virtual board is kept with the network, and is here again after a reload. */
  async keep(board: Board, network: NetworkHandle): Promise<void> {
    if (board.port.kind !== 'virtual') return;
    await this.#try('keeping the virtual board', async () =>
      (await this.#virtual()).keep(board.port.id, network),
    );
  }

  /** Makes the virtual boards again that were kept with the network. */
  async restore(network: NetworkHandle, nameOf: (mac: string) => string | null): Promise<void> {
    await this.#try('restoring the virtual boards', async () => {
      if (!(await this.#hasKept(network.id))) return;
      const restored = await (await this.#virtual()).restore(network);
      const boards = restored.map(({ port, powered }) => {
        const board = new Board(port, this.#opener);
        board.powered = powered;
        board.name = port.mac === null ? null : nameOf(port.mac);
        return board;
      });
      this.#all = [...this.#all, ...boards];
    });
  }

  #arrive(board: Board): void {
    for (const arrived of this.#arrivals) arrived(board);
  }

  #virtual(): Promise<VirtualBoards> {
    this.#world ??= this.#loadVirtual().then((world) => {
      world.watch((id, on) => {
        const board = this.byId(id);
        if (!board || board.plugged === on) return;
        board.plugged = on;
        // One command's fault has struck when the cable is out.
        if (!on && board.fault === 'unplug-at-command') board.fault = null;
        if (on) this.#arrive(board);
      });
      return world;
    });
    return this.#world;
  }

  async #try(doing: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isCancelled(error)) this.problem = problemOf(error, doing);
    }
  }
}
