/**
 * The assembly line: one job for each board, any number of them at once, real and virtual alike. Switched on, the line takes
 * every board that is plugged in through its job as the next planned node, and stops only where a person must agree.
 */
import { untrack } from 'svelte';
import type { JobRecord } from '../../fleet/job-log.ts';
import type { Board, Boards } from '../shared/boards.svelte.ts';
import type { Jobs } from '../shared/jobs.svelte.ts';
import type { BuildReport, ChipName, NodeEntry, Workbench } from '../shared/ports.ts';
import type { NetworkModel } from '../network/network.svelte.ts';
import type { JobBook } from './job-book.svelte.ts';
import { Job } from './job.svelte.ts';
import { NO_NODE_LEFT, otherBoard } from './line-problems.ts';

/** More at once gains nothing: the flasher and the virtual machines share the processor. */
const AT_ONCE = 2;
/** A board with native USB leaves and comes back when it restarts; within this it is not a new one. */
const RETURNS_WITHIN_MS = 15_000;
/** States of nodes that need no second writing on the line. */
const DONE_STATES: readonly string[] = ['joined', 'seen', 'lost'];

export class StationModel {
  #jobs = new WeakMap<Board, Job>();
  #bench: Workbench;
  #boards: Boards;
  #network: NetworkModel;
  #running: Jobs;
  #nowMs: () => number;
  /** Boards that restarted at the end of their job: by label, until when they may come back. */
  #returning: { label: string; untilMs: number }[] = [];
  readonly book: JobBook;

  /** Number of boards the automatic run still has to do; null when none runs. */
  autoLeft = $state<number | null>(null);
  autoTotal = $state(0);
  /** Every board that is plugged in becomes the next planned node without being asked for. */
  line = $state(false);
  /** Ask before each write; the line and the automatic run on virtual boards do not. */
  reviewPlan = $state(true);
  /** Bits a second to try on serial bridges; null for what worked best with the bridge at hand. */
  baudRate = $state<number | null>(null);

  /** The firmware that boards are given; null until it was built. */
  built = $state.raw<BuildReport | null>(null);

  constructor(
    bench: Workbench,
    boards: Boards,
    network: NetworkModel,
    running: Jobs,
    book: JobBook,
    nowMs: () => number = () => Date.now(),
  ) {
    this.#bench = bench;
    this.#boards = boards;
    this.#network = network;
    this.#running = running;
    this.book = book;
    this.#nowMs = nowMs;
    boards.watchArrivals((board) => void this.#arrived(board));
  }

  jobFor(board: Board): Job {
    const known = this.#jobs.get(board);
    if (known) return known;
    // State made inside a derived value is not tracked by it: the job is made outside of any.
    const job = untrack(() => new Job(board, this.#bench, this.book));
    this.#jobs.set(board, job);
    return job;
  }

  /** The compiler is at work for one of the boards. */
  get building(): boolean {
    return this.#boards.all.some((board) => {
      const job = this.jobFor(board);
      return job.state === 'preparing' && job.built === null;
    });
  }

  /** How many boards are at what, for one line of words. */
  get tally(): { working: number; waiting: number; passed: number; failed: number } {
    const jobs = this.#boards.all.map((board) => this.jobFor(board));
    const count = (test: (job: Job) => boolean): number => jobs.filter(test).length;
    return {
      working: count((job) => job.active),
      waiting: count((job) => job.waits),
      passed: count((job) => job.state === 'passed' || job.state === 'restored'),
      failed: count((job) => job.state === 'failed'),
    };
  }

  /** Boards that are plugged in and not in a job. */
  get idle(): Board[] {
    return this.#boards.all.filter(
      (board) => board.plugged && board.powered && this.jobFor(board).state === 'idle',
    );
  }

  /** Planned nodes no other board is being made into. */
  freeNodes(except: Job | null): NodeEntry[] {
    const taken = this.#boards.all
      .map((board) => this.jobFor(board))
      .filter((job) => job !== except && !['idle', 'failed', 'cancelled'].includes(job.state))
      .map((job) => job.node?.id);
    return this.#network.planned.filter((node) => !taken.includes(node.id));
  }

  /** The node to suggest: the one this board already is, the one it was to become, else the next planned one. */
  suggestFor(job: Job): NodeEntry | null {
    const mac = job.facts?.mac ?? null;
    const own = mac === null ? null : this.#network.nodeByMac(mac);
    if (own) return own;
    const free = this.freeNodes(job);
    const wanted = mac === null ? null : (this.book.unfinishedOf(mac)?.node?.id ?? null);
    return free.find((node) => node.id === wanted) ?? free[0] ?? null;
  }

  async connect(job: Job): Promise<boolean> {
    const handle = this.#network.handle;
    if (!handle) return false;
    const options = { baudRate: this.baudRate ?? undefined };
    const connected = await this.#running.during(() => job.connect(handle, options));
    if (connected) this.#forgetEarlier(job);
    return connected;
  }

  /** Begins anew. A board that failed on the line goes to the end of it, as if it was plugged in now. */
  async again(job: Job): Promise<void> {
    // Plugged in again, the line may have it already.
    if (job.active) return;
    if (this.line && job.state === 'failed') {
      await this.#runOnLine(job.board);
      return;
    }
    await job.reset();
    await this.connect(job);
  }

