/** Routers, limits of access points, and what a radio cannot hear meanwhile: each with its source. */
import { describe, expect, it } from 'vitest';
import { inV8 } from '../testing/firmware.ts';
import { row } from '../scenarios/layout.ts';
import { rehearse } from '../scenarios/rehearsal.ts';
import { readScenario } from '../scenarios/read-scenario.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { DhcpServer } from './dhcp-server.ts';
import { POINT, bench, python, statuses } from './testing.ts';

const HOME = { ssid: 'home', password: 'correct horse', channel: 4, x: 5, y: 5 };
const join = (ssid: string, key: string, more = ''): string =>
  `s.active(True)\n${more}\ns.connect("${ssid}", "${key}")\n`;
const WATCH = 'watch()';

describe('a router', () => {
  it('takes stations that know its WPA2 password, on its channel, and gives more than eight of them an address', async () => {
    const b = bench([
      ...Array.from({ length: 10 }, () =>
        python(
          join('home', 'correct horse'),
          'if count == 400: print(s.ifconfig()[0], s.config("channel"))',
        ),
      ),
      python(join('home', 'wrong password'), WATCH),
    ]);
    const router = b.world.addRouter(HOME);
    router.on();
    await b.advance(12_000);
    expect(router.stations).toBe(10);
    const rows = Array.from({ length: 10 }, (_, i) => b.read(i).trim());
    expect(new Set(rows).size).toBe(10);
    for (const one of rows) expect(one).toMatch(/^192\.168\.1\.\d+ 4$/);
    expect(statuses(b.read(10)).map(({ status }) => status)).toContain(202);
  });

  it('that loses its power is noticed after some 8 s, and found again when it is back (platform facts, section 14)', async () => {
    const b = bench([python(join('home', 'correct horse'), WATCH)]);
    const router = b.world.addRouter(HOME);
    router.on();
    await b.advance(5000);
    router.off();
    const offMs = b.world.nowMs - 100; // the board booted 100 ms after the world
    await b.advance(15_000);
    router.on();
    await b.advance(12_000);
    const rows = statuses(b.read());
    expect(rows.map(({ connected }) => connected)).toEqual([false, true, false, false, true]);
    const lost = rows[2]!.ms - offMs;
    expect(lost).toBeGreaterThan(6000);
    expect(lost).toBeLessThan(9500);
  });

  it('that changes its channel takes its stations along, and their own access points with them (mesh notes, P10)', async () => {
    const b = bench([
      python(
        `a.active(True)\na.config(ssid="mid", channel=1)\n${join('home', 'correct horse')}`,
        'if count % 100 == 0: print("at", s.config("channel"), a.config("channel"), s.isconnected())',
      ),
    ]);
    const router = b.world.addRouter(HOME);
    router.on();
    await b.advance(6000);
    router.tune(11);
    await b.advance(8000);
    const rows = [...b.read().matchAll(/^at (.*)$/gm)].map((match) => match[1]);
    expect(rows).toContain('4 4 True');
    expect(rows.at(-1)).toBe('11 11 True');
  });

  it('is refused with settings that no router has', () => {
    const { world } = bench([]);
    expect(() => world.addRouter({ ...HOME, ssid: '' })).toThrow(/name/);
    expect(() => world.addRouter({ ...HOME, password: 'short' })).toThrow(/8 to 63/);
    expect(() => world.addRouter({ ...HOME, channel: 14 })).toThrow(/1 to 13/);
    expect(() => world.addRouter({ ...HOME, maxClients: 0 })).toThrow(/one station/);
    expect(() => world.addRouter(HOME).tune(0)).toThrow(/1 to 13/);
  });

  it('is part of a scenario, whose events switch it and move it to another channel', async () => {
    const scenario: Scenario = {
      name: 'router',
      about: '',
      seconds: 12,
      nodes: row(2, 10),
      routers: [{ ...HOME, on: false }],
      events: [
        { atMs: 2000, do: 'router', router: 0, on: true },
        { atMs: 4000, do: 'router-channel', router: 0, channel: 6 },
        { atMs: 6000, do: 'router', router: 0, on: false },
      ],
    };
    const read = readScenario(JSON.stringify(scenario));
    expect(read).toEqual({ ok: true, scenario });
    const lines: string[] = [];
    const { breaks } = await rehearse(scenario, {
      firmware: inV8(),
      seed: 1,
      trace: (line) => lines.push(line),
    });
    expect(breaks).toEqual([]);
    expect(lines.filter((line) => line.includes('world router'))).toEqual([
      '2000000 world router router=0 on=true',
      '4000000 world router-channel router=0 channel=6',
      '6000000 world router router=0 on=false',
    ]);
    const faulty = (change: Partial<Scenario> & { events?: unknown[] }): unknown => {
      const result = readScenario(JSON.stringify({ ...scenario, ...change }));
      return result.ok ? 'read' : result.why;
    };
    expect(faulty({ routers: [] })).toMatch(/names a router that is not there/);
    expect(faulty({ routers: [{ ...HOME, channel: 20 }] })).toMatch(/channel is 1 to 13/);
    expect(faulty({ events: [{ atMs: 1, do: 'router-channel', router: 0, channel: 0 }] })).toMatch(
      /channel is 1 to 13/,
    );
  }, 60_000);
});

