/**
 * Partition table: at flash 0x8000, up to 0xC00 bytes (96 rows of 32), little-endian. The rest of its 4 KiB sector is erased.
 *
 *   0       2      3         4        8      12           28      32
 *   | AA 50 | type | subtype | offset | size | label (16) | flags |      a row
 *   | EB EB | 14 x FF                        | MD5 of all rows before |  the checksum row, after the last row
 *   | FF ... to the end                                               |
 *
 * type 0 app, 1 data; offset and size in bytes; label NUL padded; flags bit 0: encrypted, bit 1: read-only.
 * Source: ESP-IDF components/partition_table/gen_esp32part.py, PartitionDefinition and PartitionTable.
 */
import { md5 } from '../base/digest.ts';
import { equalBytes, utf8 } from '../base/bytes.ts';
import { fixedText, isErased, u16, u32, u8, viewOf } from './cells.ts';
import { hex, ImageError } from './image-error.ts';

export const PARTITION_TABLE_AT = 0x8000;
/** The sector that holds the table. */
export const PARTITION_TABLE_SECTOR_BYTES = 0x1000;
/** What the table itself may fill. */
export const PARTITION_TABLE_BYTES = 0xc00;

const ROW_BYTES = 32;
const ROW_MAGIC = 0x50aa;
const MD5_MAGIC = 0xebeb;
const ROW = {
  magic: u16(0),
  type: u8(2), // 0 app, 1 data, 0x40.. custom
  subtype: u8(3),
  at: u32(4), // bytes from the start of flash; app partitions align to 0x10000
  sizeBytes: u32(8), // a multiple of the 0x1000 erase block
  flags: u32(28),
} as const;
const LABEL_AT = 12;
const LABEL_BYTES = 16;
const MD5_AT = 16;

export const PARTITION_TYPE = { app: 0, data: 1 } as const;
export const APP_SUBTYPE = { factory: 0x00, ota0: 0x10, test: 0x20 } as const;
export const DATA_SUBTYPE = {
  otaSelection: 0x00,
  phy: 0x01,
  nvs: 0x02,
  coreDump: 0x03,
  nvsKeys: 0x04,
  fat: 0x81,
  spiffs: 0x82,
  littlefs: 0x83,
} as const;

export interface PartitionRow {
  type: number;
  subtype: number;
  /** Bytes from the start of flash. */
  at: number;
  sizeBytes: number;
  /** At most 16 ASCII characters. */
  label: string;
  flags: number;
}

export interface PartitionTable {
  rows: PartitionRow[];
  /** Whether a checksum row was there (and held: a wrong one is an error). */
  hasMd5: boolean;
}

export interface Extent {
  at: number;
  sizeBytes: number;
}

const fail = (message: string): ImageError =>
  new ImageError('partition-table-invalid', `Partition table: ${message}`);

/**
 * @param bytes from the table's first byte on; bytes after its 0xC00 are not looked at.
 * @throws ImageError partition-table-invalid: no row at all, a row that is neither row, checksum nor end, a checksum that does
 * not hold, or rows that overlap.
 */
export function parsePartitionTable(bytes: Uint8Array): PartitionTable {
  const view = viewOf(bytes);
  const rows: PartitionRow[] = [];
  let hasMd5 = false;
  let ended = false;
  for (let at = 0; at < PARTITION_TABLE_BYTES && !ended; at += ROW_BYTES) {
    if (at + ROW_BYTES > bytes.length) {
      throw fail(`the end is missing: ${bytes.length} bytes, cut inside row ${at / ROW_BYTES}`);
    }
    const magic = ROW.magic.get(view, at);
    if (magic === ROW_MAGIC) {
      if (hasMd5) throw fail(`a row follows the checksum row, at offset ${hex(at)}`);
      rows.push(readRow(bytes, view, at));
    } else if (magic === MD5_MAGIC && !hasMd5 && isErased(bytes, at + 2, at + MD5_AT)) {
      const stored = bytes.subarray(at + MD5_AT, at + ROW_BYTES);
      if (!equalBytes(stored, md5(bytes.subarray(0, at)))) {
        throw fail(`its MD5 does not fit its ${rows.length} rows (offset ${hex(at)})`);
      }
      hasMd5 = true;
    } else if (isErased(bytes, at, at + ROW_BYTES)) {
      ended = true;
    } else {
      throw fail(
        `expected a row (AA 50), the checksum (EB EB) or the end (FF FF) at offset ${hex(at)}, found ${hexPair(bytes[at]!)} ${hexPair(bytes[at + 1]!)}`,
      );
    }
  }
  if (rows.length === 0) throw fail('no rows');
  checkOverlap(rows);
  return { rows, hasMd5 };
}

