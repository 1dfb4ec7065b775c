/** The traps of sockets (the table in firmware-src/board/main.ts), sprung on board/sockets.ts between two boards. */
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes } from '../../base/bytes.ts';
import { ambient, drivers, replace } from './testing/boards.ts';
import type { DriverBench } from './testing/boards.ts';

const SERVER = '10.9.9.1';
const CLIENT = '10.9.9.2';

/** board/sockets.ts, as far as it is used here. */
interface Sockets {
  listen(address: string): void;
  connect(from: string, to: string): boolean;
  send(id: number, frame: Uint8Array): void;
  step(events: Events, nowMs: number): void;
}

interface Parts {
  LinkSockets: new () => Sockets;
  LINK_PORT: number;
}

interface RawSocket {
  setblocking(blocking: boolean): void;
  setsockopt(level: number, option: number, value: number): void;
  bind(address: readonly [string, number]): void;
  connect(address: readonly [string, number]): void;
  listen(backlog: number): void;
  accept(): readonly [RawSocket, unknown];
  recv(count: number): Uint8Array;
}

/** What was told of connections, in order. */
class Events {
  readonly told: string[] = [];
  connected = (): unknown => this.told.push('connected');
  failed = (): unknown => this.told.push('failed');
  accepted = (id: number): unknown => this.told.push(`accepted ${id}`);
  received = (id: number, { length }: Uint8Array): unknown =>
    this.told.push(`received ${id} ${length}`);
  closed = (id: number): unknown => this.told.push(`closed ${id}`);
  block = (id: number, blocked: boolean): unknown => this.told.push(`block ${id} ${blocked}`);
}

function rawSocket(): RawSocket {
  const made = new (ambient('socket')['socket'] as new (family: number, kind: number) => RawSocket)(
    2,
    1,
  );
  made.setblocking(false);
  return made;
}

function tolerant(run: () => void): void {
  try {
    run();
  } catch (error) {
    if ((error as { args?: unknown[] }).args?.[0] !== 119) throw error; // EINPROGRESS
  }
}

/** Board 0 has an access point, and board 1 has joined it. */
async function pair(): Promise<DriverBench<Parts>> {
  const bench = drivers<Parts>(2, ['board/sockets.ts', 'wire/link-frame.ts'], {
    features: { WIFI_TREE: true },
  });
  interface Wlan {
    active(on: boolean): void;
    config(options: object): void;
    ifconfig(row: string[]): void;
    connect(name: string, key: string): void;
    isconnected(): boolean;
  }
  const wlan = (which: number): Wlan =>
    new (ambient('network')['WLAN'] as new (which: number) => Wlan)(which);
  await bench.on(0, () => {
    wlan(0).active(false);
    wlan(1).active(true);
    wlan(1).config({ ssid: 'alpha', key: 'secret123', security: 3, channel: 6 });
    wlan(1).ifconfig([SERVER, '255.255.255.0', SERVER, SERVER]);
  });
  await bench.on(1, () => {
    wlan(0).ifconfig([CLIENT, '255.255.255.0', SERVER, SERVER]);
    wlan(0).connect('alpha', 'secret123');
  });
  await bench.advance(4);
  expect(await bench.on(1, () => wlan(0).isconnected())).toBe(true);
  return bench;
}

