import { expect, it } from 'vitest';
import { type AwakeScope, whileAwake } from './awake.ts';

function browser(withLock: boolean): { scope: AwakeScope; log: string[]; events: EventTarget } {
  const log: string[] = [];
  const events = new EventTarget();
  const request = async (): Promise<{ release(): Promise<void> }> => {
    log.push('lock');
    return { release: async () => void log.push('release') };
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
  return { scope, log, events };
}

const leaving = (): Event => new Event('beforeunload', { cancelable: true });

it('holds a wake lock and asks before leaving, as long as the job runs', async () => {
  const { scope, log, events } = browser(true);
  const result = await whileAwake(scope, async () => {
    await Promise.resolve();
    const event = leaving();
    events.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    events.dispatchEvent(new Event('visibilitychange'));
    await new Promise((resolve) => setTimeout(resolve, 1));
    return 7;
  });
  expect(result).toBe(7);
  expect(log).toEqual(['lock', 'lock', 'release']);
  const event = leaving();
  events.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(false);
});

it('lets go when the job fails, and needs no wake lock to work', async () => {
  const { scope, events } = browser(false);
  await expect(whileAwake(scope, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const event = leaving();
  events.dispatchEvent(event);
  expect(event.defaultPrevented).toBe(false);
});
