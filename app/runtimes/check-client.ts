/** The page's side of check-worker.ts: checkRuntime() with the same answer, while the page's own thread stays free. */
import type { RuntimeCheck } from './check.ts';

export interface CheckRequest {
  readonly number: number;
  readonly bytes: Uint8Array;
}
export type CheckReply =
  | { readonly number: number; readonly check: RuntimeCheck }
  | { readonly number: number; readonly failure: string };

/** A Worker, or a test's stand-in. */
export interface CheckingWorker {
  postMessage(request: CheckRequest): void;
  onmessage: ((event: MessageEvent<CheckReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Waiting {
  resolve(check: RuntimeCheck): void;
  reject(error: Error): void;
}

/** The worker starts with the first file; one serves all. A worker that breaks is replaced at the next file. */
export class RuntimeChecker {
  #start: () => CheckingWorker;
  #worker: CheckingWorker | null = null;
  #waiting = new Map<number, Waiting>();
  #count = 0;

  constructor(start: () => CheckingWorker = startWorker) {
    this.#start = start;
  }

  readonly check = (bytes: Uint8Array): Promise<RuntimeCheck> => {
    const worker = (this.#worker ??= this.#started());
    const number = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      worker.postMessage({ number, bytes });
    });
  };

  #started(): CheckingWorker {
    const worker = this.#start();
    worker.onmessage = ({ data }) => {
      const waiting = this.#waiting.get(data.number);
      this.#waiting.delete(data.number);
      if ('check' in data) waiting?.resolve(data.check);
      else waiting?.reject(new Error(data.failure));
    };
    worker.onerror = (event) => {
      this.#worker = null;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const each of waiting) {
        each.reject(new Error(`the check of runtime files broke off: ${event.message}`));
      }
    };
    return worker;
  }
}

function startWorker(): CheckingWorker {
  return new Worker(new URL('./check-worker.ts', import.meta.url), {
    type: 'module',
    name: 'runtime check',
  });
}
