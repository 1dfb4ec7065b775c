import { describe, expect, it } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { mainPy } from '../image/main-py.ts';
import { HEAP_BUDGET_BYTES } from './heap-budget.ts';
import { bench, loadFlash } from './testing.ts';
import { createWorld } from './world.ts';

const CTRL_C = Uint8Array.of(3);
const CTRL_D = Uint8Array.of(4);

describe('a virtual board', () => {
  it('boots from its flash image and runs main.py, whose prints reach the console', async () => {
    const b = bench(['print("hello from main")\n']);
    await b.advance(1000);
    expect(b.read()).toMatch(
      /^hello from main\nMicroPython v1\.26\.0 on 2025-08-09; Generic ESP32/,
    );
  });

  it('runs boot.py first, and skips main.py when boot.py raises (platform facts, section 4)', async () => {
    const good = bench([{ files: { 'boot.py': 'print("boot")\n', 'main.py': 'print("main")\n' } }]);
    const bad = bench([{ files: { 'boot.py': '1/0\n', 'main.py': 'print("main")\n' } }]);
    await good.advance(1000);
    await bad.advance(1000);
    expect(good.read()).toMatch(/^boot\nmain\n/);
    expect(bad.read()).toMatch(
      /^Traceback \(most recent call last\):\n {2}File "boot.py", line 1, in <module>\nZeroDivisionError: divide by zero\nMicroPython/,
    );
  });

  it('imports a module from a folder of its file system', async () => {
    const b = bench([
      {
        files: {
          'main.py': 'import sys\nsys.path.insert(0, "/a")\nimport thing\nprint(thing.word)\n',
          'a/thing.py': 'word = "deep"\n',
        },
      },
    ]);
    await b.advance(1000);
    expect(b.read()).toMatch(/^deep\n/);
  });

  it('boots on every chip', async () => {
    for (const chip of ['esp32', 'esp32s2', 'esp32s3', 'esp32c3', 'esp32c6'] as const) {
      const b = bench(['import sys\nprint(sys.implementation._build)\n'], { chip });
      await b.advance(1000);
      expect(b.read()).toMatch(/^ESP32_GENERIC/);
    }
  });

  it('stays in the ROM’s loop when the flash is blank or the application is not one', async () => {
    const world = createWorld({ clock: 'virtual', seed: 1 });
    let text = '';
    const board = world.addBoard({ chip: 'esp32', mac: '24:0a:c4:00:00:01', x: 0, y: 0 });
    board.onConsole = (bytes) => (text += new TextDecoder().decode(bytes));
    board.powerOn();
    await world.advance(2000);
    expect(text).toMatch(/^(invalid header: 0xffffffff\r\n){2,}$/);
    loadFlash(board.flash, 'esp32', { files: { 'main.py': 'print(1)' } });
    board.flash.load(0x10000, new Uint8Array(64));
    text = '';
    board.reset('run');
    await world.advance(2000);
    expect(text).toMatch(/Factory app partition is not bootable/);
    board.flash.erase(0x8000, 0x1000);
    text = '';
    board.reset('run');
    await world.advance(2000);
    expect(text).toMatch(/Failed to verify partition table/);
  });

  it('refuses the application of another chip', async () => {
    const world = createWorld({ clock: 'virtual', seed: 1 });
    let text = '';
    const board = world.addBoard({ chip: 'esp32', mac: '24:0a:c4:00:00:01', x: 0, y: 0 });
    board.onConsole = (bytes) => (text += new TextDecoder().decode(bytes));
    loadFlash(board.flash, 'esp32', {});
    const other = world.addBoard({ chip: 'esp32c3', mac: '24:0a:c4:00:00:02', x: 0, y: 0 });
    loadFlash(other.flash, 'esp32c3', {});
    board.flash.load(0x10000, other.flash.read(0x10000, 0x1000));
    board.powerOn();
    await world.advance(1000);
    expect(text).toMatch(/mismatch chip ID, expected 0, found 5/);
  });

  it('formats a blank file system and complains about a broken one for ever (platform facts, section 4)', async () => {
    const b = bench(['print("never")']);
    const board = b.boards[0]!;
    board.flash.erase(0x200000, 0x200000);
    await b.advance(1000);
    expect(b.read()).toMatch(/^MicroPython v1/);
    board.flash.load(0x200000, new Uint8Array(8192).fill(0x55));
    board.reset('run');
    await b.advance(3000);
    expect(b.read().match(/appears to be corrupted/g)?.length).toBeGreaterThan(2);
  });
});

