/** The traps of console, clock, flash, watchdog and heap (the table in firmware-src/board/main.ts), sprung on the firmware. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { OSError } from '../v8/errors.ts';
import { ambient, drivers, nodes, record, replace } from './testing/boards.ts';
import type { Call } from './testing/boards.ts';

const TICKS = 2 ** 30;

const named = (calls: readonly Call[], what: string): Call[] =>
  calls.filter((one) => one.what === what);

/** Rests, each at the end of a turn. */
function rests(calls: readonly Call[]): Call[] {
  return named(calls, 'select.poll.poll').filter(({ args }) => Number(args[0]) > 0);
}

describe('the console', () => {
  it('is not ended by single 0x03 bytes in noise, and is by Control-C', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(5);
    expect(named(calls, 'micropython.kbd_intr').map(({ args }) => args[0])).toEqual([-1]);
    for (let i = 0; i < 20; i++) {
      bench.boards[0]!.type(Uint8Array.of(0xff, 0x80 + i, 3, 0x41, 3, 0x7f));
      await bench.advance(0.1);
    }
    expect(named(calls, 'micropython.kbd_intr')).toHaveLength(1);
    expect(bench.text(0)).not.toContain('Traceback');
    const asked = calls.length;
    bench.boards[0]!.type(Uint8Array.of(3));
    await bench.advance(0.5);
    expect(named(calls.slice(asked), 'micropython.kbd_intr').map(({ args }) => args[0])).toEqual([
      3,
    ]);
  });

  it('reads one byte at a time, each only after a poll has said that it is there', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(3);
    bench.boards[0]!.type(utf8('x'.repeat(150)));
    await bench.advance(3);
    const input = calls.filter(({ what }) => /poll\.poll$|stdin\.buffer\./.test(what));
    const reads = named(input, 'sys.stdin.buffer.read');
    expect(reads).toHaveLength(150);
    input.forEach((call, i) => {
      if (call.what !== 'sys.stdin.buffer.read') return;
      const poll = input[i - 1]!;
      expect([call.args[0], poll.what, (poll.result as unknown[]).length]).toEqual([
        1,
        'select.poll.poll',
        1,
      ]);
    });
  });

  it('takes 2000 bytes at the full speed of the line without losing one, because no turn rests while they come', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(3);
    expect(bench.text(0)).toMatch(/"window":200\b/);
    const before = calls.length;
    for (let i = 0; i < 200; i++) {
      bench.boards[0]!.type(utf8('0123456789'));
      await bench.world.advance(1);
    }
    const during = calls.slice(before);
    await bench.advance(1);
    expect(named(calls, 'sys.stdin.buffer.read')).toHaveLength(2000);
    expect(bench.boards[0]!.measure().droppedInput).toBe(0);
    const first = during.findIndex(({ what }) => what === 'sys.stdin.buffer.read');
    expect(rests(during.slice(first)).length).toBeLessThan(5);
  });

  it.each(['esp32', 'esp32c3'] as const)(
    'of an %s is written in pieces of 63 bytes at most, and never more than the buffer of the line holds in one turn',
    async (chip) => {
      const calls = record();
      const bench = nodes(5, { chip });
      await bench.advance(30);
      const writes = named(calls, 'sys.stdout.buffer.write');
      const sizes = writes.map(({ args }) => (args[0] as Uint8Array).length);
      expect(Math.max(...sizes)).toBe(63);
      for (const run of new Set(writes.map((one) => one.run))) {
        let bytes = 0;
        let most = 0;
        for (const { what, args } of calls.filter((one) => one.run === run)) {
          if (what === 'sys.stdout.buffer.write') bytes += (args[0] as Uint8Array).length;
          else if (what === 'machine.WDT.feed') bytes = 0;
          most = Math.max(most, bytes);
        }
        expect(most).toBeGreaterThan(63);
        expect(most).toBeLessThanOrEqual(126);
      }
      if (chip === 'esp32')
        for (const { atMs, endMs } of writes) expect(endMs - atMs).toBeLessThan(2);
    },
    60_000,
  );
});

