import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import type { ChipName } from '../image/chips.ts';
import { buildPartitionTable } from '../image/partition-table.ts';
import { type BoardOnCable, type FlashRegion, plannedBytes, planFlash } from './plan.ts';

const blank: BoardOnCable = { chip: 'esp32', flashSizeBytes: 4 << 20, secured: false, md5: {} };
const bytes = (size: number, fill = 0x55): Uint8Array => new Uint8Array(size).fill(fill);
const digest = (content: Uint8Array): string => bytesToHex(md5(content));

const table = buildPartitionTable([
  { type: 1, subtype: 2, at: 0x9000, sizeBytes: 0x6000, label: 'nvs', flags: 0 },
  { type: 1, subtype: 1, at: 0xf000, sizeBytes: 0x1000, label: 'phy_init', flags: 0 },
  { type: 0, subtype: 0, at: 0x10000, sizeBytes: 0x1f0000, label: 'factory', flags: 0 },
]);

const whole: FlashRegion[] = [
  { name: 'bootloader', at: 0x1000, bytes: bytes(0x6000) },
  { name: 'partition-table', at: 0x8000, bytes: table },
  { name: 'identity', at: 0x9000, bytes: bytes(0x6000, 1) },
  { name: 'runtime', at: 0x10000, bytes: bytes(0x180000) },
  { name: 'firmware', at: 0x200000, bytes: bytes(0x8000, 2) },
];

describe('planFlash', () => {
  it('writes everything on an unknown board, the bootloader last', () => {
    const plan = planFlash(blank, whole, 'esp32');
    expect(plan.refusals).toEqual([]);
    expect(plan.skips).toEqual([]);
    expect(plan.writes.map((write) => write.name)).toEqual([
      'partition-table',
      'identity',
      'runtime',
      'firmware',
      'bootloader',
    ]);
    expect(plan.writes[0]!.md5).toBe(digest(table));
    expect(plannedBytes(plan)).toBe(whole.reduce((sum, region) => sum + region.bytes.length, 0));
  });

  it('skips what is on the board already', () => {
    const board = {
      ...blank,
      md5: {
        runtime: digest(whole[3]!.bytes),
        bootloader: digest(whole[0]!.bytes),
        identity: 'f'.repeat(32),
      },
    };
    const plan = planFlash(board, whole, 'esp32');
    expect(plan.skips).toEqual([
      { name: 'bootloader', at: 0x1000, sizeBytes: 0x6000 },
      { name: 'runtime', at: 0x10000, sizeBytes: 0x180000 },
    ]);
    expect(plan.writes.map((write) => write.name)).toEqual([
      'partition-table',
      'identity',
      'firmware',
    ]);
  });

  it('has nothing to do when nothing changed', () => {
    const current = Object.fromEntries(whole.map(({ name, bytes: b }) => [name, digest(b)]));
    const plan = planFlash({ ...blank, md5: current }, whole, 'esp32');
    expect([plan.writes, plan.erases, plan.refusals]).toEqual([[], [], []]);
    expect(plan.skips).toHaveLength(whole.length);
  });

  it('erases a region that is all FF instead of sending it', () => {
    const regions = [{ name: 'identity', at: 0x9000, bytes: bytes(0x6000, 0xff) }];
    const plan = planFlash(blank, regions, 'esp32');
    expect(plan.erases).toEqual([{ name: 'identity', at: 0x9000, sizeBytes: 0x6000 }]);
    expect(plan.writes).toEqual([]);
  });

  const firmware = (at: number, size: number): FlashRegion[] => [
    { name: 'firmware', at, bytes: bytes(size) },
  ];
  it.each<[string, Partial<BoardOnCable>, FlashRegion[], ChipName, string[]]>([
    ['another chip', {}, whole, 'esp32c3', ['wrong-chip']],
    ['a secured chip', { secured: true }, whole, 'esp32', ['secured-chip']],
    [
      'a small flash',
      { flashSizeBytes: 1 << 20 },
      firmware(0xff000, 0x2000),
      'esp32',
      ['flash-too-small'],
    ],
    ['a place off the grid', {}, firmware(0x200100, 0x1000), 'esp32', ['region-unaligned']],
    [
      'two regions in one sector',
      {},
      [...firmware(0x9000, 0x1001), { name: 'identity', at: 0xa000, bytes: bytes(16) }],
      'esp32',
      ['regions-overlap'],
    ],
    [
      'a runtime larger than its partition',
      {},
      [whole[1]!, { name: 'runtime', at: 0x10000, bytes: bytes(0x1f0001) }],
      'esp32',
      ['region-too-large'],
    ],
    [
      'a bootloader that runs into the table',
      {},
      [{ name: 'bootloader', at: 0x1000, bytes: bytes(0x7001) }, whole[1]!],
      'esp32',
      ['regions-overlap', 'region-too-large'],
    ],
  ])('refuses %s and says so', (_name, board, regions, imageChip, codes) => {
    const plan = planFlash({ ...blank, ...board }, regions, imageChip);
    expect(plan.refusals.map((refusal) => refusal.code)).toEqual(codes);
    for (const refusal of plan.refusals) expect(refusal.message).toMatch(/\w+.*\.$/);
  });
});
