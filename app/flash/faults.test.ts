/**
 * Every fault that a virtual board can be given, on every chip, through the app's own flasher: the job succeeds, or ends in a worded
 * error with a way on; nothing is ever taken for done that is not; and once the fault is mended the board can be written.
 */
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { seededRandom } from '../base/random.ts';
import type { ChipName } from '../image/chips.ts';
import { buildPartitionTable } from '../image/partition-table.ts';
import { Faults } from '../sim/faults.ts';
import { createVirtualChip, type VirtualEsp } from '../sim/virtual-chip.ts';
import { openFlashSession } from './esptool.ts';
import { FLASH_CODES, FlashError } from './flash-error.ts';
import { planFlash, type FlashRegion } from './plan.ts';
import { surveyBoard } from './survey.ts';

const CHIPS: ChipName[] = ['esp32', 'esp32s2', 'esp32s3', 'esp32c3', 'esp32c6'];

function halfRandom(size: number): Uint8Array {
  const random = seededRandom(size);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < size; at += 512) {
    parts.push(random.bytes(256), new Uint8Array(256).fill(at >> 9));
  }
  return concatBytes(...parts).slice(0, size);
}

const regions: FlashRegion[] = [
  { name: 'identity', at: 0x9000, bytes: halfRandom(0x6000) },
  { name: 'runtime', at: 0x10000, bytes: halfRandom(70_003) },
];

/** The whole job; true only when the flasher says that everything was written and verified. */
async function job(chip: VirtualEsp): Promise<true> {
  const session = await openFlashSession(chip.port, { attempts: 2 });
  try {
    await session.read(0x9000, 0x1000);
    const plan = planFlash(await surveyBoard(session, regions), regions, session.chip);
    await session.write(plan);
    await session.resetIntoFirmware();
    return true;
  } finally {
    await session.close();
  }
}

function holds(chip: VirtualEsp): boolean {
  return regions.every(({ at, bytes }) => {
    const digest = (data: Uint8Array): string => bytesToHex(md5(data));
    return digest(chip.flash.read(at, bytes.length)) === digest(bytes);
  });
}

function board(chip: ChipName): VirtualEsp {
  const made = createVirtualChip({ chip, mac: '24:0a:c4:00:00:01' });
  made.powerOn();
  return made;
}

/** Which chips have no rate: what garbles one does not garble USB-Serial-JTAG. */
const NATIVE: readonly ChipName[] = ['esp32c3', 'esp32c6'];

type Outcome = 'works' | 'either' | (string & {});
const CASES: [string, (faults: Faults) => void, Outcome, Outcome?][] = [
  ['bytes that get lost', (faults) => (faults.loseEvery = 45_007), 'works'],
  ['bytes that get doubled', (faults) => (faults.doubleEvery = 45_007), 'works'],
  ['noise between the bytes', (faults) => (faults.noiseEvery = 45_007), 'works'],
  ['bytes that get lost all the time', (faults) => (faults.loseEvery = 601), 'either'],
  ['bytes that get doubled all the time', (faults) => (faults.doubleEvery = 601), 'either'],
  ['noise all the time', (faults) => (faults.noiseEvery = 601), 'either'],
  ['late answers', (faults) => (faults.lateMs = 40), 'works'],
  ['answers that come too late', (faults) => (faults.lateMs = 4000), 'no-answer'],
  ['a loader that never answers', (faults) => (faults.stuckLoader = true), 'loader-mute'],
  ['a loader that hangs', (faults) => (faults.stuckAtCommand = 30), 'lost-contact'],
  ['a line too bad for its rate', (faults) => (faults.garbledAboveBaud = 115_200), 'works'],
  ['the wrong rate', (faults) => (faults.rateFactor = 0.65), 'noise', 'works'],
  ['power lost in a page', (faults) => (faults.powerLossAtOperation = 90), 'unplugged'],
  ['a cable pulled at a command', (faults) => (faults.unplugAtCommand = 30), 'unplugged'],
  ['no reset lines', (faults) => (faults.noAutoReset = true), 'no-answer'],
  ['a port in other hands', (faults) => (faults.portBusy = true), 'port-busy'],
  ['a secured chip', (faults) => (faults.secured = true), 'secured-chip'],
  ['a chip that nobody knows', (faults) => (faults.unknownChip = true), 'unknown-chip'],
  ['a flash smaller than the plan', (faults) => (faults.flashSizeBytes = 1 << 16), 'either'],
];

