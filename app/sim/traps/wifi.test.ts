/** The traps of Wi-Fi towards routers, parents and children (the table in firmware-src/board/main.ts), sprung on the whole firmware. */
import { describe, expect, it } from 'vitest';
import type { VirtualBoard } from '../board.ts';
import { RuntimeError } from '../v8/errors.ts';
import type { Router } from '../wifi/router.ts';
import { ambient, interfaceOf, nodes, record, replace } from './testing/boards.ts';
import type { Bench, Call } from './testing/boards.ts';

const HOME = { ssid: 'home', password: 'a long password' };
const STATION = 0;
const POINT = 1;

const named = (calls: readonly Call[], what: string): Call[] =>
  calls.filter((one) => one.what === what);

/** The calls of each board, from start to start. */
function runs(calls: readonly Call[]): Call[][] {
  return [...new Set(calls.map(({ run }) => run))].map((run) =>
    calls.filter((one) => one.run === run),
  );
}

/** Those of one interface of one board: "WLAN.connect" and so on. */
function wlan(calls: readonly Call[], which: number): Call[] {
  return calls.filter(
    (one) => one.what.startsWith('network.WLAN.') && interfaceOf(calls, one) === which,
  );
}

/** config({ name }) with whatever else. */
const sets = ({ what, args }: Call, name: string): boolean =>
  what === 'network.WLAN.config' &&
  typeof args[0] === 'object' &&
  args[0] !== null &&
  name in args[0];

/** A network whose settings name a router beside the last board. */
function withRouter(count: number, before?: string): { bench: Bench; router: Router } {
  const members = Array.from({ length: count }, () => ({ router: HOME }));
  const bench = nodes(count, {
    features: { ROUTER: true },
    members,
    ...(before === undefined ? {} : { before }),
  });
  const router = bench.world.addRouter({ ...HOME, channel: 11, x: 10 * count, y: 3 });
  router.on();
  return { bench, router };
}

describe('the station', () => {
  const isSetFirst = async (name: string): Promise<void> => {
    const calls = record();
    const { bench } = withRouter(2);
    await bench.advance(30);
    expect(named(calls, 'network.WLAN.connect').length).toBeGreaterThan(0);
    for (const own of runs(calls)) {
      const set = own.findIndex((one) => sets(one, name));
      const used = own.findIndex(({ what }) =>
        /ESPNow\.(send|recv)$|WLAN\.(connect|scan)$/.test(what),
      );
      expect(set).toBeGreaterThan(-1);
      expect(set).toBeLessThan(used);
      const values = own.filter((one) => sets(one, name)).map(({ args }) => args[0]);
      for (const value of values) expect(value).toEqual({ [name]: 0 });
    }
  };

  it('looks for nobody by itself: reconnects is 0 before anything is sent or joined', async () => {
    await isSetFirst('reconnects');
  }, 120_000);

  it('never sleeps: pm is 0 before anything is sent or joined', async () => {
    await isSetFirst('pm');
  }, 120_000);

  it('scans before the radio starts, and later one board at a time', async () => {
    const calls = record(/WLAN|ESPNow\.active/);
    const { bench, router } = withRouter(3);
    await bench.advance(40);
    for (const own of runs(calls)) {
      const scan = own.findIndex(({ what }) => what === 'network.WLAN.scan');
      const radio = own.findIndex(
        ({ what, args }) => what === 'espnow.ESPNow.active' && args[0] === true,
      );
      expect(scan).toBeGreaterThan(-1);
      expect(scan).toBeLessThan(radio);
    }
    const first = named(calls, 'network.WLAN.scan').length;
    router.off();
    await bench.advance(260);
    const later = named(calls, 'network.WLAN.scan').slice(first);
    expect(new Set(later.map(({ run }) => run)).size).toBe(3);
    for (const one of later) {
      expect(one.endMs - one.atMs).toBeGreaterThan(2000);
      for (const other of later)
        if (one.run !== other.run)
          expect(one.atMs >= other.endMs || other.atMs >= one.endMs).toBe(true);
    }
  }, 120_000);

  it('tries to join a router only when the last scan has heard it', async () => {
    const calls = record(/WLAN|ESPNow\.active/);
    const { bench, router } = withRouter(3);
    await bench.advance(40);
    router.off();
    await bench.advance(100);
    router.on();
    await bench.advance(150);
    let joined = 0;
    for (const own of runs(calls)) {
      own.forEach(({ what }, i) => {
        if (what !== 'network.WLAN.connect') return;
        joined++;
        const scan = own.slice(0, i).findLast((one) => one.what === 'network.WLAN.scan')!;
        const names = (scan.result as [Uint8Array][]).map(([name]) =>
          new TextDecoder().decode(name),
        );
        expect(names).toContain(HOME.ssid);
      });
    }
    expect(joined).toBeGreaterThan(1);
  }, 120_000);

  it('is put on a channel no sooner than half a second after it was told to leave', async () => {
    const calls = record(/WLAN|ESPNow\.active/);
    const { bench, router } = withRouter(3);
    await bench.advance(40);
    router.tune(3);
    await bench.advance(60);
    let after = 0;
    for (const own of runs(calls)) {
      const station = wlan(own, STATION);
      station.forEach((one, i) => {
        if (!sets(one, 'channel')) return;
        const left = station
          .slice(0, i)
          .findLast(({ what }) => /\.(disconnect|connect)$/.test(what))!;
        expect(left.what).toBe('network.WLAN.disconnect');
        if (left.atMs < 30_000) return; // that of the start
        after++;
        expect(one.atMs - left.atMs).toBeGreaterThanOrEqual(500);
      });
    }
    expect(after).toBeGreaterThan(0);
    expect(bench.boards.map((board) => board.wireless.channelNumber)).toEqual([3, 3, 3]);
  }, 120_000);

  it('that refuses its channel is asked again in the next turns', async () => {
    const prototype = ambient('network', 'WLAN', 'prototype');
    const config = prototype['config'] as (this: object, what: unknown) => unknown;
    let refusals = 5;
    replace(prototype, 'config', function (this: object, what: unknown) {
      if (typeof what === 'object' && what !== null && 'channel' in what && refusals > 0) {
        refusals -= 1;
        throw new RuntimeError('Wifi Unknown Error 0xffffffff');
      }
      return config.call(this, what);
    });
    const { bench } = withRouter(1);
    await bench.advance(20);
    expect(refusals).toBe(0);
    expect(bench.boards[0]!.wireless.channelNumber).toBe(11);
    expect(bench.boards[0]!.wireless.espNow.active).toBe(true);
    expect(bench.text(0)).not.toContain('not available');
  }, 120_000);
});

