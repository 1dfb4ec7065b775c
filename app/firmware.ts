/** The firmware's sources as the app carries them, and their builds in the compiler's worker. */
import { compileInWorker, suggestInWorker, transpileInWorker } from './compiler/client.ts';
import type { CompiledModule, Diagnostic } from './compiler/compile.ts';
import { COMPILE_STAGES, type CompileStage } from './compiler/stages.ts';
import {
  applicationDiagnostics,
  type FirmwareJob,
  firmwareJob,
  prepareFirmwareJob,
  type Profile,
} from './compiler/firmware.ts';
import type { ModuleCost } from './compiler/costs.ts';
import type { HeapAnswer } from './heap-worker.ts';
import { translateTraceback, type TracedModule } from './compiler/traceback.ts';
import { applicationTemplates, featureOffers, firmwareSources } from './firmware-sources.ts';
import type { ReportedBuild } from './views/parts/workbench.ts';
import {
  APPLICATION_FOLDER,
  type CodeModule,
  type CodeProblem,
  type FirmwareChoice,
  type FirmwareOffers,
  type FirmwareReport,
  type FirmwareResult,
  type FirmwareWorks,
  type HeapCost,
  type Suggestion,
} from './views/shared/firmware-ports.ts';
import type { RehearsalFirmware } from './rehearsals.ts';
import type { OnStage } from './views/shared/ports.ts';
import type { EngineName } from './views/shared/rehearse-ports.ts';
import { WordedError } from './views/shared/problem.ts';

const RUNTIME_HELPERS = 'runtime helpers';
/** Builds kept for tracebacks and for going back to an earlier choice. */
const MOST_BUILDS = 8;

const PROFILES: Readonly<Record<Profile, string>> = {
  default: 'What most meshes need: everything over ESP-NOW, without a router.',
  full: 'Parents and children are linked over Wi-Fi as well, and the root joins a router. An ESP32 without PSRAM may run out of memory with it, and restarts then.',
};

/** What each phase says, and the share of a build's time that it takes: the first one, and one that knows the files. */
const STAGES: Readonly<Record<CompileStage, { says: string; cold: number; warm: number }>> = {
  read: { says: 'Reading the sources', cold: 20, warm: 2 },
  types: { says: 'Checking types', cold: 30, warm: 10 },
  check: { says: 'Checking what boards can do', cold: 24, warm: 58 },
  lower: { says: 'Translating to Python', cold: 20, warm: 24 },
  bytecode: { says: 'Making bytecode', cold: 6, warm: 6 },
};

interface Made {
  readonly compiled: readonly CompiledModule[];
  readonly report: FirmwareReport;
  readonly modules: ReportedBuild['modules'];
}

type Outcome =
  | { readonly ok: true; readonly made: Made }
  | { readonly ok: false; readonly problems: readonly CodeProblem[] };

export class CompilerWorks implements FirmwareWorks {
  readonly #made = new Map<string, Made>();
  readonly #forBoards = new Map<string, Promise<Outcome>>();
  #warm = false;
  #prepared: Promise<void> | undefined;

  offers(): Promise<FirmwareOffers> {
    const plain = firmwareJob(firmwareSources).features;
    const profiles = Object.entries(PROFILES).map(([name, help]) => {
      const { features } = firmwareJob(firmwareSources, { profile: name as Profile });
      const set = Object.entries(features).filter(
        ([feature, value]) => feature !== 'FIRMWARE_ID' && plain[feature] !== value,
      );
      return { name, help, features: Object.fromEntries(set) };
    });
    return Promise.resolve({
      profiles,
      features: featureOffers(firmwareSources),
      templates: applicationTemplates,
    });
  }

  async build(
    choice: FirmwareChoice,
    onStage: OnStage,
    signal?: AbortSignal,
  ): Promise<FirmwareResult> {
    const startedAtMs = performance.now();
    const outcome = await this.#outcome(choice, onStage, signal);
    if (outcome.ok) return { ok: true, report: outcome.made.report };
    return { ok: false, problems: outcome.problems, tookMs: performance.now() - startedAtMs };
  }

