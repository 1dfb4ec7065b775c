import { expect, it } from 'vitest';
import type { AwakeScope } from '../../flash/awake.ts';
import { Jobs } from './jobs.svelte.ts';

it('holds one wake lock and one guard for all jobs together, from the first to the last', async () => {
  const log: string[] = [];
  const events = new EventTarget();
  const scope: AwakeScope = {
    navigator: {
      wakeLock: {
        request: async () => {
          log.push('lock');
          return { released: false, release: async () => void log.push('release') };
        },
      },
    },
    document: {
      visibilityState: 'visible',
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    },
    addEventListener: (type, listener) => events.addEventListener(type, listener),
    removeEventListener: (type, listener) => events.removeEventListener(type, listener),
  };
  const asks = (): boolean =>
    !events.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const jobs = new Jobs(scope);
  expect([jobs.busy, asks()]).toEqual([false, false]);
  const short = jobs.during(() => pause(10));
  const long = jobs.during(() => pause(40).then(() => Promise.reject(new Error('failed'))));
  expect([jobs.busy, asks()]).toEqual([true, true]);
  await short;
  expect([jobs.busy, asks()]).toEqual([true, true]);
  await expect(long).rejects.toThrow('failed');
  await pause(5);
  expect([jobs.busy, asks()]).toEqual([false, false]);
  expect(log).toEqual(['lock', 'release']);
});
