/** Says what a file is and what is in it, as plain data for people: `inspect` prints it. Secrets are masked unless asked for. */
import { bytesToHex, fromUtf8 } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { CHIPS, imageChipLabel } from './chips.ts';
import type { ChipName } from './chips.ts';
import { isErased, viewOf } from './cells.ts';
import { findMicroPython, looksLikeImage, splitCombined } from './combined.ts';
import { parseEspImage } from './esp-image.ts';
import type { AppDescriptor } from './esp-image.ts';
import { ImageError } from './image-error.ts';
import { parseLittleFs } from './littlefs/read.ts';
import { PAGE_STATE } from './nvs/format.ts';
import { parseNvs } from './nvs/nvs.ts';
import type { NvsPageReport } from './nvs/nvs.ts';
import type { NvsEntry } from './nvs/value.ts';
import {
  fileSystemExtent,
  findNvs,
  PARTITION_TABLE_AT,
  parsePartitionTable,
} from './partition-table.ts';
import type { PartitionRow, PartitionTable } from './partition-table.ts';

/** Names that say "secret" in whatever namespace: node_key, creds, sta.pswd, ap.passwd, sta.pmk ... */
const SECRET_NAME = /key|cred|pass|pswd|pwd|psk|pmk|secret|token|apinfo/i;
/** Namespaces full of keys; what may be shown of their blobs and strings. `nvs.net80211` is the Wi-Fi driver's. */
const SHOWN_OF: Readonly<Record<string, readonly string[]>> = {
  mesh: ['name', 'zone'],
  'nvs.net80211': ['sta.ssid', 'ap.ssid'],
};

/** Integers are counters and settings; texts and blobs may be keys. */
function isSecret({ namespace, key, value }: NvsEntry): boolean {
  if (value.kind !== 'blob' && value.kind !== 'string') return false;
  const shown = Object.hasOwn(SHOWN_OF, namespace) ? SHOWN_OF[namespace] : undefined;
  return shown ? !shown.includes(key) : SECRET_NAME.test(key);
}

export interface NvsEntryReport {
  namespace: string;
  key: string;
  kind: string;
  /** Numbers and text as they are; blobs as printable text in quotes, else as hex; secrets as "(32 bytes, hidden)". */
  value: string;
  secret: boolean;
}

export interface NvsReport {
  kind: 'nvs';
  sizeBytes: number;
  pages: NvsPageReport[];
  entries: NvsEntryReport[];
  problems: string[];
}

export interface FileReport {
  path: string;
  sizeBytes: number;
  sha256: string;
  modifiedAtMs: number | undefined;
}

export interface LittleFsReport {
  kind: 'littlefs';
  diskVersion: string;
  blockSize: number;
  blockCount: number;
  usedBlocks: number;
  directories: string[];
  files: FileReport[];
}

export interface PartitionTableReport {
  kind: 'partition-table';
  hasMd5: boolean;
  rows: PartitionRow[];
}

export interface EspImageReport {
  kind: 'application' | 'bootloader';
  chip: string;
  sizeBytes: number;
  sha256: string | undefined;
  descriptor: AppDescriptor | undefined;
  /** Version of the MicroPython in it. */
  microPython: string | undefined;
}

export interface RuntimeReport {
  kind: 'runtime';
  chip: ChipName;
  microPython: string | undefined;
  bootloader: EspImageReport;
  partitionTable: PartitionTableReport;
  application: EspImageReport;
}

export interface FlashReport {
  kind: 'flash';
  sizeBytes: number;
  runtime: RuntimeReport;
  /** A part that cannot be read is reported by the reason. */
  nvs: NvsReport | BrokenReport;
  fileSystem: LittleFsReport | BrokenReport;
}

export interface BrokenReport {
  kind: 'broken';
  message: string;
}

export interface UnknownReport {
  kind: 'unknown';
  sizeBytes: number;
  /** Why it is none of the known kinds. */
  message: string;
}

export type ImageReport =
  | FlashReport
  | RuntimeReport
  | EspImageReport
  | PartitionTableReport
  | NvsReport
  | LittleFsReport
  | BrokenReport
  | UnknownReport;

export interface DescribeOptions {
  /** Show secrets too. */
  reveal?: boolean;
}

/** Never throws: what cannot be read is described as broken or unknown. */
export function describeImage(bytes: Uint8Array, options: DescribeOptions = {}): ImageReport {
  if (bytes.length === 0) return unknown(bytes, 'the file is empty');
  if (isErased(bytes)) return unknown(bytes, 'every byte is 0xFF: erased flash');
  if (looksLikeFlashOrRuntime(bytes)) return attempt(() => describeCombined(bytes, options));
  if (looksLikeImage(bytes)) return attempt(() => describeEspImage(bytes));
  if (bytes[0] === 0xaa && bytes[1] === 0x50) {
    return attempt(() => describeTable(parsePartitionTable(bytes)));
  }
  if (fixedName(bytes, 8) || fixedName(bytes, 4096 + 8))
    return attempt(() => describeLittleFs(bytes));
  if (looksLikeNvs(bytes)) return attempt(() => describeNvs(bytes, options));
  return unknown(
    bytes,
    'neither an ESP image, a partition table, an NVS partition, a LittleFS partition nor a copy of a flash',
  );
}

