/** Puts together what a board's flash should hold. */
import { bytesToHex, utf8 } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { BLOCK_BYTES } from './littlefs/format.ts';
import type { LittleFsFile } from './littlefs/format.ts';
import { buildLittleFs } from './littlefs/write.ts';
import { hex, ImageError } from './image-error.ts';
import { mainPy } from './main-py.ts';
import { buildNvs, mergeNvs } from './nvs/nvs.ts';
import type { NvsEntry } from './nvs/value.ts';
import { DATA_SUBTYPE, fileSystemExtent, findNvs, PARTITION_TYPE } from './partition-table.ts';
import type { PartitionTable } from './partition-table.ts';
import type { Region, RuntimeFile } from './region.ts';

/** A compiled module: `name` as Python imports it. */
export interface FirmwareModule {
  name: string;
  mpy: Uint8Array;
}

export interface ComposeOptions {
  runtime: Pick<RuntimeFile, 'pieces' | 'partitionTable'>;
  flashSizeBytes: number;
  identity: readonly NvsEntry[];
  modules: readonly FirmwareModule[];
  /** What the board's NVS partition holds now: kept but for the identity. Without it the board gets a new NVS. */
  boardNvs?: Uint8Array;
}

/** Folder of the firmware on the board. */
export const FIRMWARE_SLOT = 'a';
/** In the slot: a line for each module, "name size sha256hex", sorted by name. */
export const FILE_LIST = 'files.txt';

/** The files on the board's file system. @throws ImageError value-invalid for a name Python could not import. */
export function firmwareFiles(modules: readonly FirmwareModule[]): LittleFsFile[] {
  const sorted = [...modules].sort((a, b) => (a.name < b.name ? -1 : 1));
  const links = sorted.some(({ name }) => name === 'mesh_links');
  const lines: string[] = [];
  const files: LittleFsFile[] = [{ path: 'main.py', bytes: utf8(mainPy(links)) }];
  for (const { name, mpy } of sorted) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new ImageError(
        'value-invalid',
        `firmware: "${name}" is not the name of a Python module`,
      );
    }
    files.push({ path: `${FIRMWARE_SLOT}/${name}.mpy`, bytes: mpy });
    lines.push(`${name} ${mpy.length} ${bytesToHex(sha256(mpy))}\n`);
  }
  files.push({ path: `${FIRMWARE_SLOT}/${FILE_LIST}`, bytes: utf8(lines.join('')) });
  return files;
}

/**
 * Everything to write on a board, in the order of addresses. The file system is made for exactly this flash size; its region ends
 * with its last used block.
 * @throws ImageError layout-invalid when a piece does not fit where the partition table wants it, littlefs-full, nvs-full
 */
export function composeRegions(options: ComposeOptions): Region[] {
  const { runtime, flashSizeBytes, identity, modules, boardNvs } = options;
  const table = runtime.partitionTable;
  const vfs = fileSystemExtent(table, flashSizeBytes);
  const nvs = findNvs(table);
  if (!nvs) throw new ImageError('layout-invalid', 'the partition table has no NVS partition');
  const nvsBytes = boardNvs
    ? mergeNvs(boardNvs, { set: identity }).bytes
    : buildNvs(identity, nvs.sizeBytes);
  const regions: Region[] = [
    ...runtime.pieces,
    ...updateSelection(table),
    { at: nvs.at, bytes: nvsBytes, name: 'identity' },
    {
      at: vfs.at,
      bytes: buildLittleFs(firmwareFiles(modules), { blockCount: vfs.sizeBytes / BLOCK_BYTES }),
      name: 'firmware',
    },
  ];
  regions.sort((a, b) => a.at - b.at);
  checkRegions(regions, table, flashSizeBytes);
  return regions;
}

/** A table with update slots: erasing the selection makes the bootloader start the first slot, which is the one written. */
function updateSelection(table: PartitionTable): Region[] {
  const row = table.rows.find(
    (r) => r.type === PARTITION_TYPE.data && r.subtype === DATA_SUBTYPE.otaSelection,
  );
  if (!row) return [];
  const bytes = new Uint8Array(row.sizeBytes).fill(0xff);
  return [{ at: row.at, bytes, name: 'update-selection' }];
}

function checkRegions(
  regions: readonly Region[],
  table: PartitionTable,
  flashSizeBytes: number,
): void {
  for (const [i, region] of regions.entries()) {
    const end = region.at + region.bytes.length;
    const limit = regions[i + 1]?.at ?? flashSizeBytes;
    if (end > limit) {
      throw new ImageError(
        'layout-invalid',
        `${region.name} ends at ${hex(end)}, but ${regions[i + 1]?.name ?? 'the flash'} ${regions[i + 1] ? 'begins' : 'ends'} at ${hex(limit)}`,
      );
    }
    const row = table.rows.find((r) => r.at === region.at);
    if (row && region.bytes.length > row.sizeBytes) {
      throw new ImageError(
        'layout-invalid',
        `${region.name} has ${region.bytes.length} bytes, its partition "${row.label}" holds ${row.sizeBytes}`,
      );
    }
    if (row && region.name === 'identity' && region.bytes.length !== row.sizeBytes) {
      throw new ImageError(
        'layout-invalid',
        `the board's NVS was read with ${region.bytes.length} bytes, its partition has ${row.sizeBytes}`,
      );
    }
  }
}

/** A whole flash: the regions in their places, everything else erased. @throws ImageError layout-invalid */
export function flattenRegions(
  regions: readonly Region[],
  flashSizeBytes: number,
): Uint8Array<ArrayBuffer> {
  const flash = new Uint8Array(flashSizeBytes).fill(0xff);
  for (const region of regions) {
    if (region.at + region.bytes.length > flashSizeBytes) {
      throw new ImageError(
        'layout-invalid',
        `${region.name} ends at ${hex(region.at + region.bytes.length)}, the flash at ${hex(flashSizeBytes)}`,
      );
    }
    flash.set(region.bytes, region.at);
  }
  return flash;
}
