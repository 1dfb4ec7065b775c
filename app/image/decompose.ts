/** A flash image taken apart again, into the regions that a flash plan compares and writes one by one. */
import { isErased } from './cells.ts';
import type { ChipName } from './chips.ts';
import { splitCombined } from './combined.ts';
import { BLOCK_BYTES } from './littlefs/format.ts';
import { fileSystemExtent, findNvs, PARTITION_TABLE_AT } from './partition-table.ts';

export interface ImagePart {
  at: number;
  bytes: Uint8Array;
  /** As composeRegions() names them; 'free-space' is the erased rest of the file system, 'part-N' what no row explains. */
  name: string;
}

export interface DecomposedImage {
  chip: ChipName;
  /** True for a copy of a whole flash, false for a runtime file alone. */
  whole: boolean;
  parts: ImagePart[];
  /** Where the settings lie, so that a board's own can be merged with them; only in a whole flash. */
  nvs: { at: number; sizeBytes: number } | undefined;
}

/**
 * @param bytes a whole flash, or a combined runtime file
 * @throws ImageError when it is neither, or a piece of it is damaged
 */
export function decomposeImage(bytes: Uint8Array): DecomposedImage {
  const file = splitCombined(bytes);
  const parts: ImagePart[] = [
    { at: file.chip.bootloaderAt, bytes: file.bootloaderBytes, name: 'bootloader' },
    { at: PARTITION_TABLE_AT, bytes: file.tableBytes, name: 'partition-table' },
    { at: file.appRow.at, bytes: file.appBytes, name: 'runtime' },
  ];
  const whole = file.fileAt === 0 && bytes.length % 0x100000 === 0;
  if (!whole) return { chip: file.chip.name, whole, parts, nvs: undefined };
  const nvsRow = findNvs(file.table);
  const nvs = nvsRow && { at: nvsRow.at, sizeBytes: nvsRow.sizeBytes };
  if (nvs) {
    parts.push({ ...nvs, bytes: bytes.subarray(nvs.at, nvs.at + nvs.sizeBytes), name: 'identity' });
  }
  const files = fileSystemExtent(file.table, bytes.length);
  parts.push(...withRest('firmware', bytes, files.at, files.at + files.sizeBytes));
  for (const row of file.table.rows) {
    const end = row.at + row.sizeBytes;
    if (parts.some((part) => part.at >= row.at && part.at < end)) continue;
    if (isErased(bytes, row.at, end)) continue;
    parts.push({ at: row.at, bytes: bytes.subarray(row.at, end), name: `part-${row.label}` });
  }
  return { chip: file.chip.name, whole, parts: parts.sort((a, b) => a.at - b.at), nvs };
}

/** The used beginning, and the erased rest as a part of its own: what an older file system left there must go. */
function withRest(name: string, bytes: Uint8Array, at: number, end: number): ImagePart[] {
  let used = end;
  while (used > at && isErased(bytes, used - BLOCK_BYTES, used)) used -= BLOCK_BYTES;
  const found: ImagePart[] = [
    { at, bytes: bytes.subarray(at, used), name },
    { at: used, bytes: bytes.subarray(used, end), name: 'free-space' },
  ];
  return found.filter((part) => part.bytes.length > 0);
}
