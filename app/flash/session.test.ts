/** Whole sessions against virtual boards: the same code that runs against real ports. */
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { seededRandom } from '../base/random.ts';
import { CHIPS, type ChipName } from '../image/chips.ts';
import {
  createVirtualChip,
  type VirtualChipOptions,
  type VirtualEsp,
} from '../sim/virtual-chip.ts';
import { openFlashSession } from './esptool.ts';
import type { FlashSession } from './flash-session.ts';
import { type FlashPlan, type FlashRegion, planFlash } from './plan.ts';
import { surveyBoard } from './survey.ts';

const MAC = '24:0a:c4:c0:db:01';

function board(options: Partial<VirtualChipOptions> = {}): VirtualEsp {
  const chip = createVirtualChip({ chip: 'esp32', mac: MAC, ...options });
  chip.powerOn();
  return chip;
}

function halfRandom(size: number, seed = size): Uint8Array {
  const random = seededRandom(seed);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < size; at += 512) {
    parts.push(random.bytes(256), new Uint8Array(256).fill(at >> 9));
  }
  return concatBytes(...parts).slice(0, size);
}

const regions: FlashRegion[] = [
  { name: 'identity', at: 0x9000, bytes: halfRandom(0x6000) },
  { name: 'runtime', at: 0x10000, bytes: halfRandom(100_003) },
  { name: 'firmware', at: 0x200000, bytes: halfRandom(20_000) },
];

async function planOf(session: FlashSession, want = regions): Promise<FlashPlan> {
  return planFlash(await surveyBoard(session, want), want, session.chip);
}

function holds(chip: VirtualEsp, region: FlashRegion): boolean {
  return (
    bytesToHex(md5(chip.flash.read(region.at, region.bytes.length))) ===
    bytesToHex(md5(region.bytes))
  );
}

/** Connects, skips what is there, writes the rest, closes. */
async function wholeJob(chip: VirtualEsp): Promise<void> {
  const session = await openFlashSession(chip.port);
  try {
    await session.write(await planOf(session));
  } finally {
    await session.close();
  }
}

describe.each<[ChipName, number, number]>([
  ['esp32', 4 << 20, 460800],
  ['esp32s2', 4 << 20, 460800],
  ['esp32s3', 8 << 20, 460800],
  ['esp32c3', 4 << 20, 115200],
  ['esp32c6', 16 << 20, 115200],
])('a flash session with a virtual %s', (name, flashSizeBytes, baudRate) => {
  it('identifies, writes, verifies, reads back, restarts the board and gives the port back', async () => {
    const chip = board({ chip: name, flashSizeBytes });
    const stages: string[] = [];
    const session = await openFlashSession(chip.port, { onStage: (stage) => stages.push(stage) });
    expect(session).toMatchObject({
      chip: name,
      mac: MAC,
      flashSizeBytes,
      secured: false,
      baudRate,
    });
    expect(session.description).toContain(CHIPS[name].label);
    expect(stages.slice(0, 3)).toEqual(['connecting', 'identifying', 'starting-helper']);

    const plan = await planOf(session);
    expect(plan.writes).toHaveLength(3);
    const progress: [string, number, number][] = [];
    await session.write(plan, {
      onProgress: (stage, done, total) => progress.push([stage, done, total]),
    });
    for (const region of regions) expect(holds(chip, region)).toBe(true);
    const [, done, total] = progress.at(-1)!;
    expect(progress.at(-1)![0]).toBe('finished');
    expect(done).toBe(total);
    expect(total).toBeGreaterThan(60_000);
    const counts = progress.map(([, count]) => count);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));

    const again = await planOf(session);
    expect(again.skips).toHaveLength(3);
    expect([again.writes, again.erases]).toEqual([[], []]);

    const read = await session.read(0x9000, 0x6000);
    expect(read).toEqual(regions[0]!.bytes);

    const starts: string[] = [];
    chip.onRun = (cause) => starts.push(cause);
    await session.resetIntoFirmware();
    expect(starts).toEqual(['external']);
    await session.close();
    await chip.port.open({ baudRate: 115200 });
    expect(starts).toEqual(['external']);
    await chip.port.close();
  });
});

