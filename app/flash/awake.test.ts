import { expect, it } from 'vitest';
import { type AwakeScope, type WakeLock, whileAwake } from './awake.ts';

interface Browser {
  scope: AwakeScope;
  log: string[];
  events: EventTarget;
  /** The tab is hidden, so that the browser takes the lock back, and shown again. */
  hideAndShow(): void;
}

function browser(withLock: boolean, answerMs = 0): Browser {
  const log: string[] = [];
  const events = new EventTarget();
  const held: { released: boolean }[] = [];
  const request = async (): Promise<WakeLock> => {
    log.push('lock');
    await new Promise((resolve) => setTimeout(resolve, answerMs));
    const lock = {
      released: false,
      release: async () => {
        lock.released = true;
        log.push('release');
      },
    };
    held.push(lock);
    return lock;
  };
  const hideAndShow = (): void => {
    for (const lock of held) lock.released = true;
    events.dispatchEvent(new Event('visibilitychange'));
  };
  const scope: AwakeScope = {
    navigator: withLock ? { wakeLock: { request } } : {},
    document: {
      visibilityState: 'visible',
      addEventListener: (type, listener) => events.addEventListener(type, listener),
      removeEventListener: (type, listener) => events.removeEventListener(type, listener),
    },
    addEventListener: (type, listener) => events.addEventListener(type, listener),
    removeEventListener: (type, listener) => events.removeEventListener(type, listener),
  };
  return { scope, log, events, hideAndShow };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const leaving = (): Event => new Event('beforeunload', { cancelable: true });

it('holds a wake lock and asks before leaving, as long as the job runs', async () => {
  const { scope, log, events } = browser(true);
  const result = await whileAwake(scope, async () => {
    await pause(5);
    const event = leaving();
    events.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    events.dispatchEvent(new Event('visibilitychange')); // it is held already
    await pause(5);
    return 7;
  });
  expect(result).toBe(7);
  expect(log).toEqual(['lock', 'release']);
  const event = leaving();
  events.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(false);
});

it('takes the lock again when the tab was hidden', async () => {
  const { scope, log, hideAndShow } = browser(true);
  await whileAwake(scope, async () => {
    await pause(5);
    hideAndShow();
    await pause(5);
  });
  expect(log).toEqual(['lock', 'lock', 'release']);
});

it('gives a lock back that comes after the end', async () => {
  const { scope, log } = browser(true, 20);
  await whileAwake(scope, async () => undefined);
  await pause(40);
  expect(log).toEqual(['lock', 'release']);
});

it('lets go when the job fails, and needs no wake lock to work', async () => {
  const { scope, events } = browser(false);
  await expect(whileAwake(scope, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const event = leaving();
  events.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(false);
});