describe('the loop', () => {
  it('rests at the end of a turn that has nothing to do, by a poll that input and frames end, and never by sleeping', async () => {
    const calls = record();
    const bench = nodes(2);
    await bench.advance(20);
    expect(calls.filter(({ what }) => what.startsWith('time.sleep'))).toEqual([]);
    const last = calls.slice(-20_000);
    const turns = named(last, 'machine.WDT.feed').length;
    expect(turns).toBeGreaterThan(100);
    expect(rests(last).length / turns).toBeGreaterThan(0.5);
    const asked = rests(last).map(({ args }) => args[0] as number);
    expect(Math.max(...asked)).toBeGreaterThan(200);
    expect(Math.max(...asked)).toBeLessThanOrEqual(300);
    const run = calls[0]!.run;
    for (let i = 0; i < 10; i++) {
      const before = calls.length;
      bench.boards[0]!.type(utf8('x'));
      await bench.world.advance(12);
      const reads = named(calls.slice(before), 'sys.stdin.buffer.read');
      expect(reads.some((one) => one.run === run)).toBe(true);
      await bench.advance(0.137);
    }
  });

  it('takes two turns for a line that does not fit the buffer: the second when there is room for the rest', async () => {
    const calls = record();
    const bench = nodes(2);
    await bench.advance(60);
    const { run } = calls[0]!;
    const turns: number[] = [0];
    for (const { what, args } of calls.filter((one) => one.run === run && one.atMs > 30_000)) {
      if (what === 'machine.WDT.feed') turns.push(0);
      else if (what === 'sys.stdout.buffer.write')
        turns[turns.length - 1]! += (args[0] as Uint8Array).length;
    }
    // Turns in a row that write belong to one line, or to two.
    const lines = turns
      .map(String)
      .join(' ')
      .split(/(?: 0)+ /)
      .map((line) => line.split(' ').map(Number));
    const long = lines.filter((sizes) => sizes.reduce((sum, size) => sum + size, 0) > 126);
    expect(long.length).toBeGreaterThan(5);
    for (const sizes of long) {
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      expect(sizes).toHaveLength(Math.ceil(bytes / 126));
    }
  });

  it('takes one turn for a frame, and rests again at its end', async () => {
    const calls = record();
    const bench = nodes(2);
    await bench.advance(60);
    const run = calls[0]!.run;
    let heard = false;
    let frames = 0;
    let rested = 0;
    const own = calls.filter((one) => one.run === run).slice(-10_000);
    own.forEach(({ what, result }, i) => {
      if (what === 'espnow.ESPNow.irecv') heard ||= (result as unknown[])[0] !== null;
      if (what !== 'machine.WDT.feed' || !heard) return;
      heard = false;
      frames++;
      const rest = own.slice(i).find((one) => /poll\.poll$|recv$/.test(one.what));
      if (Number(rest?.args[0] ?? 0) > 1) rested++;
    });
    expect(frames).toBeGreaterThan(5);
    expect(rested / frames).toBeGreaterThan(0.7);
  });

  it('takes a frame out of the driver within two ticks of the system, however long it wanted to rest', async () => {
    const calls = record();
    const bench = nodes(2);
    const arrivedMs: number[] = [];
    await bench.advance(15);
    bench.boards[0]!.wireless.onTraffic = (way) => {
      if (way === 'received') arrivedMs.push(bench.world.nowMs);
    };
    const before = calls.length;
    const readMs: number[] = [];
    const run = calls[0]!.run;
    for (let i = 0; i < 6000; i++) {
      const from = calls.length;
      await bench.advance(0.005);
      for (const { what, run: by, result } of calls.slice(from)) {
        if (what !== 'espnow.ESPNow.irecv' || by !== run) continue;
        if ((result as unknown[])[0] !== null) readMs.push(bench.world.nowMs);
      }
    }
    expect(calls.length).toBeGreaterThan(before);
    expect(arrivedMs.length).toBeGreaterThan(5);
    expect(readMs).toHaveLength(arrivedMs.length);
    arrivedMs.forEach((ms, i) => expect(readMs[i]! - ms).toBeLessThan(25));
  });

  it('rests a tick at most where sockets are looked after', async () => {
    const calls = record();
    const bench = nodes(1, { features: { WIFI_TREE: true } });
    await bench.advance(10);
    for (const { args } of rests(calls)) expect(args[0]).toBeLessThanOrEqual(10);
  });

  it('collects garbage only when there is enough of it, and then before it is much', async () => {
    const calls = record();
    const bench = nodes(2);
    await bench.advance(60);
    const run = calls[0]!.run;
    const own = calls.filter((one) => one.run === run);
    const collects = own.flatMap(({ what }, i) => (what === 'gc.collect' ? [i] : []));
    expect(collects.length).toBeGreaterThan(10);
    let after = 0;
    for (const at of collects) {
      const before = own.slice(0, at).findLast(({ what }) => what === 'gc.mem_alloc')!;
      const next = own.slice(at).find(({ what }) => what === 'gc.mem_alloc')!;
      const garbage = (before.result as number) - after;
      if (after > 0) {
        expect(garbage).toBeGreaterThanOrEqual(6_000);
        expect(garbage).toBeLessThan(60_000);
      }
      after = next.result as number;
    }
  });

  it('counts from anew when the runtime has collected by itself, and less is left than there was', async () => {
    const gc = ambient('gc');
    const real = gc['mem_alloc'] as () => number;
    let more = 0;
    replace(gc, 'mem_alloc', () => real() + more);
    const calls = record(/gc\.collect/);
    const bench = nodes(1);
    const collected = (): number => calls.filter(({ what }) => what === 'gc.collect').length;
    await bench.advance(5);
    // An application keeps much, at whose end the heap is full and collected at once.
    more = 60_000;
    await bench.advance(5);
    const before = collected();
    more = 0;
    await bench.advance(1);
    expect(collected()).toBeGreaterThan(before);
  });

  it('puts collecting off while it is busy, until there is twice as much garbage', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(10);
    const before = calls.length;
    // More input than a turn takes: no turn is without work.
    for (let i = 0; i < 1500; i++) {
      bench.boards[0]!.type(utf8('0123456789'.repeat(7)));
      await bench.world.advance(4);
    }
    const own = calls.slice(before);
    const asked = own.filter(({ what }) => what === 'gc.mem_alloc' || what === 'gc.collect');
    let kept = 0;
    const garbage: number[] = [];
    asked.forEach(({ what }, i) => {
      if (what !== 'gc.collect') return;
      if (kept > 0) garbage.push((asked[i - 1]!.result as number) - kept);
      kept = asked[i + 1]!.result as number;
    });
    expect(garbage.length).toBeGreaterThan(3);
    for (const bytes of garbage) expect(bytes).toBeGreaterThanOrEqual(24_000);
  });

  it('looks at the heap four times a second at most, but for the figure after collecting', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(30);
    const looks: number[] = [];
    calls.forEach(({ what, atMs }, i) => {
      if (what === 'gc.mem_alloc' && calls[i - 1]!.what !== 'gc.collect') looks.push(atMs);
    });
    expect(looks.length).toBeGreaterThan(60);
    looks.slice(1).forEach((atMs, i) => expect(atMs - looks[i]!).toBeGreaterThanOrEqual(250));
  });
});

