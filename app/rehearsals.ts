/** Rehearsals as the screen uses them: each runs in a worker of its own, which is ended when it is stopped. */
import type {
  FromRehearsal,
  LiveNews,
  SentFirmware,
  ToRehearsal,
} from './sim/rehearsal-messages.ts';
import { guardAgainstHanging } from './sim/hang-guard.ts';
import { SHORT, usual, WITH_ROUTER } from './sim/scenarios/library.ts';
import { readScenario } from './sim/scenarios/read-scenario.ts';
import type { CompilerWorks } from './firmware.ts';
import type { Scenario } from './sim/scenarios/scenario.ts';
import { withRouter } from './views/network/router-setting.ts';
import { AIRS_OFFERED } from './views/rehearse/airs.ts';
import { TrafficRate } from './views/rehearse/traffic-rate.ts';
import type { FirmwareChoice } from './views/shared/firmware-ports.ts';
import type { OnStage } from './views/shared/ports.ts';
import { WordedError } from './views/shared/problem.ts';
import type {
  EngineName,
  Happening,
  RehearsalListener,
  RehearsalRun,
  Rehearsals,
  ScenarioFile,
  ScriptedHappening,
} from './views/shared/rehearse-ports.ts';

/** Each has a MicroPython of its own, of some megabytes, and they share one thread. */
const MOST_BYTECODE_NODES = 20;
const MOST_NODES = 400;
/** A worker that cannot even begin, because its files are not there, says nothing at all. */
const OPEN_WITHIN_MS = 60_000;

export class WorkerRehearsals implements Rehearsals {
  readonly airs = AIRS_OFFERED;
  readonly mostBytecodeNodes = MOST_BYTECODE_NODES;
  readonly mostNodes = MOST_NODES;
  readonly #works: () => Promise<CompilerWorks>;

  constructor(works: () => Promise<CompilerWorks>) {
    this.#works = works;
  }

  scenarios(): Promise<readonly ScenarioFile[]> {
    const field = { ...usual(50, 120, 1), name: 'field of 50' };
    return Promise.resolve([...SHORT, ...WITH_ROUTER, field] as ScenarioFile[]);
  }

  read(fileName: string, text: string): Promise<ScenarioFile> {
    const read = readScenario(text);
    if (!read.ok) {
      return Promise.reject(
        new WordedError({
          code: 'not-a-scenario',
          title: `${fileName} cannot be rehearsed`,
          cause: `It is ${read.why}.`,
          next: 'Choose a file that this screen or “simulate --save” has written. Your plan is as it was.',
          details: `${fileName}: ${read.why}`,
        }),
      );
    }
    return Promise.resolve(read.scenario as ScenarioFile);
  }

  async open(
    scenario: ScenarioFile & { seed: number },
    engine: EngineName,
    choice: FirmwareChoice,
    listener: RehearsalListener,
    onStage: OnStage,
    signal: AbortSignal,
    isTraced: boolean,
  ): Promise<RehearsalRun> {
    onStage('Getting the firmware ready', 0, 0);
    const works = await this.#works();
    const asked = (scenario as Partial<Scenario>).networkRouter ? withRouter(choice) : choice;
    const { firmware, firmwareId } = await works.forRehearsal(asked, engine, onStage, signal);
    signal.throwIfAborted();
    onStage('Switching the world on', 0, 0);
    const worker = new Worker(new URL('./sim/rehearsal-worker.ts', import.meta.url), {
      type: 'module',
      name: 'rehearsal',
    });
    try {
      const message: ToRehearsal = {
        t: 'open',
        scenario: scenario as Scenario,
        seed: scenario.seed,
        firmware,
        isTraced,
      };
      await opened(worker, message, listener, signal);
    } catch (error) {
      worker.terminate();
      throw error;
    }
    return runOf(worker, firmwareId);
  }
}

function runOf(worker: Worker, firmwareId: string): RehearsalRun {
  const post = (message: ToRehearsal): void => worker.postMessage(message);
  const ended = new AbortController();
  return {
    firmwareId,
    run: (rate) => post({ t: 'run', rate }),
    pause: () => post({ t: 'pause' }),
    step: (ms) => post({ t: 'step', ms }),
    perform: (event: Happening) => post({ t: 'perform', event }),
    trace: () =>
      new Promise((resolve, reject) => {
        const listen = ({ data }: MessageEvent<FromRehearsal>): void => {
          if (data.t !== 'trace') return;
          ended.signal.removeEventListener('abort', giveUp);
          worker.removeEventListener('message', listen);
          resolve(data.trace);
        };
        const giveUp = (): void => {
          worker.removeEventListener('message', listen);
          reject(new Error('the rehearsal ended before its trace came'));
        };
        if (ended.signal.aborted) return giveUp();
        ended.signal.addEventListener('abort', giveUp, { once: true });
        worker.addEventListener('message', listen);
        post({ t: 'trace' });
      }),
    stop: () => {
      worker.terminate();
      ended.abort();
    },
  };
}

function opened(
  worker: Worker,
  open: ToRehearsal,
  listener: RehearsalListener,
  signal: AbortSignal,
): Promise<void> {
  const rates = new TrafficRate();
  const tell = (news: LiveNews): void => {
    const { traffic, air, ...figures } = news.figures;
    listener.news({
      ...news,
      performed: news.performed as ScriptedHappening[],
      figures: {
        ...figures,
        kbitPerSecond: rates.add(news.atMs, traffic),
        sent: air.sent,
        received: air.delivered,
        tooWeak: air.lostBySignal,
        collided: air.lostByCollision,
      },
    });
  };
  return new Promise((resolve, reject) => {
    let isOpen = false;
    let unguard = (): void => undefined;
    const fail = (message: string): void => {
      clearTimeout(timer);
      worker.terminate();
      unguard();
      if (isOpen) listener.failed(message);
      else reject(failedToOpen(message));
    };
    const timer = setTimeout(() => fail('the worker did not answer'), OPEN_WITHIN_MS);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
    worker.addEventListener('error', (event) => fail(event.message || 'its files did not load'));
    worker.addEventListener('message', ({ data }: MessageEvent<FromRehearsal>) => {
      if (data.t === 'news') tell(data.news);
      else if (data.t === 'failed') fail(data.message);
      else if (data.t === 'opened') {
        isOpen = true;
        unguard = guardAgainstHanging(worker, fail);
        clearTimeout(timer);
        resolve();
      }
    });
    worker.postMessage(open);
  });
}

/** A server may send a policy of its own with every file, the worker's too; the page's own does not reach it. */
function failedToOpen(message: string): WordedError {
  const isPolicy = /unsafe-eval|Content Security Policy/i.test(message);
  return new WordedError({
    code: isPolicy ? 'engine-forbidden' : 'rehearsal-failed',
    title: 'The rehearsal did not start',
    cause: isPolicy
      ? 'The server that this page came from forbids its workers to make code from text, which the fast engine does.'
      : 'The world of the rehearsal failed as it was switched on.',
    next: isPolicy
      ? 'Choose “real bytecode” as the engine: it needs no such permission.'
      : 'Try again. If it fails the same way, copy the details into a report.',
    details: message,
  });
}

export interface RehearsalFirmware {
  readonly firmware: SentFirmware;
  readonly firmwareId: string;
}
