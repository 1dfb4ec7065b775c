/** The job log as the Station shows it: every job of the open network, those of this page as they go on. */
import {
  JOB_LOG_LIMIT_WORDS,
  jobLogText,
  type JobOutcome,
  type JobRecord,
} from '../../fleet/job-log.ts';
import type { JobKeeper } from '../shared/job-ports.ts';
import type { NetworkHandle, NodeEntry } from '../shared/ports.ts';
import { problemOf, type Problem } from '../shared/problem.ts';
import type { StageId } from './stages.ts';

/** What a record is begun with; changes are put on top. */
type Change = Partial<Omit<JobRecord, 'id' | 'page' | 'startedAtMs'>>;

export class JobBook {
  #records = $state.raw<readonly JobRecord[]>([]);
  problem = $state.raw<Problem | null>(null);
  readonly limit = JOB_LOG_LIMIT_WORDS;
  /** Cut off by a reload or a crash, the newest first; a job that was taken up again is no longer among them. */
  readonly interrupted = $derived(this.#records.filter((record) => this.#isOpenEnded(record)));
  #keeper: JobKeeper;
  #nowMs: () => number;
  #network: NetworkHandle | null = null;

  constructor(keeper: JobKeeper, nowMs: () => number = () => Date.now()) {
    this.#keeper = keeper;
    this.#nowMs = nowMs;
  }

  get all(): readonly JobRecord[] {
    return this.#records;
  }

  /** To be called once a network is open. Does not reject. */
  async load(network: NetworkHandle): Promise<void> {
    this.#network = network;
    this.#records = [];
    await this.#try('reading the job log', async () => {
      const records = await this.#keeper.all(network);
      if (this.#network !== network) return;
      const begun = this.#records.filter((own) => !records.some(({ id }) => id === own.id));
      this.#records = [...begun, ...records];
    });
  }

  /** A job of this page. */
  begin(network: NetworkHandle, board: JobRecord['board']): JobTrail {
    const startedAtMs = this.#nowMs();
    const id = `${startedAtMs.toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
    let record: JobRecord = {
      id,
      page: this.#keeper.page,
      startedAtMs,
      endedAtMs: null,
      outcome: 'running',
      stage: 'connect',
      board,
      node: null,
      steps: [],
      advice: null,
    };
    const change = (now: Change): void => {
      record = { ...record, ...now };
      this.#replace(network, record);
    };
    change({});
    return new JobTrail(() => record, change, this.#nowMs);
  }

  /** The last job of a board that did not come to its end: what it was to become. */
  unfinishedOf(mac: string): JobRecord | null {
    const last = this.#records.find((record) => record.board.mac === mac && record.node !== null);
    const ended = last?.outcome === 'passed' || last?.outcome === 'restored';
    return last && last.outcome !== 'running' && !ended ? last : null;
  }

  /** The whole log as text, without anything that may be a secret. */
  text(): string {
    return jobLogText(this.#records);
  }

  /** All but the jobs that run. */
  async clear(): Promise<void> {
    const network = this.#network;
    if (!network) return;
    await this.#try('clearing the job log', async () => {
      const running = this.#records.filter(({ outcome }) => outcome === 'running');
      await this.#keeper.clear(
        network,
        running.map(({ id }) => id),
      );
      this.#records = running;
    });
  }

  #isOpenEnded(record: JobRecord): boolean {
    if (record.outcome !== 'interrupted') return false;
    const { mac } = record.board;
    const since = this.#records.find((other) => other.board.mac === mac);
    return mac === null || since === record;
  }

  #replace(network: NetworkHandle, record: JobRecord): void {
    if (network === this.#network || this.#network === null) {
      const others = this.#records.filter(({ id }) => id !== record.id);
      this.#records = [record, ...others].sort((a, b) => b.startedAtMs - a.startedAtMs);
    }
    // The log is of use to people, not to the job: a job does not fail for it.
    void this.#try('keeping the job log', () => this.#keeper.put(network, record));
  }

  async #try(doing: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.problem = problemOf(error, doing);
    }
  }
}

/** One job's record while it grows. */
export class JobTrail {
  #record: () => JobRecord;
  #change: (now: Change) => void;
  #nowMs: () => number;

  constructor(record: () => JobRecord, change: (now: Change) => void, nowMs: () => number) {
    this.#record = record;
    this.#change = change;
    this.#nowMs = nowMs;
  }

  /** Repeated words are one step. */
  step(stage: StageId, what: string): void {
    const { steps } = this.#record();
    if (steps.at(-1)?.what === what) return;
    this.#change({ stage, steps: [...steps, { what, atMs: this.#nowMs() }] });
  }

  board(mac: string, chip: string): void {
    this.#change({ board: { ...this.#record().board, mac, chip } });
  }

  node({ id, name }: Pick<NodeEntry, 'id' | 'name'>): void {
    this.#change({ node: { id, name } });
  }

  end(outcome: JobOutcome, advice: Problem | null = null): void {
    if (this.#record().outcome !== 'running') return;
    this.#change({ outcome, advice, endedAtMs: this.#nowMs() });
  }
}

/** What to do about a job that was cut off, by the stage that it had come to. */
export function afterInterruption(stage: string): { happened: string; next: string } {
  switch (stage) {
    case 'write':
      return {
        happened: 'The page went away while the board was being written.',
        next: 'The board is not damaged, but may not start until it is written to the end. Resume plans again: what was verified is skipped.',
      };
    case 'join':
      return {
        happened: 'The page went away after the board was written, before it had joined.',
        next: 'Resume checks the board, writes what is missing, and joins it.',
      };
    default:
      return {
        happened: 'The page went away before anything was written.',
        next: 'The board is as it was. Resume starts the job again.',
      };
  }
}