describe('the clock', () => {
  it('goes on where the runtime’s counter of milliseconds wraps at 2^30: a mesh of two notices nothing', async () => {
    const time = ambient('time');
    const ticks = time['ticks_ms'] as () => number;
    let wrapped = false;
    replace(time, 'ticks_ms', () => {
      const now = ticks() + TICKS - 15_000;
      wrapped ||= now >= TICKS;
      return now % TICKS;
    });
    const bench = nodes(2);
    await bench.advance(14);
    expect(wrapped).toBe(false);
    const lines = (i: number): number => bench.text(i).split('\n').length;
    const before = [lines(0), lines(1)];
    const events = bench.text(0).split('"event":').length;
    await bench.advance(30);
    expect(wrapped).toBe(true);
    expect(lines(0)).toBeGreaterThan(before[0]! + 3);
    expect(lines(1)).toBeGreaterThan(before[1]! + 3);
    expect(bench.text(0).split('"event":').length).toBe(events);
    expect(bench.text(0)).not.toContain('Traceback');
  });

  it('adds up what has passed, whatever the counter says', async () => {
    interface Parts {
      BoardClock: new () => { nowMs(): number };
    }
    const bench = drivers<Parts>(1, ['board/clock.ts']);
    let now = TICKS - 100;
    replace(ambient('time'), 'ticks_ms', () => now % TICKS);
    const clock = await bench.on(0, ({ BoardClock }) => new BoardClock());
    const told: number[] = [];
    for (const passed of [50, 50, 50, TICKS / 4, TICKS / 4, TICKS / 4, TICKS / 4]) {
      now += passed;
      told.push(await bench.on(0, () => clock.nowMs()));
    }
    expect(told).toEqual([50, 100, 150, ...[1, 2, 3, 4].map((n) => 150 + (n * TICKS) / 4)]);
  });
});