describe.concurrent.each(CHIPS)('a virtual %s', (name) => {
  it.each(CASES)('with %s', async (_what, arm, usual, native = usual) => {
    const outcome = NATIVE.includes(name) ? native : usual;
    const chip = board(name);
    arm(chip.faults);
    const result = await job(chip).catch((error: unknown) => error);
    if (result === true) {
      expect(holds(chip)).toBe(true);
      expect(['works', 'either']).toContain(outcome);
    } else {
      expect(result).toBeInstanceOf(FlashError);
      const { code, fix } = result as FlashError;
      expect(FLASH_CODES[code].says.length).toBeGreaterThan(10);
      expect(fix.length).toBeGreaterThan(20);
      if (outcome !== 'either') expect(code).toBe(outcome);
    }
    // The port was given back, and the board can be written once the fault is gone.
    expect(chip.port.readable).toBeNull();
    Object.assign(chip.faults, new Faults());
    if (!chip.port.connected) chip.plug();
    expect(await job(chip)).toBe(true);
    expect(holds(chip)).toBe(true);
  });
});

describe('the cable pulled at each command of a whole job', () => {
  it.each(CHIPS)('of a virtual %s ends in "unplugged" and can be made good', async (name) => {
    const dry = board(name);
    await job(dry);
    const commands = dry.commands.length;
    expect(commands).toBeGreaterThan(30);
    const cut = async (command: number): Promise<void> => {
      const chip = board(name);
      chip.faults.unplugAtCommand = command;
      const result = await job(chip).catch((error: unknown) => error);
      expect(result, `command ${command}`).toMatchObject({ code: 'unplugged' });
      chip.plug();
      await job(chip);
      expect(holds(chip)).toBe(true);
    };
    await Promise.all(Array.from({ length: commands }, (_, i) => cut(i + 1)));
  });
});

it('blames the line when a byte is lost in every block, and goes on where it stopped once the cable is changed', async () => {
  const chip = board('esp32');
  const large: FlashRegion[] = [
    { name: 'runtime', at: 0x10000, bytes: seededRandom(5).bytes(400_000) },
  ];
  const session = await openFlashSession(chip.port);
  const plan = planFlash(await surveyBoard(session, large), large, session.chip);
  const error = await session
    .write(plan, {
      onProgress: (_stage, done, total) => {
        if (done > total / 2) chip.faults.loseEvery = 3001;
      },
    })
    .catch((reason: unknown) => reason);
  await session.close();
  expect(error).toMatchObject({ code: 'bad-line' });
  const { message, fix } = error as FlashError;
  expect(message).toContain('the cable or the rate is at fault');
  expect(fix).toMatch(/another cable.*115200 baud.*written already is skipped/);

  chip.faults.loseEvery = 0;
  const again = await openFlashSession(chip.port);
  const sent: number[] = [];
  await again.write(planFlash(await surveyBoard(again, large), large, again.chip), {
    onProgress: (stage, done, total) => void (stage === 'writing' && sent.push(done / total)),
  });
  await again.close();
  expect(sent[0]).toBeGreaterThan(0.3);
  expect(bytesToHex(md5(chip.flash.read(0x10000, 400_000)))).toBe(bytesToHex(md5(large[0]!.bytes)));
});

it('refuses an image larger than its partition, and a flash smaller than the plan, before any erase', async () => {
  const table = { at: 0x8000, name: 'partition-table', bytes: partitionTable() };
  const runtime = { at: 0x10000, name: 'runtime', bytes: halfRandom(0x21000) };
  const large = planFlash(
    { chip: 'esp32', flashSizeBytes: 4 << 20, secured: false, md5: {} },
    [table, runtime],
    'esp32',
  );
  expect(large.refusals.map(({ code }) => code)).toContain('region-too-large');
  const small = planFlash(
    { chip: 'esp32', flashSizeBytes: 1 << 16, secured: false, md5: {} },
    regions,
    'esp32',
  );
  expect(small.refusals.map(({ code }) => code)).toContain('flash-too-small');
  const chip = board('esp32');
  const session = await openFlashSession(chip.port);
  for (const plan of [large, small]) {
    await expect(session.write(plan)).rejects.toMatchObject({ code: 'plan-refused' });
  }
  expect(chip.flash.operations).toBe(0);
  await session.close();
});

function partitionTable(): Uint8Array {
  return buildPartitionTable([
    { type: 1, subtype: 2, at: 0x9000, sizeBytes: 0x6000, label: 'nvs', flags: 0 },
    { type: 0, subtype: 0, at: 0x10000, sizeBytes: 0x20000, label: 'factory', flags: 0 },
  ]);
}
