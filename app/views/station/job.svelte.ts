/** One board on the assembly line: connect, build, plan, write, join. */
import type { Board } from '../shared/boards.svelte.ts';
import { isCancelled, problemOf, type Problem } from '../shared/problem.ts';
import type {
  BenchSession,
  BoardFacts,
  BuildReport,
  NetworkHandle,
  NodeEntry,
  OnStage,
  PlanReport,
  Workbench,
} from '../shared/ports.ts';
import { overall, timeLeftMs, type StageId } from './stages.ts';

/** What the job waits for, does, or ended in. */
export type JobState =
  | 'idle'
  | 'connecting'
  | 'assign' // the board is known; a node must be chosen
  | 'preparing'
  | 'confirm' // the plan is shown; nothing is written yet
  | 'running'
  | 'passed'
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

  #bench: Workbench;
  #session: BenchSession | null = null;
  #abort = new AbortController();
  #doingSinceMs = 0;

  constructor(board: Board, bench: Workbench) {
    this.board = board;
    this.#bench = bench;
  }

  /** Opens the loader and reads chip, MAC and flash size. */
  connect(network: NetworkHandle): Promise<boolean> {
    return this.#guard('connecting', 'connecting to the board', async (signal) => {
      await this.board.hangUp();
      if (this.board.use !== 'free') throw Object.assign(new Error('busy'), { code: 'in-use' });
      this.board.use = 'bench';
      this.#enter('connect', 'Opening the loader');
      this.#session = await this.#bench.open(this.board.port, network, this.#onStage, signal);
      this.facts = this.#session.facts;
      this.restartNote = this.#session.restartNote;
      this.board.mac = this.facts.mac;
      this.board.chip = this.facts.chip;
      this.state = 'assign';
    });
  }

  /** Builds the firmware and works out what has to be written for `node`. */
  prepare(node: NodeEntry): Promise<boolean> {
    return this.#guard('preparing', 'preparing the firmware', async (signal) => {
      this.node = node;
      this.#enter('build', 'Compiling the firmware');
      this.built = await this.#bench.build(this.#onStage);
      signal.throwIfAborted();
      this.#enter('plan', 'Comparing with what is on the board');
      this.plan = await this.#loader().plan(node.id, this.#onStage, signal);
      if (this.plan.refusals.length > 0) {
        throw Object.assign(new Error(this.plan.refusals.join('\n')), { code: 'refused' });
      }
      this.state = 'confirm';
    });
  }

  /** Writes, restarts the board and takes it through the handshake. */
  async run(): Promise<boolean> {
    const startedAtMs = performance.now();
    const passed = await this.#guard('running', 'setting up the board', async (signal) => {
      this.#enter('write', 'Writing');
      await this.#loader().write(this.#onStage, signal);
      this.#enter('join', 'Restarting the board');
      await this.#loader().join(this.#onStage, signal);
      this.tookMs = performance.now() - startedAtMs;
      this.board.name = this.node?.name ?? null;
      this.state = 'passed';
    });
    if (passed) await this.#release();
    return passed;
  }

  cancel(): void {
    this.#abort.abort(ABORTED());
    if (!this.active) void this.#end('cancelled');
  }

  /** Back to the start, for the next node or another try. */
  async reset(): Promise<void> {
    await this.#release();
    this.#abort = new AbortController();
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
    await this.#release();
    this.state = state;
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
  }

  #onStage: OnStage = (doing, done, total) => {
    if (doing !== this.doing) this.#begin(doing);
    this.done = done;
    this.total = total;
    this.leftMs = timeLeftMs(done, total, performance.now() - this.#doingSinceMs);
  };
}
