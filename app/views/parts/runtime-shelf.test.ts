import { IDBFactory } from 'fake-indexeddb';
import { expect, it } from 'vitest';
import { buildEspImage } from '../../image/esp-image.ts';
import { buildPartitionTable } from '../../image/partition-table.ts';
import { seededRandom } from '../../base/random.ts';
import { utf8 } from '../../base/bytes.ts';
import { checkRuntime, type RuntimeCheck } from '../../runtimes/check.ts';
import { standInRuntime } from '../../runtimes/stand-in.ts';
import { KeptRuntimes } from './runtime-shelf.ts';

const check = async (bytes: Uint8Array): Promise<RuntimeCheck> => checkRuntime(bytes);
const shelf = (): KeptRuntimes => new KeptRuntimes(new IDBFactory(), () => 1, check);

it('refuses a file that is no runtime, in words, and keeps nothing', async () => {
  const kept = shelf();
  await expect(kept.add('notes.bin', new Uint8Array(100))).rejects.toMatchObject({
    problem: { title: 'This file cannot be used as a runtime', code: 'not-an-image' },
  });
  expect(await kept.list()).toEqual([]);
});
it('refuses the stand-in of virtual boards, which no chip can run', async () => {
  await expect(shelf().add('x.bin', standInRuntime('esp32'))).rejects.toMatchObject({
    problem: { code: 'stand-in' },
  });
});
it('says which chip has no file', async () => {
  await expect(shelf().take('esp32c3')).rejects.toMatchObject({ code: 'no-runtime' });
});

/** As long as a stock build: a bootloader, a table, an application of random bytes with MicroPython's banner. */
function realSized(): Uint8Array<ArrayBuffer> {
  const image = (...segments: Uint8Array[]): Uint8Array =>
    buildEspImage({
      chipId: 0,
      entry: 0x40080000,
      segments: segments.map((bytes) => ({ loadAddress: 0x3f400020, bytes })),
    });
  const banner = utf8('MicroPython v1.26.0 on 2025-08-09; made up'.padEnd(512, '.'));
  const app = image(banner, seededRandom(5).bytes(1_700_000));
  const file = new Uint8Array(0xf000 + app.length).fill(0xff);
  file.set(image(new Uint8Array(2048)));
  const rows = [
    { type: 1, subtype: 2, at: 0x9000, sizeBytes: 0x6000, label: 'nvs', flags: 0 },
    { type: 0, subtype: 0, at: 0x10000, sizeBytes: 0x1f0000, label: 'factory', flags: 0 },
  ];
  file.set(buildPartitionTable(rows), 0x7000);
  file.set(app, 0xf000);
  return file;
}

it('keeps a file of real size over a restart, byte for byte, and checks it when it is taken out', async () => {
  const factory = new IDBFactory();
  const checks: number[] = [];
  const counting = async (bytes: Uint8Array): Promise<RuntimeCheck> => {
    checks.push(bytes.length);
    return checkRuntime(bytes);
  };
  const file = realSized();
  const kept = await new KeptRuntimes(factory, () => 1, counting).add('ESP32_GENERIC.bin', file);
  expect(kept).toMatchObject({ chip: 'esp32', version: '1.26.0', sizeBytes: file.length });
  const again = new KeptRuntimes(factory, () => 2, counting);
  expect(await again.list()).toEqual([kept]);
  const runtime = await again.take('esp32');
  expect(runtime.sha256).toBe(kept.sha256);
  expect(runtime.bytes.every((byte, i) => byte === file[i])).toBe(true);
  expect(checks).toEqual([file.length, file.length]);
  const damaged = file.slice();
  damaged[1_000_000]! ^= 1;
  await expect(again.add('broken.bin', damaged)).rejects.toMatchObject({
    problem: { code: 'damaged' },
  });
  await again.remove(kept.sha256);
  await expect(again.take('esp32')).rejects.toMatchObject({ code: 'no-runtime' });
});
