/** Takes the runtime from a board that has one: for people without a runtime file and without a network. */
import { concatBytes } from '../base/bytes.ts';
import { viewOf } from '../image/cells.ts';
import { type ChipName, CHIPS } from '../image/chips.ts';
import { IMAGE_HEADER_BYTES, IMAGE_MAGIC } from '../image/esp-image.ts';
import { hex, ImageError } from '../image/image-error.ts';
import {
  findApp,
  PARTITION_TABLE_AT,
  PARTITION_TABLE_BYTES,
  parsePartitionTable,
} from '../image/partition-table.ts';
import { checkRuntime, type RuntimeCheck } from './check.ts';

/** What is needed of a loader session. */
export interface FlashReader {
  readonly chip: ChipName;
  read(
    at: number,
    sizeBytes: number,
    onProgress?: (doneBytes: number, totalBytes: number) => void,
  ): Promise<Uint8Array>;
}

export interface CopyOptions {
  /** Looked at before each portion of 64 KB. */
  readonly signal?: AbortSignal;
  onProgress?(doneBytes: number, totalBytes: number): void;
}

const PORTION_BYTES = 0x10000;
const SEGMENT_HEADER_BYTES = 8;
const MOST_SEGMENTS = 16;
const HASH_BYTES = 32;

/**
 * Reads bootloader, partition table and application, and nothing else: no settings, keys or files of that board get into the copy.
 * @returns what checkRuntime() says of the copy
 * @throws the reader's own errors, or the signal's reason
 */
export async function copyRuntime(
  reader: FlashReader,
  options: CopyOptions = {},
): Promise<RuntimeCheck> {
  const { signal, onProgress } = options;
  const start = CHIPS[reader.chip].bootloaderAt;
  signal?.throwIfAborted();
  const tableBytes = await reader.read(PARTITION_TABLE_AT, PARTITION_TABLE_BYTES);
  let appAt: number;
  let appBytes: number;
  try {
    const row = findApp(parsePartitionTable(tableBytes));
    if (!row) throw new ImageError('layout-invalid', 'the partition table has no application');
    appAt = row.at;
    appBytes = await applicationSize(reader, row.at, row.sizeBytes);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return {
      ok: false,
      code: 'not-an-image',
      message: `No runtime on this board: ${error.message}.`,
    };
  }
  const bootloaderBytes = PARTITION_TABLE_AT - start;
  const total = bootloaderBytes + appBytes;
  let done = 0;
  const portions = async (at: number, sizeBytes: number): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    for (let offset = 0; offset < sizeBytes; offset += PORTION_BYTES) {
      signal?.throwIfAborted();
      const size = Math.min(PORTION_BYTES, sizeBytes - offset);
      const before = done;
      parts.push(await reader.read(at + offset, size, (n) => onProgress?.(before + n, total)));
      done += size;
    }
    return concatBytes(...parts);
  };
  const copy = new Uint8Array(appAt + appBytes - start).fill(0xff);
  copy.set(await portions(start, bootloaderBytes));
  copy.set(tableBytes, PARTITION_TABLE_AT - start);
  copy.set(await portions(appAt, appBytes), appAt - start);
  return checkRuntime(copy);
}

/** Walks along the segment headers; only they are read. */
async function applicationSize(
  reader: FlashReader,
  at: number,
  mostBytes: number,
): Promise<number> {
  const header = await reader.read(at, IMAGE_HEADER_BYTES);
  if (header[0] !== IMAGE_MAGIC || header[1]! > MOST_SEGMENTS) {
    throw new ImageError('esp-image-invalid', `there is no application at ${hex(at)}`);
  }
  let offset = IMAGE_HEADER_BYTES;
  for (let segment = 0; segment < header[1]!; segment++) {
    const bytes = await reader.read(at + offset, SEGMENT_HEADER_BYTES);
    offset += SEGMENT_HEADER_BYTES + viewOf(bytes).getUint32(4, true);
    if (offset + SEGMENT_HEADER_BYTES > mostBytes) {
      throw new ImageError(
        'esp-image-invalid',
        `the application at ${hex(at)} does not end within its partition`,
      );
    }
  }
  // The checksum is the last byte of a 16-byte line; a hash may follow.
  const size = Math.ceil((offset + 1) / 16) * 16 + (header[23] === 1 ? HASH_BYTES : 0);
  return Math.min(size, mostBytes);
}
