/**
 * What boards are given: profile, features and the person's own application, kept in this browser; and its builds. One
 * build runs at a time, always of the newest choice; the last one that compiled stays until a newer one does.
 */
import type { Jobs } from '../shared/jobs.svelte.ts';
import type {
  ApplicationFiles,
  ChoiceStore,
  CodeProblem,
  FeatureCost,
  FeatureValue,
  FirmwareChoice,
  FirmwareOffers,
  FirmwareReport,
  FirmwareWorks,
  HeapCost,
} from '../shared/firmware-ports.ts';
import { isCancelled, problemOf, type Problem } from '../shared/problem.ts';
import { ENTRY } from './application-files.ts';

/** From the last key to the next build, and to the next write into the database. */
const BUILD_AFTER_MS = 350;
const KEEP_AFTER_MS = 250;

export interface Doing {
  readonly says: string;
  readonly done: number;
  readonly total: number;
}

export class FirmwareModel {
  #works: FirmwareWorks;
  #store: ChoiceStore;
  #jobs: Jobs;

  choice = $state.raw<FirmwareChoice>({ profile: 'default', features: {}, application: null });
  loaded = $state(false);
  offers = $state.raw<FirmwareOffers | null>(null);
  /** The file in the editor. */
  selected = $state(ENTRY);

  /** Of the build that runs; null when none does. */
  building = $state.raw<Doing | null>(null);
  /** The last build that compiled, and the choice it was made of. */
  report = $state.raw<FirmwareReport | null>(null);
  #reportOf = $state.raw<FirmwareChoice | null>(null);
  /** What the newest build found; empty when it compiled. */
  faults = $state.raw<readonly CodeProblem[]>([]);
  #faultsOf = $state.raw<FirmwareChoice | null>(null);
  /** How long the newest build took, found wrong or right. */
  tookMs = $state<number | null>(null);
  cancelled = $state(false);
  problem = $state.raw<Problem | null>(null);

  /** What could not be kept in this browser. */
  keepProblem = $state.raw<Problem | null>(null);
  /** Another tab changed the same; nothing is kept before the person has chosen. */
  conflict = $state(false);
  /** The last file or application that was deleted. */
  deleted = $state.raw<{ readonly what: string; readonly before: FirmwareChoice } | null>(null);

  /** By feature or `profile:name`; of the choice that `costsOf` is. */
  costs = $state.raw<Readonly<Record<string, FeatureCost>>>({});
  pricing = $state.raw<Doing | null>(null);
  heap = $state.raw<{ readonly id: string; readonly files: readonly HeapCost[] } | null>(null);
  measuring = $state.raw<Doing | null>(null);

  #revision = 0;
  #keptChoice: FirmwareChoice | null = null;
  #keepTimer: ReturnType<typeof setTimeout> | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #buildTimer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | null = null;
  #measureAbort = new AbortController();

  constructor(works: FirmwareWorks, store: ChoiceStore, jobs: Jobs) {
    this.#works = works;
    this.#store = store;
    this.#jobs = jobs;
  }

  get files(): ApplicationFiles | null {
    return this.choice.application;
  }
  get fileCount(): number {
    return Object.keys(this.files ?? {}).length;
  }
  /** The report is of what is chosen now. */
  get upToDate(): boolean {
    return this.report !== null && this.#reportOf === this.choice;
  }
  /** The newest choice was built and does not compile. */
  get isFaulty(): boolean {
    return this.faults.length > 0 && this.#faultsOf === this.choice;
  }
  get ownFaults(): readonly CodeProblem[] {
    return this.faults.filter(({ ofApplication }) => ofApplication);
  }

  // ---- keeping ----

  async load(): Promise<void> {
    try {
      this.#take(await this.#store.load());
      this.#store.watch(() => void this.#changedElsewhere());
    } catch (error) {
      this.keepProblem = problemOf(error, 'reading the kept application');
    }
    this.loaded = true;
  }

  async showOffers(): Promise<void> {
    try {
      this.offers ??= await this.#works.offers();
    } catch (error) {
      this.problem = problemOf(error, 'loading the firmware');
    }
  }

