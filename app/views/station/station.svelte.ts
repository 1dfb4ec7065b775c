/** The assembly line: one job for each board, and the way that does all planned nodes on virtual boards. */
import { untrack } from 'svelte';
import type { Board, Boards } from '../shared/boards.svelte.ts';
import type { Jobs } from '../shared/jobs.svelte.ts';
import type { BuildReport, ChipName, NodeEntry, Workbench } from '../shared/ports.ts';
import type { NetworkModel } from '../network/network.svelte.ts';
import { Job } from './job.svelte.ts';

/** More at once gains nothing: the flasher and the virtual machines share the processor. */
const AT_ONCE = 2;

export class StationModel {
  #jobs = new WeakMap<Board, Job>();
  #bench: Workbench;
  #boards: Boards;
  #network: NetworkModel;
  #running: Jobs;

  /** Number of boards the automatic run still has to do; null when none runs. */
  autoLeft = $state<number | null>(null);
  autoTotal = $state(0);
  /** Ask before each write; the automatic run on virtual boards does not. */
  reviewPlan = $state(true);

  /** The firmware that boards are given; null until it was built. */
  built = $state.raw<BuildReport | null>(null);

  constructor(bench: Workbench, boards: Boards, network: NetworkModel, running: Jobs) {
    this.#bench = bench;
    this.#boards = boards;
    this.#network = network;
    this.#running = running;
  }

  jobFor(board: Board): Job {
    const known = this.#jobs.get(board);
    if (known) return known;
    // State made inside a derived value is not tracked by it: the job is made outside of any.
    const job = untrack(() => new Job(board, this.#bench));
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

  /** Planned nodes no other board is being made into. */
  freeNodes(except: Job | null): NodeEntry[] {
    const taken = this.#boards.all
      .map((board) => this.jobFor(board))
      .filter((job) => job !== except && !['idle', 'failed', 'cancelled'].includes(job.state))
      .map((job) => job.node?.id);
    return this.#network.planned.filter((node) => !taken.includes(node.id));
  }

  /** The node to suggest: the one this board already is, else the next planned one. */
  suggestFor(job: Job): NodeEntry | null {
    const own = job.facts ? this.#network.nodeByMac(job.facts.mac) : null;
    return own ?? this.freeNodes(job)[0] ?? null;
  }

  async connect(job: Job): Promise<boolean> {
    const handle = this.#network.handle;
    if (!handle) return false;
    return this.#running.during(() => job.connect(handle));
  }

  /** Plans, and writes at once unless the person wants to see the plan first. */
  async make(job: Job, node: NodeEntry): Promise<boolean> {
    return this.#running.during(async () => {
      const prepared = await this.#prepare(job, node);
      if (!prepared || this.reviewPlan) return prepared;
      return this.#write(job);
    });
  }

  async write(job: Job): Promise<boolean> {
    return this.#running.during(() => this.#write(job));
  }

  async #prepare(job: Job, node: NodeEntry): Promise<boolean> {
    const prepared = await job.prepare(node);
    this.built = job.built ?? this.built;
    return prepared;
  }

  async #write(job: Job): Promise<boolean> {
    const handle = this.#network.handle;
    await this.#boards.beforeWrite(job.board);
    const passed = await job.run();
    if (handle) await this.#boards.keep(job.board, handle);
    await this.#network.refresh();
    return passed;
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
    if ((await job.connect(handle)) && (await this.#prepare(job, node))) await this.#write(job);
  }
}
