/**
 * The Rehearse screen: a plan that is kept in this browser, and at most one rehearsal of it. While one is open, changes of the
 * plan happen in its world; moves and walls stay in the plan afterwards.
 */
import type { AppModel } from '../shared/app-model.svelte.ts';
import { isCancelled, problemOf, type Problem } from '../shared/problem.ts';
import type {
  EngineName,
  Happening,
  NodeTold,
  RecordedTrace,
  RehearsalNews,
  RehearsalRun,
  Rehearsals,
  ScenarioFile,
  ScriptedHappening,
  Spot,
  WallPiece,
  WorldEntry,
} from '../shared/rehearse-ports.ts';
import { changeNode, EMPTY_PLAN, type Plan, planFrom, readPlan, scenarioOf } from './plan.ts';

const KEEP_AFTER_MS = 250;
const MOST_UNDO = 50;
/** What has happened, for people: the newest ones. */
const MOST_ENTRIES = 300;
const MOST_HAPPENINGS = 2000;
/** A world that runs tells of itself several times a second; bytecode in a loop of its own never would. */
const SILENT_MS = 10_000;
/** A trace of many megabytes is copied between threads. */
const TRACE_WAIT_MS = 15_000;
export const STEP_MS = 500;
/** ESP-NOW of every rehearsed node; a jam on another one would do nothing. */
export const CHANNEL = 6;

interface Undo {
  readonly words: string;
  readonly happening: Happening;
}

export class RehearseModel {
  readonly #app: AppModel;
  #rehearsals: Rehearsals | null = null;
  offers = $state.raw<Rehearsals | null>(null);
  scenarios = $state.raw<readonly ScenarioFile[]>([]);
  loaded = $state(false);

  #plan = $state.raw<Plan>(EMPTY_PLAN);
  #before = $state.raw<readonly Plan[]>([]);
  selected = $state<number | null>(null);
  engine = $state<EngineName>('v8');
  /** Virtual over real time; null: as fast as possible. */
  rate = $state<number | null>(1);

  /** Each event of the next rehearsal is recorded. */
  wantsTrace = $state(false);
  /** Of the rehearsal that is open, or of the last one. */
  isTraced = $state(false);
  trace = $state.raw<RecordedTrace | null>(null);

  /** What it does until the world is there. */
  opening = $state<string | null>(null);
  #run = $state.raw<RehearsalRun | null>(null);
  news = $state.raw<RehearsalNews | null>(null);
  entries = $state.raw<readonly WorldEntry[]>([]);
  undos = $state.raw<readonly Undo[]>([]);
  /** The news are of a rehearsal that has ended. */
  ended = $state(false);
  silent = $state(false);
  problem = $state.raw<Problem | null>(null);
  keepProblem = $state.raw<Problem | null>(null);
  /** Said once, in words. */
  note = $state('');
  groups = $state.raw<number[][]>([]);
  isJammed = $state(false);
  loss = $state(0);

  #startPlan: Plan = EMPTY_PLAN;
  #live: ScriptedHappening[] = [];
  firmwareId = $state('');
  #abort: AbortController | null = null;
  #keepTimer: ReturnType<typeof setTimeout> | undefined;
  #newsAtMs = 0;
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor(app: AppModel) {
    this.#app = app;
  }

  async load(): Promise<void> {
    const { rehearsals, plans } = this.#app.rehearsing;
    try {
      this.#rehearsals = await rehearsals();
      this.offers = this.#rehearsals;
      this.scenarios = await this.#rehearsals.scenarios();
      this.#plan = readPlan(await plans.load()) ?? EMPTY_PLAN;
    } catch (error) {
      this.keepProblem = problemOf(error, 'reading the kept plan');
    }
    this.loaded = true;
  }

  get plan(): Plan {
    return this.#plan;
  }
  get isOpen(): boolean {
    return this.#run !== null;
  }
  get isRunning(): boolean {
    return this.#run !== null && (this.news?.running ?? false);
  }
  get canUndoPlan(): boolean {
    return this.#before.length > 0;
  }
  /** What the world says of a node; null while there is only the plan. */
  told(index: number): NodeTold | null {
    return this.news?.nodes[index] ?? null;
  }