describe('NVS', () => {
  interface Storage {
    trouble: string;
    number(key: string, missing: number): number;
    setNumber(key: string, value: number): boolean;
    blob(key: string): Uint8Array | null;
    setBlob(key: string, value: Uint8Array): boolean;
  }
  interface Parts {
    Storage: new () => Storage;
  }

  it('of another error than a missing key is told by its name, and nothing is thrown', async () => {
    const bench = drivers<Parts>(1, ['board/storage.ts']);
    const storage = await bench.on(0, ({ Storage }) => new Storage());
    expect(
      await bench.on(0, () => [storage.number('nothing', 42), storage.blob('nothing')]),
    ).toEqual([42, null]);
    expect(storage.trouble).toBe('');
    expect(await bench.on(0, () => storage.setNumber('a_key_of_sixteen', 1))).toBe(false);
    expect(storage.trouble).toBe('NVS write a_key_of_sixteen: ESP_ERR_NVS_KEY_TOO_LONG');
    expect(await bench.on(0, () => storage.setBlob('large', new Uint8Array(30_000)))).toBe(false);
    expect(storage.trouble).toBe('NVS write large: ESP_ERR_NVS_NOT_ENOUGH_SPACE');
    replace(ambient('esp32', 'NVS', 'prototype'), 'get_blob', () => {
      throw new OSError(-4364, 'ESP_ERR_NVS_INVALID_LENGTH');
    });
    expect(await bench.on(0, () => storage.blob('creds'))).toBe(null);
    expect(storage.trouble).toBe('NVS read creds: ESP_ERR_NVS_INVALID_LENGTH');
  });

  it('is asked for keys of 15 characters at most, and for no type but i32 and blob', async () => {
    const calls = record();
    const bench = nodes(2, {
      features: { WIFI_TREE: true, ROUTER: true },
      members: [{}, { keyless: true }],
    });
    await bench.advance(20);
    const asked = calls.filter(({ what }) => what.startsWith('esp32.NVS.'));
    const keys = new Set(asked.map(({ args }) => args[0]).filter((key) => key !== undefined));
    expect(keys.size).toBeGreaterThan(7);
    for (const key of keys) expect(String(key).length).toBeLessThanOrEqual(15);
    for (const { what } of asked)
      expect(what).toMatch(/\.(get_i32|set_i32|get_blob|set_blob|commit)$/);
  });

  it('is given no number beyond 31 bits: that is refused in words, not thrown', async () => {
    const bench = drivers<Parts>(1, ['board/storage.ts']);
    const storage = await bench.on(0, ({ Storage }) => new Storage());
    const taken = await bench.on(0, () =>
      [0, 0x7fffffff, 0x80000000, -1, 2 ** 40].map((value) => storage.setNumber('n', value)),
    );
    expect(taken).toEqual([true, true, false, false, false]);
    expect(storage.trouble).toBe('NVS write n: out of range');
    expect(await bench.on(0, () => storage.number('n', 7))).toBe(0x7fffffff);
  });
});

describe('the watchdog', () => {
  it('guards the loop, and leaves somebody at the prompt in peace for a day', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(5);
    bench.boards[0]!.type(Uint8Array.of(3));
    await bench.advance(300);
    expect(named(calls, 'machine.WDT').map(({ args }) => args)).toEqual([
      [0, 60_000],
      [0, 86_400_000],
    ]);
    expect(new Set(calls.map(({ run }) => run)).size).toBe(1);
  });

  it('resets a board whose loop hangs', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(5);
    bench.boards[0]!.stall(70_000);
    await bench.advance(80);
    expect(new Set(calls.map(({ run }) => run)).size).toBe(2);
  });
});
