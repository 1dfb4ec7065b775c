import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { saveFlash } from './board-state.ts';
import { VirtualWorldClient } from './client.ts';
import { FlashChip } from './flash-chip.ts';
import { guardAgainstHanging, turnTeller } from './hang-guard.ts';
import type { GuardedWorker, ToGuarded } from './hang-guard.ts';
import type { Endpoint } from './messages.ts';
import { loadFlash } from './testing.ts';

/** A worker that answers as long as it should. */
class Pretended implements GuardedWorker {
  asked = 0;
  ended = 0;
  answers = true;
  readonly #listeners: ((event: { data: unknown }) => void)[] = [];

  postMessage(_: ToGuarded): void {
    this.asked++;
    if (this.answers) this.say({ t: 'pong' });
  }

  say(data: unknown): void {
    for (const listener of this.#listeners) listener({ data });
  }

  terminate(): void {
    this.ended++;
  }

  addEventListener(_: 'message', listener: (event: { data: unknown }) => void): void {
    this.#listeners.push(listener);
  }
}

describe('a worker that is guarded', () => {
  afterEach(() => void vi.useRealTimers());

  it('is ended once, by the name of the board whose turn it was, when it answers no more', () => {
    vi.useFakeTimers();
    const worker = new Pretended();
    const said: string[] = [];
    const nameOf = (mac: string): string => `board ${mac}`;
    guardAgainstHanging(worker, (text) => said.push(text), { everyMs: 100, most: 3, nameOf });
    const tell = turnTeller((message) => worker.say(message));
    for (const mac of ['a', 'b', 'b', 'a']) tell(mac);
    vi.advanceTimersByTime(2000);
    expect([worker.asked > 15, worker.ended, said]).toEqual([true, 0, []]);
    tell('b');
    worker.answers = false;
    vi.advanceTimersByTime(5000);
    expect(worker.ended).toBe(1);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/program of board b .* reload the page/);
  });

  it('is left alone when the machine slept, when it says other things, and when nobody guards it any more', () => {
    vi.useFakeTimers();
    const worker = new Pretended();
    worker.answers = false;
    const said: string[] = [];
    const stop = guardAgainstHanging(worker, (text) => said.push(text), { everyMs: 100, most: 3 });
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(300);
      worker.say({ t: 'news' });
    }
    const now = performance.now.bind(performance);
    let laterMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + laterMs);
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(200);
      laterMs += 60_000;
    }
    vi.restoreAllMocks();
    expect([worker.ended, said]).toEqual([0, []]);
    stop();
    vi.advanceTimersByTime(10_000);
    expect(worker.ended).toBe(0);
  });

  it('with a Python loop that never ends is ended, the board is named and its port is gone', async () => {
    // A thread does not inherit what turns TypeScript into JavaScript here.
    const url = JSON.stringify(new URL('./testing/world-worker.ts', import.meta.url).href);
    const start = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${url}); })`;
    const thread = new Worker(start, { eval: true });
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    const endpoint: Endpoint = {
      postMessage: (message, transfer) => thread.postMessage(message, transfer as never),
      onmessage: null,
    };
    const client = new VirtualWorldClient(endpoint, { seed: 1, bootMs: 50 });
    const heard: ((event: { data: unknown }) => void)[] = [
      (event) => endpoint.onmessage?.(event as MessageEvent),
    ];
    thread.on('message', (data) => heard.forEach((listener) => listener({ data })));
    const failures: string[] = [];
    client.onError = (text) => failures.push(text);
    const guarded: GuardedWorker = {
      postMessage: (message) => thread.postMessage(message),
      terminate: () => thread.terminate(),
      addEventListener: (_, listener) => heard.push(listener),
    };
    // A thread that is loading its modules does not answer either.
    await client.measure();
    guardAgainstHanging(guarded, (text) => client.lost(text), {
      everyMs: 500,
      most: 8,
      nameOf: (mac) => client.nameOf(mac),
    });
    const restore = (name: string, tail: string, main: string) => {
      const flash = new FlashChip(4 << 20);
      loadFlash(flash, 'esp32', { files: { 'main.py': main } });
      const mac = `24:0a:c4:00:00:${tail}`;
      return client.restoreBoard({
        version: 1,
        chip: 'esp32',
        mac,
        name,
        x: 0,
        y: 0,
        flash: saveFlash(flash),
      });
    };
    const loop =
      'import time\ndef step():\n    time.sleep_ms(20)\n    return True\nwhile step():\n    pass\n';
    const good = restore('lamp', '20', loop);
    const gone = new Promise((resolve) => good.port.addEventListener('disconnect', resolve));
    restore(
      'stove',
      '22',
      `import time\ntime.sleep_ms(300)\n${loop.replace('    time', '    n = 0\n    while n >= 0:\n        n += 1\n    time')}`,
    );
    await gone;
    await ended;
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/^The program of “stove” \(24:0a:c4:00:00:22\) has been running/);
    expect(() =>
      client.addBoard({ chip: 'esp32', x: 0, y: 0, mac: '24:0a:c4:00:00:20' }),
    ).not.toThrow();
  }, 120_000);
});
