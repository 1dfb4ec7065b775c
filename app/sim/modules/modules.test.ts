import { describe, expect, it } from 'vitest';
import { bench } from '../testing.ts';

/** Runs Python lines on a board and returns what each `show` printed. */
async function run(lines: string, advanceMs = 2000): Promise<string[]> {
  const helper =
    'def attempt(f, *a, **k):\n' +
    '    try:\n        print(repr(f(*a, **k)))\n' +
    '    except BaseException as e:\n        print(repr(e))\n';
  const b = bench([`${helper}${lines}\n`]);
  await b.advance(advanceMs);
  const text = b.read();
  return text.slice(0, text.indexOf('\nMicroPython')).split('\n');
}

describe('what a virtual board imports', () => {
  it('lacks the modules that boards lack (platform facts, sections 7 and 10)', async () => {
    const names =
      'hmac functools dataclasses typing itertools logging abc datetime copy base64 inspect enum zlib ' +
      'js jsffi _board weakref unittest pathlib string operator stat types html tarfile uu';
    const rows = await run(
      `for n in "${names}".split():\n    try:\n        __import__(n)\n        print("found", n)\n` +
        `    except ImportError as e:\n        pass\ntry:\n    import hmac\nexcept ImportError as e:\n    print(repr(e))`,
    );
    expect(rows).toEqual(['ImportError("no module named \'hmac\'",)']);
  });

  it('has the modules that boards have (platform facts, section 7)', async () => {
    const names =
      'hashlib cryptolib espnow deflate uctypes framebuf array heapq random re select struct json machine ' +
      'network collections errno io math cmath time binascii gc micropython esp32 os sys';
    expect(await run(`for n in "${names}".split():\n    __import__(n)\nprint("all")`)).toEqual([
      'all',
    ]);
  });

  it('says that it is an ESP32', async () => {
    const rows = await run(
      'import sys, os\nprint(sys.platform, sys.implementation[1], sys.implementation._machine)\n' +
        'print(sys.implementation._mpy == 0x2b06, os.uname().machine, dir())',
    );
    expect(rows[0]).toBe("esp32 (1, 26, 0, '') Generic ESP32 module with ESP32");
    expect(rows[1]).toMatch(/^True Generic ESP32 module with ESP32 /);
    expect(rows[1]).not.toMatch(/_start|_bd|_n'/);
  });
});

describe('esp32.NVS', () => {
  it('fails as on a board (platform facts, sections 4 and 14)', async () => {
    const rows = await run(
      'import esp32\nn = esp32.NVS("mesh")\nattempt(n.get_i32, "none")\nattempt(n.set_i32, "a" * 16, 1)\n' +
        'n.set_blob("b", b"12345")\nattempt(n.get_blob, "b", bytearray(4))\nattempt(n.get_i32, "b")\n' +
        'attempt(n.set_i32, "x", 1 << 31)\nattempt(n.set_i32, "x", 1.5)\nattempt(n.erase_key, "none")\n' +
        'attempt(n.set_blob, "big", bytes(20000))\nattempt(n.get_blob, "c", bytearray(4))',
    );
    expect(rows).toEqual([
      "OSError(-4354, 'ESP_ERR_NVS_NOT_FOUND')",
      "OSError(-4361, 'ESP_ERR_NVS_KEY_TOO_LONG')",
      "OSError(-4364, 'ESP_ERR_NVS_INVALID_LENGTH')",
      "OSError(-4354, 'ESP_ERR_NVS_NOT_FOUND')",
      "OverflowError('overflow converting long int to machine word',)",
      'TypeError("can\'t convert float to int",)',
      "OSError(-4354, 'ESP_ERR_NVS_NOT_FOUND')",
      "OSError(-4357, 'ESP_ERR_NVS_NOT_ENOUGH_SPACE')",
      "OSError(-4354, 'ESP_ERR_NVS_NOT_FOUND')",
    ]);
  });

  it('reads back what it wrote, extremes included, and cuts long names when reading', async () => {
    const rows = await run(
      'import esp32\nn = esp32.NVS("mesh")\nfor v in (0, 1, -1, 0x7fffffff, -0x80000000, 0x12345678):\n' +
        '    n.set_i32("v", v)\n    print(n.get_i32("v"))\nn.set_i32("a" * 15, 7)\nprint(n.get_i32("a" * 20))\n' +
        'b = bytes(range(256)) * 20\nn.set_blob("b", b)\nr = bytearray(6000)\nk = n.get_blob("b", r)\nprint(k, r[:k] == b)\n' +
        'n.set_blob("e", b"")\nprint(n.get_blob("e", bytearray(1)))\nn.erase_key("v")\nattempt(n.get_i32, "v")\nn.commit()',
    );
    expect(rows).toEqual([
      '0',
      '1',
      '-1',
      '2147483647',
      '-2147483648',
      '305419896',
      '7',
      '5120 True',
      '0',
      "OSError(-4354, 'ESP_ERR_NVS_NOT_FOUND')",
    ]);
  });
});

describe('espnow', () => {
  const setUp =
    'import espnow, network\nw = network.WLAN(0)\nw.active(True)\ne = espnow.ESPNow()\ne.active(True)\n' +
    'B = b"\\xff" * 6\nA = b"\\x02\\x00\\x00\\x00\\x00\\x01"\n';

  it('fails as on a board (platform facts, sections 1 and 14)', async () => {
    const rows = await run(
      setUp +
        'attempt(e.send, B, b"x")\nattempt(e.send, b"x")\ne.add_peer(B)\nattempt(e.send, B, b"")\n' +
        'attempt(e.send, B, bytes(1471))\nattempt(e.send, B, bytes(251), False)\nattempt(e.add_peer, B)\n' +
        'attempt(e.add_peer, b"12345")\nattempt(e.add_peer, A, b"short")\nattempt(e.mod_peer, A)\nattempt(e.del_peer, A)\n' +
        'attempt(e.get_peer, A)\nattempt(e.add_peer, A, None, 15)\nattempt(e.set_pmk, b"x")\n' +
        'e.add_peer(A, ifidx=1)\nattempt(e.send, A, b"x")\ne.mod_peer(A, channel=5, ifidx=0)\nattempt(e.send, A, b"x")\n' +
        'e.active(False)\nattempt(e.send, B, b"x")\nattempt(e.add_peer, A)\nattempt(e.config, "nothing")\nattempt(e.config, nothing=1)',
    );
    expect(rows).toEqual([
      "OSError(-12393, 'ESP_ERR_ESPNOW_NOT_FOUND')",
      "OSError(-12393, 'ESP_ERR_ESPNOW_NOT_FOUND')",
      "OSError(-12390, 'ESP_ERR_ESPNOW_ARG')",
      "OSError(-12390, 'ESP_ERR_ESPNOW_ARG')",
      'True',
      "OSError(-12395, 'ESP_ERR_ESPNOW_EXIST')",
      "ValueError('invalid buffer length',)",
      "ValueError('invalid buffer length',)",
      "OSError(-12393, 'ESP_ERR_ESPNOW_NOT_FOUND')",
      "OSError(-12393, 'ESP_ERR_ESPNOW_NOT_FOUND')",
      "OSError(-12393, 'ESP_ERR_ESPNOW_NOT_FOUND')",
      "OSError(-12390, 'ESP_ERR_ESPNOW_ARG')",
      "ValueError('invalid buffer length',)",
      "OSError(-12396, 'ESP_ERR_ESPNOW_IF')",
      "OSError(-12397, 'ESP_ERR_ESPNOW_CHAN')",
      "OSError(-12389, 'ESP_ERR_ESPNOW_NOT_INIT')",
      "OSError(-12389, 'ESP_ERR_ESPNOW_NOT_INIT')",
      "ValueError('unknown config param',)",
      "TypeError('extra keyword arguments given',)",
    ]);
  });

  it('takes 20 peers, 7 of them encrypted (platform facts, section 14)', async () => {
    const rows = await run(
      setUp +
        'def mac(i):\n    return b"\\x02\\x00\\x00\\x00\\x01" + bytes([i])\n' +
        'for i in range(7):\n    e.add_peer(mac(i), b"0123456789abcdef")\n' +
        'attempt(e.add_peer, mac(7), b"0123456789abcdef")\nfor i in range(7, 20):\n    e.add_peer(mac(i))\n' +
        'attempt(e.add_peer, mac(20))\nprint(e.peer_count(), len(e.get_peers()))\nprint(e.get_peer(mac(1))[1:])\n' +
        'e.active(False)\ne.active(True)\nprint(e.peer_count())',
    );
    expect(rows).toEqual([
      "OSError(-12392, 'ESP_ERR_ESPNOW_FULL')",
      "OSError(-12392, 'ESP_ERR_ESPNOW_FULL')",
      '(20, 7) 20',
      "(b'0123456789abcdef', 0, 0, True)",
      '(0, 0)',
    ]);
  });

  it('crashes the chip when a peer is added before the first activation, or without an address (section 1)', async () => {
    for (const call of ['e.add_peer(b"\\xff" * 6)', 'e.active(True)\ne.add_peer(None)']) {
      const b = bench([
        `import espnow, machine\nprint("cause", machine.reset_cause())\ne = espnow.ESPNow()\nif machine.reset_cause() == 1:\n    ${call.replace('\n', '\n    ')}\nprint("after")\n`,
      ]);
      await b.advance(1000);
      expect(b.read()).toMatch(/^cause 1\nGuru Meditation[^]*cause 2\nafter\n/);
    }
  });

  it('keeps a silent broadcast counted and an unheard unicast failed', async () => {
    const rows = await run(
      setUp +
        'e.add_peer(B)\ne.add_peer(A)\nprint(e.send(B, "text"), e.send(A, b"x"), e.stats(), e.any(), e.recv(0))\nprint(e.config("rxbuf"), e.config("timeout_ms"), espnow.MAX_DATA_LEN)',
    );
    expect(rows).toEqual(['True False (2, 2, 1, 0, 0) False (None, None)', '526 300000 250']);
  });
});

describe('network.WLAN', () => {
  it('fails as on a board (platform facts, sections 2 and 14)', async () => {
    const rows = await run(
      'import network, time\ns = network.WLAN(network.STA_IF)\na = network.WLAN(network.AP_IF)\nattempt(s.scan)\nattempt(network.WLAN, 2)\n' +
        's.active(True)\nattempt(a.config, channel=6)\nattempt(s.config, channel=14)\nattempt(s.config, "nothing")\nattempt(s.config, nothing=1)\n' +
        'attempt(s.config, "security")\na.active(True)\nattempt(a.config, "hostname")\nattempt(a.config, key="123")\nattempt(a.config, security=99)\n' +
        'attempt(a.config, "password")\nattempt(s.status, "rssi")\ns.config(channel=11, pm=0)\nprint(a.config("channel"), s.config("channel"), s.config("pm"))\n' +
        's.connect("nobody", "12345678")\nprint(s.status())\nattempt(s.connect, "nobody", "12345678")\ntime.sleep(4)\nprint(s.status(), s.isconnected(), a.status(), a.status("stations"))',
      10000,
    );
    expect(rows).toEqual([
      "OSError('STA must be active',)",
      "ValueError('invalid WLAN interface identifier',)",
      "OSError('Wifi Invalid Mode',)",
      "RuntimeError('Wifi Unknown Error 0x0102',)",
      "ValueError('unknown config param',)",
      "ValueError('unknown config param',)",
      "OSError('AP required',)",
      "OSError('STA required',)",
      "OSError('Wifi Invalid Password',)",
      "RuntimeError('Wifi Unknown Error 0x0102',)",
      "ValueError('unknown config param',)",
      "OSError('Wifi Not Connected',)",
      '11 11 0',
      '1001',
      "OSError('Wifi Internal Error',)",
      '201 False None []',
    ]);
  });
});

describe('cryptography and codecs', () => {
  it('has a single-shot sha256 (platform facts, section 8)', async () => {
    const rows = await run(
      'import hashlib, binascii\nh = hashlib.sha256(b"abc")\nprint(binascii.hexlify(h.digest()))\nattempt(h.digest)\nattempt(h.update, b"x")',
    );
    expect(rows).toEqual([
      "b'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'",
      "ValueError('hash is final',)",
      "ValueError('hash is final',)",
    ]);
  });

  it('encrypts as FIPS 197 appendix C and SP 800-38A section F.2.1 say, and refuses what boards refuse (section 8)', async () => {
    const rows = await run(
      'from cryptolib import aes\nfrom binascii import hexlify as h, unhexlify as u\np = u("00112233445566778899aabbccddeeff")\n' +
        'k = bytes(range(16))\nc = aes(k, 1).encrypt(p)\nprint(h(c), aes(k, 1).decrypt(c) == p)\n' +
        'k = bytes(range(32))\nc = aes(k, 1).encrypt(p)\nprint(h(c), aes(k, 1).decrypt(c) == p)\n' +
        'k = u("2b7e151628aed2a6abf7158809cf4f3c")\niv = bytes(range(16))\nm = u("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")\n' +
        'x = aes(k, 2, iv)\nc = x.encrypt(m[:16]) + x.encrypt(m[16:])\nprint(h(c), aes(k, 2, iv).decrypt(c) == m)\n' +
        'b = bytearray(16)\naes(bytes(range(16)), 1).encrypt(p, b)\nprint(h(b)[:8])\n' +
        'attempt(aes, k, 6)\nattempt(aes(k, 1).encrypt, b"123")\nattempt(aes, b"12", 1)',
    );
    expect(rows).toEqual([
      "b'69c4e0d86a7b0430d8cdb78070b4c55a' True",
      "b'8ea2b7ca516745bfeafc49904b496089' True",
      "b'7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2' True",
      "b'69c4e0d8'",
      "ValueError('mode',)",
      "ValueError('blksize % 16',)",
      "ValueError('key',)",
    ]);
  });

  it('codes base64 and crc32, and takes text as boards do (platform facts, section 8)', async () => {
    const rows = await run(
      'import binascii, os, random\nprint(binascii.b2a_base64(b"hello"), binascii.a2b_base64("aGVsbG8="), binascii.crc32(b"123456789") == 0xcbf43926)\n' +
        'print(binascii.crc32(b"6789", binascii.crc32(b"12345")) == 0xcbf43926, len(os.urandom(5000)), os.urandom(8) != os.urandom(8))\nattempt(binascii.a2b_base64, b"a")',
    );
    expect(rows).toEqual([
      "b'aGVsbG8=\\n' b'hello' True",
      'True 5000 True',
      "ValueError('incorrect padding',)",
    ]);
  });
});

describe('time, files and errno', () => {
  it('lets a sleep move the clock of the board and nothing else', async () => {
    const rows = await run(
      'import time\na = time.ticks_ms()\ntime.sleep_ms(250)\ntime.sleep(1)\ntime.sleep_us(500)\nprint(time.ticks_diff(time.ticks_ms(), a))\n' +
        'print(time.ticks_add((1 << 30) - 1, 1), time.ticks_diff(0, (1 << 30) - 1), time.gmtime(0)[:3])\nattempt(time.sleep_ms, "1")',
      5000,
    );
    expect(rows[0]).toBe('1250');
    expect(rows[1]).toBe('0 1 (2000, 1, 1)');
    expect(rows[2]).toMatch(/^TypeError/);
  });

  it('raises the error numbers of the ESP32 (platform facts, section 3)', async () => {
    const rows = await run(
      'import os, errno\nattempt(open, "/none")\nattempt(os.remove, "/none")\nos.mkdir("/d")\nattempt(os.mkdir, "/d")\nopen("/d/f", "w").close()\nattempt(os.rmdir, "/d")\n' +
        'print([getattr(errno, n) for n in ("ENOENT", "EAGAIN", "ETIMEDOUT", "ENOTCONN")], sorted(os.listdir("/")), os.listdir("/d"), os.statvfs("/")[:3])',
    );
    expect(rows).toEqual([
      'OSError(2,)',
      'OSError(2,)',
      'OSError(17,)',
      'OSError(39,)',
      "[2, 11, 116, 128] ['d', 'main.py'] ['f'] (4096, 4096, 512)",
    ]);
  });

  it('shows a stock board’s memory, less what the firmware holds (platform facts, section 14)', async () => {
    const rows = await run(
      'import gc\na = gc.mem_free()\nx = bytearray(20000)\nb = gc.mem_free()\nprint(150000 < a <= 164528, 20000 <= a - b < 21000)',
    );
    expect(rows).toEqual(['True True']);
  });
});
