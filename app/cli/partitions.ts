/** Single partitions, from a file of their own or out of a copy of a whole flash. */
import { splitCombined } from '../image/combined.ts';
import { describeImage } from '../image/identify.ts';
import { ImageError } from '../image/image-error.ts';
import { fileSystemExtent, findNvs } from '../image/partition-table.ts';
import { InputError, UsageError } from './command.ts';
import { readBytes } from './files.ts';

/** The bytes of an NVS partition. @throws InputError */
export async function readNvsPartition(path: string): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  const kind = describeImage(bytes).kind;
  if (kind !== 'flash') return bytes;
  const row = findNvs(splitCombined(bytes).table);
  if (!row) throw new InputError(`${path}: its partition table has no NVS partition`);
  return bytes.subarray(row.at, row.at + row.sizeBytes);
}

/** The bytes of a LittleFS partition, and its blocks where the partition table says how many there are. @throws InputError */
export async function readFilePartition(
  path: string,
): Promise<{ bytes: Uint8Array; blockCount?: number }> {
  const bytes = await readBytes(path);
  if (describeImage(bytes).kind !== 'flash') return { bytes };
  const { at, sizeBytes } = worded(() =>
    fileSystemExtent(splitCombined(bytes).table, bytes.length),
  );
  return { bytes: bytes.subarray(at, at + sizeBytes), blockCount: sizeBytes / 4096 };
}

/** Turns an image's worded error into bad input. */
export function worded<T>(make: () => T, prefix = ''): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof ImageError) throw new InputError(prefix + error.message);
    throw error;
  }
}

/** `24K`, `0x6000`, `2MB` or a number of bytes. @throws UsageError unless it is a whole number of `unit` bytes */
export function parseSize(option: string, text: string, unit: number): number {
  const match = /^(0x[0-9a-f]+|\d+)\s*(?:([KM])B?)?$/i.exec(text);
  const factor = { K: 1024, M: 1 << 20 }[(match?.[2] ?? '').toUpperCase()] ?? 1;
  const bytes = Number(match?.[1]) * factor;
  if (!(bytes > 0 && bytes % unit === 0 && bytes <= 1 << 27)) {
    throw new UsageError(
      `--${option} expects a size in whole ${unit} bytes, such as 24K, got "${text}"`,
    );
  }
  return bytes;
}
