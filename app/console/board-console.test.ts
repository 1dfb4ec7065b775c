import { describe, expect, it } from 'vitest';
import { v8Crypto } from '../keys/crypto.ts';
import { ConsoleSigner, parseRequestLine } from '../../firmware-src/wire/request-line.ts';
import { utf8 } from '../base/bytes.ts';
import type { ConsoleEvent, BoardConsole } from './board-console.ts';
import { openConsole } from './board-console.ts';
import type { ConsoleError } from './console-error.ts';
import { HELLO, ScriptedStream } from './testing/scripted-stream.ts';
import { settle, TestClock } from './testing/test-clock.ts';

interface Bench {
  stream: ScriptedStream;
  clock: TestClock;
  board: BoardConsole;
  events: ConsoleEvent[];
}

function bench(): Bench {
  const stream = new ScriptedStream();
  const clock = new TestClock();
  const events: ConsoleEvent[] = [];
  let counter = 100;
  const board = openConsole(stream, {
    clock,
    onEvent: (event) => events.push(event),
    counterNow: () => counter++,
  });
  return { stream, clock, board, events };
}
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: ConsoleError) => error.code,
  );
const echo = ({ stream }: Bench): void => {
  stream.onWrite = ({ id, t }) => stream.frame({ t: 'answer', id, ok: true, result: { was: t } });
};

