/**
 * What a flash job will do, worked out before anything is touched: a pure function from what the
 * board has and what it should have. The result is shown to the person and then carried out as it is.
 */
import { bytesToHex } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { CHIPS, type ChipName } from '../image/chips.ts';
import { fileSystemExtent, parsePartitionTable } from '../image/partition-table.ts';

/** Flash is erased in sectors of this size. */
export const SECTOR_SIZE = 0x1000;
const PARTITION_TABLE_AT = 0x8000;

/** A run of bytes that belongs at one place on flash. */
export interface FlashRegion {
  at: number;
  bytes: Uint8Array;
  /** Unique within a plan: 'bootloader', 'partition-table', 'runtime', 'identity', 'firmware', ... */
  name: string;
}

export interface BoardOnCable {
  chip: ChipName;
  /** When known, the plan is for this very board and a session refuses it on any other. */
  mac?: string;
  flashSizeBytes: number;
  /** Flash encryption, secure boot or secure download mode is burned into the chip. */
  secured: boolean;
  /** By region name, lower-case hex, over the region's place and size; what is missing is written. */
  md5: Readonly<Record<string, string>>;
}

export interface PlannedSkip {
  name: string;
  at: number;
  sizeBytes: number;
}

/** A region whose bytes are all FF: erasing is enough. */
export interface PlannedErase {
  name: string;
  at: number;
  sizeBytes: number;
}

export interface PlannedWrite {
  name: string;
  at: number;
  bytes: Uint8Array;
  /** Lower-case hex; checked on the chip after writing. */
  md5: string;
}

export type RefusalCode =
  | 'wrong-chip'
  | 'secured-chip'
  | 'flash-too-small'
  | 'region-too-large'
  | 'region-unaligned'
  | 'regions-overlap';

export interface Refusal {
  code: RefusalCode;
  message: string;
}

export interface FlashPlan {
  /** The chip that the plan was made for; a session refuses to carry it out on another one. */
  chip: ChipName;
  mac?: string;
  skips: PlannedSkip[];
  erases: PlannedErase[];
  /** In the order of writing: the bootloader last, so that a broken-off job does not look bootable. */
  writes: PlannedWrite[];
  /** When there is one, nothing is to be done. */
  refusals: Refusal[];
}

/**
 * @param imageChip the chip that the runtime file was made for.
 * @param digests MD5 of the wanted bytes by region name, lower-case hex, where the caller knows it: a page works it out in
 *   steps, because a large region in one go holds its thread too long.
 */
export function planFlash(
  board: BoardOnCable,
  want: readonly FlashRegion[],
  imageChip: ChipName,
  digests: Readonly<Record<string, string>> = {},
): FlashPlan {
  const plan: FlashPlan = { chip: board.chip, skips: [], erases: [], writes: [], refusals: [] };
  if (board.mac !== undefined) plan.mac = board.mac;
  const regions = want.filter((region) => region.bytes.length > 0);
  if (new Set(regions.map((region) => region.name)).size !== regions.length) {
    throw new Error('two regions of a flash plan have the same name');
  }
  plan.refusals = refusals(board, regions, imageChip);
  for (const { name, at, bytes } of regions) {
    const digest = digests[name] ?? bytesToHex(md5(bytes));
    const sizeBytes = bytes.length;
    if (board.md5[name] === digest) plan.skips.push({ name, at, sizeBytes });
    else if (sizeBytes % SECTOR_SIZE === 0 && bytes.every((byte) => byte === 0xff)) {
      plan.erases.push({ name, at, sizeBytes });
    } else plan.writes.push({ name, at, bytes, md5: digest });
  }
  plan.writes.sort((a, b) => Number(a.name === 'bootloader') - Number(b.name === 'bootloader'));
  return plan;
}

function refusals(
  board: BoardOnCable,
  regions: readonly FlashRegion[],
  imageChip: ChipName,
): Refusal[] {
  const found: Refusal[] = [];
  if (board.chip !== imageChip) {
    found.push({
      code: 'wrong-chip',
      message: `This firmware is for ${CHIPS[imageChip].label}; the board has an ${CHIPS[board.chip].label}.`,
    });
  }
  if (board.secured) {
    found.push({
      code: 'secured-chip',
      message:
        'This chip has secure boot, flash encryption or secure download mode burned in; writing plain firmware would make it useless.',
    });
  }
  const sorted = [...regions].sort((a, b) => a.at - b.at);
  sorted.forEach((region, i) => {
    const end = region.at + region.bytes.length;
    const next = sorted[i + 1];
    if (region.at % SECTOR_SIZE !== 0) {
      found.push({
        code: 'region-unaligned',
        message: `${place(region)} does not start at a 4096-byte sector.`,
      });
    }
    if (next && Math.ceil(end / SECTOR_SIZE) * SECTOR_SIZE > next.at) {
      found.push({
        code: 'regions-overlap',
        message: `${place(region)} runs into ${place(next)}.`,
      });
    }
    if (end > board.flashSizeBytes) {
      found.push({
        code: 'flash-too-small',
        message: `${place(region)} ends beyond the board’s flash of ${board.flashSizeBytes >> 10} KB.`,
      });
    }
  });
  return [...found, ...misfits(board, sorted)];
}

/** Regions that are larger than the partition of the table that is going to be on the board. */
function misfits(board: BoardOnCable, regions: readonly FlashRegion[]): Refusal[] {
  const tableRegion = regions.find((region) => region.name === 'partition-table');
  if (!tableRegion) return [];
  const table = parsePartitionTable(tableRegion.bytes);
  const slots = table.rows.map((row) => ({
    label: row.label,
    at: row.at,
    sizeBytes: row.sizeBytes,
  }));
  const tableEnd = Math.max(...slots.map((slot) => slot.at + slot.sizeBytes));
  if (!slots.some((slot) => slot.label === 'vfs') && tableEnd < board.flashSizeBytes) {
    slots.push({ label: 'vfs', ...fileSystemExtent(table, board.flashSizeBytes) });
  }
  slots.push({
    label: 'the bootloader’s place',
    at: CHIPS[board.chip].bootloaderAt,
    sizeBytes: PARTITION_TABLE_AT - CHIPS[board.chip].bootloaderAt,
  });
  const found: Refusal[] = [];
  for (const region of regions) {
    const slot = slots.find((each) => region.at >= each.at && region.at < each.at + each.sizeBytes);
    if (slot && region.at + region.bytes.length > slot.at + slot.sizeBytes) {
      found.push({
        code: 'region-too-large',
        message: `${place(region)} is ${region.bytes.length} bytes, but ${slot.label} ends after ${slot.at + slot.sizeBytes - region.at}.`,
      });
    }
  }
  return found;
}

function place(region: FlashRegion): string {
  return `${region.name} at 0x${region.at.toString(16)}`;
}

/** Bytes that go to flash, before compression. */
export function plannedBytes(plan: FlashPlan): number {
  return plan.writes.reduce((sum, write) => sum + write.bytes.length, 0);
}
