/** The traps of a board's start (the table in firmware-src/board/main.ts): what main.py and board/radio.ts do before all else. */
import { createCipheriv, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bytesToHex, fromUtf8, utf8 } from '../../base/bytes.ts';
import { firmwareFiles } from '../../image/compose.ts';
import { buildLittleFs } from '../../image/littlefs/write.ts';
import { FleetFlash, macOf } from '../fleet.ts';
import { asBytecode } from '../testing/firmware.ts';
import { OSError } from '../v8/errors.ts';
import { createWorld } from '../world.ts';
import { ambient, drivers, interfaceOf, nodes, record, replace } from './testing/boards.ts';

const FILES_AT = 0x200000;

/**
 * boot.py of a soft reset: Wi-Fi is as the last run left it. It tells what main.py and the firmware call, in order; _thread, which the
 * simulated runtime lacks, is made here.
 */
const BOOT_PY = `import sys, network, espnow, socket, machine, micropython
network.WLAN(1).active(True)
network.WLAN(0).active(True)
network.WLAN(0).connect("elsewhere", "secret123")
import __main__
def tell(holder, name, what):
    real = getattr(holder, name)
    def told(*args, **named):
        print("TELL", what, args[-1:] if what.startswith("wlan") else "")
        return real(*args, **named)
    setattr(holder, name, told)
tell(network.WLAN, "active", "wlan active")
tell(espnow.ESPNow, "active", "espnow active")
real_id = machine.unique_id
def told_id():
    print("TELL firmware, imported:", hasattr(__main__, "board_main"), "held:", __main__.held, "handles", handles[0])
    # What the heap takes as it grows.
    room[0] -= 50000
    return real_id()
machine.unique_id = told_id
import esp32
room = [90000]
threads = []
esp32.idf_heap_info = lambda kind: [(113840, room[0], room[0], 0), (7288, 4, 0, 4)]
class Thread:
    size = 0
    def stack_size(self, size=0):
        self.size = size
    def start_new_thread(self, run, args):
        room[0] -= self.size
        threads.append((run, args))
        print("TELL thread of", self.size)
sys.modules["_thread"] = Thread()
real_nvs = esp32.NVS
handles = [0]
def told_nvs(name):
    handles[0] += 1
    return real_nvs(name)
esp32.NVS = told_nvs
feed = machine.WDT.feed
fed = [0]
def told_feed(self):
    fed[0] += 1
    if fed[0] == 50:
        real_time = __main__.time
        __main__.time = type("T", (), {"sleep_ms": lambda ms: print("TELL sleeps", ms)})
        for run, args in threads:
            run(*args)
        __main__.time = real_time
        print("TELL held", __main__.held)
        print("TELL point", network.WLAN(1).active(), "status", network.WLAN(0).status())
    return feed(self)
machine.WDT.feed = told_feed
`;

async function toldByMainPy(before = '', folder = '', links = false): Promise<string[]> {
  const firmware = await asBytecode();
  if (firmware.engine !== 'micropython') throw new Error('no bytecode');
  const world = createWorld({ clock: 'virtual', seed: 1, bootMs: 100 });
  const board = world.addBoard({ chip: 'esp32', mac: macOf(0), x: 0, y: 0 });
  new FleetFlash(firmware).load(board.flash, { mac: macOf(0), name: 'one', zone: 'hall' });
  // The links' part is there only in name.
  const named = links ? [{ name: 'mesh_links', mpy: utf8('') }] : [];
  const moved = firmwareFiles([...firmware.modules, ...named]).map(({ path, bytes }) => ({
    path: path === 'main.py' ? path : folder + path,
    bytes,
  }));
  const files = [...moved, { path: 'boot.py', bytes: utf8(BOOT_PY + before) }];
  const blockCount = (board.flash.sizeBytes - FILES_AT) / 4096;
  board.flash.load(FILES_AT, buildLittleFs(files, { blockCount }));
  let text = '';
  board.onConsole = (bytes) => (text += fromUtf8(bytes));
  board.powerOn();
  await world.advance(10_000);
  const told = [...text.matchAll(/TELL (.*?)\s*\r?\n/g)].map((match) => match[1]!);
  if (told.length < 5 || text.includes('no-memory')) throw new Error(text.slice(0, 2000));
  return told;
}