  /** For boards: the same build object for the same choice. @throws WordedError when it does not compile */
  async buildForBoards(choice: FirmwareChoice, onStage: OnStage): Promise<ReportedBuild> {
    await (this.#prepared ??= prepareFirmwareJob(firmwareSources));
    // Boards that ask at the same time wait for the same build.
    const { id } = jobOf(choice);
    const running = this.#forBoards.get(id) ?? this.#outcome(choice, onStage);
    this.#forBoards.set(id, running);
    const outcome = await running.finally(() => this.#forBoards.delete(id));
    if (!outcome.ok) throw faulty(outcome.problems);
    const { report, modules } = outcome.made;
    return { firmwareId: report.firmwareId, modules, sources: report.sources };
  }

  /** For a rehearsal: TypeScript for V8, bytecode for MicroPython. @throws WordedError when it does not compile */
  async forRehearsal(
    choice: FirmwareChoice,
    engine: EngineName,
    onStage: OnStage,
    signal: AbortSignal,
  ): Promise<RehearsalFirmware> {
    const { id, sources, entries, features } = jobOf(choice);
    // V8 would take an application that boards refuse: its faults are told here, not as exceptions of all nodes.
    if (engine === 'micropython' || choice.application !== null) {
      const outcome = await this.#outcome(choice, onStage, signal);
      if (!outcome.ok) throw faulty(outcome.problems);
      if (engine === 'micropython') {
        return { firmwareId: id, firmware: { engine, modules: outcome.made.modules } };
      }
    }
    const entry = entries[0]!;
    const modules = await transpileInWorker(sources, entry, features, { signal });
    return { firmwareId: id, firmware: { engine, modules, entry } };
  }

  async suggest(choice: FirmwareChoice, path: string, at: number): Promise<readonly Suggestion[]> {
    const { sources } = jobOf(choice);
    return suggestInWorker(sources, `${APPLICATION_FOLDER}${path}`, at);
  }

  async measureHeap(
    choice: FirmwareChoice,
    onStage: OnStage,
    signal: AbortSignal,
  ): Promise<readonly HeapCost[]> {
    const outcome = await this.#outcome(choice, onStage, signal);
    if (!outcome.ok) throw faulty(outcome.problems);
    onStage('Loading each file into MicroPython', 0, 0);
    const costs = await heapInWorker(outcome.made.compiled, signal);
    return summed(
      costs.map(({ path, heapBytes }) => ({ path: path || RUNTIME_HELPERS, heapBytes })),
      (path, all) => ({ path, heapBytes: all.reduce((sum, one) => sum + one.heapBytes, 0) }),
    );
  }

  translate(text: string, firmwareId: string): string | null {
    const made = this.#made.get(firmwareId);
    return made ? translateTraceback(text, made.report.code.map(traced)) : null;
  }

  async #outcome(choice: FirmwareChoice, onStage: OnStage, signal?: AbortSignal): Promise<Outcome> {
    const { id, sources, ...options } = jobOf(choice);
    const known = this.#made.get(id);
    if (known) return { ok: true, made: known };
    const startedAtMs = performance.now();
    onStage('Starting the compiler', 0, 100);
    const { modules, diagnostics } = await compileInWorker(sources, options, {
      signal,
      onStage: (stage) => onStage(STAGES[stage].says, doneBefore(stage, this.#warm), 100),
    });
    this.#warm = true;
    if (diagnostics.length > 0)
      return { ok: false, problems: applicationDiagnostics(diagnostics).map(problemFrom) };
    const shares = summed(modules.flatMap(sharesOf), (path, all) => ({
      path,
      aboutBytes: all.reduce((sum, one) => sum + one.aboutBytes, 0),
    })).sort((a, b) => b.aboutBytes - a.aboutBytes);
    const report: FirmwareReport = {
      firmwareId: id,
      modules: modules.map(({ name, mpy }) => ({ name, sizeBytes: mpy.length })),
      sources: shares,
      applicationBytes: shares
        .filter(({ path }) => path.startsWith(APPLICATION_FOLDER))
        .reduce((sum, { aboutBytes }) => sum + aboutBytes, 0),
      code: modules.map(codeOf),
      tookMs: performance.now() - startedAtMs,
    };
    const made = {
      report,
      compiled: modules,
      modules: modules.map(({ name, mpy }) => ({ name, mpy })),
    };
    this.#made.set(id, made);
    const [oldest] = this.#made.keys();
    if (this.#made.size > MOST_BUILDS && oldest !== undefined) this.#made.delete(oldest);
    return { ok: true, made };
  }
}

function jobOf({ profile, features, application }: FirmwareChoice): FirmwareJob {
  // A choice kept by another version may name a profile that this one does not have.
  const known = Object.keys(PROFILES).find((name) => name === profile) as Profile | undefined;
  return firmwareJob(firmwareSources, { profile: known ?? 'default', features, application });
}

function heapInWorker(
  modules: readonly CompiledModule[],
  signal: AbortSignal,
): Promise<readonly ModuleCost[]> {
  const worker = new Worker(new URL('./heap-worker.ts', import.meta.url), { type: 'module' });
  return new Promise<readonly ModuleCost[]>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    worker.addEventListener('error', (event) => {
      reject(new Error(`the measuring worker failed: ${event.message}`));
    });
    worker.addEventListener('message', (event: MessageEvent<HeapAnswer>) => {
      const answer = event.data;
      if (answer.ok) resolve(answer.costs);
      else reject(new Error(`MicroPython refused a part of the build: ${answer.message}`));
    });
    worker.postMessage(modules);
  }).finally(() => worker.terminate());
}

/** Share of a build's time before a phase, in percent. */
function doneBefore(stage: CompileStage, isWarm: boolean): number {
  return COMPILE_STAGES.slice(0, COMPILE_STAGES.indexOf(stage)).reduce(
    (sum, each) => sum + STAGES[each][isWarm ? 'warm' : 'cold'],
    0,
  );
}

function problemFrom({ code, file, line, column, message, remedy }: Diagnostic): CodeProblem {
  const ofApplication = file.startsWith(APPLICATION_FOLDER);
  return {
    code,
    file: ofApplication ? file.slice(APPLICATION_FOLDER.length) : file,
    ofApplication,
    line,
    column,
    message,
    remedy,
  };
}

function faulty(problems: readonly CodeProblem[]): WordedError {
  const lines = problems.map(
    ({ file, line, column, code, message }) => `${file}:${line}:${column} ${code}: ${message}`,
  );
  const isOwn = problems.some(({ ofApplication }) => ofApplication);
  return new WordedError({
    code: 'compile-failed',
    title: isOwn ? 'Your application does not compile' : 'The firmware does not compile',
    cause: lines[0] ?? '',
    next: isOwn
      ? 'Correct it on the Firmware screen, or turn it off there. Nothing was written.'
      : 'This is a fault of this version of the app: copy the details into a report.',
    details: lines.join('\n'),
    ...(isOwn ? { link: { href: '#/firmware', title: 'Go to the Firmware screen' } } : {}),
  });
}

/** One row a path: the core and each part that is loaded when needed have runtime helpers, and perhaps files, in common. */
function summed<T extends { readonly path: string }>(
  rows: readonly T[],
  sum: (path: string, all: readonly T[]) => T,
): T[] {
  const byPath = new Map<string, T[]>();
  for (const row of rows) {
    const all = byPath.get(row.path);
    if (all === undefined) byPath.set(row.path, [row]);
    else all.push(row);
  }
  return [...byPath].map(([path, all]) => sum(path, all));
}

/** What each TypeScript file takes of a module: bytecode has no seams, so its Python text is the measure. */
function sharesOf({ path, py, mpy, parts }: CompiledModule): ReportedBuild['sources'] {
  if (!parts) return [{ path: path || RUNTIME_HELPERS, aboutBytes: mpy.length }];
  const lines = py.split('\n');
  return parts.map((part, i) => {
    const end = (parts[i + 1]?.fromLine ?? lines.length + 1) - 1;
    const text = lines.slice(part.fromLine - 1, end).join('\n');
    const aboutBytes = part.mpyBytes ?? Math.round((text.length / py.length) * mpy.length);
    return { path: part.path || RUNTIME_HELPERS, aboutBytes };
  });
}

function codeOf({
  name,
  path,
  py,
  lineMap,
  parts,
  shortNames,
  traces,
}: CompiledModule): CodeModule {
  return {
    name,
    py,
    lineMap,
    parts: parts ?? [{ fromLine: 1, path }],
    shortNames: shortNames ?? {},
    ...(traces === undefined ? {} : { traces }),
  };
}

const traced = ({ name, lineMap, parts, shortNames, traces }: CodeModule): TracedModule => ({
  name,
  path: '',
  lineMap,
  parts,
  shortNames,
  traces,
});