describe.concurrent('a flash session with a fault', () => {
  it('says that the board was unplugged, at whichever command it happens, and can start again', async () => {
    const dry = board();
    await wholeJob(dry);
    const commands = dry.commands.length;
    expect(commands).toBeGreaterThan(40);
    const cut = async (command: number): Promise<void> => {
      const chip = board();
      chip.faults.unplugAtCommand = command;
      await expect(wholeJob(chip)).rejects.toMatchObject({ code: 'unplugged', name: 'FlashError' });
      expect(chip.port.readable).toBeNull();
      // Plugged in again, the same port carries the job to its end.
      chip.plug();
      await wholeJob(chip);
      expect(regions.every((region) => holds(chip, region))).toBe(true);
    };
    await Promise.all(Array.from({ length: commands }, (_, i) => cut(i + 1)));
  });

  it('loses power in the middle of a page and still ends with a worded error', async () => {
    const chip = board();
    const session = await openFlashSession(chip.port);
    chip.flash.cutPowerAt(200, () => chip.unplug());
    const plan = planFlash({ ...session, md5: {} }, regions, 'esp32');
    await expect(session.write(plan)).rejects.toMatchObject({ code: 'unplugged' });
    await session.close();
  });

  it.each([100, 9_000, 16_500, 30_000])(
    'gets over a byte lost on the way to the board (%i)',
    async (n) => {
      const chip = board();
      const session = await openFlashSession(chip.port);
      const plan = planFlash({ ...session, md5: {} }, regions, 'esp32');
      chip.faults.loseByte('to-board', n);
      await session.write(plan);
      expect(regions.every((region) => holds(chip, region))).toBe(true);
      await session.close();
    },
  );

  it.each([3, 20])('gets over a byte lost on the way from the board (%i)', async (n) => {
    const chip = board();
    const session = await openFlashSession(chip.port);
    const plan = planFlash({ ...session, md5: {} }, regions.slice(2), 'esp32');
    chip.faults.loseByte('to-host', n);
    await session.write(plan);
    expect(holds(chip, regions[2]!)).toBe(true);
    await session.close();
  });

  it('reads on after a byte lost in a data packet', async () => {
    const chip = board();
    chip.flash.load(0x9000, regions[0]!.bytes);
    const session = await openFlashSession(chip.port);
    chip.faults.loseByte('to-host', 6000);
    expect(await session.read(0x9000, 0x6000)).toEqual(regions[0]!.bytes);
    await session.close();
  });

  it('stops at a block boundary when cancelled, and can go on in the same session', async () => {
    const chip = board();
    const session = await openFlashSession(chip.port);
    const controller = new AbortController();
    const plan = planFlash({ ...session, md5: {} }, regions, 'esp32');
    const job = session.write(plan, {
      signal: controller.signal,
      onProgress: (_stage, done) => {
        if (done > 30_000) controller.abort();
      },
    });
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    expect(holds(chip, regions[2]!)).toBe(false);
    await session.write(await planOf(session));
    expect(regions.every((region) => holds(chip, region))).toBe(true);
    await session.close();
  });

  it('goes on in the middle of a large region that was cut, in a new session', async () => {
    const chip = board();
    const large = [{ name: 'runtime', at: 0x10000, bytes: halfRandom(600_003) }];
    const first = await openFlashSession(chip.port);
    const plan = planFlash({ ...first, md5: {} }, large, 'esp32');
    let total = 0;
    const cut = first.write(plan, {
      onProgress: (_stage, done, all) => {
        total = all;
        if (done > 0.7 * all) chip.unplug();
      },
    });
    await expect(cut).rejects.toMatchObject({ code: 'unplugged' });
    await first.close();
    chip.plug();
    const second = await openFlashSession(chip.port);
    const before = chip.commands.length;
    const seen: number[] = [];
    await second.write(await planOf(second, large), {
      onProgress: (stage, done) => stage === 'writing' && seen.push(done),
    });
    expect(holds(chip, large[0]!)).toBe(true);
    expect(seen[0]).toBeGreaterThan(0.4 * total);
    expect(seen.at(-1)).toBe(total);
    const blocks = chip.commands.slice(before).filter((op) => op === 0x11).length;
    expect(blocks).toBeLessThan(0.6 * Math.ceil(total / 0x4000));
    await second.close();
  });

  it('can be cancelled while it connects', async () => {
    const chip = board();
    chip.faults.stuckLoader = true;
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 300);
    const job = openFlashSession(chip.port, { signal: controller.signal });
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    expect(chip.port.readable).toBeNull();
  });

  it('falls back to 115200 when the cable is too bad for the rate', async () => {
    const chip = board();
    chip.faults.garbledAboveBaud = 115200;
    const session = await openFlashSession(chip.port, { baudRate: 921600 });
    expect(session.baudRate).toBe(115200);
    await session.write(planFlash({ ...session, md5: {} }, regions.slice(2), 'esp32'));
    expect(holds(chip, regions[2]!)).toBe(true);
    await session.close();
  });

  it('never asks a bridge for more than it can do', async () => {
    const chip = board({ info: { usbVendorId: 0x1a86, usbProductId: 0x7523 } });
    const session = await openFlashSession(chip.port, { baudRate: 921600 });
    expect(session.baudRate).toBe(460800);
    await session.close();
  });

  it.each([
    ['another program has the port', { portBusy: true }, 'port-busy'],
    ['the loader hears nothing', { stuckLoader: true }, 'loader-mute'],
    ['nothing is wired to reset', { noAutoReset: true }, 'no-answer'],
  ] as const)('finds out that %s', async (_name, faults, code) => {
    const chip = board();
    Object.assign(chip.faults, faults);
    const error = await openFlashSession(chip.port, { attempts: 2 }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'FlashError', code });
    expect((error as { fix: string }).fix.length).toBeGreaterThan(20);
    expect(chip.port.readable).toBeNull();
  });

  it('tells firmware that keeps talking from silence when nothing is wired to reset', async () => {
    const chip = board();
    chip.faults.noAutoReset = true;
    const timer = setInterval(
      () => chip.writeConsole(new TextEncoder().encode('temperature 21\r\n')),
      20,
    );
    await expect(openFlashSession(chip.port, { attempts: 2 })).rejects.toMatchObject({
      code: 'no-reset',
    });
    clearInterval(timer);
  });

  it('needs no reset lines when somebody holds the buttons', async () => {
    const chip = board();
    chip.faults.noAutoReset = true;
    chip.reset('download');
    const session = await openFlashSession(chip.port);
    expect(session.mac).toBe(MAC);
    await session.close();
  });

  it('ends with lost contact when the loader hangs in the middle', async () => {
    const chip = board();
    const session = await openFlashSession(chip.port);
    chip.faults.stuckAtCommand = 3;
    const plan = planFlash({ ...session, md5: {} }, regions.slice(2), 'esp32');
    await expect(session.write(plan)).rejects.toMatchObject({ code: 'lost-contact' });
    await session.close();
  });

  it('refuses a plan for another board of the same kind', async () => {
    const chip = board();
    const session = await openFlashSession(chip.port);
    const plan = planFlash(
      { ...(await surveyBoard(session, regions)), mac: '24:0a:c4:00:00:99' },
      regions,
      'esp32',
    );
    await expect(session.write(plan)).rejects.toMatchObject({ code: 'wrong-board' });
    expect(chip.flash.operations).toBe(0);
    await session.close();
  });

  it('refuses a plan for another chip before any erase', async () => {
    const chip = board({ chip: 'esp32c3' });
    chip.flash.load(0x9000, regions[0]!.bytes);
    const before = chip.flash.operations;
    const session = await openFlashSession(chip.port);
    const foreign = planFlash({ ...session, chip: 'esp32', md5: {} }, regions, 'esp32');
    await expect(session.write(foreign)).rejects.toMatchObject({ code: 'wrong-chip' });
    const refused = planFlash({ ...session, md5: {} }, regions, 'esp32');
    expect(refused.refusals[0]!.code).toBe('wrong-chip');
    await expect(session.write(refused)).rejects.toMatchObject({ code: 'wrong-chip' });
    expect(chip.flash.operations).toBe(before);
    await session.close();
  });

  it.each<[ChipName, { flags?: number; flashCryptCount?: number }, boolean]>([
    ['esp32', { flashCryptCount: 0b1 }, true],
    ['esp32', { flashCryptCount: 0b11 }, false],
    ['esp32', { flags: 1 }, true],
    ['esp32s2', { flags: 1 }, true],
    ['esp32c3', { flashCryptCount: 0b111 }, true],
    ['esp32c3', { flags: 1 << 6 }, false],
  ])('sees whether a %s with %o is secured', async (name, security, secured) => {
    const chip = board({ chip: name, security });
    const session = await openFlashSession(chip.port);
    expect(session.secured).toBe(secured);
    const plan = planFlash({ ...session, secured: false, md5: {} }, regions.slice(2), name);
    if (secured) await expect(session.write(plan)).rejects.toMatchObject({ code: 'secured-chip' });
    expect(chip.flash.operations).toBe(0);
    await session.close();
  });

  it('refuses a chip in secure download mode as soon as it is known', async () => {
    const chip = board({ chip: 'esp32c3', security: { flags: 4 } });
    await expect(openFlashSession(chip.port)).rejects.toMatchObject({ code: 'secured-chip' });
  });

  it('erases a blank region without sending it', async () => {
    const chip = board();
    chip.flash.load(0x9000, regions[0]!.bytes);
    const session = await openFlashSession(chip.port);
    const want = [{ name: 'identity', at: 0x9000, bytes: new Uint8Array(0x6000).fill(0xff) }];
    const plan = await planOf(session, want);
    expect(plan.erases).toHaveLength(1);
    await session.write(plan);
    expect(chip.flash.storedBytes).toBe(0);
    await session.close();
  });
});