function hexPair(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function readRow(bytes: Uint8Array, view: DataView, at: number): PartitionRow {
  return {
    type: ROW.type.get(view, at),
    subtype: ROW.subtype.get(view, at),
    at: ROW.at.get(view, at),
    sizeBytes: ROW.sizeBytes.get(view, at),
    label: fixedText(bytes, at + LABEL_AT, LABEL_BYTES),
    flags: ROW.flags.get(view, at),
  };
}

function checkOverlap(rows: readonly PartitionRow[]): void {
  const sorted = [...rows].sort((a, b) => a.at - b.at);
  for (const [i, row] of sorted.entries()) {
    // Types above 1 may describe the bootloader and the table themselves (ESP-IDF 5.4 and later).
    if (
      row.type <= PARTITION_TYPE.data &&
      row.at < PARTITION_TABLE_AT + PARTITION_TABLE_SECTOR_BYTES
    ) {
      throw fail(`"${row.label}" at ${hex(row.at)} lies over the bootloader or the table itself`);
    }
    const next = sorted[i + 1];
    if (next && row.at + row.sizeBytes > next.at) {
      throw fail(
        `"${row.label}" ends at ${hex(row.at + row.sizeBytes)}, after "${next.label}" begins at ${hex(next.at)}`,
      );
    }
  }
}

/**
 * A whole table of 0xC00 bytes, with its checksum row unless told otherwise.
 * @throws ImageError partition-table-invalid when a row cannot be stored (label over 16 ASCII characters, unaligned, overlap, too many).
 */
export function buildPartitionTable(
  rows: readonly PartitionRow[],
  options: { md5?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const withMd5 = options.md5 ?? true;
  const most = PARTITION_TABLE_BYTES / ROW_BYTES - (withMd5 ? 2 : 1);
  if (rows.length === 0) throw fail('no rows');
  if (rows.length > most) throw fail(`at most ${most} rows fit, got ${rows.length}`);
  checkOverlap(rows);
  const bytes = new Uint8Array(PARTITION_TABLE_BYTES).fill(0xff);
  const view = viewOf(bytes);
  for (const [i, row] of rows.entries()) {
    const at = i * ROW_BYTES;
    const label = utf8(row.label);
    if (!/^[\x20-\x7e]{1,16}$/.test(row.label)) {
      throw fail(`a label is 1 to 16 ASCII characters, got "${row.label}"`);
    }
    if (row.at % 0x1000 !== 0 || row.sizeBytes % 0x1000 !== 0 || row.sizeBytes === 0) {
      throw fail(`"${row.label}" must start and end on a 4096-byte boundary and not be empty`);
    }
    bytes.fill(0, at, at + ROW_BYTES);
    ROW.magic.set(view, at, ROW_MAGIC);
    ROW.type.set(view, at, row.type);
    ROW.subtype.set(view, at, row.subtype);
    ROW.at.set(view, at, row.at);
    ROW.sizeBytes.set(view, at, row.sizeBytes);
    bytes.set(label, at + LABEL_AT);
    ROW.flags.set(view, at, row.flags);
  }
  if (withMd5) {
    const at = rows.length * ROW_BYTES;
    ROW.magic.set(view, at, MD5_MAGIC);
    bytes.set(md5(bytes.subarray(0, at)), at + MD5_AT);
  }
  return bytes;
}

/** The NVS partition that the runtime uses: the data partition labelled "nvs". */
export function findNvs(table: PartitionTable): PartitionRow | undefined {
  const rows = table.rows.filter(
    (row) => row.type === PARTITION_TYPE.data && row.subtype === DATA_SUBTYPE.nvs,
  );
  return rows.find((row) => row.label === 'nvs') ?? rows[0];
}

/** The application that a freshly written board starts: factory, else the first update slot. */
export function findApp(table: PartitionTable): PartitionRow | undefined {
  const apps = table.rows.filter((row) => row.type === PARTITION_TYPE.app);
  return (
    apps.find((row) => row.subtype === APP_SUBTYPE.factory) ??
    apps.find((row) => row.subtype === APP_SUBTYPE.ota0) ??
    apps[0]
  );
}

/**
 * Where MicroPython's file system lies: the row labelled "vfs", or without one (MicroPython 1.26 and later) from the end of the
 * last row to the end of the flash as the runtime probes it.
 * @throws ImageError partition-table-invalid when nothing is left for it, or the row does not fit in the flash.
 */
export function fileSystemExtent(table: PartitionTable, flashSizeBytes: number): Extent {
  const row = table.rows.find((r) => r.type === PARTITION_TYPE.data && r.label === 'vfs');
  const at = row ? row.at : Math.max(...table.rows.map((r) => r.at + r.sizeBytes));
  const end = row ? row.at + row.sizeBytes : flashSizeBytes;
  if (end > flashSizeBytes) {
    throw fail(
      `the file system ends at ${hex(end)}, but the flash has only ${hex(flashSizeBytes)} bytes`,
    );
  }
  if (end - at < 2 * 0x1000) {
    throw fail(
      `no room for a file system: the rows end at ${hex(at)}, the flash at ${hex(flashSizeBytes)}`,
    );
  }
  return { at, sizeBytes: end - at };
}
