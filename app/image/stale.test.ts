/** A board that had another life: what it leaves on the flash must not show through a new image. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { bytesToHex } from '../base/bytes.ts';
import { decomposeImage } from './decompose.ts';
import { composeRegions, firmwareFiles, flattenRegions } from './compose.ts';
import { parseLittleFs, readLittleFs } from './littlefs/read.ts';
import { buildLittleFs } from './littlefs/write.ts';
import { readVector } from './testing/read-vector.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { standInRuntime } from '../runtimes/stand-in.ts';

const OLD = ['1.25.0', '1.28.0'].flatMap((version) =>
  ['churned', 'tree', 'empty'].map((name) => `lfs2-micropython-${version}-${name}.bin.gz`),
);

/** Writing replaces bytes; beyond the image the old ones stay. */
function over(old: Uint8Array, image: Uint8Array): Uint8Array {
  const flash = old.slice();
  flash.set(image);
  return flash;
}

describe.each(OLD)('an image over %s', (name) => {
  const old = readVector(name);
  const blockCount = old.length / 4096;

  it('mounts as the new one alone, however small it is', () => {
    for (const size of [0, 10, 200, 5000, 40_000]) {
      const files = [
        { path: 'main.py', bytes: seededRandom(size).bytes(size) },
        { path: 'a/x.mpy', bytes: seededRandom(1).bytes(100) },
      ];
      const image = buildLittleFs(files, { blockCount, directories: ['a', 'b/c'] });
      if (image.length > old.length) continue;
      const now = parseLittleFs(over(old, image), { blockCount });
      const alone = parseLittleFs(image, { blockCount });
      expect(now.files).toEqual(alone.files);
      expect(now.directories).toEqual(alone.directories);
      expect(now.usedBlocks).toBe(alone.usedBlocks);
    }
  });

  it('would show the old one if the empty half of the root were left out', () => {
    const image = buildLittleFs([{ path: 'new', bytes: new Uint8Array(3) }], { blockCount });
    const careless = old.slice();
    careless.set(image.subarray(0, 4096));
    const paths = (bytes: Uint8Array): string =>
      readLittleFs(bytes, { blockCount })
        .map((file) => file.path)
        .join();
    expect(paths(over(old, image))).toBe('new');
    // Block 1 of a churned file system has the higher revision; of an empty one it was never written.
    if (name.includes('churned')) expect(() => expect(paths(careless)).toBe('new')).toThrow();
  });
});

it('the parts of a whole flash end with the erased rest, so that nothing old is left of it', () => {
  const flashSizeBytes = 4 << 20;
  const modules = [{ name: 'board_main', mpy: seededRandom(4).bytes(3000) }];
  const check = checkRuntime(standInRuntime('esp32'));
  if (!check.ok) throw new Error(check.message);
  const regions = composeRegions({ runtime: check.runtime, flashSizeBytes, identity: [], modules });
  const whole = flattenRegions(regions, flashSizeBytes);
  const { parts, chip, nvs } = decomposeImage(whole);
  expect([chip, nvs]).toEqual(['esp32', { at: 0x9000, sizeBytes: 0x6000 }]);
  const board = new Uint8Array(flashSizeBytes).fill(0x55);
  for (const part of parts) board.set(part.bytes, part.at);
  expect(bytesToHex(board.subarray(0x200000))).toBe(bytesToHex(whole.subarray(0x200000)));
  const found = readLittleFs(board.subarray(0x200000), { blockCount: 512 });
  expect(found.map((file) => file.path).sort()).toEqual(
    firmwareFiles(modules)
      .map((file) => file.path)
      .sort(),
  );
});
