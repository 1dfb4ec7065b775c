/** The traps of ESP-NOW (the table in firmware-src/board/main.ts), sprung on board/radio.ts and on the whole firmware. */
import { describe, expect, it } from 'vitest';
import type { VirtualBoard } from '../board.ts';
import { BROADCAST } from '../radio/medium.ts';
import { MemoryError, OSError } from '../v8/errors.ts';
import { ambient, drivers, nodes, record, replace } from './testing/boards.ts';
import type { Call, DriverBench } from './testing/boards.ts';

interface Frame {
  from: string;
  bytes: Uint8Array;
}

/** board/radio.ts, as far as it is used here. */
interface Radio {
  trouble: number;
  senders: number;
  prepare(): void;
  start(channel: number): string;
  setPeer(key: string, secrets: Uint8Array): void;
  canSend(nowMs: number): boolean;
  send(to: string, frame: Uint8Array, nowMs: number): void;
  receive(nowMs: number): Frame | null;
}

interface Parts {
  Radio: new () => Radio;
}

const NONE = new Uint8Array(0);
const SECRETS = new Uint8Array(32).fill(7);
const keyOf = (board: VirtualBoard): string => board.mac.replaceAll(':', '');

/** Boards whose radios are on channel 6. */
async function radios(count: number): Promise<{ bench: DriverBench<Parts>; radio: Radio[] }> {
  const bench = drivers<Parts>(count, ['board/radio.ts']);
  const radio: Radio[] = [];
  for (let i = 0; i < count; i++) {
    radio[i] = await bench.on(i, ({ Radio }) => new Radio());
    expect(await bench.on(i, () => radio[i]!.start(6))).toBe('');
  }
  return { bench, radio };
}

/** Something that another board sent. */
function hear(board: VirtualBoard, source: string, payload: Uint8Array): void {
  const frame = { source, destination: BROADCAST, payload, channel: 6, key: undefined };
  board.wireless.espNow.receive(frame, -50, 0);
}

/** Chips that were reset by their firmware, and starts of all boards. */
function restarts(calls: readonly Call[]): [resets: number, starts: number] {
  const resets = calls.filter(({ what }) => what === 'machine.reset').length;
  return [resets, new Set(calls.map(({ run }) => run)).size];
}

describe('peers', () => {
  it('are never added before ESP-NOW is active: the chip would crash', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(10);
    const names = calls.map(({ what }) => what).filter((what) => what.startsWith('espnow.'));
    const first = names.findIndex((what) => /_peer$/.test(what));
    expect(first).toBeGreaterThan(0);
    const active = calls
      .filter(({ what }) => what === 'espnow.ESPNow.active')
      .map((c) => c.args[0]);
    expect(active).toEqual([false, true]);
    expect(names.lastIndexOf('espnow.ESPNow.active')).toBeLessThan(first);
    expect(restarts(calls)).toEqual([0, 1]);
  });

  it('are known by six bytes each, whatever key was asked for: a MAC that is none would crash the chip', async () => {
    const calls = record();
    const { bench, radio } = await radios(1);
    for (const key of ['', 'zz', '24', '240ac400001', '240ac4000012']) {
      await bench.on(0, () => radio[0]!.setPeer(key, NONE));
      await bench.on(0, () => radio[0]!.send(key, Uint8Array.of(1), 1000));
    }
    const macs = calls.filter(({ what }) => /\.(add_peer|del_peer|send)$/.test(what));
    expect(macs.length).toBeGreaterThan(3);
    for (const { args } of macs) expect((args[0] as Uint8Array).length).toBe(6);
  });

  it('are there again after ESP-NOW was started anew, which forgets them', async () => {
    const { bench, radio } = await radios(2);
    const [sender, listener] = bench.boards as [VirtualBoard, VirtualBoard];
    await bench.on(0, () => radio[0]!.setPeer(keyOf(listener), NONE));
    hear(sender, '0a0000000001', new Uint8Array(300));
    hear(sender, '0a0000000001', new Uint8Array(30));
    for (let i = 0; i < 4; i++) await bench.on(0, () => radio[0]!.receive(2000));
    expect(radio[0]!.trouble).toBe(1);
    await bench.on(0, () => radio[0]!.send('', Uint8Array.of(1), 3000));
    await bench.on(0, () => radio[0]!.send(keyOf(listener), Uint8Array.of(2), 3010));
    const heard = [];
    for (let i = 0; i < 2; i++)
      heard.push((await bench.on(1, () => radio[1]!.receive(3000)))!.bytes);
    expect(heard).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    expect(radio[0]!.trouble).toBe(1);
  });

  it('are one at a time beside the broadcast one, so that thirty exchanges in turn all find room', async () => {
    const { bench, radio } = await radios(1);
    const { espNow } = bench.boards[0]!.wireless;
    for (let i = 0; i < 30; i++) {
      const key = `240ac4aa00${(16 + i).toString(16)}`;
      await bench.on(0, () => radio[0]!.setPeer(key, SECRETS));
      expect([espNow.peerCount, espNow.encryptedCount]).toEqual([2, 1]);
    }
    await bench.on(0, () => radio[0]!.setPeer('', NONE));
    expect([espNow.peerCount, espNow.encryptedCount]).toEqual([1, 0]);
  });

  it('have no channel of their own: after the radio went to another one they can still be sent to', async () => {
    const { bench, radio } = await radios(2);
    await bench.on(0, () => radio[0]!.setPeer(keyOf(bench.boards[1]!), NONE));
    for (let i = 0; i < 2; i++) await bench.on(i, () => radio[i]!.start(11));
    await bench.on(0, () => radio[0]!.send('', Uint8Array.of(1), 1000));
    await bench.on(0, () => radio[0]!.send(keyOf(bench.boards[1]!), Uint8Array.of(2), 1010));
    const heard = [];
    for (let i = 0; i < 2; i++)
      heard.push((await bench.on(1, () => radio[1]!.receive(1000)))!.bytes);
    expect(heard).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    expect(radio[0]!.trouble).toBe(0);
  });
});