describe('reset and its cause (platform facts, section 14)', () => {
  it('is told to the firmware: power-on 1, machine.reset 2, watchdog 3, deep sleep 4, soft 5', async () => {
    const b = bench([
      'import machine, time\nc = machine.reset_cause()\nprint("cause", c)\n' +
        'if c == 1:\n    machine.reset()\nif c == 2:\n    machine.WDT(timeout=1000)\n    time.sleep(9)\n' +
        'if c == 3:\n    machine.deepsleep(2000)\nif c == 4:\n    machine.soft_reset()\nprint("end")\n',
    ]);
    await b.advance(10000);
    expect(b.read().match(/cause \d|end|soft reboot/g)).toEqual([
      'cause 1',
      'cause 2',
      'cause 3',
      'cause 4',
      'soft reboot',
      'cause 5',
      'end',
    ]);
    b.boards[0]!.reset('run');
    await b.advance(500);
    expect(b.read()).toMatch(/cause 1/);
  });

  it('comes at the time at which the firmware asked for it, not before the sleep in front of it', async () => {
    const b = bench(['import machine, time\nprint("up")\ntime.sleep(5)\nmachine.reset()\n']);
    await b.advance(4000);
    expect(b.read()).toBe('up\n');
    await b.advance(2000);
    expect(b.read()).toBe('up\n');
  });

  it('follows a SystemExit as an endless soft reboot (platform facts, section 0, point 2)', async () => {
    const b = bench(['import sys\nsys.exit()\n']);
    await b.advance(3000);
    expect(b.read().match(/soft reboot/g)?.length).toBeGreaterThan(3);
  });

  it('does not come to a watchdog that is fed', async () => {
    const b = bench([
      'import machine, time\nw = machine.WDT(timeout=500)\nn = 0\ndef step():\n    global n\n    n += 1\n' +
        '    if n < 100:\n        w.feed()\n    time.sleep_ms(50)\n    return True\nprint("cause", machine.reset_cause())\nwhile step():\n    pass\n',
    ]);
    await b.advance(5000);
    expect(b.read()).toBe('cause 1\n');
    await b.advance(1500);
    expect(b.read()).toBe('cause 3\n');
  });

  it('keeps RTC memory through machine.reset, not through a power cut', async () => {
    const b = bench([
      'import machine\nr = machine.RTC()\nprint(r.memory())\nif not r.memory():\n    r.memory(b"kept")\n    machine.reset()\n',
    ]);
    await b.advance(2000);
    expect(b.read()).toMatch(/^b''\nb'kept'\n/);
    b.boards[0]!.powerOff();
    await b.advance(100);
    b.boards[0]!.powerOn();
    await b.advance(150);
    expect(b.read()).toMatch(/^b''\n/);
  });
});

describe('what a board keeps', () => {
  it('keeps NVS over reset and power cut, as far as it was written', async () => {
    const b = bench([
      'import esp32, time\nn = esp32.NVS("t")\ntry:\n    v = n.get_i32("boot")\nexcept OSError:\n    v = 0\nprint("boot", v)\n' +
        'n.set_i32("boot", v + 1)\ntime.sleep(3)\nn.set_i32("boot", 100)\n',
    ]);
    const board = b.boards[0]!;
    await b.advance(200);
    board.reset('run');
    await b.advance(200);
    expect(b.read()).toBe('boot 0\nboot 100\n');
    // In one turn all is written at once: the sleep between the two writes does not separate them.
  });

  it('loses exactly the write in which power goes', async () => {
    const b = bench([
      'import esp32\nn = esp32.NVS("t")\ntry:\n    v = n.get_i32("v")\nexcept OSError:\n    v = 0\nprint("v", v)\n' +
        'def step():\n    global v\n    v += 1\n    n.set_i32("v", v)\n    return True\nwhile step():\n    pass\n',
    ]);
    const board = b.boards[0]!;
    const seen: number[] = [];
    for (let i = 1; i <= 12; i++) {
      board.flash.cutPowerAt(20 + i, () => board.powerOff());
      await b.advance(1000);
      expect(board.activity).toBe('off');
      board.powerOn();
      await b.advance(0);
      seen.push(Number(/v (\d+)/.exec(b.read())?.[1]));
    }
    expect(seen).toEqual([...seen].sort((x, y) => x - y));
    expect(new Set(seen.slice(1)).size).toBeGreaterThan(8);
  });

  it('keeps files that were closed before the power went', async () => {
    const b = bench([
      'import os\nprint(sorted(os.listdir("/")))\nn = 0\ndef step():\n    global n\n    n += 1\n    if n == 5 and "d" not in os.listdir("/"):\n        os.mkdir("/d")\n' +
        '        f = open("/d/log.txt", "w")\n        f.write("x" * 9000)\n        f.close()\n    if n == 10:\n        os.remove("/main.py")\n    return True\nwhile step():\n    pass\n',
    ]);
    const board = b.boards[0]!;
    await b.advance(170);
    board.powerOff();
    board.powerOn();
    await b.advance(102);
    expect(b.read()).toBe("['main.py']\n['d', 'main.py']\n");
    await b.advance(300);
    board.reset('run');
    await b.advance(500);
    expect(b.read()).toMatch(/^MicroPython/);
  });
});

