import { describe, expect, it } from 'vitest';
import { bytesToHex, utf8 } from '../base/bytes.ts';
import { seededRandom } from '../base/random.ts';
import { CHIPS, isChipName } from './chips.ts';
import { composeRegions, flattenRegions } from './compose.ts';
import { buildEspImage, DESCRIPTOR_BYTES, DESCRIPTOR_MAGIC } from './esp-image.ts';
import { viewOf } from './cells.ts';
import { describeImage } from './identify.ts';
import { buildLittleFs } from './littlefs/write.ts';
import { buildNvs } from './nvs/nvs.ts';
import type { NvsEntry } from './nvs/value.ts';
import { parsePartitionTable } from './partition-table.ts';
import type { ChipName } from './chips.ts';
import { readVector } from './testing/read-vector.ts';

const tableBytes = readVector('partition-table-esp32-1.26.bin');
const SECRET = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i);
const IDENTITY: NvsEntry[] = [
  { namespace: 'mesh', key: 'schema', value: { kind: 'i32', value: 1 } },
  { namespace: 'mesh', key: 'name', value: { kind: 'blob', bytes: utf8('küche.lampe') } },
  { namespace: 'mesh', key: 'node_key', value: { kind: 'blob', bytes: SECRET } },
  { namespace: 'mesh', key: 'setup_key', value: { kind: 'blob', bytes: SECRET } },
  { namespace: 'mesh', key: 'creds', value: { kind: 'blob', bytes: SECRET } },
];

function wholeFlash(chip: ChipName): Uint8Array {
  const { imageChipId: chipId, bootloaderAt } = CHIPS[chip];
  const first = new Uint8Array(DESCRIPTOR_BYTES);
  viewOf(first).setUint32(0, DESCRIPTOR_MAGIC, true);
  const loadAddress = 0x3ffb0000;
  const app = buildEspImage({
    chipId,
    entry: 0,
    segments: [
      { loadAddress, bytes: first },
      { loadAddress, bytes: utf8('MicroPython v1.27.0 on 2025-12-09; a board') },
    ],
  });
  const bootloader = buildEspImage({
    chipId,
    entry: 0,
    segments: [{ loadAddress, bytes: new Uint8Array(64) }],
  });
  const regions = composeRegions({
    runtime: {
      partitionTable: parsePartitionTable(tableBytes),
      pieces: [
        { at: bootloaderAt, bytes: bootloader, name: 'bootloader' },
        { at: 0x8000, bytes: tableBytes, name: 'partition-table' },
        { at: 0x10000, bytes: app, name: 'runtime' },
      ],
    },
    flashSizeBytes: 0x400000,
    identity: IDENTITY,
    modules: [{ name: 'board_main', mpy: new Uint8Array(10) }],
  });
  return flattenRegions(regions, 0x400000);
}

describe('a file of each kind is named and described', () => {
  it.each(Object.keys(CHIPS).filter(isChipName))('a copy of the whole flash of an %s', (chip) => {
    const report = describeImage(wholeFlash(chip));
    expect(report).toMatchObject({
      kind: 'flash',
      sizeBytes: 0x400000,
      runtime: { kind: 'runtime', chip, microPython: '1.27.0' },
      nvs: { kind: 'nvs', problems: [] },
      fileSystem: { kind: 'littlefs', blockCount: 512, directories: ['a'] },
    });
  });

  it('a runtime file, an application, a partition table, an NVS and a file system', () => {
    const flash = wholeFlash('esp32');
    const appAt = 0x10000;
    expect(describeImage(flash.subarray(0x1000, 0x20000)).kind).toBe('runtime');
    expect(describeImage(flash.subarray(appAt, 0x20000)).kind).toBe('application');
    expect(describeImage(flash.subarray(0x1000, 0x7000)).kind).toBe('bootloader');
    expect(describeImage(tableBytes).kind).toBe('partition-table');
    expect(describeImage(readVector('nvs-rewritten.bin.gz')).kind).toBe('nvs');
    for (const name of ['empty', 'tree', 'churned']) {
      const image = readVector(`lfs2-micropython-1.28.0-${name}.bin.gz`);
      expect(describeImage(image).kind, name).toBe('littlefs');
    }
  });

  it.each([
    ['nothing', new Uint8Array(), 'empty'],
    ['erased flash', new Uint8Array(4096).fill(0xff), 'erased flash'],
    ['a text', utf8('hello'), 'neither an ESP image'],
  ])('%s is unknown, with the reason', (_what, bytes, expected) => {
    const report = describeImage(bytes);
    expect(report).toMatchObject({ kind: 'unknown' });
    expect(JSON.stringify(report)).toContain(expected);
  });

  it('a damaged part of a flash is reported beside the sound ones', () => {
    const flash = wholeFlash('esp32');
    flash.fill(0, 0x200000, 0x202000);
    expect(describeImage(flash)).toMatchObject({
      kind: 'flash',
      nvs: { kind: 'nvs' },
      fileSystem: {
        kind: 'broken',
        message: expect.stringContaining('neither block 0 nor block 1'),
      },
    });
  });
});

describe('secrets', () => {
  const nvs = buildNvs(IDENTITY, 0x6000);

  it('are hidden', () => {
    const text = JSON.stringify([describeImage(nvs), describeImage(wholeFlash('esp32c3'))]);
    expect(text).toContain('(32 bytes, hidden)');
    expect(text).not.toContain(bytesToHex(SECRET).slice(0, 8));
    expect(text).toContain('küche.lampe');
  });

  it('are shown when asked for', () => {
    expect(JSON.stringify(describeImage(nvs, { reveal: true }))).toContain(bytesToHex(SECRET));
  });
});

it('describes anything without throwing', () => {
  const random = seededRandom(11);
  const samples = [
    wholeFlash('esp32').subarray(0, 0x12000),
    buildNvs(IDENTITY, 0x3000),
    buildLittleFs([{ path: 'a/b', bytes: new Uint8Array(500) }], { blockCount: 8 }),
    tableBytes,
  ];
  for (let i = 0; i < 400; i++) {
    const sample = samples[i % samples.length]!;
    const broken = sample.slice(0, random.int(4) ? sample.length : random.int(sample.length));
    for (let k = random.int(20); k > 0 && broken.length > 0; k--) {
      broken[random.int(broken.length)] = random.int(256);
    }
    expect(describeImage(broken)).toHaveProperty('kind');
  }
});
