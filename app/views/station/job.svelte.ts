/** One board on the assembly line: connect, build, plan, write, join. Every step goes into the job log. */
import type { Board } from '../shared/boards.svelte.ts';
import { isCancelled, problemOf, WordedError, type Problem } from '../shared/problem.ts';
import type {
  BenchSession,
  BoardFacts,
  BuildReport,
  NetworkHandle,
  NodeEntry,
  OnStage,
  OpenOptions,
  PlanReport,
  Workbench,
} from '../shared/ports.ts';
import type { JobBook, JobTrail } from './job-book.svelte.ts';
import { overall, timeLeftMs, type StageId } from './stages.ts';

/** What the job waits for, does, or ended in. */
export type JobState =
  | 'idle'
  | 'connecting'
  | 'assign' // the board is known; a node must be chosen
  | 'preparing'
  | 'confirm' // the plan is shown, or something must be agreed to; nothing is written yet
  | 'running'
  | 'passed'
  | 'restored' // kept settings were put back
  | 'known' // it is a finished node already, and was left as it is
  | 'failed'
  | 'cancelled';

const ABORTED = (): DOMException => new DOMException('cancelled by the person', 'AbortError');

export class Job {
  readonly board: Board;
  state = $state<JobState>('idle');
  stage = $state<StageId>('connect');
  /** What is being done within the stage, in words. */
  doing = $state('');
  done = $state(0);
  total = $state(0);
  facts = $state.raw<BoardFacts | null>(null);
  node = $state.raw<NodeEntry | null>(null);
  plan = $state.raw<PlanReport | null>(null);
  built = $state.raw<BuildReport | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What the person may have to do by hand once the board was written. */
  restartNote = $state<string | null>(null);
  leftMs = $state<number | null>(null);
  tookMs = $state(0);

  readonly fraction = $derived(overall(this.stage, this.total > 0 ? this.done / this.total : 0));
  readonly active = $derived(['connecting', 'preparing', 'running'].includes(this.state));
  /** The loader is open and waits for the person. */
  readonly waits = $derived(this.state === 'assign' || this.state === 'confirm');
  /** The board belongs to another network: the person must say that this may be replaced. */
  readonly asks = $derived(this.plan?.held.kind === 'foreign');

  #bench: Workbench;
  #book: JobBook;
  #trail: JobTrail | null = null;
  #session: BenchSession | null = null;
  #abort = new AbortController();
  #doingSinceMs = 0;

  constructor(board: Board, bench: Workbench, book: JobBook) {
    this.board = board;
    this.#bench = bench;
    this.#book = book;
  }