describe('sending', () => {
  it('is never synchronous, nothing is handed over while a frame is under way, and no call waits', async () => {
    const calls = record();
    const bench = nodes(6);
    await bench.advance(20);
    const sent = calls.filter(({ what }) => what === 'espnow.ESPNow.send');
    expect(sent.length).toBeGreaterThan(100);
    for (const { args, atMs, endMs } of sent) {
      expect(args[2]).toBe(false);
      expect(endMs - atMs).toBe(0);
    }
    for (const run of new Set(sent.map((one) => one.run))) {
      const own = calls.filter((one) => one.run === run && /ESPNow\.(send|stats)$/.test(one.what));
      own.forEach(({ what }, i) => {
        if (what !== 'espnow.ESPNow.send') return;
        const asked = own[i - 1]!;
        const [packets, responses] = asked.result as number[];
        expect([asked.what, packets! - responses!]).toEqual(['espnow.ESPNow.stats', 0]);
      });
    }
  }, 60_000);

  it('waits for the driver’s answer to each frame, so that its queue cannot fill', async () => {
    const { bench, radio } = await radios(1);
    const taken = await bench.on(0, () => {
      let frames = 0;
      for (let ms = 1000; ms < 1400; ms += 4) {
        if (!radio[0]!.canSend(ms)) continue;
        radio[0]!.send('', new Uint8Array(250), ms);
        frames += 1;
      }
      return frames;
    });
    // The air stands still during a turn, so the first frame is never answered in it.
    expect(taken).toBe(1);
  });

  it('goes on a second after the driver lost its answer to a frame, over ESP-NOW started again', async () => {
    const calls = record();
    const bench = nodes(2);
    await bench.advance(15);
    const before = calls.length;
    bench.boards[0]!.wireless.espNow.loseNextAnswer();
    await bench.advance(15);
    const run = calls.find(({ what }) => what === 'espnow.ESPNow.send')!.run;
    const own = calls.slice(before).filter((one) => one.run === run);
    const active = own.filter(({ what }) => what === 'espnow.ESPNow.active').map((c) => c.args[0]);
    expect(active).toEqual([false, true]);
    const restart = own.findIndex(({ what }) => what === 'espnow.ESPNow.active');
    const last = own.findLastIndex(({ what }, at) => at < restart && /ESPNow\.send$/.test(what));
    const noticed = own.slice(last).find(({ what }) => what === 'espnow.ESPNow.stats')!;
    expect(own[restart]!.atMs - noticed.atMs).toBeGreaterThan(1000);
    expect(own[restart]!.atMs - noticed.atMs).toBeLessThan(1100);
    expect(own.slice(restart).some(({ what }) => what === 'espnow.ESPNow.send')).toBe(true);
  }, 60_000);

  it('that the driver refuses five times in a row has ESP-NOW started again', async () => {
    const { bench, radio } = await radios(1);
    const prototype = ambient('espnow', 'ESPNow', 'prototype');
    const active: unknown[] = [];
    const setActive = prototype['active'] as (this: object, on?: boolean) => boolean;
    replace(prototype, 'active', function (this: object, on?: boolean) {
      active.push(on);
      return setActive.call(this, on);
    });
    replace(prototype, 'send', () => {
      throw new OSError(-12391, 'ESP_ERR_ESPNOW_NO_MEM');
    });
    for (let i = 0; i < 4; i++)
      await bench.on(0, () => radio[0]!.send('', Uint8Array.of(1), 1000 + i));
    expect(active).toEqual([]);
    await bench.on(0, () => radio[0]!.send('', Uint8Array.of(1), 1010));
    expect(active).toEqual([false, true]);
    expect(radio[0]!.trouble).toBe(6);
  });

  it('refuses a frame of 251 bytes, and an empty one, and sends one of 250', async () => {
    const { bench, radio } = await radios(1);
    const sent: number[] = [];
    bench.boards[0]!.wireless.onTraffic = (way, { length }) => {
      if (way === 'sent') sent.push(length);
    };
    for (const size of [251, 0, 250]) {
      await bench.on(0, () => radio[0]!.send('', new Uint8Array(size), 1000 + size));
      await bench.advance(0.1);
    }
    expect(sent).toEqual([250]);
    expect(radio[0]!.trouble).toBe(2);
  });
});

