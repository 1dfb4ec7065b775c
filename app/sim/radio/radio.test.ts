import { describe, expect, it } from 'vitest';
import { bench } from '../testing.ts';
import { Propagation } from './propagation.ts';
import { airTimeUs } from './medium.ts';

const PLAIN = `
import network, espnow, machine, time
w = network.WLAN(network.STA_IF)
w.active(True)
w.config(channel=6, pm=0)
e = espnow.ESPNow()
e.config(rxbuf=4096)
e.active(True)
B = b"\\xff" * 6
e.add_peer(B)
me = machine.unique_id()
n = 0
def step():
    global n
    n += 1
    if n % 10 == 1:
        e.send(B, "hello %d from %d" % (n, me[5]), False)
    while True:
        mac, msg = e.recv(0)
        if mac is None:
            break
        print(mac[5], bytes(msg), e.peers_table[mac][0] < -20, e.peers_table[mac][1] > 100)
    time.sleep_ms(20)
    return True
while step():
    pass
`;

const RECEIVER = (ring: string): string => `
import network, espnow, time
network.WLAN(0).active(True)
e = espnow.ESPNow()
${ring}
e.active(True)
n = 0
def step():
    global n
    n += 1
    if n == 1:
        time.sleep_ms(800)
    elif n == 2:
        got = []
        try:
            while e.any():
                got.append(len(e.recv(0)[1]))
        except ValueError as error:
            print(repr(error))
        print(got, e.stats()[3:])
        try:
            e.recv(0)
        except ValueError as error:
            print(repr(error))
        e.active(False)
        e.active(True)
        print(e.recv(0))
    time.sleep_ms(5)
    return True
while step():
    pass
`;

const SENDER = (burst: string): string => `
import network, espnow, time
network.WLAN(0).active(True)
e = espnow.ESPNow()
e.active(True)
B = b"\\xff" * 6
e.add_peer(B)
time.sleep_ms(100)
def step():
    ${burst}
    return False
while step():
    pass
`;

const still = { propagation: { floorLoss: 0 } };

