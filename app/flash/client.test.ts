/** The worker's code behind real message channels; what is left out is only the thread. */
import { expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { seededRandom } from '../base/random.ts';
import {
  createVirtualChip,
  type VirtualChipOptions,
  type VirtualEsp,
} from '../sim/virtual-chip.ts';
import { openFlashSessionIn, type StartWorker } from './client.ts';
import { planFlash } from './plan.ts';
import { hostSession } from './session-host.ts';

/** As a worker's postMessage does: the message arrives as a clone, the channels are moved. */
const start: StartWorker = (message, transfer) => {
  const moved = structuredClone(message, { transfer });
  void hostSession(moved);
};

function board(options: Partial<VirtualChipOptions> = {}): VirtualEsp {
  const chip = createVirtualChip({ chip: 'esp32', mac: '24:0a:c4:c0:db:01', ...options });
  chip.powerOn();
  return chip;
}

const firmware = seededRandom(3).bytes(50_000);
const want = [{ name: 'firmware', at: 0x200000, bytes: firmware }];

it('opens, plans, writes, reads and restarts a board from behind the worker', async () => {
  const chip = board({ chip: 'esp32c3' });
  const stages: string[] = [];
  const log: string[] = [];
  const session = await openFlashSessionIn(start, chip.port, {
    onStage: (stage) => stages.push(stage),
    onLog: (line) => log.push(line),
  });
  expect(session).toMatchObject({ chip: 'esp32c3', mac: chip.mac, secured: false });
  expect(session.bridge).toEqual({ name: 'USB-Serial-JTAG', kind: 'usb-jtag', maxBaud: Infinity });
  expect(stages).toEqual(['connecting', 'identifying', 'starting-helper']);
  expect(log.join('')).toContain('Stub running');
  const have = { firmware: await session.md5(0x200000, firmware.length) };
  const plan = planFlash(
    { chip: session.chip, flashSizeBytes: session.flashSizeBytes, secured: false, md5: have },
    want,
    'esp32c3',
  );
  const progress: string[] = [];
  await session.write(plan, { onProgress: (stage) => progress.push(stage) });
  expect(progress.at(0)).toBe('preparing');
  expect(progress.at(-1)).toBe('finished');
  expect(await session.md5(0x200000, firmware.length)).toBe(bytesToHex(md5(firmware)));
  expect(await session.read(0x200000, 5000)).toEqual(firmware.slice(0, 5000));
  await session.resetIntoFirmware();
  expect(chip.state).toBe('run');
  await session.close();
  await chip.port.open({ baudRate: 115200 });
  await chip.port.close();
});

it('carries worded errors, cancelling and the unplugged board across', async () => {
  const chip = board();
  const controller = new AbortController();
  const session = await openFlashSessionIn(start, chip.port);
  const plan = planFlash(
    { chip: 'esp32', flashSizeBytes: 4 << 20, secured: false, md5: {} },
    want,
    'esp32',
  );
  const cancelled = session.write(plan, {
    signal: controller.signal,
    onProgress: (_stage, done) => {
      if (done > 0) controller.abort();
    },
  });
  await expect(cancelled).rejects.toMatchObject({ name: 'FlashError', code: 'cancelled' });
  chip.faults.unplugAtCommand = 3;
  await expect(session.write(plan)).rejects.toMatchObject({ code: 'unplugged' });
  await session.close();
  chip.plug();
  const again = await openFlashSessionIn(start, chip.port);
  await again.write(plan);
  await again.close();
  expect(chip.flash.read(0x200000, firmware.length)).toEqual(firmware);
});

it('cancels an opening that hangs, and leaves the port closed', async () => {
  const chip = board();
  chip.faults.stuckLoader = true;
  const job = openFlashSessionIn(start, chip.port, { signal: AbortSignal.timeout(200) });
  await expect(job).rejects.toMatchObject({ code: 'cancelled' });
  expect(chip.port.readable).toBeNull();
});

it('serves four boards at once', async () => {
  const chips = Array.from({ length: 4 }, (_, i) => board({ mac: `24:0a:c4:00:00:0${i}` }));
  await Promise.all(
    chips.map(async (chip) => {
      const session = await openFlashSessionIn(start, chip.port);
      expect(session.mac).toBe(chip.mac);
      const plan = planFlash(
        { chip: 'esp32', flashSizeBytes: 4 << 20, secured: false, md5: {} },
        want,
        'esp32',
      );
      await session.write(plan);
      await session.close();
    }),
  );
  for (const chip of chips) {
    expect(chip.flash.read(0x200000, firmware.length)).toEqual(firmware);
  }
});