describe('sending', () => {
  it('waits for a valid frame: log text and damaged frames are not enough', async () => {
    const b = bench();
    echo(b);
    const answer = b.board.request('stats');
    b.stream.say('rst:0x1 (POWERON)\r\n>>> \x1e{"t":"hello"\n\x1e{"t":"hello","mac":1}\n');
    await b.clock.advance(2000);
    expect(b.stream.written).toEqual([]);
    b.stream.frame(HELLO);
    await settle();
    expect(await answer).toEqual({ was: 'stats' });
    expect(b.stream.written.length).toBe(1);
  });
  it('says "silent" when nothing ever came, and has sent nothing', async () => {
    const b = bench();
    const code = codeOf(b.board.request('stats'));
    await b.clock.advance(30_000);
    expect(await code).toBe('silent');
    expect(b.stream.written).toEqual([]);
  });
  it('stops again when the prompt or the boot text of the ROM shows up', async () => {
    for (const sign of ['>>> ', 'rst:0xc (SW_CPU_RESET)\r\n', 'MicroPython v1.26.0 on 2025\r\n']) {
      const b = bench();
      echo(b);
      b.stream.frame(HELLO);
      await settle();
      b.stream.say(sign);
      await settle();
      const answer = b.board.request('stats');
      await b.clock.advance(3000);
      expect(b.stream.written).toEqual([]);
      b.stream.frame({ t: 'stats', uptime: 3 });
      await settle();
      expect(await answer).toEqual({ was: 'stats' });
    }
  });
  it('keeps one request in flight, in the order of asking', async () => {
    const b = bench();
    b.stream.frame(HELLO);
    const answers = ['stats', 'topology', 'identify'].map((type) => b.board.request(type));
    for (const [i, type] of ['stats', 'topology', 'identify'].entries()) {
      await settle();
      expect(b.stream.written.length).toBe(i + 1);
      const { id, t } = JSON.parse(b.stream.written[i]!) as { id: number; t: string };
      expect(t).toBe(type);
      b.stream.frame({ t: 'answer', id, ok: true, result: { i } });
    }
    expect(await Promise.all(answers)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
  });
  it('repeats the very same line until it is answered, then says "no-answer"', async () => {
    const b = bench();
    b.stream.frame(HELLO);
    const code = codeOf(b.board.request('identify'));
    await b.clock.advance(10_000);
    expect(await code).toBe('no-answer');
    expect(b.stream.written.length).toBe(4);
    expect(new Set(b.stream.written).size).toBe(1);
  });
  it('takes only the answer to its own id, and each answer once', async () => {
    const b = bench();
    b.stream.onWrite = ({ id }) => {
      b.stream.frame({ t: 'answer', id: (id as number) + 1, ok: true, result: { wrong: 1 } });
      b.stream.frame({ t: 'answer', id, ok: true, result: { right: 1 } });
      b.stream.frame({ t: 'answer', id, ok: true, result: { right: 2 } });
    };
    b.stream.frame(HELLO);
    expect(await b.board.request('stats')).toEqual({ right: 1 });
    expect(await b.board.request('stats')).toEqual({ right: 1 });
  });
  it('gives the error code of a board that refuses', async () => {
    const b = bench();
    b.stream.onWrite = ({ id }) => b.stream.frame({ t: 'answer', id, ok: false, error: 'nope' });
    b.stream.frame(HELLO);
    await expect(b.board.request('reboot')).rejects.toMatchObject({
      code: 'refused',
      reason: 'nope',
    });
  });
  it('refuses what does not fit 200 bytes, without sending it', async () => {
    const b = bench();
    b.stream.frame(HELLO);
    expect(await codeOf(b.board.request('x', { data: 'y'.repeat(200) }))).toBe('too-long');
    expect(b.stream.written).toEqual([]);
  });
  it('tags what a joined board guards, with a counter that only rises', async () => {
    const b = bench();
    echo(b);
    const signer = new ConsoleSigner(v8Crypto, new Uint8Array(32).fill(3), new Uint8Array(6));
    b.board.useSigner(signer);
    b.stream.frame(HELLO);
    await b.board.request('reboot');
    await b.board.request('stats');
    await b.board.request('reboot');
    const lines = b.stream.written.map((line) => parseRequestLine(utf8(line))!);
    expect(lines.map((line) => line.verify(signer))).toEqual([true, false, true]);
    expect(lines[2]!.counter).toBeGreaterThan(lines[0]!.counter);
  });
  describe('with a board whose counter is ahead of the time', () => {
    const tagging = (b: ReturnType<typeof bench>): void => {
      b.board.useSigner(new ConsoleSigner(v8Crypto, new Uint8Array(32).fill(3), new Uint8Array(6)));
      b.stream.frame(HELLO);
    };
    it('goes on above the one that the board took last, however far that is', async () => {
      const b = bench();
      let last = 1_795_000_000;
      b.stream.onWrite = ({ t, id, n }) => {
        if (t === 'config.get') {
          b.stream.frame({ t: 'answer', id, ok: true, result: { key: 'counter', value: last } });
        } else if ((n as number) > last) {
          last = n as number;
          b.stream.frame({ t: 'answer', id, ok: true, result: {} });
        } else b.stream.frame({ t: 'answer', id, ok: false, error: 'stale-counter' });
      };
      tagging(b);
      expect(await b.board.request('reboot')).toEqual({});
      expect(last).toBe(1_795_000_001);
      expect(b.stream.written.length).toBe(3);
      expect(await b.board.request('reboot')).toEqual({});
      expect(b.stream.written.length).toBe(4);
    });
    it('gives up when that does not help', async () => {
      const b = bench();
      b.stream.onWrite = ({ t, id }) =>
        b.stream.frame(
          t === 'config.get'
            ? { t: 'answer', id, ok: true, result: { key: 'counter', value: 7 } }
            : { t: 'answer', id, ok: false, error: 'stale-counter' },
        );
      tagging(b);
      await expect(b.board.request('reboot')).rejects.toMatchObject({ reason: 'stale-counter' });
      expect(b.stream.written.length).toBe(7);
    });
    it('gives up when the board does not say', async () => {
      for (const answer of [
        { ok: false, error: 'unknown-key' },
        { ok: true, result: {} },
      ]) {
        const b = bench();
        b.stream.onWrite = ({ t, id }) =>
          b.stream.frame(
            t === 'config.get'
              ? { t: 'answer', id, ...answer }
              : { t: 'answer', id, ok: false, error: 'stale-counter' },
          );
        tagging(b);
        await expect(b.board.request('reboot')).rejects.toMatchObject({ reason: 'stale-counter' });
        expect(b.stream.written.length).toBe(2);
      }
    });
  });
  it('can be given up by a signal, in flight or before', async () => {
    const b = bench();
    b.stream.frame(HELLO);
    await settle();
    const controller = new AbortController();
    const request = b.board.request('stats', {}, { signal: controller.signal });
    const next = b.board.request('identify', {}, { signal: controller.signal });
    await settle();
    controller.abort(new Error('enough'));
    await expect(request).rejects.toThrow('enough');
    await expect(next).rejects.toThrow('enough');
    expect(b.stream.written.length).toBe(1);
  });
});

describe('a reboot', () => {
  it('fails the request in flight with "rebooted"; asking again works', async () => {
    const b = bench();
    b.stream.frame({ ...HELLO, uptime: 100_000 });
    const code = codeOf(b.board.request('stats'));
    await settle();
    b.stream.say('\x1e{"t":"ans'); // cut by the reset
    b.stream.say('ets Jun  8 2016 00:22:57\r\nrst:0x1\r\n');
    b.stream.frame({ ...HELLO, uptime: 900 });
    await settle();
    expect(await code).toBe('rebooted');
    expect(b.events.filter((event) => event.kind === 'rebooted').length).toBe(1);
    echo(b);
    expect(await b.board.request('stats')).toEqual({ was: 'stats' });
  });
  it('is also seen when the clock of the board stands where it stood', async () => {
    const b = bench();
    b.stream.frame({ ...HELLO, uptime: 800 });
    await b.clock.advance(4000);
    b.stream.frame({ ...HELLO, uptime: 850 });
    await settle();
    expect(b.events.some((event) => event.kind === 'rebooted')).toBe(true);
  });
  it('is not seen in ordinary hellos, nor in those of a board that runs slowly', async () => {
    const b = bench();
    for (let uptime = 1000; uptime < 60_000; uptime += 2500) {
      b.stream.frame({ ...HELLO, uptime });
      await b.clock.advance(5000);
    }
    expect(b.events.some((event) => event.kind === 'rebooted')).toBe(false);
  });
});

describe('events', () => {
  it('tell log lines from frames, and ignore unknown types and wrong fields', async () => {
    const b = bench();
    b.stream.say('one\r\ntwo');
    b.stream.frame({ t: 'gone', mac: '24:0a:c4:00:00:02' });
    b.stream.frame({ t: 'of tomorrow' });
    b.stream.frame({ t: 'gone', mac: 'x' });
    b.stream.frame({ t: 'node', mac: '24:0a:c4:00:00:02' });
    b.stream.say('Traceback\n  File "x"\n');
    await settle();
    expect(b.events).toEqual([
      { kind: 'log', text: 'one' },
      { kind: 'log', text: 'two' },
      { kind: 'frame', frame: { t: 'gone', mac: '24:0a:c4:00:00:02' } },
      { kind: 'log', text: 'Traceback' },
      { kind: 'log', text: '  File "x"' },
    ]);
    expect(b.board.damagedFrames).toBe(2);
  });
  it('are the same however the bytes are cut into pieces', async () => {
    const whole = `log\r\n\x1e${JSON.stringify(HELLO)}\r\nü\n\x1e{"t":"gone","mac":"24:0a:c4:00:00:02"}\n`;
    const runs = [1, 3, 7, 1000].map(async (size) => {
      const b = bench();
      const bytes = utf8(whole);
      for (let at = 0; at < bytes.length; at += size) b.stream.sayBytes(bytes.slice(at, at + size));
      await settle();
      await settle();
      return b.events;
    });
    const [first, ...others] = await Promise.all(runs);
    expect(first!.length).toBe(4);
    for (const events of others) expect(events).toEqual(first);
  });
  it('can be read as a stream that ends with the console', async () => {
    const b = bench();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of b.board.events()) seen.push(event.kind);
    })();
    await settle();
    b.stream.frame(HELLO);
    b.stream.say('x\n');
    b.stream.hangUp();
    await reading;
    expect(seen).toEqual(['frame', 'log', 'ended']);
  });
  it('fill a short hello from the full one before it', async () => {
    const b = bench();
    b.stream.frame(HELLO);
    b.stream.frame({ t: 'hello', mac: HELLO.mac, state: 'joined', uptime: 9000 });
    await settle();
    expect(b.board.hello).toEqual({ ...HELLO, state: 'joined', uptime: 9000 });
  });
});