function unknown(bytes: Uint8Array, message: string): UnknownReport {
  return { kind: 'unknown', sizeBytes: bytes.length, message };
}

function attempt<T extends ImageReport>(action: () => T): T | BrokenReport {
  try {
    return action();
  } catch (error) {
    if (error instanceof ImageError) return { kind: 'broken', message: error.message };
    throw error;
  }
}

/** Has something where, counted from a bootloader, the partition table should be. */
function looksLikeFlashOrRuntime(bytes: Uint8Array): boolean {
  const isTable = (at: number): boolean => bytes[at] === 0xaa && bytes[at + 1] === 0x50;
  for (const chip of Object.values(CHIPS)) {
    if (looksLikeImage(bytes) && isTable(PARTITION_TABLE_AT - chip.bootloaderAt)) return true;
    if (looksLikeImage(bytes.subarray(chip.bootloaderAt)) && isTable(PARTITION_TABLE_AT))
      return true;
  }
  return false;
}

/** The superblock's name lies at byte 8 of a freshly compacted root. */
function fixedName(bytes: Uint8Array, at: number): boolean {
  return fromUtf8(bytes.subarray(at, at + 8)) === 'littlefs';
}

function looksLikeNvs(bytes: Uint8Array): boolean {
  if (bytes.length % 4096 !== 0) return false;
  const states: ReadonlySet<number> = new Set(Object.values(PAGE_STATE));
  for (let at = 0; at < bytes.length; at += 4096) {
    if (!states.has(viewOf(bytes).getUint32(at, true))) return false;
  }
  return true;
}

function describeCombined(
  bytes: Uint8Array,
  options: DescribeOptions,
): RuntimeReport | FlashReport {
  const file = splitCombined(bytes);
  const application = describeEspImage(file.appBytes);
  const runtime: RuntimeReport = {
    kind: 'runtime',
    chip: file.chip.name,
    microPython: application.microPython,
    bootloader: describeEspImage(file.bootloaderBytes),
    partitionTable: describeTable(file.table),
    application,
  };
  const isWholeFlash = file.fileAt === 0 && bytes.length % 0x100000 === 0;
  if (!isWholeFlash) return runtime;
  return {
    kind: 'flash',
    sizeBytes: bytes.length,
    runtime,
    nvs: attempt(() => describeNvs(nvsBytes(bytes, file.table), options)),
    fileSystem: attempt(() => {
      const { at, sizeBytes } = fileSystemExtent(file.table, bytes.length);
      return describeLittleFs(bytes.subarray(at, at + sizeBytes), sizeBytes / 4096);
    }),
  };
}

function nvsBytes(flash: Uint8Array, table: PartitionTable): Uint8Array {
  const row = findNvs(table);
  if (!row) throw new ImageError('layout-invalid', 'the partition table has no NVS partition');
  return flash.subarray(row.at, row.at + row.sizeBytes);
}

function describeEspImage(bytes: Uint8Array): EspImageReport {
  const image = parseEspImage(bytes);
  return {
    kind: image.descriptor ? 'application' : 'bootloader',
    chip: imageChipLabel(image.chipId),
    sizeBytes: image.sizeBytes,
    sha256: image.sha256Hex,
    descriptor: image.descriptor,
    microPython: image.descriptor && findMicroPython(bytes.subarray(0, image.sizeBytes))?.version,
  };
}

function describeTable(table: PartitionTable): PartitionTableReport {
  return { kind: 'partition-table', hasMd5: table.hasMd5, rows: table.rows };
}

function describeLittleFs(bytes: Uint8Array, blockCount?: number): LittleFsReport {
  const contents = parseLittleFs(bytes, blockCount === undefined ? {} : { blockCount });
  const { diskVersion, blockSize, usedBlocks, directories } = contents;
  return {
    kind: 'littlefs',
    diskVersion,
    blockSize,
    blockCount: contents.blockCount,
    usedBlocks,
    directories,
    files: contents.files.map((file) => ({
      path: file.path,
      sizeBytes: file.bytes.length,
      sha256: bytesToHex(sha256(file.bytes)),
      modifiedAtMs: file.modifiedAtMs,
    })),
  };
}

function describeNvs(bytes: Uint8Array, options: DescribeOptions): NvsReport {
  const { entries, pages, problems } = parseNvs(bytes);
  const reveal = options.reveal ?? false;
  return {
    kind: 'nvs',
    sizeBytes: bytes.length,
    pages,
    entries: entries.map((entry) => describeEntry(entry, reveal)),
    problems,
  };
}

/** One entry in words. */
export function describeEntry(entry: NvsEntry, reveal: boolean): NvsEntryReport {
  const { namespace, key, value } = entry;
  const secret = isSecret(entry);
  const report = { namespace, key, kind: value.kind, secret };
  if (secret && !reveal) return { ...report, value: hidden(value) };
  if (value.kind === 'string') return { ...report, value: JSON.stringify(value.text) };
  if (value.kind !== 'blob') return { ...report, value: String(value.value) };
  const text = fromUtf8(value.bytes);
  const printable = !secret && text !== '' && /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(text);
  return {
    ...report,
    value: printable && !text.includes('\ufffd') ? JSON.stringify(text) : bytesToHex(value.bytes),
  };
}

function hidden(value: NvsEntry['value']): string {
  return value.kind === 'blob' ? `(${value.bytes.length} bytes, hidden)` : '(hidden)';
}