  #take({ choice, revision }: { choice: FirmwareChoice; revision: number }): void {
    this.choice = choice;
    this.#revision = revision;
    this.#keptChoice = choice;
    this.conflict = false;
    if (choice.application?.[this.selected] === undefined) this.selected = ENTRY;
  }

  async #changedElsewhere(): Promise<void> {
    const kept = await this.#store.load();
    if (kept.revision === this.#revision) return;
    if (this.choice !== this.#keptChoice) this.conflict = true;
    else this.#take(kept);
  }

  /** After another tab's change: the other's version, or this one over it. */
  async resolveConflict(take: 'theirs' | 'mine'): Promise<void> {
    const kept = await this.#store.load();
    if (take === 'theirs') this.#take(kept);
    else {
      this.#revision = kept.revision;
      this.conflict = false;
      await this.flush();
    }
  }

  /** Writes what is not written yet. */
  flush(): Promise<void> {
    clearTimeout(this.#keepTimer);
    this.#keeping = this.#keeping.then(() => this.#keep());
    return this.#keeping;
  }

  async #keep(): Promise<void> {
    const { choice } = this;
    if (choice === this.#keptChoice || this.conflict || !this.loaded) return;
    try {
      this.#revision = await this.#store.keep(choice, this.#revision);
      this.#keptChoice = choice;
      this.keepProblem = null;
    } catch (error) {
      const problem = problemOf(error, 'keeping the application');
      if (problem.code === 'changed-meanwhile') this.conflict = true;
      else this.keepProblem = problem;
    }
  }

  // ---- changing ----

  #change(change: Partial<FirmwareChoice>): void {
    this.choice = { ...this.choice, ...change };
    clearTimeout(this.#keepTimer);
    this.#keepTimer = setTimeout(() => void this.flush(), KEEP_AFTER_MS);
    this.buildSoon();
  }

  setProfile(profile: string): void {
    this.#change({ profile, features: {} });
  }

  /** What a feature is set to now: by the person, by the profile, or by itself. */
  featureValue(name: string): FeatureValue | null {
    const profile = this.offers?.profiles.find((each) => each.name === this.choice.profile);
    const offer = this.offers?.features.find((each) => each.name === name);
    return this.choice.features[name] ?? profile?.features[name] ?? offer?.value ?? null;
  }

  setFeature(name: string, value: FeatureValue): void {
    this.#change({ features: { ...this.choice.features, [name]: value } });
  }

  setFiles(application: ApplicationFiles | null): void {
    this.#change({ application });
    if (application?.[this.selected] === undefined) this.selected = ENTRY;
  }

  /** As setFiles, with a way back that stays until the next one. */
  deleteTo(application: ApplicationFiles | null, what: string): void {
    this.deleted = { what, before: this.choice };
    this.setFiles(application);
  }

  /** Puts back what was deleted; whatever was written since stays. */
  undelete(): void {
    const { deleted } = this;
    if (!deleted) return;
    this.deleted = null;
    this.setFiles({ ...deleted.before.application, ...this.files });
  }

  // ---- building ----

  /** The compiler follows the typing, once it was asked for at all. */
  buildSoon(): void {
    clearTimeout(this.#buildTimer);
    if (!this.#followed) return;
    this.#buildTimer = setTimeout(() => void this.build(), BUILD_AFTER_MS);
  }
  #followed = false;

  /** Builds what is chosen now; a build that runs goes on, and is followed by one of the newest choice. */
  async build(): Promise<void> {
    this.#followed = true;
    clearTimeout(this.#buildTimer);
    if (this.#abort !== null) return;
    const abort = (this.#abort = new AbortController());
    this.problem = null;
    this.cancelled = false;
    try {
      let choice: FirmwareChoice;
      do {
        choice = this.choice;
        await this.#buildOf(choice, abort.signal);
      } while (choice !== this.choice);
    } catch (error) {
      if (isCancelled(error)) this.cancelled = true;
      else this.problem = problemOf(error, 'compiling the firmware');
    } finally {
      this.#abort = null;
      this.building = null;
    }
  }

  async #buildOf(choice: FirmwareChoice, signal: AbortSignal): Promise<void> {
    const startedAtMs = performance.now();
    this.building = { says: 'Compiling', done: 0, total: 0 };
    const result = await this.#works.build(
      choice,
      (says, done, total) => (this.building = { says, done, total }),
      signal,
    );
    this.tookMs = performance.now() - startedAtMs;
    this.faults = result.ok ? [] : result.problems;
    this.#faultsOf = choice;
    if (!result.ok) return;
    this.report = result.report;
    this.#reportOf = choice;
  }

  cancelBuild(): void {
    clearTimeout(this.#buildTimer);
    this.#abort?.abort(CANCELLED());
  }

  /** What boards are to be given, once everything typed is kept. */
  async settled(): Promise<FirmwareChoice> {
    await this.flush();
    return this.choice;
  }

  // ---- prices ----

  /** Builds the choice once for each profile and each feature the other way round. */
  price(): Promise<void> {
    return this.#measured('working out the prices', 'pricing', async (signal) => {
      const { choice, offers } = this;
      if (!offers) return;
      const own = await this.#flashOf(choice, signal);
      const costs: Record<string, FeatureCost> = {};
      const variants = [
        ...offers.profiles.map(({ name }) => ({
          key: `profile:${name}`,
          says: `Building profile ${name}`,
          choice: { ...choice, profile: name, features: {} },
          sign: 1,
        })),
        ...offers.features.flatMap(({ name }) => {
          const value = this.featureValue(name);
          if (typeof value !== 'boolean') return [];
          return {
            key: name,
            says: `Building ${value ? 'without' : 'with'} ${name}`,
            choice: { ...choice, features: { ...choice.features, [name]: !value } },
            sign: value ? -1 : 1,
          };
        }),
      ];
      for (const [done, { key, says, choice: variant, sign }] of variants.entries()) {
        this.pricing = { says, done, total: variants.length };
        const flashBytes = ((await this.#flashOf(variant, signal)) - own) * sign;
        costs[key] = { flashBytes, heapBytes: null };
        this.costs = { ...costs };
      }
    });
  }

  async #flashOf(choice: FirmwareChoice, signal: AbortSignal): Promise<number> {
    const result = await this.#works.build(choice, () => undefined, signal);
    if (!result.ok) {
      throw new Error(
        `this combination does not compile: ${result.problems[0]?.message ?? 'no reason given'}`,
      );
    }
    return result.report.modules.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  get canMeasureHeap(): boolean {
    return this.#works.measureHeap !== null;
  }

  measureHeap(): Promise<void> {
    return this.#measured('measuring the heap', 'measuring', async (signal) => {
      const { choice, report } = this;
      const measure = this.#works.measureHeap;
      if (!report || !measure) return;
      const files = await measure(
        choice,
        (says, done, total) => (this.measuring = { says, done, total }),
        signal,
      );
      this.heap = { id: report.firmwareId, files };
    });
  }

  cancelMeasuring(): void {
    this.#measureAbort.abort(CANCELLED());
  }

  async #measured(
    doing: string,
    field: 'pricing' | 'measuring',
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    if (this.pricing ?? this.measuring) return;
    const { signal } = (this.#measureAbort = new AbortController());
    this.problem = null;
    this[field] = { says: 'Starting', done: 0, total: 0 };
    try {
      await this.#jobs.during(() => work(signal));
    } catch (error) {
      if (!isCancelled(error)) this.problem = problemOf(error, doing);
    } finally {
      this[field] = null;
    }
  }

  suggest = (path: string, at: number): ReturnType<FirmwareWorks['suggest']> =>
    this.#works.suggest(this.choice, path, at);

  translate = (text: string, firmwareId: string): string | null =>
    this.#works.translate(text, firmwareId);
}

const CANCELLED = (): DOMException => new DOMException('cancelled by the person', 'AbortError');