describe('main.py', () => {
  it('switches Wi-Fi off and on, and holds memory for it in fenced pieces, until the firmware is loaded and has made its board', async () => {
    const told = await toldByMainPy('', '', true);
    // The board is made when the import is over and has left its memory: what a part of it holds comes on top otherwise.
    // One of the handles is the board's own.
    const made = told.indexOf('firmware, imported: True held: [1, 2] handles 21');
    expect(made).toBeGreaterThan(0);
    expect(told.findIndex((one) => one.startsWith('firmware'))).toBe(made);
    const piece = 'thread of 8192';
    expect(told.slice(0, made)).toEqual([
      'wlan active (False,)',
      'wlan active (True,)',
      'espnow active',
      piece,
      piece,
      piece,
    ]);
    // Of the 15 KB that are left three seconds later, a piece more is parted off; and all is let go.
    const held = told.indexOf('held []');
    const after = told.slice(made, held).filter((one) => /^(sleeps|thread)/.test(one));
    expect(after).toEqual(['sleeps 3000', piece]);
    expect(told.find((one) => one.startsWith('point'))).toBe('point False status 1000');
  }, 120_000);

  it('reads the firmware, and each part that it loads later, through the fast mount, which is gone in between', async () => {
    // The files are there only while the fast mount is.
    const mounting = `sys.modules["flashbdev"] = type("M", (), {"bdev": None})
import os
fast = [False]
os.VfsLfs2 = lambda device, readsize: readsize
def told_mount(device, path, readonly):
    print("TELL", path, "on", device, readonly)
    fast[0] = True
def told_umount(path):
    print("TELL", path, "off")
    fast[0] = False
os.mount = told_mount
os.umount = told_umount
import time
began = time.ticks_ms()
def told_button(self, *args):
    return 0 if 1000 < time.ticks_ms() - began < 6000 else 1
machine.Pin.value = told_button
`;
    const told = await toldByMainPy(mounting, 'fast/');
    expect(told.filter((one) => /^(\/fast|firmware)/.test(one))).toEqual([
      '/fast on 256 True',
      '/fast off',
      'firmware, imported: True held: [1, 2] handles 13',
      // The button was held: the part that joins is loaded.
      '/fast on 64 True',
      '/fast off',
    ]);
  }, 120_000);

  it('makes its fences once: a soft reset, which closes none of them, finds them there', async () => {
    const soft = 'machine.reset_cause = lambda: machine.SOFT_RESET\n';
    const told = await toldByMainPy(soft);
    expect(told).toContain('thread of 16384');
    // The one is the board's own.
    expect(told).toContain('firmware, imported: True held: [1, 2] handles 1');
    expect(told).toContain('held []');
  }, 120_000);

  it('holds no memory after a MemoryError, and does after any other error', async () => {
    const kept = (count: number): string => `machine.RTC().memory(bytes((109, 119, ${count})))\n`;
    const holds = (told: string[]): boolean => told.some((one) => one.startsWith('thread'));
    expect(holds(await toldByMainPy(kept(2)))).toBe(true);
    expect(holds(await toldByMainPy(kept(2 | 128)))).toBe(false);
  }, 120_000);
});

describe('Wi-Fi that has no memory', () => {
  /** One board whose station takes no settings, not its channel either, for so many seconds. */
  async function starved(seconds: number): Promise<{ text: string; sent: number }> {
    let isStarved = true;
    const methods = ambient('network', 'WLAN', 'prototype');
    const real = methods['config'] as (this: object, what: unknown) => unknown;
    replace(methods, 'config', function (this: object, what: unknown): unknown {
      if (typeof what !== 'string' && isStarved) throw new OSError('WiFi Out of Memory');
      return real.call(this, what);
    });
    const calls = record(/ESPNow\.send$/);
    const bench = nodes(1);
    await bench.advance(seconds);
    isStarved = false;
    await bench.advance(16 - seconds);
    const sent = calls.filter(({ what }) => what === 'espnow.ESPNow.send').length;
    return { text: bench.text(0), sent };
  }

  it('while main.py holds it is asked again, and the node is on the air once that is given back', async () => {
    const { text, sent } = await starved(4);
    expect(text).not.toMatch(/Out of Memory|not available/);
    expect(text).toContain('root-elected');
    expect(sent).toBeGreaterThan(5);
  });

  it('and gets none in ten seconds ends the firmware, which starts anew', async () => {
    const { text, sent } = await starved(16);
    expect(text.split('WiFi Out of Memory').length).toBe(2);
    expect(text).toContain('restart in 2 s');
    expect(sent).toBe(0);
  });
});

describe('NVS that has no memory', () => {
  /** One board whose first so many writes of numbers find no memory. */
  async function starved(writes: number): Promise<string> {
    const methods = ambient('esp32', 'NVS', 'prototype');
    const real = methods['set_i32'] as (this: object, key: string, value: number) => void;
    let left = writes;
    replace(methods, 'set_i32', function (this: object, key: string, value: number): void {
      left -= 1;
      if (left >= 0) throw new OSError(0x101, 'ESP_ERR_NO_MEM');
      real.call(this, key, value);
    });
    const bench = nodes(1);
    await bench.advance(12);
    return bench.text(0);
  }

  it('while main.py holds it is waited for: the start is counted, and the node on the air', async () => {
    const text = await starved(30);
    expect(text).not.toMatch(/ESP_ERR_NO_MEM|off the air/);
    expect(text).toContain('root-elected');
  });

  it('and gets none in four seconds leaves the node off the air, and says why', async () => {
    const text = await starved(1000);
    expect(text).toContain('boot counter cannot be stored');
    expect(text).toContain('NVS write boot: ESP_ERR_NO_MEM');
    expect(text).not.toContain('root-elected');
  });
});

