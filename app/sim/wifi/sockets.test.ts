/** socket over the model. "Seen" = seen on an emulated chip with stock MicroPython 1.26.0, same calls. */
import { describe, expect, it } from 'vitest';
import { createWorld } from '../world.ts';
import { dataAirUs, NO_DATA, rateMegabits } from './packet.ts';
import { bench, POINT, python } from './testing.ts';

/** The access point listens at 4000; `client` is what the station does in its turns, once joined. */
const LISTEN = `${POINT}l = socket.socket()\nl.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\nl.bind(("0.0.0.0", 4000))\nl.listen(2)\nl.setblocking(False)\nd = None\n`;
const ACCEPT = `
if d is None and select.poll and l._poll_state() & 1:
    d = l.accept()[0]
    d.setblocking(False)
`;
const server = (turn = '', setup = ''): string =>
  python(`${LISTEN}${setup}`, `global d\n${ACCEPT.trim()}\n${turn}`);
const CLIENT =
  's.active(True)\ns.connect("alpha", "secret123")\nc = socket.socket()\nc.setblocking(False)\n';
/** At turn 150 (about 4 s) it is joined. */
const BEGIN = 'if count == 150: connect_to(c, ("10.43.0.1", 4000))';
const client = (turn: string): string => python(CLIENT, `${BEGIN}\n${turn}`);

