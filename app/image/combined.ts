/**
 * The combined file in which MicroPython is published for a chip, and the same three pieces inside a copy of a whole flash.
 *
 *   file: | bootloader image | FF ... | table | FF (NVS, phy) | application image |
 *   flash:  bootloaderAt                0x8000  0x9000          from the table, 0x10000
 *
 * The file begins with the bootloader, so that its offset 0 is flash 0x1000 on ESP32 and ESP32-S2 and flash 0x0 on the others.
 * Source: MicroPython ports/esp32/makeimg.py; flash_offset in ports/esp32/boards/<board>/board.json.
 */
import { CHIPS, chipOfImageId, imageChipLabel } from './chips.ts';
import type { Chip } from './chips.ts';
import { isErased, viewOf } from './cells.ts';
import { IMAGE_HEADER, IMAGE_HEADER_BYTES, IMAGE_MAGIC, parseEspImage } from './esp-image.ts';
import type { EspImage } from './esp-image.ts';
import { hex, ImageError } from './image-error.ts';
import {
  findApp,
  PARTITION_TABLE_AT,
  PARTITION_TABLE_BYTES,
  parsePartitionTable,
} from './partition-table.ts';
import type { PartitionRow, PartitionTable } from './partition-table.ts';

export interface CombinedFile {
  chip: Chip;
  /** Flash address of the file's first byte: 0 for a copy of a whole flash. */
  fileAt: number;
  bootloader: EspImage;
  bootloaderBytes: Uint8Array;
  table: PartitionTable;
  tableBytes: Uint8Array;
  app: EspImage;
  appRow: PartitionRow;
  appBytes: Uint8Array;
}

const fail = (message: string): ImageError => new ImageError('layout-invalid', message);

/**
 * @throws ImageError layout-invalid when there is no bootloader for a known chip at the first byte (or at 0x1000 of a whole
 * flash), or a piece is missing or of another chip; partition-table-invalid or esp-image-invalid when a piece is damaged.
 */
export function splitCombined(bytes: Uint8Array): CombinedFile {
  const start = findBootloader(bytes);
  const bootloader = parseEspImage(bytes.subarray(start), 'bootloader');
  const chip = chipOfImageId(bootloader.chipId);
  if (!chip) {
    const known = Object.values(CHIPS).map((c) => c.label);
    throw fail(
      `the bootloader is for the ${imageChipLabel(bootloader.chipId)}, expected one of ${known.join(', ')}`,
    );
  }
  if (bootloader.descriptor) {
    throw fail(
      'this is the application alone (its first bytes hold an application descriptor), expected the combined file with bootloader and partition table',
    );
  }
  const fileAt = chip.bootloaderAt - start;
  if (fileAt < 0) {
    throw fail(
      `a bootloader for the ${chip.label} at ${hex(start)}, expected at ${hex(chip.bootloaderAt)}`,
    );
  }
  const tableAt = PARTITION_TABLE_AT - fileAt;
  if (start + bootloader.sizeBytes > tableAt) {
    throw fail(
      `the first image is ${hex(bootloader.sizeBytes)} bytes long and reaches over the partition table at ${hex(tableAt)}: not a bootloader`,
    );
  }
  const tableBytes = bytes.subarray(tableAt, tableAt + PARTITION_TABLE_BYTES);
  if (tableBytes.length < PARTITION_TABLE_BYTES) {
    throw fail(
      `expected a partition table at ${hex(tableAt)} of the file (flash ${hex(PARTITION_TABLE_AT)}), the file ends at ${hex(bytes.length)}`,
    );
  }
  const table = parsePartitionTable(tableBytes);
  const appRow = findApp(table);
  if (!appRow) throw fail('the partition table has no row for an application');
  const appAt = appRow.at - fileAt;
  if (appAt >= bytes.length) {
    throw fail(
      `expected the application at ${hex(appAt)} of the file (flash ${hex(appRow.at)}), the file ends at ${hex(bytes.length)}`,
    );
  }
  const app = parseEspImage(bytes.subarray(appAt), `application at ${hex(appAt)}`);
  if (app.chipId !== bootloader.chipId) {
    throw fail(
      `the bootloader is for the ${chip.label}, the application for the ${imageChipLabel(app.chipId)}`,
    );
  }
  return {
    chip,
    fileAt,
    bootloader,
    bootloaderBytes: bytes.subarray(start, start + bootloader.sizeBytes),
    table,
    tableBytes,
    app,
    appRow,
    appBytes: bytes.subarray(appAt, appAt + app.sizeBytes),
  };
}

/** Offset of the bootloader: 0 in a published file, 0x1000 in a copy of the flash of an ESP32 or ESP32-S2. */
function findBootloader(bytes: Uint8Array): number {
  if (bytes[0] === IMAGE_MAGIC) return 0;
  const dumpAt = CHIPS.esp32.bootloaderAt;
  if (
    bytes.length > PARTITION_TABLE_AT &&
    isErased(bytes, 0, 16) &&
    bytes[dumpAt] === IMAGE_MAGIC
  ) {
    return dumpAt;
  }
  const found = bytes.length === 0 ? 'an empty file' : `the first byte ${hex(bytes[0]!)}`;
  throw fail(`expected a bootloader image (first byte 0xE9), found ${found}`);
}

/** Whether the file could at all be meant as one of these: to pick the right words for a refusal. */
export function looksLikeImage(bytes: Uint8Array): boolean {
  return (
    bytes.length >= IMAGE_HEADER_BYTES && IMAGE_HEADER.magic.get(viewOf(bytes)) === IMAGE_MAGIC
  );
}

export interface MicroPythonText {
  /** Without the "v". */
  version: string;
  major: number;
  minor: number;
  /** Of the build, YYYY-MM-DD. */
  date: string;
}

/**
 * The version that a MicroPython build prints in its banner. The application descriptor's version is empty in these builds, so the
 * text "v1.26.0 on 2025-08-09" is looked for in the application's bytes.
 */
export function findMicroPython(app: Uint8Array): MicroPythonText | undefined {
  const text = new TextDecoder('latin1').decode(app);
  const match =
    /MicroPython v(\d{1,3})\.(\d{1,3})(\.\d{1,3})?([-.\w]{0,40}) on (\d{4}-\d\d-\d\d)/.exec(text);
  if (!match) return undefined;
  const [, major, minor, patch, rest, date] = match;
  return {
    version: `${major}.${minor}${patch ?? ''}${rest ?? ''}`,
    major: Number(major),
    minor: Number(minor),
    date: date!,
  };
}