describe('the radio', () => {
  interface Parts {
    Radio: new () => { prepare(): void };
  }
  interface Wlan {
    active(on?: boolean): boolean;
    connect(name: string, key: string): void;
    status(): number;
    config(what: string): unknown;
  }
  const wlan = (which: number): Wlan =>
    new (ambient('network')['WLAN'] as new (which: number) => Wlan)(which);

  it('begins with the access point off and the station joining nobody, whatever a run before a soft reset left', async () => {
    const bench = drivers<Parts>(1, ['board/radio.ts']);
    await bench.on(0, () => {
      wlan(1).active(true);
      wlan(0).connect('elsewhere', 'secret123');
    });
    await bench.advance(1);
    expect(await bench.on(0, () => wlan(0).status())).toBe(1001);
    const found = await bench.on(0, ({ Radio }) => {
      new Radio().prepare();
      return [
        wlan(1).active(),
        wlan(0).active(),
        wlan(0).config('reconnects'),
        wlan(0).config('pm'),
      ];
    });
    expect(found).toEqual([false, true, 0, 0]);
    await bench.advance(1);
    expect(await bench.on(0, () => wlan(0).status())).toBe(1000);
  });

  it('is on whenever random numbers are drawn, also for the handshake of a board without keys', async () => {
    const calls = record();
    // As if main.py had not switched it on.
    const before = `import { STA_IF, WLAN } from 'network';\nconst station = new WLAN(STA_IF);\nstation.active(false);`;
    const bench = nodes(2, { before, members: [{}, { keyless: true }] });
    const [member, keyless] = bench.boards as [(typeof bench.boards)[0], (typeof bench.boards)[0]];
    const hold = async (board: typeof member, seconds: number): Promise<void> => {
      board.pressBoot(true);
      await bench.advance(seconds);
      board.pressBoot(false);
    };
    await bench.advance(5);
    await hold(member, 1);
    await bench.advance(1);
    await hold(member, 5);
    await hold(keyless, 6);
    await bench.advance(10);
    expect(bench.text(1)).toContain('"state":"joined"');
    const runs = new Set(calls.map(({ run }) => run));
    for (const run of runs) {
      let isOn = false;
      let drawn = 0;
      for (const call of calls.filter((one) => one.run === run)) {
        const [on] = call.args;
        if (
          call.what === 'network.WLAN.active' &&
          interfaceOf(calls, call) === 0 &&
          typeof on === 'boolean'
        )
          isOn = on;
        if (call.what !== 'os.urandom') continue;
        drawn++;
        expect(isOn).toBe(true);
      }
      expect(drawn).toBeGreaterThan(0);
    }
    expect(runs.size).toBe(2);
  }, 60_000);
});

describe('the primitives', () => {
  type Crypto = object;
  interface Parts {
    BoardCrypto: new () => Crypto;
    HmacKey: new (crypto: Crypto, key: Uint8Array) => { tag(...parts: Uint8Array[]): Uint8Array };
    aesCtr(crypto: Crypto, key: Uint8Array, counter: Uint8Array, text: Uint8Array): Uint8Array;
  }

  it('make HMAC and counter mode of a hash that digests once and of single blocks, as Node’s own crypto does', async () => {
    const prototype = ambient('hashlib', 'sha256', 'prototype');
    const used = new WeakSet();
    for (const name of ['digest', 'update']) {
      const method = prototype[name] as (this: object, ...args: unknown[]) => unknown;
      replace(prototype, name, function (this: object, ...args: unknown[]) {
        if (used.has(this)) throw new Error(`${name}() after digest()`);
        if (name === 'digest') used.add(this);
        return method.apply(this, args);
      });
    }
    const bench = drivers<Parts>(1, ['board/crypto.ts', 'std/hmac.ts', 'std/aes-ctr.ts']);
    const key = Uint8Array.from({ length: 32 }, (_, i) => 3 * i);
    const counter = new Uint8Array(16).fill(0xff);
    const texts = ['', 'a', 'a text of more than sixteen bytes'].map((text) => utf8(text));
    const made = await bench.on(0, ({ BoardCrypto, HmacKey, aesCtr }) => {
      const crypto = new BoardCrypto();
      const hmac = new HmacKey(crypto, key);
      return texts.map((text) => [hmac.tag(text, text), aesCtr(crypto, key, counter, text)]);
    });
    expect(made.map((both) => both.map((one) => bytesToHex(one)))).toEqual(
      texts.map((text) => [
        createHmac('sha256', key).update(text).update(text).digest('hex'),
        createCipheriv('aes-256-ctr', key, counter).update(text).toString('hex'),
      ]),
    );
  });
});