  /** Plans, and writes at once unless the person wants to see the plan first, or has something to agree to. */
  async make(job: Job, node: NodeEntry, review = this.reviewPlan): Promise<boolean> {
    return this.#running.during(async () => {
      const prepared = await this.#prepare(job, node);
      if (!prepared || review || job.asks) return prepared;
      return this.#write(job, false);
    });
  }

  /** @param replaceForeign the person agreed that another network's membership goes */
  async write(job: Job, replaceForeign = false): Promise<boolean> {
    return this.#running.during(() => this.#write(job, replaceForeign));
  }

  async restore(job: Job, backupId: string): Promise<boolean> {
    return this.#running.during(async () => {
      const restored = await job.restore(backupId);
      this.#expectReturn(job);
      return restored;
    });
  }

  /** Takes a job up again that was cut off. The board must be plugged in; which of several it is, its MAC tells. */
  async resume(record: JobRecord): Promise<void> {
    const { mac, kind } = record.board;
    const idle = this.idle.filter((board) => board.port.kind === kind);
    const board = idle.find((each) => each.mac !== null && each.mac === mac) ?? idle[0];
    if (!board) return;
    const job = this.jobFor(board);
    if (!(await this.connect(job)) || !job.facts) return;
    if (mac !== null && job.facts.mac !== mac) {
      await job.stop(otherBoard(mac, job.facts.mac));
      return;
    }
    const node = this.suggestFor(job);
    if (node && node.id === record.node?.id) await this.make(job, node);
  }

  /** All boards that are plugged in and idle, as if each was plugged in now. */
  async startIdle(): Promise<void> {
    await Promise.all(this.idle.map((board) => this.#runOnLine(board)));
  }

  async #prepare(job: Job, node: NodeEntry): Promise<boolean> {
    const prepared = await job.prepare(node);
    this.built = job.built ?? this.built;
    return prepared;
  }

  async #write(job: Job, replaceForeign: boolean): Promise<boolean> {
    const handle = this.#network.handle;
    // What a reload leaves of a virtual board is what was kept: it goes on from there.
    if (handle) await this.#boards.keep(job.board, handle);
    await this.#boards.beforeWrite(job.board);
    const passed = await job.run(replaceForeign);
    this.#expectReturn(job);
    if (handle) await this.#boards.keep(job.board, handle);
    await this.#network.refresh();
    return passed;
  }

  async #arrived(board: Board): Promise<void> {
    if (!this.line || this.autoLeft !== null || this.#isReturn(board)) return;
    const job = this.jobFor(board);
    if (job.active || job.waits) return;
    await this.#runOnLine(board);
  }

  async #runOnLine(board: Board): Promise<void> {
    const job = this.jobFor(board);
    if (job.state !== 'idle') await job.reset();
    if (!(await this.connect(job)) || !job.facts) return;
    const own = this.#network.nodeByMac(job.facts.mac);
    if (own && DONE_STATES.includes(own.state)) {
      await job.leave(own);
      this.#expectReturn(job);
      return;
    }
    const node = this.suggestFor(job);
    if (node) await this.make(job, node, false);
    else await job.stop(NO_NODE_LEFT);
  }

  /** A card that only stayed for what went wrong with this very board. */
  #forgetEarlier(job: Job): void {
    const mac = job.facts?.mac;
    for (const other of this.#boards.all) {
      if (other !== job.board && other.pinned && other.mac === mac) this.#boards.forget(other);
    }
  }

  #expectReturn({ board, restartNote }: Job): void {
    if (board.port.kind !== 'real' || restartNote === null) return;
    const untilMs = this.#nowMs() + RETURNS_WITHIN_MS;
    this.#returning.push({ label: board.port.label, untilMs });
  }

  /** True once for each board that is expected back. */
  #isReturn({ port }: Board): boolean {
    const nowMs = this.#nowMs();
    this.#returning = this.#returning.filter(({ untilMs }) => untilMs > nowMs);
    const at = this.#returning.findIndex(({ label }) => label === port.label);
    if (port.kind !== 'real' || at < 0) return false;
    this.#returning.splice(at, 1);
    return true;
  }

  /** Makes a virtual board for every planned node and takes each through the same path as a real one. */
  async makeAllVirtual(chip: ChipName): Promise<void> {
    const handle = this.#network.handle;
    if (!handle || this.autoLeft !== null) return;
    const queue = this.freeNodes(null);
    this.autoTotal = queue.length;
    this.autoLeft = queue.length;
    const worker = async (): Promise<void> => {
      for (let node = queue.shift(); node; node = queue.shift()) {
        await this.#makeVirtual(chip, node);
        if (this.autoLeft !== null) this.autoLeft--;
      }
    };
    try {
      await this.#running.during(() => Promise.all(Array.from({ length: AT_ONCE }, worker)));
    } finally {
      this.autoLeft = null;
    }
  }

  async #makeVirtual(chip: ChipName, node: NodeEntry): Promise<void> {
    const handle = this.#network.handle;
    const board = handle && (await this.#boards.addVirtual(chip));
    if (!board) return;
    const job = this.jobFor(board);
    if ((await job.connect(handle)) && (await this.#prepare(job, node)) && !job.asks) {
      await this.#write(job, false);
    }
  }
}