describe('receiving', () => {
  it('goes on after a frame of 300 bytes has jammed the driver', async () => {
    const { bench, radio } = await radios(1);
    const [board] = bench.boards as [VirtualBoard];
    hear(board, '0a0000000001', new Uint8Array(300));
    hear(board, '0a0000000001', Uint8Array.of(1));
    for (let i = 0; i < 3; i++) await bench.on(0, () => radio[0]!.receive(1000));
    hear(board, '0a0000000001', Uint8Array.of(2));
    const heard = await bench.on(0, () => radio[0]!.receive(2000));
    expect(heard!.bytes).toEqual(Uint8Array.of(2));
  });

  it('copies each frame: the driver may hand out the same buffer and the same list again', async () => {
    const { bench, radio } = await radios(1);
    const buffer = Uint8Array.of(0, 0, 0);
    const list = [new Uint8Array(6), buffer];
    let count = 0;
    const prototype = ambient('espnow', 'ESPNow', 'prototype');
    hear(bench.boards[0]!, '000000000000', Uint8Array.of(9));
    await bench.on(0, () => radio[0]!.receive(1000));
    replace(prototype, 'irecv', () => {
      buffer.fill((count += 1));
      return list;
    });
    const heard = await bench.on(0, () => [1, 2, 3].map(() => radio[0]!.receive(1000)!.bytes));
    expect(heard.map((bytes) => [...bytes])).toEqual([1, 2, 3].map((n) => [n, n, n]));
  });

  it('of a frame that finds no room in the heap is lost alone: ESP-NOW is not started again for it', async () => {
    const { bench, radio } = await radios(1);
    const [board] = bench.boards as [VirtualBoard];
    const calls = record(/ESPNow\.active/);
    const prototype = ambient('espnow', 'ESPNow', 'prototype');
    const irecv = prototype['irecv'] as (this: object, timeoutMs: number) => unknown;
    let isFull = true;
    replace(prototype, 'irecv', function (this: object, timeoutMs: number) {
      const received = irecv.call(this, timeoutMs);
      if (isFull) throw new MemoryError('memory allocation failed');
      return received;
    });
    for (let i = 1; i <= 3; i++) hear(board, '0a0000000001', Uint8Array.of(i));
    expect(await bench.on(0, () => radio[0]!.receive(1000))).toBe(null);
    isFull = false;
    const heard = await bench.on(0, () => [1, 2].map(() => radio[0]!.receive(1010)!.bytes));
    expect(heard).toEqual([Uint8Array.of(2), Uint8Array.of(3)]);
    expect(calls).toEqual([]);
    expect(radio[0]!.trouble).toBe(1);
  });

  it('has room for fifteen frames of full length while the loop is held up', async () => {
    const calls = record();
    const bench = nodes(1);
    await bench.advance(10);
    const names = calls.filter(({ what }) => /ESPNow\.(config|active)$/.test(what));
    expect(names.map(({ args }) => args[0])).toEqual([false, { rxbuf: 4096 }, true]);
    const { stats } = bench.boards[0]!.wireless.espNow;
    const before = stats.rxPackets;
    for (let i = 0; i < 15; i++) hear(bench.boards[0]!, '0a0000000001', new Uint8Array(250));
    expect([stats.rxPackets - before, stats.rxDropped]).toEqual([15, 0]);
  });

  it('of more than 450 senders ends in a restart of the board, because nothing else empties the driver’s table', async () => {
    const calls = record();
    const bench = nodes(1);
    const [board] = bench.boards as [VirtualBoard];
    await bench.advance(5);
    const hearAll = async (from: number, to: number): Promise<void> => {
      for (let i = from; i < to; i++) {
        hear(board, `0a000000${i.toString(16).padStart(4, '0')}`, Uint8Array.of(1));
        await bench.advance(0.03);
      }
    };
    await hearAll(0, 440);
    await bench.advance(30);
    expect(restarts(calls)).toEqual([0, 1]);
    await hearAll(440, 460);
    await bench.advance(30);
    expect(restarts(calls)).toEqual([1, 2]);
  }, 60_000);
});