describe('the console of a board', () => {
  const ECHO =
    'import sys, select, micropython, time\nmicropython.kbd_intr(-1)\np = select.poll()\np.register(sys.stdin, select.POLLIN)\n' +
    'got = b""\nn = 0\ndef step():\n    global got, n\n    n += 1\n    if n == 1:\n        time.sleep_ms(1500)\n        return True\n' +
    '    while p.poll(0):\n        got += sys.stdin.buffer.read(1)\n    if n == 3:\n        sys.stdout.write("got %d %s\\n" % (len(got), got[:8]))\n    return True\nwhile step():\n    pass\n';

  it('keeps 259 bytes and drops the rest silently (platform facts, section 6)', async () => {
    const b = bench([ECHO]);
    await b.advance(200);
    b.boards[0]!.type(new Uint8Array(600).fill(0x41));
    await b.advance(2000);
    expect(b.read()).toBe("got 259 b'AAAAAAAA'\n");
    expect(b.boards[0]!.measure().droppedInput).toBe(341);
  });

  it('is 8-bit clean once kbd_intr(-1) is in force (platform facts, section 6)', async () => {
    const b = bench([ECHO]);
    await b.advance(200);
    b.boards[0]!.type(Uint8Array.of(3, 4, 1, 0, 0xff, 13, 10, 0x80));
    await b.advance(2000);
    expect(b.read()).toBe("got 8 b'\\x03\\x04\\x01\\x00\\xff\\r\\n\\x80'\n");
  });

  it('turns LF into CR LF in text but not in sys.stdout.buffer', async () => {
    const b = bench(['']);
    const bytes: number[] = [];
    b.boards[0]!.onConsole = (part) => bytes.push(...part);
    loadFlash(b.boards[0]!.flash, 'esp32', {
      files: {
        'main.py':
          'import sys\nprint("a")\nsys.stdout.write("b\\n")\nsys.stdout.buffer.write(b"c\\n")\n',
      },
    });
    await b.advance(1000);
    expect(new TextDecoder().decode(Uint8Array.from(bytes))).toMatch(/^a\r\nb\r\nc\nMicro/);
  });

  it('makes a long print wait for the line (115200 baud)', async () => {
    const b = bench([
      'import time\na = time.ticks_ms()\nprint("x" * 1150)\nprint(time.ticks_diff(time.ticks_ms(), a))\n',
    ]);
    await b.advance(1000);
    const ms = Number(b.read().split('\n')[1]);
    expect(ms).toBeGreaterThan(80);
    expect(ms).toBeLessThan(100);
  });

  it('stops the firmware at Ctrl-C, runs lines at the prompt, and soft-resets at Ctrl-D', async () => {
    const b = bench([
      'import time\nprint("start")\ndef step():\n    time.sleep(60)\n    return True\nwhile step():\n    pass\n',
    ]);
    const board = b.boards[0]!;
    await b.advance(500);
    board.type(CTRL_C);
    await b.advance(10);
    expect(b.read()).toMatch(
      /^start\nTraceback[^]*KeyboardInterrupt: *\nMicroPython v1[^\n]*\nType "help\(\)"[^\n]*\n>>> $/,
    );
    board.type(utf8('6 * 7\r'));
    await b.advance(10);
    expect(b.read()).toBe('6 * 7\n42\n>>> ');
    board.type(utf8('1/0\r'));
    await b.advance(10);
    expect(b.read()).toMatch(
      /^1\/0\nTraceback \(most recent call last\):\n {2}File "<stdin>", line 1, in <module>\nZeroDivisionError: divide by zero\n>>> $/,
    );
    board.type(CTRL_D);
    await b.advance(1000);
    expect(b.read()).toBe('\nMPY: soft reboot\nstart\n');
  });

  it('shows only the firmware’s own frames in a traceback', async () => {
    const b = bench([
      'import espnow\ndef deep():\n    espnow.ESPNow().send(b"123456", b"x")\ndeep()\n',
    ]);
    await b.advance(1000);
    expect(b.read()).toMatch(
      /^Traceback \(most recent call last\):\n {2}File "main.py", line 4, in <module>\n {2}File "main.py", line 3, in deep\nOSError: \(-12389, 'ESP_ERR_ESPNOW_NOT_INIT'\)\n/,
    );
  });
});