describe('a line that is stuck on its way', () => {
  it('is only late when the host is busy: the request is answered once it got through', async () => {
    const b = bench();
    echo(b);
    b.stream.frame(HELLO);
    await settle();
    b.stream.stuck = true;
    const answer = b.board.request('stats');
    await b.clock.advance(4000);
    b.stream.stuck = false;
    await b.clock.advance(100);
    expect(await answer).toEqual({ was: 'stats' });
    expect(b.stream.written.length).toBe(2);
  });
  it('ends in "no-answer", and what was given up is not sent later', async () => {
    const b = bench();
    echo(b);
    b.stream.frame(HELLO);
    await settle();
    b.stream.stuck = true;
    const codes = ['stats', 'topology'].map((type) => codeOf(b.board.request(type)));
    await b.clock.advance(20_000);
    expect(await Promise.all(codes)).toEqual(['no-answer', 'no-answer']);
    b.stream.stuck = false;
    expect(await b.board.request('identify')).toEqual({ was: 'identify' });
    const types = b.stream.written.map((line) => (JSON.parse(line) as { t: string }).t);
    expect(types).toEqual(['stats', 'identify']);
  });
});

describe('the end', () => {
  it('fails what waits with "unplugged" when the link breaks', async () => {
    const b = bench();
    b.stream.frame(HELLO);
    await settle();
    const codes = [codeOf(b.board.request('stats')), codeOf(b.board.request('topology'))];
    await settle();
    b.stream.hangUp(new Error('device lost'));
    expect(await Promise.all(codes)).toEqual(['unplugged', 'unplugged']);
    await b.board.ended;
    expect(b.events.at(-1)).toMatchObject({ kind: 'ended', error: { code: 'unplugged' } });
    expect(b.stream.closed).toBe(true);
    expect(await codeOf(b.board.request('stats'))).toBe('unplugged');
  });
  it('fails what waits with "closed" when we close, even if a write is stuck', async () => {
    const b = bench();
    b.stream.frame(HELLO);
    await settle();
    b.stream.stuck = true;
    const code = codeOf(b.board.request('stats'));
    await settle();
    await b.board.close();
    await b.board.close();
    expect(await code).toBe('closed');
    expect(b.events.at(-1)).toEqual({ kind: 'ended', error: null });
  });
});

describe('waitForHello', () => {
  it('gives the first hello, or asks for it when other frames come first', async () => {
    const b = bench();
    const hello = b.board.waitForHello();
    b.stream.onWrite = ({ id }) => {
      b.stream.frame({ t: 'answer', id, ok: true, result: { ...HELLO } });
    };
    b.stream.frame({ t: 'stats', uptime: 3 });
    expect(await hello).toEqual(HELLO);
  });
});