describe('two boards on the air', () => {
  it('hear each other’s broadcasts with sender, strength and time', async () => {
    const b = bench([PLAIN, PLAIN], still);
    await b.advance(3000);
    const rows = b.read(0).trim().split('\n');
    expect(rows[0]).toBe("18 b'hello 1 from 18' True True");
    expect(rows.length).toBeGreaterThan(10);
    expect(b.read(1)).toMatch(/^16 b'hello 1 from 16' True True\n/);
  });

  it('hear nothing on another channel, out of range, or after power-off', async () => {
    const b = bench([PLAIN, PLAIN.replace('channel=6', 'channel=7')], still);
    await b.advance(2000);
    expect(b.read(0) + b.read(1)).toBe('');
    const far = bench([PLAIN, PLAIN], still);
    far.boards[1]!.move(5000, 0);
    await far.advance(2000);
    expect(far.read(0) + far.read(1)).toBe('');
    far.boards[1]!.move(5, 0);
    await far.advance(1000);
    expect(far.read(0)).not.toBe('');
    far.boards[0]!.powerOff();
    far.read(1);
    await far.advance(1000);
    expect(far.read(1)).toBe('');
  });

  it('know whether a unicast was acknowledged, and only by the radio (platform facts, section 14)', async () => {
    const code = `
import network, espnow, machine, time
network.WLAN(0).active(True)
e = espnow.ESPNow()
e.active(True)
other = b"\\x24\\x0a\\xc4\\x00\\x00" + bytes([0x22 - machine.unique_id()[5]])
n = 0
def step():
    global n
    n += 1
    if n == 20 and machine.unique_id()[5] == 0x10:
        e.add_peer(other)
        print(e.send(other, "plain", True))
        e.mod_peer(other, b"0123456789abcdef")
        print(e.send(other, "secret", True))
        e.del_peer(other)
        e.add_peer(b"\\x02" * 6)
        print(e.send(b"\\x02" * 6, "nobody", True), e.stats()[:3])
    mac, msg = e.recv(0)
    if mac:
        print(bytes(msg))
    time.sleep_ms(10)
    return True
while step():
    pass
`;
    const b = bench([code, code], still);
    await b.advance(2000);
    expect(b.read(0)).toBe('True\nTrue\nFalse (3, 3, 1)\n');
    expect(b.read(1)).toBe("b'plain'\n");
  });

  it('jam a synchronous sender for good when the driver forgets one answer: ETIMEDOUT until ESP-NOW is started again (platform facts, section 1)', async () => {
    const code = `
import network, espnow, time
network.WLAN(0).active(True)
e = espnow.ESPNow()
e.active(True)
B = b"\\xff" * 6
e.add_peer(B)
n = 0
def attempt(wait):
    t = time.ticks_ms()
    try:
        print(e.send(B, "x", wait), time.ticks_ms() - t < 50)
    except OSError as error:
        print(error.args[0], time.ticks_ms() - t >= 100)
def step():
    global n
    n += 1
    if n in (10, 20, 22):
        attempt(True)
    elif n == 21:
        attempt(False)
    elif n == 30:
        e.active(False)
        e.active(True)
        e.add_peer(B)
        attempt(True)
    time.sleep_ms(10)
    return True
while step():
    pass
`;
    const b = bench([code], still);
    await b.advance(260);
    expect(b.read()).toBe('True True\n');
    b.boards[0]!.wireless.espNow.loseNextAnswer();
    await b.advance(2000);
    expect(b.read()).toBe('116 True\nTrue True\n116 True\nTrue True\n');
  });

  it('keep every sender ever read in peers_table (platform facts, section 1)', async () => {
    const reader = `
import network, espnow, time
network.WLAN(0).active(True)
e = espnow.ESPNow()
e.config(rxbuf=4096)
e.active(True)
def step():
    while e.recv(0)[0] is not None:
        pass
    print(len(e.peers_table))
    time.sleep_ms(20)
    return True
while step():
    pass
`;
    const b = bench([reader], still);
    await b.advance(500);
    const { medium, queue } = b.world;
    const ghost = {
      id: '02000000ffff',
      position: { x: 1, y: 1 },
      channel: () => undefined,
      owns: () => false,
      receive: () => undefined,
    };
    medium.add(ghost);
    for (let i = 0; i < 30; i++) {
      const source = `0200000000${(16 + i).toString(16)}`;
      const frame = { source, destination: 'ffffffffffff', payload: Uint8Array.of(1), channel: 1 };
      medium.send(ghost, frame, queue.nowUs + 20_000 * i, () => undefined);
    }
    await b.advance(3000);
    expect(b.read().trim().split('\n').at(-1)).toBe('30');
  });

  it('keep two of ten 200-byte broadcasts in the usual ring while the reader sleeps (platform facts, section 1)', async () => {
    const burst = 'for i in range(10):\n        e.send(B, bytes(200), False)';
    const b = bench([SENDER(burst), RECEIVER('pass')], still);
    await b.advance(2000);
    expect(b.read(1)).toBe('[200, 200] (10, 8)\n(None, None)\n');
    const large = bench([SENDER(burst), RECEIVER('e.config(rxbuf=4096)')], still);
    await large.advance(2000);
    expect(large.read(1)).toMatch(/^\[(200, ){9}200\] \(10, 0\)/);
  });

  it('jam a receiver by one frame of 300 bytes until it is activated anew (platform facts, sections 1 and 14)', async () => {
    const burst = 'e.send(B, bytes(300), False)\n    e.send(B, bytes(10), False)';
    const b = bench([SENDER(burst), RECEIVER('e.config(rxbuf=4096)')], still);
    await b.advance(2000);
    expect(b.read(1)).toBe(
      "ValueError('ESPNow.recv(): buffer error',)\n[44] (2, 0)\nValueError('ESPNow.recv(): buffer error',)\n(None, None)\n",
    );
  });

  it('are disturbed on demand: loss, duplicates, damage and jamming', async () => {
    const rows = async (faults: object): Promise<string[]> => {
      const b = bench([PLAIN, PLAIN], still);
      Object.assign(b.world.medium.faults, faults);
      await b.advance(4100);
      return b.read(0).trim().split('\n').filter(Boolean);
    };
    const clean = await rows({});
    expect((await rows({ loss: 1 })).length).toBe(0);
    expect((await rows({ jammed: new Set([6]) })).length).toBe(0);
    expect((await rows({ duplicate: 1 })).length).toBe(2 * clean.length);
    const damaged = await rows({ damage: 1 });
    expect(damaged.length).toBe(clean.length);
    expect(damaged.filter((row, i) => row === clean[i])).toEqual([]);
  });

  it('leave the same trace for the same seed and another one for another seed', async () => {
    const trace = async (seed: number): Promise<string> => {
      const b = bench([PLAIN, PLAIN, PLAIN], {
        seed,
        propagation: { floorLoss: 0.3 },
      });
      await b.advance(5000);
      return [0, 1, 2].map((i) => b.read(i)).join('---');
    };
    const first = await trace(7);
    expect(await trace(7)).toBe(first);
    expect(await trace(8)).not.toBe(first);
  });

  it('find each other’s access points by a scan that takes two and a half seconds (platform facts, section 14)', async () => {
    const b = bench([
      'import network, time\nw = network.WLAN(0)\nw.active(True)\nt = time.ticks_ms()\nprint([(r[0], r[2]) for r in w.scan()], time.ticks_ms() - t)\n',
      'import network\na = network.WLAN(1)\na.active(True)\na.config(ssid="tree", channel=6)\n',
    ]);
    b.boards[0]!.powerOff();
    await b.advance(500);
    b.boards[0]!.powerOn();
    await b.advance(5000);
    expect(b.read(0)).toMatch(/^\[\(b'tree', 6\)\] 2500\n/);
  });
});

describe('propagation', () => {
  it('falls by 9 dB with each doubling of the distance and is fixed for a link', () => {
    const p = new Propagation(3, { shadowDb: 0, asymmetryDb: 0 });
    const at = (x: number): number => p.rssiDbm('a', { x: 0, y: 0 }, 'b', { x, y: 0 });
    expect(at(1)).toBeCloseTo(-20.5, 5);
    expect(at(20) - at(10)).toBeCloseTo(-9.03, 2);
    const shadowed = new Propagation(3);
    const there = shadowed.rssiDbm('a', { x: 0, y: 0 }, 'b', { x: 9, y: 0 });
    const again = shadowed.rssiDbm('a', { x: 0, y: 0 }, 'b', { x: 9, y: 0 });
    const back = shadowed.rssiDbm('b', { x: 9, y: 0 }, 'a', { x: 0, y: 0 });
    expect(again).toBe(there);
    expect(Math.abs(back - there)).toBeLessThan(8);
    expect(back).not.toBe(there);
  });

  it('loses more the weaker a frame is', () => {
    const p = new Propagation(3);
    expect(p.loss(-60)).toBeLessThan(0.01);
    expect(p.loss(-95)).toBeGreaterThan(0.45);
    expect(p.loss(-110)).toBeGreaterThan(0.99);
  });

  it('keeps a 250-byte frame on the air for 2.5 ms (mesh research, P16)', () => {
    expect(airTimeUs(250)).toBeGreaterThan(2400);
    expect(airTimeUs(250)).toBeLessThan(3000);
  });
});
