import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { bytesToHex } from '../base/bytes.ts';
import { composeRegions, firmwareFiles, flattenRegions } from './compose.ts';
import { ImageError } from './image-error.ts';
import { parseLittleFs } from './littlefs/read.ts';
import { mainPy } from './main-py.ts';
import { buildNvs, parseNvs } from './nvs/nvs.ts';
import type { NvsEntry } from './nvs/value.ts';
import { parsePartitionTable } from './partition-table.ts';
import type { PartitionTable } from './partition-table.ts';
import type { Region } from './region.ts';
import { readVector } from './testing/read-vector.ts';

const tableBytes = readVector('partition-table-esp32-1.26.bin');
const partitionTable = parsePartitionTable(tableBytes);
const pieces: Region[] = [
  { at: 0x1000, bytes: new Uint8Array(100).fill(1), name: 'bootloader' },
  { at: 0x8000, bytes: tableBytes, name: 'partition-table' },
  { at: 0x10000, bytes: new Uint8Array(5000).fill(2), name: 'runtime' },
];
const runtime = { pieces, partitionTable };
const identity: NvsEntry[] = [
  { namespace: 'mesh', key: 'schema', value: { kind: 'i32', value: 1 } },
  { namespace: 'mesh', key: 'name', value: { kind: 'blob', bytes: utf8('hall.lamp.1') } },
];
const modules = [
  { name: 'mesh_node', mpy: new Uint8Array(300).fill(7) },
  { name: 'board_main', mpy: new Uint8Array(50).fill(8) },
];

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('the files of a firmware', () => {
  it('lists every module with size and SHA-256, sorted by name', () => {
    const files = new Map(firmwareFiles(modules).map((file) => [file.path, file.bytes]));
    expect([...files.keys()].sort()).toEqual([
      'a/board_main.mpy',
      'a/files.txt',
      'a/mesh_node.mpy',
      'main.py',
    ]);
    expect(fromUtf8(files.get('a/files.txt')!)).toBe(
      `board_main 50 ${bytesToHex(sha256(modules[1]!.mpy))}\nmesh_node 300 ${bytesToHex(sha256(modules[0]!.mpy))}\n`,
    );
    expect(fromUtf8(files.get('main.py')!)).toBe(mainPy());
  });

  it('refuses names that Python cannot import', () => {
    expect(message(() => firmwareFiles([{ name: 'mesh/node', mpy: new Uint8Array() }]))).toContain(
      'not the name of a Python module',
    );
  });
});

describe('a whole flash', () => {
  it.each([
    [4, 512],
    [8, 1536],
    [16, 3584],
  ])('of %i MB has a file system of %i blocks', (megabytes, blockCount) => {
    const flashSizeBytes = megabytes * 0x100000;
    const regions = composeRegions({ runtime, flashSizeBytes, identity, modules });
    expect(regions.map((region) => [region.name, region.at])).toEqual([
      ['bootloader', 0x1000],
      ['partition-table', 0x8000],
      ['identity', 0x9000],
      ['runtime', 0x10000],
      ['firmware', 0x200000],
    ]);
    const flash = flattenRegions(regions, flashSizeBytes);
    expect(flash).toHaveLength(flashSizeBytes);
    const files = parseLittleFs(flash.subarray(0x200000), { blockCount });
    expect(files.files.map((file) => file.path)).toContain('a/board_main.mpy');
    expect(parseNvs(flash.subarray(0x9000, 0xf000)).entries).toEqual(identity);
    expect(flash[0xf000]).toBe(0xff);
  });

  it("keeps what else is in the board's own NVS", () => {
    const phy: NvsEntry = {
      namespace: 'phy',
      key: 'cal_data',
      value: { kind: 'blob', bytes: new Uint8Array(1904).fill(3) },
    };
    const regions = composeRegions({
      runtime,
      flashSizeBytes: 0x400000,
      identity,
      modules,
      boardNvs: buildNvs([phy], 0x6000),
    });
    const nvs = regions.find((region) => region.name === 'identity')!;
    expect(parseNvs(nvs.bytes).entries).toEqual([phy, ...identity]);
  });

  it('erases the update selection of a table with update slots, so that the written slot starts', () => {
    const row = { flags: 0, type: 1 };
    const table: PartitionTable = {
      hasMd5: true,
      rows: [
        { ...row, subtype: 2, at: 0x9000, sizeBytes: 0x4000, label: 'nvs' },
        { ...row, subtype: 0, at: 0xd000, sizeBytes: 0x2000, label: 'otadata' },
        { ...row, type: 0, subtype: 0x10, at: 0x10000, sizeBytes: 0x180000, label: 'ota_0' },
        { ...row, type: 0, subtype: 0x11, at: 0x190000, sizeBytes: 0x180000, label: 'ota_1' },
      ],
    };
    const regions = composeRegions({
      runtime: { pieces, partitionTable: table },
      flashSizeBytes: 0x400000,
      identity,
      modules,
    });
    const selection = regions.find((region) => region.name === 'update-selection');
    expect(selection).toMatchObject({ at: 0xd000 });
    expect(selection!.bytes).toEqual(new Uint8Array(0x2000).fill(0xff));
    expect(regions.at(-1)).toMatchObject({ name: 'firmware', at: 0x310000 });
  });

  it.each([
    ['a flash that is too small', { flashSizeBytes: 0x200000 }, 'no room for a file system'],
    [
      'firmware that is too large',
      { modules: [{ name: 'm', mpy: new Uint8Array(0x210000) }] },
      '512 blocks',
    ],
    [
      "a board's NVS of another size",
      { boardNvs: new Uint8Array(0x4000).fill(0xff) },
      'was read with 16384 bytes',
    ],
  ])('refuses %s', (_what, change, expected) => {
    const options = { runtime, flashSizeBytes: 0x400000, identity, modules, ...change };
    expect(message(() => composeRegions(options))).toContain(expected);
  });

  it('refuses a runtime that is larger than its partition', () => {
    const large = pieces.map((piece) =>
      piece.name === 'runtime' ? { ...piece, bytes: new Uint8Array(0x1f0001) } : piece,
    );
    expect(
      message(() =>
        composeRegions({
          runtime: { pieces: large, partitionTable },
          flashSizeBytes: 0x400000,
          identity,
          modules,
        }),
      ),
    ).toContain('runtime ends at 0x200001');
  });
});