/** Boards of which only neighbours hear each other, linked over Wi-Fi. */
const chain = (count = 3): Bench => nodes(count, { features: { WIFI_TREE: true }, gapM: 210 });

function linkedBoards(bench: Bench): number {
  return bench.boards.filter((board) => board.wireless.station.associated).length;
}

describe('links', () => {
  it('are joined with name, channel, subnet, address and name server of our own, after leaving and a pause', async () => {
    const calls = record(/WLAN|socket\.|unique_id/);
    const bench = chain(4);
    await bench.advance(40);
    expect(linkedBoards(bench)).toBe(3);
    const subnets: string[] = [];
    for (const own of runs(calls)) {
      const station = wlan(own, STATION);
      let joins = '';
      station.forEach((one, i) => {
        if (one.what !== 'network.WLAN.connect') return;
        const before = station.slice(0, i);
        const left = before.findLast(({ what }) => /\.(disconnect|connect)$/.test(what))!;
        expect(left.what).toBe('network.WLAN.disconnect');
        expect(one.atMs - left.atMs).toBeGreaterThanOrEqual(400);
        const row = before.findLast(
          ({ what, args }) => what === 'network.WLAN.ifconfig' && args.length > 0,
        )!;
        const [address] = row.args[0] as string[];
        expect(address).toMatch(/^10\.\d+\.\d+\.([2-9]|10)$/);
        joins = address!.replace(/\d+$/, '');
      });
      const point = wlan(own, POINT);
      const opened = point.findIndex(
        ({ what, args }) => what === 'network.WLAN.active' && args[0] === true,
      );
      if (opened >= 0) {
        const { what, args, atMs } = point[opened + 1]!;
        expect([what, atMs - point[opened]!.endMs]).toEqual(['network.WLAN.config', 0]);
        const { ssid, key, ...rest } = args[0] as Record<string, string>;
        expect([ssid!.length, key!.length]).toEqual([16, 16]);
        expect(rest).toEqual({ security: 3, channel: 6, max_clients: 9 });
        const row = point.find(
          (one) => one.what === 'network.WLAN.ifconfig' && one.args.length > 0,
        )!;
        const [address] = row.args[0] as string[];
        expect(address).toMatch(/^10\.\d+\.\d+\.1$/);
        const subnet = address!.replace(/\d+$/, '');
        expect(subnet).not.toBe(joins);
        subnets.push(subnet);
      }
      for (const { args } of named(own, 'network.WLAN.ifconfig')) {
        if (args.length === 0) continue;
        const [address, , gateway, server] = args[0] as string[];
        expect([gateway, server]).toEqual(Array(2).fill(address!.replace(/\d+$/, '1')));
      }
    }
    expect(subnets).toHaveLength(2);
    expect(new Set(subnets).size).toBe(2);
  }, 120_000);

  it('come up whatever status() says of an earlier attempt', async () => {
    const prototype = ambient('network', 'WLAN', 'prototype');
    for (const stale of [202, 201, 1000]) {
      replace(prototype, 'status', (what?: string) => (what === undefined ? stale : -50));
      const bench = chain();
      await bench.advance(40);
      expect(linkedBoards(bench)).toBe(2);
      expect(bench.text(0) + bench.text(1) + bench.text(2)).not.toContain('link-failed');
    }
  }, 120_000);

  it('are not begun with less than 10 KB of the system’s heap, and the mesh forms without', async () => {
    const calls = record(/WLAN|socket\.|unique_id/);
    replace(ambient('esp32'), 'idf_heap_info', () => [
      [50_000, 6000, 6000, 100],
      [50_000, 3900, 3900, 100],
    ]);
    const bench = chain();
    await bench.advance(40);
    expect(named(calls, 'network.WLAN.connect')).toEqual([]);
    for (const own of runs(calls))
      for (const { what, args } of wlan(own, POINT))
        if (what === 'network.WLAN.active') expect(args[0]).not.toBe(true);
    expect(bench.text(0) + bench.text(2)).toContain('"event":"root-elected"');
  }, 120_000);

  it('to a child that lost its power end after three heartbeats, though the access point keeps it on its list', async () => {
    const calls = record(/WLAN|socket\.|unique_id/);
    const bench = chain();
    await bench.advance(40);
    const [leaf, parent] = bench.boards as [VirtualBoard, VirtualBoard];
    const onList = (): string[] => [...parent.wireless.accessPoint.clients.keys()];
    expect(onList()).toContain(leaf.wireless.id);
    const before = calls.length;
    leaf.powerOff();
    await bench.advance(7.5);
    expect(named(calls.slice(before), 'socket.socket.close')).toHaveLength(1);
    expect(onList()).toContain(leaf.wireless.id);
  }, 120_000);

  it.each([
    ['lost its power', 'powerOff'],
    ['says nothing more while its access point and its connections stay', 'stall'],
  ] as const)(
    'to a parent that %s end after three heartbeats',
    async (_, how) => {
      const calls = record(/WLAN|socket\.|unique_id/);
      const bench = chain();
      await bench.advance(40);
      // The one in the middle hears both others, and is root.
      const [leaf, middle] = bench.boards as [VirtualBoard, VirtualBoard];
      expect(leaf.wireless.station.associated).toBe(true);
      const { run } = calls.find(({ what }) => what === 'machine.unique_id')!;
      const before = calls.length;
      if (how === 'stall') middle.stall(20_000);
      else middle.powerOff();
      await bench.advance(7.5);
      const own = calls.slice(before).filter((one) => one.run === run);
      expect(named(own, 'network.WLAN.disconnect')).toHaveLength(1);
      expect(named(own, 'socket.socket.close')).toHaveLength(1);
    },
    60_000,
  );

  it('wait for nothing: sockets do not block, addresses are numbers, and no name is looked up', async () => {
    const calls = record(/WLAN|socket\.|unique_id/);
    const bench = chain();
    await bench.advance(40);
    const own = calls.filter(({ what }) => what.startsWith('socket.'));
    expect(named(own, 'socket.getaddrinfo')).toEqual([]);
    const connects = named(own, 'socket.socket.connect');
    expect(connects.length).toBeGreaterThan(1);
    for (const { args } of connects) expect((args[0] as unknown[])[0]).toMatch(/^10\.\d+\.\d+\.1$/);
    for (const { atMs, endMs } of own) expect(endMs - atMs).toBe(0);
    for (const socket of new Set(own.map(({ self }) => self))) {
      const first = own.find((one) => one.self === socket && one.what !== 'socket.socket.close')!;
      expect([first.what, first.args[0]]).toEqual(['socket.socket.setblocking', false]);
    }
    expect(named(own, 'socket.socket.sendall')).toEqual([]);
  }, 120_000);
});
