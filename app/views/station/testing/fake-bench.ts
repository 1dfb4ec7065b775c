/** A Station without a browser: ports, bench, fleet and log in memory; each step of a job waits until the test lets it. */
import type { JobRecord } from '../../../fleet/job-log.ts';
import { Boards } from '../../shared/boards.svelte.ts';
import { Jobs } from '../../shared/jobs.svelte.ts';
import type { JobKeeper } from '../../shared/job-ports.ts';
import type {
  BenchSession,
  BoardPort,
  BuildReport,
  NetworkHandle,
  NodeEntry,
  PlanReport,
  RealPorts,
  Workbench,
} from '../../shared/ports.ts';
import { NetworkModel } from '../../network/network.svelte.ts';
import { JobBook } from '../job-book.svelte.ts';
import { StationModel } from '../station.svelte.ts';

export const mac = (number: number): string => `24:0a:c4:00:00:0${number}`;
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const PLAN: PlanReport = {
  runtime: 'MicroPython 1.26.0',
  writes: [],
  skips: [],
  erases: [],
  refusals: [],
  notes: [],
  held: { kind: 'none', name: '', zone: '' },
};

export class FakeStation {
  readonly nodes: NodeEntry[];
  readonly log = new Map<string, JobRecord>();
  /** Ports that are plugged in, and the MAC behind each. */
  readonly plugged = new Map<BoardPort, string>();
  /** What was written, in order: "MAC as node". */
  readonly written: string[] = [];
  builds = 0;
  writing = 0;
  mostAtOnce = 0;
  held: PlanReport['held'] = PLAN.held;
  /** Rejects the write of a MAC. */
  readonly failing = new Map<string, Error>();
  restartNote: string | null = null;
  readonly model: StationModel;
  readonly boards: Boards;
  readonly book: JobBook;
  readonly network: NetworkModel;
  #changed: () => void = () => undefined;
  #gates: (() => void)[] = [];
  /** Writes wait for open(). */
  gated = false;

  constructor(names: readonly string[], log: readonly JobRecord[] = [], page = 'now') {
    this.nodes = names.map((name, i) => ({
      id: `${i}`,
      name,
      zone: 'hall',
      state: 'planned',
      mac: null,
      chip: null,
      firmware: null,
      lastSeenAtMs: null,
    }));
    for (const record of log) this.log.set(record.id, record);
    const realPorts: RealPorts = {
      granted: async () => [...this.plugged.keys()],
      pick: async () => null,
      watch: (changed) => {
        this.#changed = changed;
        return () => undefined;
      },
    };
    const never = (): Promise<never> => Promise.reject(new Error('not in use'));
    this.boards = new Boards({
      realPorts,
      virtualBoards: never,
      hasKeptBoards: async () => false,
      consoles: { open: never },
    });
    const keeper: JobKeeper = {
      page,
      all: async () => [...this.log.values()].sort((a, b) => b.startedAtMs - a.startedAtMs),
      put: async (_network, record) => void this.log.set(record.id, record),
      clear: async (_network, running) => {
        for (const id of this.log.keys()) if (!running.includes(id)) this.log.delete(id);
      },
    };
    this.book = new JobBook(keeper);
    const handle = {
      id: 'n',
      snapshot: async () => ({
        id: 'n',
        name: 'Haus',
        createdAtMs: 0,
        channel: 6,
        zones: [],
        nodes: [...this.nodes],
      }),
      lock: () => undefined,
    } as unknown as NetworkHandle;
    const fleet = {
      headers: async () => [],
      create: async () => handle,
      unlock: async () => handle,
      remove: async () => undefined,
    };
    this.network = new NetworkModel(fleet, (opened) => this.book.load(opened));
    const scope = {
      navigator: {},
      document: {
        visibilityState: 'visible',
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
      },
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    };
    const bench: Workbench = {
      build: () => this.#build(),
      open: async (port) => this.#session(port),
      copyRuntime: never,
    };
    this.model = new StationModel(bench, this.boards, this.network, new Jobs(scope), this.book);
  }

  async start(): Promise<this> {
    await this.network.unlock('n', 'p');
    await settled();
    return this;
  }

  plug(label: string, address: string, id = `${label}-${this.plugged.size}-${address}`): BoardPort {
    const port: BoardPort = { id, kind: 'real', label, mac: null, chip: null };
    this.plugged.set(port, address);
    this.#changed();
    return port;
  }

  pull(port: BoardPort): void {
    this.plugged.delete(port);
    this.#changed();
  }

  /** Lets the oldest waiting write go on. */
  open(): void {
    this.#gates.shift()?.();
  }

  #built: Promise<BuildReport> | null = null;
  #build(): Promise<BuildReport> {
    this.#built ??= (async () => {
      this.builds++;
      await settled();
      return { firmwareId: 'f', modules: [], sources: [], tookMs: 1 };
    })();
    return this.#built;
  }

  #session(port: BoardPort): BenchSession {
    const address = this.plugged.get(port);
    if (address === undefined) throw Object.assign(new Error('gone'), { code: 'unplugged' });
    let node: NodeEntry | undefined;
    const become = (state: NodeEntry['state']): void => {
      const at = this.nodes.findIndex((each) => each.id === node?.id);
      this.nodes[at] = { ...this.nodes[at]!, state, mac: address };
    };
    return {
      facts: { chip: 'esp32', description: '', mac: address, flashSizeBytes: 4 << 20 },
      restartNote: this.restartNote,
      plan: async (nodeId) => {
        node = this.nodes.find((each) => each.id === nodeId);
        return { ...PLAN, held: this.held };
      },
      write: async (onStage, signal, options) => {
        if (this.held.kind === 'foreign' && options?.replaceForeign !== true) {
          throw Object.assign(new Error('foreign'), { code: 'foreign-identity' });
        }
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.writing);
        onStage('Erasing', 0, 0);
        try {
          if (this.gated) await new Promise<void>((resolve) => this.#gates.push(resolve));
          signal.throwIfAborted();
          const error = this.failing.get(address);
          if (error) throw error;
          this.written.push(`${address} as ${node?.name}`);
          become('flashed');
        } finally {
          this.writing--;
        }
      },
      restore: async () => undefined,
      join: async () => become('joined'),
      close: async () => undefined,
    };
  }
}
