/** The virtual chips against esptool-js 0.7.0 exactly as published: its code is the judge of ours. */
import { ESPLoader, Transport } from 'esptool-js';
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { seededRandom } from '../base/random.ts';
import type { ChipName } from './chips.ts';
import { createVirtualChip, type VirtualChipOptions, type VirtualEsp } from './virtual-chip.ts';

const MAC = '24:0a:c4:c0:db:01'; // with the two bytes that SLIP escapes

class QuietTransport extends Transport {
  override trace(): void {}
}

function board(options: Partial<VirtualChipOptions> = {}): VirtualEsp {
  const chip = createVirtualChip({ chip: 'esp32', mac: MAC, ...options });
  chip.powerOn();
  return chip;
}

function loaderFor(chip: VirtualEsp, baudrate: number): { loader: ESPLoader; said: string[] } {
  const said: string[] = [];
  const loader = new ESPLoader({
    transport: new QuietTransport(chip.port as unknown as SerialPort),
    baudrate,
    terminal: {
      clean: () => undefined,
      writeLine: (line) => void said.push(line),
      write: (text) => void said.push(text),
    },
  });
  return { loader, said };
}

/** Half random, half runs: what firmware looks like to a compressor. */
function halfRandom(size: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(size);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < size; at += 512) {
    parts.push(random.bytes(256), new Uint8Array(256).fill(at >> 9));
  }
  return concatBytes(...parts).slice(0, size);
}

const EXPECTED: [ChipName, string, number][] = [
  ['esp32', 'ESP32-D0WD-V3 (revision 3)', 4 << 20],
  ['esp32s2', 'ESP32-S2 (revision v1.0)', 4 << 20],
  ['esp32s3', 'ESP32-S3 (QFN56) (revision v0.2)', 16 << 20],
  ['esp32c3', 'ESP32-C3 (QFN32) (revision v0.3)', 4 << 20],
  ['esp32c6', 'ESP32-C6 (revision 0)', 8 << 20],
];

describe.each(EXPECTED)('esptool-js and a virtual %s', (name, description, flashSizeBytes) => {
  it('goes through detection, stub, baud change, compressed writing, MD5 and reading back', async () => {
    const chip = board({ chip: name, flashSizeBytes });
    const { loader, said } = loaderFor(chip, 460800);
    expect(await loader.main()).toBe(description);
    expect(said).toContain(`MAC: ${MAC}`);
    expect(chip.state).toBe('download');
    expect(chip.stubRuns).toBe(true);
    expect(await loader.detectFlashSize()).toBe(`${flashSizeBytes >> 20}MB`);

    const data = halfRandom(100 * 1024 + 4);
    await loader.writeFlash({
      fileArray: [{ data, address: 0x10000 }],
      flashMode: 'keep',
      flashFreq: 'keep',
      flashSize: 'keep',
      eraseAll: false,
      compress: true,
      calculateMD5Hash: (image) => bytesToHex(md5(image)),
    });
    expect(said).toContain('Hash of data verified.');
    expect(chip.flash.read(0x10000, data.length)).toEqual(data);
    expect(await loader.flashMd5sum(0x10000, data.length)).toBe(bytesToHex(md5(data)));
    expect(await loader.readFlash(0x10000, 10_000)).toEqual(data.slice(0, 10_000));

    const starts: string[] = [];
    chip.onRun = (cause) => starts.push(cause);
    await chip.port.setSignals({ dataTerminalReady: false, requestToSend: true });
    await chip.port.setSignals({ dataTerminalReady: false, requestToSend: false });
    expect(starts).toEqual(['external']);
    expect(chip.state).toBe('run');
    await loader.transport.disconnect();
  });
});

describe('esptool-js and a virtual ESP32', () => {
  it('sends the commands in the order seen at real chips', async () => {
    const chip = board();
    const { loader } = loaderFor(chip, 115200);
    await loader.main();
    const seen = chip.commands.map((op) => op.toString(16).padStart(2, '0')).join(' ');
    expect(seen).toMatch(/^08 14 (0a )+05 07 07 05 07 06 0a 0a 09 09 09 09 09 0a 0a 09 09$/);
    await loader.transport.disconnect();
  });

  it('writes uncompressed data and erases the whole chip', async () => {
    const chip = board({ flashSizeBytes: 1 << 20 });
    const { loader } = loaderFor(chip, 115200);
    await loader.main();
    const data = halfRandom(40_000);
    await loader.writeFlash({
      fileArray: [{ data, address: 0x8000 }],
      flashMode: 'keep',
      flashFreq: 'keep',
      flashSize: 'keep',
      eraseAll: false,
      compress: false,
      calculateMD5Hash: (image) => bytesToHex(md5(image)),
    });
    expect(chip.flash.read(0x8000, data.length)).toEqual(data);
    await loader.eraseFlash();
    expect(chip.flash.storedBytes).toBe(0);
    await loader.transport.disconnect();
  });

  it('falls back to 115200 when the line is garbled above that', async () => {
    const chip = board();
    chip.faults.garbledAboveBaud = 230400;
    const { loader, said } = loaderFor(chip, 921600);
    await loader.main();
    expect(said.join('\n')).toContain('Continuing at 115200 baud.');
    expect(await loader.detectFlashSize()).toBe('4MB');
    await loader.transport.disconnect();
  });
});
