/**
 * network.WLAN over the model. "Seen" = seen on an emulated chip with stock MicroPython 1.26.0, same program; platform facts are the
 * project's research notes.
 */
import { describe, expect, it } from 'vitest';
import { bench, POINT, python, statuses } from './testing.ts';

const WATCH = 'watch()';
const join = (key = 'secret123', more = ''): string =>
  `s.active(True)\n${more}\ns.connect("alpha", "${key}")\n`;

describe('names, modes and errors of network.WLAN (seen; ports/esp32/network_wlan.c)', () => {
  it('before anything is active', async () => {
    const b = bench([
      python(
        'print(a.ifconfig()[0], s.ifconfig()[0])\nattempt(a.status, "stations")\nattempt(a.config, "channel")\nattempt(s.connect, "x", "12345678")\n' +
          'attempt(s.disconnect)\nattempt(s.config, channel=3)\nattempt(s.config, pm=0)\nattempt(a.config, ssid="x")\nattempt(a.config, "ssid")\n' +
          'attempt(s.config, ssid="q")\nattempt(a.config, reconnects=1)\nattempt(a.ipconfig, "dhcp4")\nattempt(s.ipconfig, "dhcp4")',
      ),
    ]);
    await b.advance(1000);
    expect(b.read().trim().split('\n')).toEqual([
      '192.168.4.1 0.0.0.0',
      "OSError('Wifi Internal Error',)",
      '0',
      "OSError('Wifi Invalid Mode',)",
      "OSError('Wifi Not Started',)",
      "OSError('Wifi Not Started',)",
      "OSError('Wifi Invalid Mode',)",
      'None',
      "'x'",
      "OSError('AP required',)",
      "OSError('STA required',)",
      "ValueError('unexpected key',)",
      'False',
    ]);
  });

  it('with the access point only, and its key and address', async () => {
    const b = bench([
      python(
        'a.active(True)\nattempt(s.connect, "x", "12345678")\nattempt(s.disconnect)\nattempt(a.config, "max_clients")\n' +
          'a.config(ssid="alpha", key="secret123", authmode=3, channel=6)\nattempt(a.config, "channel")\nattempt(a.config, authmode=3, key="")\n' +
          'attempt(a.config, security=0, key="123")\na.ipconfig(addr4="10.9.8.1/24")\nprint(a.ipconfig("addr4"), a.ipconfig("gw4"))\n' +
          'attempt(a.ifconfig, ("10.43.0.1", 24, "10.43.0.1", "0.0.0.0"))\nprint(a.ifconfig())\nattempt(s.status, "x")\nattempt(a.status, "rssi")\nattempt(s.status, "stations")\n' +
          'attempt(s.config, mac=b"123")\nattempt(s.config, mac=bytes((1, 2, 3, 4, 5, 6)))\nattempt(a.ifconfig, "dhcp")\nattempt(a.ifconfig, ("1.2.3",))',
      ),
    ]);
    await b.advance(1000);
    expect(b.read().trim().split('\n')).toEqual([
      "OSError('Wifi Invalid Mode',)",
      "RuntimeError('Wifi Unknown Error 0xffffffff',)",
      '10',
      '6',
      "OSError('Wifi Invalid Password',)",
      "OSError('Wifi Invalid Password',)",
      "('10.9.8.1', '255.255.255.0') 192.168.4.1",
      "RuntimeError('Wifi Unknown Error 0x5001',)",
      "('10.43.0.1', '255.255.255.0', '10.43.0.1', '0.0.0.0')",
      "ValueError('unknown status param',)",
      "OSError('STA required',)",
      "OSError('AP required',)",
      "ValueError('invalid buffer length',)",
      "OSError('Wifi Invalid MAC Address',)",
      "ValueError('invalid arguments',)",
      "ValueError('requested length 4 but object has length 1',)",
    ]);
  });

  it('the access point takes the station to its own channel when it starts, and again at every config()', async () => {
    const b = bench([
      python(
        's.active(True)\ns.config(channel=9)\nc = lambda: print(s.config("channel"))\nc()\na.active(True)\nc()\na.config(channel=4)\nc()\n' +
          's.config(channel=9)\nc()\na.config(ssid="q")\nc()\na.active(False)\nc()\nattempt(s.config, channel=14)\ns.config(txpower=8.5)\nprint(s.config("txpower"), s.config("reconnects"))',
      ),
    ]);
    await b.advance(1000);
    expect(b.read().trim().split('\n')).toEqual([
      '9',
      '1',
      '4',
      '9',
      '4',
      '4',
      "RuntimeError('Wifi Unknown Error 0x0102',)",
      '7.0 -1',
    ]);
  });
});

