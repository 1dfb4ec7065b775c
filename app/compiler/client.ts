/**
 * compile() in a worker. A build cannot be interrupted: an abort ends the worker, and whatever else was waiting for it is
 * given to a new one. Rejects with the signal's reason, or with an Error when the worker fails.
 */
import type { CompileOptions, CompileResult, OnCompileStage } from './compile.ts';
import type { TranspiledModule } from './transpile.ts';
import type { Suggestion } from './1-read/suggestions.ts';
import type { WorkerAnswer, WorkerJobs, WorkerRequest } from './worker.ts';

export interface WorkerOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onStage?: OnCompileStage | undefined;
}

interface Waiting {
  readonly request: WorkerRequest;
  readonly onStage: OnCompileStage | undefined;
  resolve(result: WorkerJobs[keyof WorkerJobs]['answer']): void;
  reject(reason: unknown): void;
}

let worker: Worker | undefined;
let nextId = 1;
const waiting = new Map<number, Waiting>();

function stop(): void {
  worker?.terminate();
  worker = undefined;
}

function start(): Worker {
  const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', (event: MessageEvent<WorkerAnswer>) => {
    const answer = event.data;
    const one = waiting.get(answer.id);
    if (one === undefined) return;
    if (answer.kind === 'stage') {
      one.onStage?.(answer.stage);
      return;
    }
    waiting.delete(answer.id);
    if (answer.kind === 'result') one.resolve(answer.result);
    else one.reject(new Error(`The compiler failed: ${answer.message}`));
  });
  started.addEventListener('error', (event) => {
    stop();
    const all = [...waiting.values()];
    waiting.clear();
    for (const one of all) {
      one.reject(new Error(`The compiler's worker failed: ${event.message}`));
    }
  });
  return started;
}

function abort(id: number): void {
  if (!waiting.delete(id)) return;
  stop();
  if (waiting.size === 0) return;
  worker = start();
  for (const { request } of waiting.values()) worker.postMessage(request);
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

function ask<Kind extends keyof WorkerJobs>(
  job: Extract<Unnumbered<WorkerRequest>, { kind: Kind }>,
  { signal, onStage }: WorkerOptions,
): Promise<WorkerJobs[Kind]['answer']> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const id = nextId++;
    const onAbort = (): void => {
      abort(id);
      reject(signal?.reason as Error);
    };
    const settled = (): void => signal?.removeEventListener('abort', onAbort);
    signal?.addEventListener('abort', onAbort, { once: true });
    const request: WorkerRequest = { ...job, id };
    waiting.set(id, {
      request,
      onStage,
      // The worker answers a request in its own kind.
      resolve: (result) => (settled(), resolve(result as WorkerJobs[Kind]['answer'])),
      reject: (reason) => (settled(), reject(reason as Error)),
    });
    worker ??= start();
    worker.postMessage(request);
  });
}

export function compileInWorker(
  files: Record<string, string>,
  options: CompileOptions,
  settings: WorkerOptions = {},
): Promise<CompileResult> {
  return ask<'compile'>({ kind: 'compile', files, options }, settings);
}

/** The module `entry` and all that it imports, as V8 runs them: types erased, not checked. */
export function transpileInWorker(
  files: Record<string, string>,
  entry: string,
  features: Readonly<Record<string, boolean | number | string>>,
  settings: WorkerOptions = {},
): Promise<TranspiledModule[]> {
  return ask<'transpile'>({ kind: 'transpile', files, entry, features }, settings);
}

/** What may be written at a place (UTF-16 offset) of the file `path`. */
export function suggestInWorker(
  files: Record<string, string>,
  path: string,
  at: number,
): Promise<Suggestion[]> {
  return ask<'suggest'>({ kind: 'suggest', files, path, at }, {});
}
