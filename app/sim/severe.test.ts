/**
 * S1-37: an error that gets out of the firmware prints, pauses and restarts, and costs the board nothing that it keeps. The real
 * bytecode in MicroPython, over a driver that fails: boot.py replaces the watchdog's feed(), which every step calls.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { firmwareFiles } from '../image/compose.ts';
import type { FirmwareModule } from '../image/compose.ts';
import { buildLittleFs } from '../image/littlefs/write.ts';
import type { VirtualBoard } from './board.ts';
import { openNvs, USUAL_NVS_AT, USUAL_NVS_BYTES } from './firmware-flash.ts';
import { FleetFlash, identityOf } from './fleet.ts';
import { asBytecode } from './testing/firmware.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const FILES_AT = 0x200000;
const MEMBER = { mac: '24:0a:c4:00:00:10', name: 'lamp', zone: 'hall' };
/** The n-th step of every start fails. */
const failing = (step: number): string => `import machine
count = 0
feed = machine.WDT.feed
def broken(self):
    global count
    count += 1
    if count >= ${step}:
        raise ValueError("a driver failed")
    return feed(self)
machine.WDT.feed = broken
`;

/** From 20 s to 60 s after the start no tag can be made, and so no frame and no answer to the administrator. */
const FULL = `import hashlib, sys, time
real = hashlib.sha256
def full():
    if 20000 < time.ticks_ms() < 60000:
        raise MemoryError("memory allocation failed")
    return real()
class Full:
    sha256 = staticmethod(full)
sys.modules["hashlib"] = Full
`;

let modules: readonly FirmwareModule[];

beforeAll(async () => {
  const firmware = await asBytecode();
  if (firmware.engine !== 'micropython') throw new Error('no bytecode');
  modules = firmware.modules;
}, 120_000);

function writeFiles(board: VirtualBoard, bootPy: string | null): void {
  const files = [...firmwareFiles(modules)];
  if (bootPy !== null) files.push({ path: 'boot.py', bytes: utf8(bootPy) });
  const blockCount = (board.flash.sizeBytes - FILES_AT) / 4096;
  board.flash.load(FILES_AT, buildLittleFs(files, { blockCount }));
}

function start(bootPy: string | null): { world: World; board: VirtualBoard; read: () => string } {
  const world = createWorld({ clock: 'virtual', seed: 1, bootMs: 500 });
  const board = world.addBoard({ chip: 'esp32', mac: MEMBER.mac, x: 0, y: 0 });
  new FleetFlash({ engine: 'micropython', modules }).load(board.flash, MEMBER);
  writeFiles(board, bootPy);
  let text = '';
  board.onConsole = (bytes) => (text += fromUtf8(bytes));
  board.powerOn();
  return {
    world,
    board,
    read: () => {
      const read = text;
      text = '';
      return read;
    },
  };
}

function expectKept(board: VirtualBoard): void {
  const nvs = openNvs(board.flash, { at: USUAL_NVS_AT, sizeBytes: USUAL_NVS_BYTES })!;
  for (const { namespace, key, value } of identityOf(MEMBER)) {
    expect(nvs.get(namespace, key), key).toEqual(value);
  }
}

describe('an error that gets out of the firmware', () => {
  it('is printed with its place, and the board restarts after a pause that doubles each time', async () => {
    const { world, board, read } = start(failing(40));
    await world.advance(60_000);
    const text = read();
    expect(text).toContain('ValueError: a driver failed');
    const pauses = [...text.matchAll(/restart in (\d+) s/g)].map((match) => Number(match[1]));
    expect(pauses.slice(0, 4)).toEqual([2, 4, 8, 16]);
    expect(text.match(/"t":"hello"/g)!.length).toBeGreaterThanOrEqual(pauses.length);
    expectKept(board);
  }, 120_000);

  it('of too little memory pauses in the same way, and the next start knows of it', async () => {
    const { world, read } = start(
      `import machine\nprint("KEPT", machine.RTC().memory())\n${failing(100).replaceAll('ValueError', 'MemoryError')}`,
    );
    await world.advance(60_000);
    const text = read();
    expect(text).toContain('MemoryError: a driver failed');
    const pauses = [...text.matchAll(/restart in (\d+) s/g)].map((match) => Number(match[1]));
    expect(pauses.slice(0, 3)).toEqual([2, 4, 8]);
    const kept = [...text.matchAll(/KEPT (\S+)/g)].map((match) => match[1]);
    expect(kept.slice(0, 3)).toEqual(["b''", "b'mw\\x81'", "b'mw\\x82'"]);
  }, 120_000);

  it('is none where the heap is so full that only frames do not fit costs these frames, and nothing else', async () => {
    const { world, board, read } = start(FULL);
    const asked = async (id: number): Promise<{ tx: number; radioTrouble: number }> => {
      board.type(utf8(`\x1e{"t":"stats","id":${id}}\n`));
      await world.advance(1000);
      const line = read()
        .split('\n')
        .find((text) => text.includes(`"answer","id":${id},`));
      return (JSON.parse(line!.slice(1)) as { result: { tx: number; radioTrouble: number } })
        .result;
    };
    await world.advance(120_000);
    expect(read()).not.toContain('Traceback');
    const before = await asked(1);
    expect(before.radioTrouble).toBeGreaterThan(5);
    await world.advance(60_000);
    expect(read()).not.toContain('Traceback');
    const after = await asked(2);
    expect(after.radioTrouble).toBe(before.radioTrouble);
    expect(after.tx).toBeGreaterThan(before.tx + 3);
    expectKept(board);
  }, 120_000);

  it('is none where a request that finds no memory is lost, and is served when it comes again', async () => {
    const { world, board, read } = start(FULL);
    const asked = async (id: number): Promise<string> => {
      const tag = '"n":5,"tag":"AAAAAAAAAAAAAAAA"';
      board.type(utf8(`\x1e{"t":"log.level","id":${id},"level":"warn",${tag}}\n`));
      await world.advance(2000);
      return read();
    };
    await world.advance(30_000);
    expect(await asked(1)).not.toMatch(/"answer"|Traceback/);
    await world.advance(60_000);
    expect(await asked(1)).toContain('{"t":"answer","id":1,"ok":false,"error":"unauthorised"}');
    expect(read()).not.toContain('Traceback');
  }, 120_000);

  it('after many of them the board is reachable at its prompt, and a member again once the fault is gone', async () => {
    const { world, board, read } = start(failing(1));
    await world.advance(120_000);
    expect(read()).toContain('restart in 64 s');
    board.type(Uint8Array.of(3));
    await world.advance(500);
    board.type(utf8('print(6 * 7)\r\n'));
    await world.advance(500);
    expect(read()).toContain('42');
    expectKept(board);
    board.powerOff();
    writeFiles(board, null);
    board.powerOn();
    await world.advance(15_000);
    const text = read();
    expect(text).toContain('"state":"joined"');
    expect(text).toContain('"event":"root-elected"');
    expect(text).not.toContain('Traceback');
    expectKept(board);
  }, 120_000);
});
