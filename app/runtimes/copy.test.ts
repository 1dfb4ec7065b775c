import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { seededRandom } from '../base/random.ts';
import { openFlashSession } from '../flash/esptool.ts';
import { CHIPS } from '../image/chips.ts';
import { createVirtualChip, type VirtualEsp } from '../sim/virtual-chip.ts';
import { copyRuntime } from './copy.ts';
import { standInRuntime } from './stand-in.ts';

const program = seededRandom(3).bytes(200_000);
const file = (chip: 'esp32' | 'esp32c3'): Uint8Array => standInRuntime(chip, { program });

function board(chip: 'esp32' | 'esp32c3'): VirtualEsp {
  const made = createVirtualChip({ chip, mac: '24:0a:c4:00:00:01' });
  made.flash.load(CHIPS[chip].bootloaderAt, file(chip));
  made.flash.load(0x9000, new Uint8Array(0x6000).fill(0x77)); // keys of that board
  made.flash.load(0x200000, new Uint8Array(0x3000).fill(0x66));
  made.powerOn();
  return made;
}

describe.each(['esp32', 'esp32c3'] as const)('the runtime of an %s', (name) => {
  it('is copied whole, with progress, and without anything else of the board', async () => {
    const session = await openFlashSession(board(name).port);
    const progress: number[] = [];
    const check = await copyRuntime(session, {
      onProgress: (done, total) => progress.push(done / total),
    });
    await session.close();
    if (!check.ok) throw new Error(check.message);
    expect(check.runtime.chip).toBe(name);
    expect(check.runtime.sha256).toBe(bytesToHex(sha256(file(name))));
    expect(
      check.runtime.bytes.includes(0x77) &&
        bytesToHex(check.runtime.bytes).includes('77'.repeat(64)),
    ).toBe(false);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });
});

describe('a copy', () => {
  it('can be cancelled, and the session goes on', async () => {
    const session = await openFlashSession(board('esp32').port);
    const stop = new AbortController();
    const copy = copyRuntime(session, {
      signal: stop.signal,
      onProgress: (done) => done > 100_000 && stop.abort(new Error('enough')),
    });
    await expect(copy).rejects.toThrow('enough');
    expect(await session.md5(0, 16)).toHaveLength(32);
    await session.close();
  });

  it('says that there is none on an empty board, and what is wrong with a damaged one', async () => {
    const empty = createVirtualChip({ chip: 'esp32', mac: '24:0a:c4:00:00:02' });
    empty.powerOn();
    const first = await openFlashSession(empty.port);
    expect(await copyRuntime(first)).toMatchObject({ ok: false, code: 'not-an-image' });
    await first.close();
    const chip = board('esp32');
    chip.flash.load(0x20000, new Uint8Array(64));
    const second = await openFlashSession(chip.port);
    expect(await copyRuntime(second)).toMatchObject({ ok: false, code: 'damaged' });
    await second.close();
    const wild = board('esp32');
    wild.flash.load(0x10018, new Uint8Array(8).fill(0xee));
    const third = await openFlashSession(wild.port);
    expect(await copyRuntime(third)).toMatchObject({
      ok: false,
      message: expect.stringContaining('does not end within its partition') as string,
    });
    await third.close();
  });
});