describe('joining an access point', () => {
  it('takes about a second, gives the address after the access point’s, and shows it to both (seen: 1.1 s)', async () => {
    const b = bench([
      python(POINT, 'if count == 300: print(a.status("stations"), a.isconnected())'),
      python(
        join(),
        `${WATCH}\nif count == 300: print(s.ifconfig(), s.config("channel"), s.status("rssi") < -40, s.ipconfig("dhcp4"), s.scan()[0][3:5])`,
      ),
    ]);
    await b.advance(12000);
    const text = b.read(1);
    const rows = statuses(text);
    expect(rows.map(({ status }) => status)).toEqual([1001, 1010]);
    expect(rows[1]!.ms - rows[0]!.ms).toBeGreaterThan(900);
    expect(rows[1]!.ms - rows[0]!.ms).toBeLessThan(2500);
    expect(text).toContain("('10.43.0.2', '255.255.255.0', '10.43.0.1', '10.43.0.1') 6 True True");
    expect(b.read(0)).toContain("[(b'$\\n\\xc4\\x00\\x00\\x12',)] True");
  });

  it('can be waited for inside a turn, as scripts do', async () => {
    const b = bench([
      python(POINT),
      python(
        `${join()}while not s.isconnected():\n    time.sleep_ms(100)\nprint("in", time.ticks_ms(), s.ifconfig()[0])`,
      ),
    ]);
    await b.advance(5000);
    expect(b.read(1)).toMatch(/in 1\d\d\d 10\.43\.0\.2/);
  });

  it('ends in 201 for an unknown name after about 2.5 s, and goes on trying; connect() meanwhile is refused (seen)', async () => {
    const b = bench([
      python(
        's.active(True)\ns.connect("nobody", "12345678")\nattempt(s.connect, "nobody", "12345678")',
        `${WATCH}\nif count == 300: attempt(s.connect, "nobody", "1")`,
      ),
    ]);
    await b.advance(20000);
    const text = b.read();
    expect(text.match(/OSError\('Wifi Internal Error',\)/g)).toHaveLength(2);
    const rows = statuses(text);
    expect(rows.map(({ status }) => status)).toEqual([1001, 201]);
    expect(rows[1]!.ms - rows[0]!.ms).toBeGreaterThan(2300);
    expect(rows[1]!.ms - rows[0]!.ms).toBeLessThan(3000);
  });

  it.each([
    ['wrongwrong', '', 15, 3200],
    ['', '', 210, 2450],
    ['secret123', 'pinned', 201, 2450],
  ])('with reconnects=0 and key "%s" %s ends in %i (seen)', async (key, how, status, ms) => {
    const pin = how === 'pinned' ? ', bssid=b"123456"' : '';
    const b = bench([
      python(POINT),
      python(`s.active(True)\ns.config(reconnects=0)\ns.connect("alpha", "${key}"${pin})`, WATCH),
    ]);
    await b.advance(10000);
    const rows = statuses(b.read(1));
    expect(rows.map((row) => row.status)).toEqual([1001, status]);
    expect(Math.abs(rows[1]!.ms - rows[0]!.ms - ms)).toBeLessThan(1000);
  });

  it('with a wrong key and endless retries reads 1001, then 202 in turn (seen; platform facts, section 14)', async () => {
    const b = bench([python(POINT), python(join('wrongwrong'), WATCH)]);
    await b.advance(20000);
    const rows = statuses(b.read(1)).map(({ status }) => status);
    expect(rows.slice(0, 4)).toEqual([1001, 202, 1001, 202]);
  });

  it('after disconnect() reads 1000 until the next address is there, not 1001 (seen)', async () => {
    const b = bench([
      python(POINT),
      python(
        join(),
        `${WATCH}\nif count == 150: s.disconnect()\nif count == 200: s.connect("alpha", "secret123")`,
      ),
    ]);
    await b.advance(12000);
    expect(statuses(b.read(1)).map(({ status }) => status)).toEqual([1001, 1010, 1000, 1010]);
  });

  it('with a fixed address needs no DHCP and keeps it afterwards (seen: 0.4 s)', async () => {
    const b = bench([
      python(POINT),
      python(
        `s.active(True)\ns.ifconfig(("10.43.0.77", 24, "10.43.0.1", "10.43.0.1"))\ns.connect("alpha", "secret123")`,
        `${WATCH}\nif count == 150: s.disconnect()\nif count == 170: print(s.ifconfig()[0], s.ipconfig("dhcp4"))`,
      ),
    ]);
    await b.advance(8000);
    const text = b.read(1);
    expect(text).toContain('10.43.0.77 False');
    const [first, second] = statuses(text);
    expect(second!.ms - first!.ms).toBeLessThan(1100);
  });

  it('a hidden name is joined all the same, and scanned without its name (ESP-IDF Wi-Fi guide, scan: show_hidden)', async () => {
    const b = bench([
      python(`${POINT}a.config(hidden=True)`),
      python(`s.active(True)\nprint(s.scan()[0][0])\ns.connect("alpha", "secret123")`, WATCH),
    ]);
    await b.advance(8000);
    const text = b.read(1);
    expect(text).toContain("b''");
    expect(statuses(text).at(-1)!.status).toBe(1010);
  });

  it('is refused when max_clients are there: reason 5 (802.11 reason codes, ESP-IDF WIFI_REASON_ASSOC_TOOMANY)', async () => {
    const late = python(
      's.active(True)\ns.config(reconnects=0)',
      `${WATCH}\nif count == 150: s.connect("alpha", "secret123")`,
    );
    const b = bench([python(`${POINT}a.config(max_clients=1)`), python(join()), late]);
    await b.advance(10000);
    expect(statuses(b.read(2)).map(({ status }) => status)).toEqual([1000, 1001, 5]);
  });
});