describe('limits of a board’s access point', () => {
  it('its DHCP server remembers eight leases: the ninth takes the place of the oldest (mesh notes, P5)', () => {
    const server = new DhcpServer();
    server.restart(0xc0a80401);
    const given = Array.from({ length: 9 }, (_, i) => server.addressFor(`station ${i}`));
    expect(new Set(given).size).toBe(9);
    expect(server.leases).toBe(8);
    expect(server.addressFor('station 8')).toBe(given[8]);
    expect(server.addressFor('station 0')).not.toBe(given[0]);
  });

  it.each([
    ['esp32', 15],
    ['esp32c3', 10],
  ] as const)(
    'an %s takes %i stations, however many are asked for (mesh notes, P6)',
    async (chip, most) => {
      const point = `${POINT}a.config(max_clients=20)\n`;
      const stations = Array.from({ length: 17 }, () => python(join('alpha', 'secret123')));
      const b = bench(
        [python(point, 'if count == 500: print(len(a.status("stations")))'), ...stations],
        { chip },
      );
      b.boards.forEach((board, i) => board.move(3 * Math.cos(i), 3 * Math.sin(i)));
      await b.advance(14_000);
      expect(b.read(0).trim()).toBe(String(most));
    },
    60_000,
  );
});

describe('a radio that is elsewhere', () => {
  const ESPNOW = `import espnow\ns.active(True)\ne = espnow.ESPNow()\ne.active(True)\n`;
  const beacon = python(
    `${ESPNOW}s.config(channel=6)\ne.add_peer(b"\\xff" * 6)\n`,
    'e.send(b"\\xff" * 6, b"tick", False)',
  );
  const listener = (act: string): string =>
    python(
      `${ESPNOW}e.config(rxbuf=8000)\ne.active(False)\ne.active(True)\ns.config(channel=6)\n`,
      `n = 0\nwhile e.any():\n    e.recv(0)\n    n += 1\n${act}\nif n == 0: print("deaf", time.ticks_ms())`,
    );

  it('hears no ESP-NOW while it scans for two and a half seconds (mesh notes, P12; platform facts, section 14)', async () => {
    const b = bench([beacon, listener('if count == 100:\n    s.scan()\n    e.recv(0)')]);
    await b.advance(6000);
    const { rxPackets } = b.boards[1]!.wireless.espNow.stats;
    const { txPackets } = b.boards[0]!.wireless.espNow.stats;
    const missed = (txPackets - rxPackets) * 24; // one about every 24 ms
    expect(missed).toBeGreaterThan(2000);
    expect(missed).toBeLessThan(3500);
  });

  it('hears none while it looks for an access point that is not there, again and again (mesh notes, P11)', async () => {
    const deafShare = async (reconnects: number): Promise<number> => {
      const act = `if count == 50:\n    s.config(reconnects=${reconnects})\n    s.connect("nobody", "12345678")`;
      const b = bench([beacon, listener(act)]);
      await b.advance(21_000);
      const { rxPackets } = b.boards[1]!.wireless.espNow.stats;
      return 1 - rxPackets / b.boards[0]!.wireless.espNow.stats.txPackets;
    };
    expect(await deafShare(-1)).toBeGreaterThan(0.9);
    expect(await deafShare(0)).toBeLessThan(0.2);
  }, 30_000);
});

describe('a port', () => {
  it('whose connection was closed from here stays in TIME_WAIT: bind needs SO_REUSEADDR for two minutes (lwIP TCP_MSL; mesh notes, P23)', async () => {
    const server = python(
      `${POINT}\nl = socket.socket()\nl.bind(("", 4000))\nl.listen(1)\nl.setblocking(False)\nmade = []\n`,
      `if not made:\n    try:\n        c = l.accept()[0]\n        made.append(c)\n        c.close()\n        l.close()\n        print("closed", time.ticks_ms())\n    except OSError:\n        pass\nif made and count % 250 == 0:\n    x = socket.socket()\n    try:\n        x.bind(("", 4000))\n        print("bound", time.ticks_ms())\n    except OSError as error:\n        print("refused", error.args[0])\n    x.close()\n    y = socket.socket()\n    y.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n    y.bind(("", 4000))\n    y.close()`,
    );
    const client = python(
      `${join('alpha', 'secret123')}\nc = socket.socket()\nc.setblocking(False)\nd = False\n`,
      'if s.isconnected() and count == 200:\n    connect_to(c, ("10.43.0.1", 4000))\nif count == 300:\n    c.close()',
    );
    const b = bench([server, client]);
    await b.advance(165_000);
    const text = b.read(0);
    expect(text).toMatch(/refused 112/);
    const [closed, bound] = [/closed (\d+)/, /bound (\d+)/].map((one) =>
      Number(one.exec(text)![1]),
    );
    expect(bound! - closed!).toBeGreaterThan(120_000);
    // And 20 s in FIN-WAIT-2 before, for the other side did not close; looked at every 8 s.
    expect(bound! - closed!).toBeLessThan(150_000);
  }, 60_000);
});
