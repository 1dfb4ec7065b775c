import type { CompileOptions, CompileResult } from './compile.ts';
import type { CompileAnswer, CompileRequest } from './worker.ts';

/**
 * compile() in a worker. An abort ends the worker, because a build cannot be interrupted; the next call starts another.
 * Rejects with the signal's reason, or with an Error when the worker fails.
 */
interface Waiting {
  resolve: (result: CompileResult) => void;
  reject: (reason: unknown) => void;
}

let worker: Worker | undefined;
let nextId = 1;
const waiting = new Map<number, Waiting>();

function fail(reason: unknown): void {
  worker?.terminate();
  worker = undefined;
  const all = [...waiting.values()];
  waiting.clear();
  for (const one of all) one.reject(reason);
}

function start(): Worker {
  const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', (event: MessageEvent<CompileAnswer>) => {
    const answer = event.data;
    const one = waiting.get(answer.id);
    if (one === undefined) return;
    waiting.delete(answer.id);
    if (answer.ok) one.resolve(answer.result);
    else one.reject(new Error(`The compiler failed: ${answer.message}`));
  });
  started.addEventListener('error', (event) => {
    fail(new Error(`The compiler's worker failed: ${event.message}`));
  });
  return started;
}

export function compileInWorker(
  files: Record<string, string>,
  options: CompileOptions,
  signal?: AbortSignal,
): Promise<CompileResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    worker ??= start();
    const id = nextId++;
    const abort = (): void => {
      if (waiting.has(id)) fail(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    waiting.set(id, {
      resolve: (result) => {
        signal?.removeEventListener('abort', abort);
        resolve(result);
      },
      reject,
    });
    worker.postMessage({ id, files, options } satisfies CompileRequest);
  });
}