describe('the project’s own main.py', () => {
  it('reports a board without firmware and leaves the prompt', async () => {
    const b = bench([mainPy()]);
    await b.advance(1000);
    expect(b.read()).toMatch(/no sound firmware on this board: flash it again"}\n[^]*>>> $/);
  });

  it('prints the traceback of a failing step, waits longer each time and resets', async () => {
    const text = mainPy().replace('board_main = start()', 'board_main = Bad()');
    const failing = text.replace(
      '\ntry:\n    board_main',
      '\nclass Bad:\n    def step(self):\n        return 1 // 0\n\ntry:\n    board_main',
    );
    const b = bench([failing]);
    await b.advance(1000);
    expect(b.read()).toMatch(/ZeroDivisionError[^]*restart in 2 s/);
    await b.advance(2500);
    expect(b.read()).toMatch(/restart in 4 s/);
    b.boards[0]!.type(CTRL_C);
    await b.advance(100);
    expect(b.read()).toMatch(/KeyboardInterrupt[^]*>>> $/);
    await b.advance(10000);
    expect(b.read()).toBe('');
  });
});

describe('the heap of a board', () => {
  const eater = (keeps: boolean): string =>
    `import gc\nkept = []\nprint("free", gc.mem_free())\ndef step():\n    b = bytearray(2000)\n    if ${keeps ? 'True' : 'False'}:\n        kept.append(b)\n    return True\nwhile step():\n    pass\n`;

  it('is as large as the chip’s (heap-budget.ts), and more than that raises MemoryError (platform facts, section 9)', async () => {
    for (const chip of ['esp32', 'esp32s2'] as const) {
      const b = bench([eater(true)], { chip });
      const budget = HEAP_BUDGET_BYTES[chip];
      await b.advance(4000);
      const text = b.read();
      const free = Number(/free (\d+)/.exec(text)![1]);
      expect(free).toBeGreaterThan(budget - 4000);
      expect(free).toBeLessThanOrEqual(budget);
      expect(text).toMatch(/MemoryError: memory allocation failed, allocating \d+ bytes/);
      // One turn in 32 is looked at.
      const turns = b.boards[0]!.measure().turns;
      expect(turns).toBeGreaterThan(budget / 2016 - 4);
      expect(turns).toBeLessThan(budget / 2000 + 40);
    }
  });

  it('does not end for garbage, however much of it', async () => {
    const b = bench([eater(false)]);
    await b.advance(9000);
    expect(b.boards[0]!.measure().turns).toBeGreaterThan(600);
    expect(b.read()).not.toContain('Error');
  });
});

describe('the clock of a board', () => {
  const ticking = `import time\nlast = 0\ndef step():\n    global last\n    time.sleep_ms(20)\n    s = time.ticks_ms() // 1000\n    if s != last:\n        last = s\n        print("s", s)\n    return True\nwhile step():\n    pass\n`;

  it('runs as fast or slow as its crystal, which the seed decides within the given parts of a million', async () => {
    const b = bench([ticking, ticking, ticking], { driftPpm: 20_000, seed: 3 });
    const drifts = b.boards.map(({ driftPpm }) => driftPpm);
    expect(new Set(drifts).size).toBe(3);
    for (const drift of drifts) expect(Math.abs(drift)).toBeLessThanOrEqual(20_000);
    await b.advance(60_000);
    b.boards.forEach((_, i) => {
      const seconds = Number(/s (\d+)\n$/.exec(b.read(i))![1]);
      expect(seconds).toBe(Math.floor(60 * (1 + drifts[i]! / 1e6)));
    });
    const again = bench([ticking, ticking, ticking], { driftPpm: 20_000, seed: 3 });
    expect(again.boards.map(({ driftPpm }) => driftPpm)).toEqual(drifts);
    const other = bench([ticking], { driftPpm: 20_000, seed: 4 });
    expect(other.boards[0]!.driftPpm).not.toBe(drifts[0]);
  });

  it('moves its watchdog and its sleeps with it', async () => {
    const main = `import machine, time\nprint("up", machine.reset_cause())\nmachine.WDT(timeout=10000)\nwhile True:\n    time.sleep_ms(100)\n`;
    const b = bench([main], { driftPpm: 100_000, seed: 1 });
    const rate = 1 + b.boards[0]!.driftPpm / 1e6;
    await b.advance(100 + 10_000 / rate - 150);
    expect(b.read()).toBe('up 1\n');
    await b.advance(600);
    expect(b.read()).toContain('up 3\n');
  });
});
