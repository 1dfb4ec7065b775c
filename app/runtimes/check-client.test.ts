import { expect, it } from 'vitest';
import { checkRuntime } from './check.ts';
import { RuntimeChecker, type CheckingWorker } from './check-client.ts';
import { standInRuntime } from './stand-in.ts';

/** Answers later, out of order, through a structured clone as a worker does. */
function fakeWorker(delaysMs: number[]): CheckingWorker {
  const worker: CheckingWorker = {
    onmessage: null,
    onerror: null,
    postMessage: (request) => {
      const { number, bytes } = structuredClone(request);
      setTimeout(() => {
        const data = structuredClone({ number, check: checkRuntime(bytes) });
        worker.onmessage?.({ data } as MessageEvent);
      }, delaysMs.shift());
    },
  };
  return worker;
}

it('gives each file its own answer, the same as without a worker, with one worker for all', async () => {
  let started = 0;
  const checker = new RuntimeChecker(() => {
    started++;
    return fakeWorker([30, 1, 10]);
  });
  const files = [standInRuntime('esp32'), new Uint8Array(90), standInRuntime('esp32c3')];
  const answers = await Promise.all(files.map(checker.check));
  expect(answers).toEqual(files.map(checkRuntime));
  expect(started).toBe(1);
});

it('tells that the worker broke, and starts another one for the next file', async () => {
  const workers: CheckingWorker[] = [];
  const checker = new RuntimeChecker(() => {
    workers.push(fakeWorker([5, 5]));
    return workers.at(-1)!;
  });
  const lost = checker.check(new Uint8Array(10));
  workers[0]!.onerror?.({ message: 'out of memory' } as ErrorEvent);
  await expect(lost).rejects.toThrow(/out of memory/);
  expect((await checker.check(standInRuntime('esp32'))).ok).toBe(true);
  expect(workers).toHaveLength(2);
});
