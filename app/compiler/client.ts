/**
 * compile() in a worker. A build cannot be interrupted: an abort ends the worker, and whatever else was waiting for it is
 * given to a new one. Rejects with the signal's reason, or with an Error when the worker fails.
 */
import type { CompileOptions, CompileResult, OnCompileStage } from './compile.ts';
import type { CompileAnswer, CompileRequest } from './worker.ts';

export interface WorkerOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onStage?: OnCompileStage | undefined;
}

interface Waiting {
  readonly request: CompileRequest;
  readonly onStage: OnCompileStage | undefined;
  resolve(result: CompileResult): void;
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
  started.addEventListener('message', (event: MessageEvent<CompileAnswer>) => {
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

export function compileInWorker(
  files: Record<string, string>,
  options: CompileOptions,
  { signal, onStage }: WorkerOptions = {},
): Promise<CompileResult> {
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
    const request: CompileRequest = { id, files, options };
    waiting.set(id, {
      request,
      onStage,
      resolve: (result) => (settled(), resolve(result)),
      reject: (reason) => (settled(), reject(reason as Error)),
    });
    worker ??= start();
    worker.postMessage(request);
  });
}