  /** Opens the loader and reads chip, MAC and flash size. */
  connect(network: NetworkHandle, options: OpenOptions = {}): Promise<boolean> {
    const { port, mac, chip } = this.board;
    this.#trail?.end('cancelled');
    this.#trail = this.#book.begin(network, { kind: port.kind, label: port.label, mac, chip });
    return this.#guard('connecting', 'connecting to the board', async (signal) => {
      await this.board.hangUp();
      if (this.board.use !== 'free') throw Object.assign(new Error('busy'), { code: 'in-use' });
      this.board.use = 'bench';
      this.#enter('connect', 'Opening the loader');
      const { port } = this.board;
      this.#session = await this.#bench.open(port, network, this.#onStage, signal, options);
      this.facts = this.#session.facts;
      this.restartNote = this.#session.restartNote;
      this.board.mac = this.facts.mac;
      this.board.chip = this.facts.chip;
      this.#trail?.board(this.facts.mac, this.facts.chip);
      this.state = 'assign';
    });
  }

  /** Builds the firmware and works out what has to be written for `node`. */
  prepare(node: NodeEntry): Promise<boolean> {
    return this.#guard('preparing', 'preparing the firmware', async (signal) => {
      this.node = node;
      this.#trail?.node(node);
      this.#enter('build', 'Compiling the firmware');
      this.built = await this.#bench.build(this.#onStage);
      signal.throwIfAborted();
      this.#enter('plan', 'Comparing with what is on the board');
      this.plan = await this.#loader().plan(node.id, this.#onStage, signal);
      if (this.plan.refusals.length > 0) {
        throw refusedBecause(this.plan.refusals);
      }
      this.state = 'confirm';
    });
  }

  /** Writes, restarts the board and takes it through the handshake. @param replaceForeign the person agreed to it */
  async run(replaceForeign = false): Promise<boolean> {
    const startedAtMs = performance.now();
    const passed = await this.#guard('running', 'setting up the board', async (signal) => {
      this.#enter('write', 'Writing');
      await this.#loader().write(this.#onStage, signal, { replaceForeign });
      this.#enter('join', 'Restarting the board');
      await this.#loader().join(this.#onStage, signal);
      this.tookMs = performance.now() - startedAtMs;
      this.board.name = this.node?.name ?? null;
      this.state = 'passed';
    });
    if (passed) await this.#finish('passed');
    return passed;
  }

  /** Puts kept settings of this board back instead of making it a node. */
  async restore(backupId: string): Promise<boolean> {
    const startedAtMs = performance.now();
    const done = await this.#guard('running', 'putting settings back', async (signal) => {
      this.#enter('write', 'Putting the kept settings back');
      await this.#loader().restore(backupId, this.#onStage, signal);
      this.tookMs = performance.now() - startedAtMs;
      this.state = 'restored';
    });
    if (done) await this.#finish('restored');
    return done;
  }

  /** The board is a finished node: it is started again as it is. */
  async leave(node: NodeEntry): Promise<void> {
    this.node = node;
    this.#trail?.node(node);
    this.#trail?.step(this.stage, `It is ${node.name} already; it was left as it is`);
    this.board.name = node.name;
    this.state = 'known';
    await this.#finish('cancelled');
  }

  /** Ends a job that cannot go on, with the reason. */
  async stop(problem: Problem): Promise<void> {
    this.problem = problem;
    await this.#end('failed');
  }

  cancel(): void {
    this.#abort.abort(ABORTED());
    if (!this.active) void this.#end('cancelled');
  }

  /** Back to the start, for the next node or another try. */
  async reset(): Promise<void> {
    await this.#release();
    this.#abort = new AbortController();
    this.board.pinned = false;
    this.facts = null;
    this.node = null;
    this.plan = null;
    this.problem = null;
    this.state = 'idle';
  }

  #loader(): BenchSession {
    if (!this.#session) throw new Error('the loader of this board is not open');
    return this.#session;
  }

  async #guard(
    state: JobState,
    doing: string,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    if (this.#abort.signal.aborted) this.#abort = new AbortController();
    this.problem = null;
    this.state = state;
    try {
      await work(this.#abort.signal);
      return true;
    } catch (error) {
      const cancelled = isCancelled(error) || this.#abort.signal.aborted;
      if (!cancelled) this.problem = this.#describe(error, doing);
      await this.#end(cancelled ? 'cancelled' : 'failed');
      return false;
    }
  }

  #describe(error: unknown, doing: string): Problem {
    const problem = problemOf(error, doing);
    const board = `board: ${this.board.label}, ${this.facts?.mac ?? 'MAC unknown'}`;
    return {
      ...problem,
      details: `${problem.details}\nstage: ${this.stage}, ${this.doing}\n${board}`,
    };
  }

  async #end(state: 'failed' | 'cancelled'): Promise<void> {
    this.#trail?.end(state, this.problem);
    await this.#release();
    // What went wrong stays to be read, also when the port is gone for good.
    this.board.pinned = state === 'failed';
    this.state = state;
  }

  async #finish(outcome: 'passed' | 'restored' | 'cancelled'): Promise<void> {
    this.#trail?.end(outcome);
    await this.#release();
  }

  async #release(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    try {
      await session?.close();
    } catch {
      // The port is gone already; there is nothing left to free.
    }
    if (this.board.use === 'bench') this.board.use = 'free';
  }

  #enter(stage: StageId, doing: string): void {
    this.stage = stage;
    this.#begin(doing);
  }

  #begin(doing: string): void {
    this.doing = doing;
    this.done = 0;
    this.total = 0;
    this.leftMs = null;
    this.#doingSinceMs = performance.now();
    this.#trail?.step(this.stage, doing);
  }

  #onStage: OnStage = (doing, done, total) => {
    if (doing !== this.doing) this.#begin(doing);
    this.done = done;
    this.total = total;
    this.leftMs = timeLeftMs(done, total, performance.now() - this.#doingSinceMs);
  };
}

function refusedBecause(reasons: readonly string[]): WordedError {
  return new WordedError({
    code: 'refused',
    title: 'This board must not be written',
    cause: reasons.join(' '),
    next: 'Use another board. Nothing was written to this one.',
    details: `code: refused\n${reasons.join('\n')}`,
  });
}
