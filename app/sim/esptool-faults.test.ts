/** Unmodified esptool-js against boards that misbehave: it must end, and never with wrong content. */
import { ESPLoader, Transport } from 'esptool-js';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { seededRandom } from '../base/random.ts';
import type { ChipName } from './chips.ts';
import type { Faults } from './faults.ts';
import { createVirtualChip, type VirtualEsp } from './virtual-chip.ts';

class QuietTransport extends Transport {
  override trace(): void {}
}

const data = seededRandom(11).bytes(40_000);

async function flash(chip: VirtualEsp): Promise<void> {
  const terminal = { clean: () => undefined, writeLine: () => undefined, write: () => undefined };
  const transport = new QuietTransport(chip.port as unknown as SerialPort);
  const loader = new ESPLoader({ transport, baudrate: 460800, terminal });
  await loader.main();
  await loader.writeFlash({
    fileArray: [{ data, address: 0x10000 }],
    flashMode: 'keep',
    flashFreq: 'keep',
    flashSize: 'keep',
    eraseAll: false,
    compress: true,
    calculateMD5Hash: (image) => bytesToHex(md5(image)),
  });
  await transport.disconnect();
}

const FAULTS: [string, (faults: Faults) => void, 'works' | 'fails' | 'stops' | 'any'][] = [
  ['no fault', () => undefined, 'works'],
  ['a byte lost while it connects', (faults) => faults.loseByte('to-board', 10), 'works'],
  ['a line too bad for its rate', (faults) => (faults.garbledAboveBaud = 115200), 'works'],
  ['late answers', (faults) => (faults.lateMs = 40), 'any'],
  ['bytes lost now and then', (faults) => (faults.loseEvery = 45_007), 'any'],
  ['bytes doubled now and then', (faults) => (faults.doubleEvery = 45_007), 'any'],
  ['noise now and then', (faults) => (faults.noiseEvery = 45_007), 'any'],
  ['power lost in a page', (faults) => (faults.powerLossAtOperation = 30), 'stops'],
  ['a loader that never answers', (faults) => (faults.stuckLoader = true), 'fails'],
  ['a port in other hands', (faults) => (faults.portBusy = true), 'fails'],
  ['a chip that nobody knows', (faults) => (faults.unknownChip = true), 'fails'],
  ['the cable pulled at command 5', (faults) => (faults.unplugAtCommand = 5), 'fails'],
  ['a loader that hangs', (faults) => (faults.stuckAtCommand = 6), 'fails'],
];
const CHIPS: ChipName[] = ['esp32', 'esp32s2', 'esp32s3', 'esp32c3', 'esp32c6'];

describe.concurrent.each(CHIPS)('a virtual %s', (name) => {
  it.each(FAULTS)('with %s', async (_name, arm, outcome) => {
    const chip = createVirtualChip({ chip: name, mac: '24:0a:c4:00:00:07' });
    chip.powerOn();
    arm(chip.faults);
    const job = flash(chip);
    if (outcome === 'works') {
      await job;
      expect(chip.flash.read(0x10000, data.length)).toEqual(data);
    } else if (outcome === 'any') {
      // The library may give up on such a line; what it must not do is to call wrong bytes written.
      const done = await job.then(
        () => true,
        () => false,
      );
      if (done) expect(chip.flash.read(0x10000, data.length)).toEqual(data);
    } else {
      await expect(job).rejects.toThrow();
      if (outcome === 'fails') expect(chip.flash.storedBytes).toBe(0);
    }
  });
});
