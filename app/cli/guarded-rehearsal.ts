/**
 * A rehearsal of bytecode that can be ended: a Python loop that calls nothing of its board holds its thread for good, and the
 * WebAssembly build has no hook to interrupt it there. So the rehearsal runs in a thread (simulate-thread.ts) that counts its turns in
 * shared memory, and one that has not counted for a while is ended, by the name of the board whose turn it is.
 *
 *   this thread                           the rehearsal's
 *   workerData: what to rehearse    ->    rehearse()
 *   looks at the count now and then <-    pulse[0] + 1 at each turn, pulse[1] = whose
 *                                   <-    lines of the trace; at the end the report
 */
import { Worker } from 'node:worker_threads';
import type { RehearsalReport } from '../sim/scenarios/report.ts';
import { InputError } from './command.ts';
import type { FromThread, ThreadTask } from './simulate-thread.ts';

/** Far longer than any turn takes, also on a machine that does ten other things. */
const HANG_MS = 20_000;
const LOOK_MS = 500;
/** A look that comes so much later than asked: the machine slept, and nothing can be said of the thread. */
const LATE_MS = 5000;

export interface GuardedOptions extends Omit<ThreadTask, 'pulse' | 'traced'> {
  trace?: (line: string) => void;
  signal: AbortSignal;
  hangMs?: number;
}

/** @throws InputError when it was stopped, or when a board's program never comes back */
export async function rehearseGuarded(options: GuardedOptions): Promise<RehearsalReport> {
  const { trace, signal, hangMs = HANG_MS, ...task } = options;
  const pulse = new SharedArrayBuffer(8);
  const workerData: ThreadTask = { ...task, traced: trace !== undefined, pulse };
  // A thread does not inherit what turns TypeScript into JavaScript here.
  const url = JSON.stringify(new URL('./simulate-thread.ts', import.meta.url).href);
  const start = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${url}); })`;
  const thread = new Worker(start, { eval: true, workerData });
  let stopLooking = (): void => undefined;
  try {
    return await new Promise<RehearsalReport>((resolve, reject) => {
      thread.on('message', (message: FromThread) => {
        if (message.t === 'lines') message.lines.forEach((line) => trace?.(line));
        else if (message.t === 'report') resolve(message.report);
        else reject(new Error(`the rehearsal failed: ${message.text}`));
      });
      thread.once('error', reject);
      thread.once('exit', (code) => reject(new Error(`the rehearsal's thread ended with ${code}`)));
      const aborted = (): void => reject(new InputError('stopped'));
      if (signal.aborted) aborted();
      signal.addEventListener('abort', aborted, { once: true });
      const stop = lookAt(pulse, hangMs, (node) => {
        const name = options.scenario.nodes[node]?.name ?? `node ${node}`;
        const who = node < 0 ? 'a board' : `"${name}"`;
        const seconds = Math.round(hangMs / 1000);
        const what = `the program of ${who} has been running for ${seconds} s without ever resting or calling its board`;
        reject(new InputError(`${what}: look for a loop in it that does not end`));
      });
      stopLooking = () => {
        stop();
        signal.removeEventListener('abort', aborted);
      };
    });
  } finally {
    stopLooking();
    thread.removeAllListeners('exit');
    await thread.terminate();
  }
}

/** @param onHang told the number of the node @returns stops it */
function lookAt(
  pulse: SharedArrayBuffer,
  hangMs: number,
  onHang: (node: number) => void,
): () => void {
  const words = new Int32Array(pulse);
  let count = 0;
  let lookedMs = performance.now();
  let sinceMs = lookedMs;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const now = Atomics.load(words, 0);
    // Before its first turn the thread is loading, which takes what it takes.
    if (now !== count || now === 0 || nowMs - lookedMs > LATE_MS) sinceMs = nowMs;
    count = now;
    lookedMs = nowMs;
    if (nowMs - sinceMs < hangMs) return;
    clearInterval(timer);
    onHang(Atomics.load(words, 1));
  }, LOOK_MS);
  return () => clearInterval(timer);
}