describe('connections', () => {
  it('are seven at most beside the listener: of nine that come two are closed, and the system has sockets left', async () => {
    const bench = await pair();
    const events = new Events();
    const server = await bench.on(0, ({ LinkSockets }) => {
      const made = new LinkSockets();
      made.listen(SERVER);
      return made;
    });
    const clients: RawSocket[] = [];
    for (let i = 0; i < 9; i++) {
      await bench.on(1, ({ LINK_PORT }) => {
        const made = rawSocket();
        tolerant(() => made.connect([SERVER, LINK_PORT]));
        clients.push(made);
      });
      await bench.advance(0.3);
      for (let turn = 0; turn < 3; turn++) await bench.on(0, () => server.step(events, 0));
    }
    await bench.advance(1);
    expect(events.told).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => `accepted ${id}`));
    const ended = await bench.on(1, () => clients.slice(-2).map((one) => one.recv(10).length));
    expect(ended).toEqual([0, 0]);
    expect(await bench.on(0, () => [rawSocket(), rawSocket()].length)).toBe(2);
  });

  it('lose nothing of what the system takes only in part: all bytes arrive, in order', async () => {
    const bench = await pair();
    const events = new Events();
    const listener = await bench.on(0, ({ LINK_PORT }) => {
      const made = rawSocket();
      made.bind([SERVER, LINK_PORT]);
      made.listen(1);
      return made;
    });
    const client = await bench.on(1, ({ LinkSockets }) => {
      const made = new LinkSockets();
      expect(made.connect(CLIENT, SERVER)).toBe(true);
      return made;
    });
    await bench.advance(0.5);
    const accepted = await bench.on(0, () => listener.accept()[0]);
    await bench.on(0, () => accepted.setblocking(false));
    const frames = Array.from({ length: 12 }, (_, i) =>
      Uint8Array.from({ length: 1100 }, (__, at) => (7 * i + at) & 255),
    );
    await bench.on(1, () => {
      client.step(events, 0);
      for (const frame of frames) client.send(0, frame);
    });
    const heard: Uint8Array[] = [];
    for (let round = 0; round < 60; round++) {
      await bench.on(1, () => client.step(events, 0));
      if (round < 10) continue; // nobody reads, until both sides are full
      await bench.on(0, () => {
        try {
          heard.push(accepted.recv(300));
        } catch (error) {
          if ((error as { args?: unknown[] }).args?.[0] !== 11) throw error;
        }
      });
    }
    expect(bytesToHex(concatBytes(...heard))).toBe(bytesToHex(concatBytes(...frames)));
    expect(events.told).toEqual(['connected', 'block 0 true', 'block 0 false']);
  });

  it('outlive a system that has no memory to poll them, and go on when it has', async () => {
    const bench = await pair();
    const events = new Events();
    const server = await bench.on(0, ({ LinkSockets }) => {
      const made = new LinkSockets();
      made.listen(SERVER);
      return made;
    });
    const client = await bench.on(1, ({ LinkSockets }) => new LinkSockets());
    const step = async (): Promise<void> => {
      await bench.advance(0.3);
      await bench.on(1, () => client.step(events, 0));
      await bench.on(0, () => server.step(events, 0));
    };
    expect(await bench.on(1, () => client.connect(CLIENT, SERVER))).toBe(true);
    for (let turn = 0; turn < 3; turn++) await step();
    const opened = [...events.told];
    expect(opened.toSorted()).toEqual(['accepted 1', 'connected']);
    const prototype = ambient('select', 'poll', 'prototype');
    const poll = prototype['poll'];
    const OSError = ambient('builtins')['OSError'] as unknown as new (...args: unknown[]) => Error;
    let asked = 0;
    replace(prototype, 'poll', () => {
      asked++;
      throw new OSError(5);
    });
    await bench.on(1, () => client.send(0, Uint8Array.of(1, 2, 3)));
    for (let turn = 0; turn < 3; turn++) await step();
    expect(asked).toBe(6);
    expect(events.told).toEqual(opened);
    replace(prototype, 'poll', poll);
    for (let turn = 0; turn < 2; turn++) await step();
    expect(events.told).toEqual([...opened, 'received 1 3']);
  });

  it('that are refused look ready, and the first send finds out', async () => {
    const bench = await pair();
    const events = new Events();
    const client = await bench.on(1, ({ LinkSockets }) => new LinkSockets());
    expect(await bench.on(1, () => client.connect(CLIENT, SERVER))).toBe(true);
    await bench.advance(0.5);
    await bench.on(1, () => client.step(events, 0));
    expect(events.told).toEqual(['connected']);
    await bench.on(1, () => client.send(0, Uint8Array.of(1)));
    await bench.on(1, () => client.step(events, 0));
    expect(events.told).toEqual(['connected', 'failed']);
    expect(await bench.on(1, () => client.connect(CLIENT, SERVER))).toBe(true);
  });
});