  // ---- the plan ------------------------------------------------------------------------------------------------------

  /** Only while no rehearsal is open. */
  change(plan: Plan): void {
    this.#before = [...this.#before, this.#plan].slice(-MOST_UNDO);
    this.#setPlan(plan);
    this.clearNews();
  }

  undoPlan(): void {
    const plan = this.#before.at(-1);
    if (!plan) return;
    this.#before = this.#before.slice(0, -1);
    this.#setPlan(plan);
    this.clearNews();
  }

  #setPlan(plan: Plan): void {
    this.#plan = plan;
    if (this.selected !== null && this.selected >= plan.nodes.length) this.selected = null;
    clearTimeout(this.#keepTimer);
    this.#keepTimer = setTimeout(() => void this.flush(), KEEP_AFTER_MS);
  }

  async flush(): Promise<void> {
    if (this.#keepTimer === undefined) return;
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    try {
      await this.#app.rehearsing.plans.keep(this.#plan);
      this.keepProblem = null;
    } catch (error) {
      this.keepProblem = problemOf(error, 'keeping the plan');
    }
  }

  use(scenario: ScenarioFile): void {
    this.stop();
    this.change(planFrom(scenario, this.offers?.airs ?? []));
    this.selected = null;
  }

  async openFile(file: File): Promise<void> {
    this.problem = null;
    try {
      const text = await file.text();
      if (this.#rehearsals) this.use(await this.#rehearsals.read(file.name, text));
    } catch (error) {
      this.problem = problemOf(error, 'reading the scenario');
    }
  }

  move(index: number, { x, y }: Spot): void {
    const was = this.told(index) ?? this.plan.nodes[index];
    if (!was || (was.x === x && was.y === y)) return;
    if (!this.isOpen) {
      this.change(changeNode(this.plan, index, { x, y }));
      return;
    }
    const { name } = this.plan.nodes[index]!;
    this.perform({ do: 'move', node: index, x, y }, `move ${name} back`, {
      do: 'move',
      node: index,
      x: was.x,
      y: was.y,
    });
  }

  build(walls: readonly WallPiece[], words = 'walls as before'): void {
    const before = this.plan.walls;
    if (!this.isOpen) this.change({ ...this.plan, walls });
    else {
      this.perform({ do: 'walls', walls: [...walls] }, words, { do: 'walls', walls: [...before] });
    }
  }

  // ---- the rehearsal -------------------------------------------------------------------------------------------------

  async start(rate: number | null | 'paused' = this.rate): Promise<void> {
    const rehearsals = this.#rehearsals;
    if (!rehearsals || this.opening !== null || this.isOpen) return;
    this.problem = null;
    this.clearNews();
    this.opening = 'Getting ready';
    this.#startPlan = this.plan;
    const abort = (this.#abort = new AbortController());
    try {
      const choice = await this.#app.firmware.settled();
      const run = await rehearsals.open(
        scenarioOf(this.plan, rehearsals.airs),
        this.engine,
        choice,
        {
          news: (news) => this.#take(news),
          failed: (message) => this.#failed(message),
        },
        (says) => (this.opening = says),
        abort.signal,
        this.wantsTrace,
      );
      this.#run = run;
      this.isTraced = this.wantsTrace;
      this.trace = null;
      this.firmwareId = run.firmwareId;
      this.ended = false;
      if (rate !== 'paused') run.run(rate);
      this.#newsAtMs = Date.now();
      this.#watch = setInterval(() => this.#listen(), 1000);
    } catch (error) {
      if (!isCancelled(error)) this.problem = problemOf(error, 'starting the rehearsal');
    } finally {
      this.opening = null;
    }
  }

  cancelOpening(): void {
    this.#abort?.abort(new DOMException('cancelled', 'AbortError'));
  }

  resume(): void {
    this.#newsAtMs = Date.now();
    this.#run?.run(this.rate);
  }
  pause(): void {
    this.#run?.pause();
  }
  async step(): Promise<void> {
    if (!this.isOpen) await this.start('paused');
    this.#run?.step(STEP_MS);
  }
  setRate(rate: number | null): void {
    this.rate = rate;
    if (this.isRunning) this.#run?.run(rate);
  }

  /** Ends the rehearsal; its figures stay until the plan changes. */
  /** Ends it at once; what was recorded goes with it, see finish(). */
  stop(): void {
    this.cancelOpening();
    if (!this.#run) return;
    this.#run.stop();
    this.#over();
  }

  /** Ends it, with its trace in hand if there is one. */
  async finish(): Promise<void> {
    const run = this.#run;
    if (run && this.isTraced && !this.silent) {
      run.pause();
      await this.takeTrace();
    }
    if (this.#run === run) this.stop();
  }

  async takeTrace(): Promise<void> {
    const run = this.#run;
    if (!run) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the world did not hand it over')), TRACE_WAIT_MS);
    });
    try {
      this.trace = await Promise.race([run.trace(), late]);
    } catch (error) {
      this.problem = problemOf(error, 'getting the trace');
    } finally {
      clearTimeout(timer);
    }
  }

  #over(): void {
    clearInterval(this.#watch);
    this.#run = null;
    this.silent = false;
    this.undos = [];
    this.ended = this.news !== null;
    if (this.news) this.news = { ...this.news, running: false, ratio: null };
  }

  clearNews(): void {
    if (this.isOpen) return;
    this.news = null;
    this.entries = [];
    this.#live = [];
    this.groups = [];
    this.isJammed = false;
    this.loss = 0;
    this.ended = false;
  }

  perform(happening: Happening, undoWords?: string, undo?: Happening): void {
    if (!this.#run) return;
    this.#run.perform(happening);
    this.#note(happening);
    if (undo && undoWords) {
      this.undos = [...this.undos, { words: undoWords, happening: undo }].slice(-MOST_UNDO);
    }
  }

  undo(): void {
    const last = this.undos.at(-1);
    if (!last) return;
    this.undos = this.undos.slice(0, -1);
    this.perform(last.happening);
  }

  /** What this screen itself shows of it. */
  #note(happening: Happening): void {
    switch (happening.do) {
      case 'move': {
        const { node, x, y } = happening;
        this.#setPlan(changeNode(this.plan, node, { x, y }));
        return;
      }
      case 'walls':
        this.#setPlan({ ...this.plan, walls: happening.walls });
        return;
      case 'partition':
        this.groups = happening.groups;
        return;
      case 'jam':
        this.isJammed = happening.on;
        return;
      case 'air':
        this.loss = happening.loss ?? this.loss;
    }
  }

  #take(news: RehearsalNews): void {
    this.#newsAtMs = Date.now();
    this.silent = false;
    if (news.entries.length > 0) {
      this.entries = [...this.entries, ...news.entries].slice(-MOST_ENTRIES);
    }
    if (this.#live.length < MOST_HAPPENINGS) this.#live.push(...news.performed);
    this.news = news;
  }

  #listen(): void {
    this.silent = this.isRunning && Date.now() - this.#newsAtMs > SILENT_MS;
  }

  #failed(message: string): void {
    this.#over();
    this.problem = {
      code: 'rehearsal-failed',
      title: 'The rehearsal broke off',
      cause:
        'Its worker failed: a fault of the simulator, or no memory was left for so many nodes.',
      next: 'Start it again; with fewer nodes if it fails again. The plan is kept, and so is what has happened so far.',
      details: `seed ${this.plan.seed}, ${this.plan.nodes.length} nodes, engine ${this.engine}, at ${this.news?.atMs ?? 0} ms\n${message}`,
    };
  }

  /** What has been rehearsed up to now, or the plan alone: a file for this screen and for the command line. */
  scenario(): ScenarioFile & { seed: number } {
    const airs = this.offers?.airs ?? [];
    if (!this.news) return scenarioOf(this.plan, airs, [], this.plan.script.length ? null : 60_000);
    return scenarioOf(this.#startPlan, airs, this.#live, this.news.atMs);
  }
}