describe('losing an access point', () => {
  const stay = python(join(), WATCH);

  it('that lost its power is noticed after 6 to 9 s; the address goes, 201 follows (seen: 7.9 s; platform facts, section 14: 8.4 s)', async () => {
    const b = bench([python(POINT), stay]);
    await b.advance(5000);
    b.boards[0]!.powerOff();
    const cutMs = b.world.nowMs;
    await b.advance(15000);
    const rows = statuses(b.read(1));
    expect(rows.map(({ status }) => status)).toEqual([1001, 1010, 1001, 201]);
    const noticed = rows[2]!.ms - cutMs;
    expect(noticed).toBeGreaterThan(6000);
    expect(noticed).toBeLessThan(9200);
    expect(rows[3]!.ms - rows[2]!.ms).toBeLessThan(3000);
  });

  it('with reconnects=0 reads 200, the beacon timeout (ports/esp32/network_wlan.c, network_wlan_status)', async () => {
    const b = bench([python(POINT), python(join('secret123', 's.config(reconnects=0)'), WATCH)]);
    await b.advance(5000);
    b.boards[0]!.powerOff();
    await b.advance(15000);
    expect(statuses(b.read(1)).at(-1)!.status).toBe(200);
  });

  it.each(['a.active(False)', '__import__("machine").reset()'])(
    'that ends with %s is noticed at once (seen for both)',
    async (end) => {
      const b = bench([python(POINT, `if count == 200: ${end}`), stay]);
      await b.advance(4000);
      b.read(1);
      await b.advance(1500);
      expect(statuses(b.read(1))[0]).toMatchObject({ status: 1001, connected: false });
    },
  );

  it('and finding it again happens by itself when it is back (seen)', async () => {
    const b = bench([python(POINT), stay]);
    await b.advance(5000);
    b.boards[0]!.powerOff();
    await b.advance(20000);
    b.boards[0]!.powerOn();
    await b.advance(8000);
    expect(statuses(b.read(1)).at(-1)!.status).toBe(1010);
  });

  it('out of range is like without power', async () => {
    const b = bench([python(POINT), stay]);
    await b.advance(5000);
    b.boards[1]!.move(5000, 0);
    await b.advance(15000);
    expect(statuses(b.read(1)).at(-1)!.status).toBe(201);
  });
});