describe('errors of sockets (seen)', () => {
  it('of a new one, a closed one, a listening one, and the eleventh', async () => {
    const b = bench([
      python(
        'def flags(x):\n    p = select.poll()\n    p.register(x)\n    print([f for o, f in p.poll(0)])\nc = socket.socket()\nattempt(c.recv, 1)\nattempt(c.send, b"q")\nflags(c)\n' +
          'attempt(c.accept)\nc.setblocking(False)\nattempt(c.connect, ("10.1.1.1", 5))\nc.close()\nattempt(c.recv, 1)\nattempt(c.send, b"1")\nflags(c)\n' +
          'l = socket.socket()\nl.setblocking(False)\nl.bind(("", 5000))\nl.listen(1)\nattempt(l.accept)\nattempt(l.recv, 3)\nattempt(l.send, b"x")\nattempt(l.connect, ("1.1.1.1", 5))\nflags(l)\n' +
          'm = socket.socket()\nattempt(m.bind, ("0.0.0.0", 5000))\nu = socket.socket(2, 2)\nu.setblocking(False)\nattempt(u.recv, 3)\nattempt(u.sendto, b"x", ("10.1.1.1", 4))\nattempt(u.accept)\nflags(u)\n' +
          'attempt(c.setsockopt, 4095, 8, 1)\nattempt(m.setsockopt, 4095, 8, 1)\nk = []\ntry:\n    while True: k.append(socket.socket())\nexcept OSError as e: print(repr(e), len(k))\n' +
          'attempt(socket.getaddrinfo, "10.1.2.3", 80)\nprint(hasattr(socket, "SO_KEEPALIVE"))',
      ),
    ]);
    await b.advance(1000);
    expect(b.read().trim().split('\n')).toEqual([
      'OSError(128,)',
      'OSError(128,)',
      '[20]',
      'OSError(22,)',
      'OSError(118,)',
      'OSError(9,)',
      'OSError(9,)',
      '[32]',
      'OSError(11,)',
      'OSError(128,)',
      'OSError(11,)',
      'OSError(127,)',
      '[]',
      'OSError(112,)',
      'OSError(11,)',
      'OSError(118,)',
      'OSError(95,)',
      '[4]',
      'Warning: lwip.setsockopt() option not implemented',
      'None',
      'Warning: lwip.setsockopt() option not implemented',
      'None',
      'OSError(23,) 7',
      "[(2, 1, 0, '10.1.2.3', ('10.1.2.3', 80))]",
      'False',
    ]);
  });

  it('of a connection: in progress, too early, there, refused', async () => {
    const b = bench([
      server(),
      client(
        'if count == 150:\n    attempt(c.send, b"early")\n    attempt(c.recv, 10)\n    print(c._poll_state())\n' +
          'if count == 160:\n    print(c._poll_state())\n    attempt(c.connect, ("10.43.0.1", 4000))\n    attempt(c.recv, 4)\n    attempt(c.send, b"hello")\n' +
          '    global r\n    r = socket.socket()\n    r.setblocking(False)\n    connect_to(r, ("10.43.0.1", 4999))\n' +
          'if count == 170:\n    print(r._poll_state())\n    for f in (r.recv, r.recv, r.recv): attempt(f, 1)\n    attempt(r.send, b"1")',
      ),
    ]);
    await b.advance(6000);
    expect(b.read(1).trim().split('\n')).toEqual([
      'OSError(119,)',
      'OSError(11,)',
      'OSError(11,)',
      '0',
      '4',
      'OSError(127,)',
      'OSError(11,)',
      '5',
      'OSError(119,)',
      '5',
      'OSError(104,)',
      'OSError(104,)',
      'OSError(128,)',
      'OSError(128,)',
    ]);
  });

  it('of a connection to nobody: ECONNABORTED after a minute (seen: 60.3 s)', async () => {
    const b = bench([
      server(),
      python(
        CLIENT,
        'if count == 150: connect_to(c, ("10.43.0.99", 4000))\nif count > 150 and count % 50 == 0 and c._poll_state():\n    attempt(c.recv, 1)\n    print(time.ticks_ms())',
      ),
    ]);
    await b.advance(70_000);
    const [, , error, at] = /^(.*)\n(OSError\(113,\))\n(\d+)\n/.exec(b.read(1)) ?? [];
    expect(error).toBe('OSError(113,)');
    expect(Math.abs(Number(at) - 3_100 - 60_300)).toBeLessThan(2000);
  });

  it('a call that would block waits for its timeout, and says so when it would wait for ever', async () => {
    const b = bench([
      python(
        'l = socket.socket()\nl.bind(("", 5000))\nl.listen(1)\nattempt(l.accept)\nl.settimeout(2)\nt = time.ticks_ms()\nattempt(l.accept)\nprint(time.ticks_diff(time.ticks_ms(), t))',
      ),
    ]);
    await b.advance(5000);
    expect(b.read()).toMatch(/^RuntimeError\(.*block for ever.*\nOSError\(116,\)\n2000\n$/);
  });
});

describe('TCP between two boards', () => {
  it('takes 5760 bytes that nobody reads on each side, then says EAGAIN (seen), and delivers all of them in order', async () => {
    const b = bench([
      server(
        'if count > 350 and d:\n    r = d.read(100000)\n    if r: print(len(r), r == bytes([i % 251 for i in range(len(r))]) if count == 351 else "")',
      ),
      client(
        'if count in (160, 200):\n    data = bytes([i % 251 for i in range(20000)])\n    n = 0\n    try:\n        while True: n += c.send(data[n:n + 3000])\n    except OSError as e: print(n, repr(e), c._poll_state())',
      ),
    ]);
    await b.advance(12000);
    expect(b.read(1).trim().split('\n').slice(1)).toEqual([
      '5760 OSError(11,) 0',
      '5760 OSError(11,) 0',
    ]);
    const sizes = [...b.read(0).matchAll(/^(\d+) /gm)].map((row) => Number(row[1]));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(11520);
  });

  it('tells a close as an empty read for ever, and a reset where bytes were left unread (seen)', async () => {
    const b = bench([
      server('if count == 200: d.close()\nif count == 250: d = None'),
      client(
        'if count in (250, 251): print(c._poll_state(), c.recv(5))\nif count == 260: c.send(b"1")\nif count == 290:\n    attempt(c.send, b"2")\n    attempt(c.send, b"2")',
      ),
    ]);
    await b.advance(8000);
    expect(b.read(1).trim().split('\n').slice(1)).toEqual([
      "5 b''",
      "5 b''",
      'OSError(104,)',
      'OSError(128,)',
    ]);
    const unread = bench([
      server('if count == 200: d.close()'),
      client(
        'if count == 160: c.send(b"abc")\nif count == 250:\n    for i in range(3): attempt(c.recv, 5)',
      ),
    ]);
    await unread.advance(8000);
    expect(unread.read(1).trim().split('\n').slice(1)).toEqual([
      'OSError(104,)',
      'OSError(104,)',
      'OSError(128,)',
    ]);
  });

  it('aborts the station’s connections when it loses its address: 113 (seen); the other end knows nothing', async () => {
    const b = bench([
      server('if count == 300: a.active(False)\nif count == 340: attempt(d.recv, 5)'),
      client('if count == 340:\n    for i in range(3): attempt(c.recv, 5)'),
    ]);
    await b.advance(9000);
    expect(b.read(1).trim().split('\n').slice(1)).toEqual([
      'OSError(113,)',
      'OSError(113,)',
      'OSError(128,)',
    ]);
    expect(b.read(0)).toContain('OSError(11,)');
  });

  it('stays half open when the station loses its power, and gives up only after some twenty minutes (lwIP tcp_slowtmr)', async () => {
    const b = bench([
      server(
        'if count == 250: d.send(b"are you there")\nif count > 250 and count % 50 == 0:\n    try:\n        r = d.recv(1)\n    except OSError as e:\n        if e.args[0] != 11: print(repr(e), time.ticks_ms())',
      ),
      client(''),
    ]);
    await b.advance(4800);
    b.boards[1]!.powerOff();
    await b.advance(1_000_000);
    expect(b.read(0)).toBe('');
    await b.advance(300_000);
    expect(b.read(0)).toMatch(/^OSError\(113,\) 11\d\d\d\d\d\n/);
  }, 60_000);

  it('is reset by a peer that came back without it (RFC 9293, section 3.5.1)', async () => {
    const b = bench([
      server('if count == 900: d.send(b"x")\nif count == 1000: attempt(d.recv, 1)'),
      client(''),
    ]);
    await b.advance(6000);
    b.boards[1]!.powerOff();
    await b.advance(1000);
    b.boards[1]!.powerOn();
    await b.advance(20000);
    expect(b.read(0)).toContain('OSError(104,)');
  });

  it('keeps small segments back behind one under way, unless TCP_NODELAY is set (RFC 1122, section 4.2.3.4)', async () => {
    const arrivals = async (option: string): Promise<number[]> => {
      const b = bench([
        server('if d:\n    r = d.read(100)\n    if r: print(len(r), time.ticks_ms())'),
        python(`${CLIENT}${option}`, `${BEGIN}\nif 160 <= count < 164: c.send(b"12")`),
      ]);
      await b.advance(8000);
      return [...b.read(0).matchAll(/^\d+ (\d+)$/gm)].map((row) => Number(row[1]));
    };
    const held = await arrivals('');
    const quick = await arrivals('c.setsockopt(6, socket.TCP_NODELAY, 1)');
    expect(quick.at(-1)! - quick[0]!).toBeLessThan(100);
    expect(held.at(-1)! - held[0]!).toBeGreaterThan(150);
  });
});

describe('UDP and routes', () => {
  it('carries datagrams and broadcasts, six waiting at most (ESP-IDF LWIP_UDP_RECVMBOX_SIZE), and forwards nothing between the interfaces', async () => {
    const b = bench([
      python(
        `${POINT}u = socket.socket(2, 2)\nu.bind(("", 70))\nu.setblocking(False)`,
        'if count == 300:\n    n = 0\n    try:\n        while True:\n            r = u.recvfrom(99)\n            n += 1\n    except OSError: print(n, r)',
      ),
      python(
        `${CLIENT}u = socket.socket(2, 2)\nu.bind(("", 71))\na.active(True)`,
        'if count == 200:\n    print(u.sendto(b"hey", ("10.43.0.1", 70)), u.sendto(b"all", ("255.255.255.255", 70)), u.sendto(b"off", ("8.8.8.8", 70)))\nif count == 201:\n    for i in range(9): u.sendto(b"n%d" % i, ("10.43.0.1", 70))',
      ),
    ]);
    await b.advance(9000);
    expect(b.read(1)).toContain('3 3 3');
    expect(b.read(0).trim()).toBe("6 (b'n3', ('10.43.0.2', 71))");
  });
});

describe('frames on the air', () => {
  const segment = {
    protocol: 'tcp',
    fromIp: 1,
    toIp: 2,
    fromPort: 1,
    toPort: 2,
    flags: 16,
    sequence: 0,
    acknowledged: 0,
    window: 0,
  } as const;

  it('last as long as their rate asks, which falls with the signal (IEEE 802.11-2020 clauses 15 and 17)', () => {
    const data = new Uint8Array(1440);
    expect([-50, -72, -80, -88, -95].map(rateMegabits)).toEqual([54, 36, 18, 6, 1]);
    expect(dataAirUs({ ...segment, data }, -50, false)).toBe(
      20 + 4 * Math.ceil((22 + 8 * 1534) / 216) + 44,
    );
    expect(dataAirUs({ ...segment, data: NO_DATA }, -95, false)).toBe(192 + 8 * 94);
  });

  it('make throughput fall with distance, and cost ESP-NOW its air', async () => {
    const received = async (metres: number): Promise<number> => {
      const b = bench(
        [
          server(
            'if d:\n    r = d.read(10000)\n    if r: total[0] += len(r)\nif count % 500 == 0: print("total", total[0])',
            'total = [0]\n',
          ),
          client(
            'if count > 160:\n    try:\n        c.send(bytes(5000))\n    except OSError: pass',
          ),
        ],
        { propagation: { shadowDb: 0, asymmetryDb: 0 } },
      );
      b.boards[1]!.move(metres, 0);
      await b.advance(25000);
      return Number(/total (\d+)\n$/.exec(b.read(0))?.[1] ?? 0);
    };
    const near = await received(5);
    const far = await received(250);
    expect(near).toBeGreaterThan(200_000);
    expect(far).toBeGreaterThan(0);
    expect(far).toBeLessThan(near);
    expect(createWorld({ clock: 'virtual', seed: 1 }).medium.counters.sent).toBe(0);
  }, 60_000);
});