describe('the access point’s list', () => {
  it('keeps a station that lost its power for 300 s and more (platform facts, section 14: after 400 s still there), not one that left', async () => {
    const b = bench([
      python(POINT, 'if count % 50 == 0: print(len(a.status("stations")), time.ticks_ms())'),
      python(join()),
      python(join(), 'if count == 200: s.disconnect()'),
    ]);
    await b.advance(10000);
    b.boards[1]!.powerOff();
    await b.advance(1_000_000);
    const rows = [...b.read(0).matchAll(/^(\d) (\d+)$/gm)].map((row) => [+row[1]!, +row[2]!]);
    expect(Math.max(...rows.map(([count]) => count!))).toBe(2);
    const lastSeen = rows.findLast(([count]) => count === 1)![1]!;
    expect(lastSeen).toBeGreaterThan(400_000);
    expect(lastSeen).toBeLessThan(700_000);
    expect(rows.at(-1)![0]).toBe(0);
  }, 60_000);

  it('gives way to the station’s channel: the own access point is dragged along and its clients drop (mesh notes, P10)', async () => {
    const middle = python(
      `${POINT}a.config(ssid="mid", channel=1)\na.ifconfig(("10.44.0.1", 24, "10.44.0.1", "10.44.0.1"))\ns.active(True)`,
      'if count == 200:\n    s.connect("alpha", "secret123")\nif count == 400: print(a.config("channel"), s.isconnected(), a.status("stations"))',
    );
    const leaf = python('s.active(True)\ns.connect("mid", "secret123")', WATCH);
    const b = bench([python(POINT), middle, leaf]);
    await b.advance(25000);
    expect(b.read(1)).toMatch(/6 True \[\(b/);
    const rows = statuses(b.read(2)).map(({ status }) => status);
    expect(rows.slice(0, 3)).toEqual([1001, 1010, 1001]); // lost by silence
    expect(rows.at(-1)).toBe(1010); // and found again on channel 6
  });

  it('a station on the same subnet as its own access point talks to itself (mesh notes, P8)', async () => {
    const both = python(
      's.active(True)\na.active(True)\ns.connect("alpha", "secret123")\nl = socket.socket()\nl.bind(("", 4000))\nl.listen(1)\nl.setblocking(False)\nc = socket.socket()\nc.setblocking(False)',
      'if count == 200:\n    connect_to(c, ("192.168.4.1", 4000))\nif count == 250:\n    print(s.ifconfig()[0], a.ifconfig()[0], l.accept()[1][0])',
    );
    const b = bench([
      python('a.active(True)\na.config(ssid="alpha", key="secret123", security=3)'),
      both,
    ]);
    await b.advance(10000);
    expect(b.read(1)).toContain('192.168.4.2 192.168.4.1 192.168.4.1');
  });
});
