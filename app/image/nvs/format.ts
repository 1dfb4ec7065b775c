/**
 * Non-volatile storage (NVS) version 2, little-endian. A partition is a row of 4096-byte pages:
 *
 *   0       4          8         9            28     32            64                      4096
 *   | state | sequence | version | 19 x FF    | CRC  | bitmap (32) | 126 entries of 32 bytes |
 *
 *   state     FFFFFFFF empty, FFFFFFFE active, FFFFFFFC full, FFFFFFF8 freeing: bits are only ever cleared
 *   version   FE (version 2; FF was version 1, without blob indexes)
 *   CRC       over bytes 4..27
 *   bitmap    two bits an entry, lowest first: 3 empty, 2 written, 0 erased
 *
 * An entry; a string or blob chunk is followed by its payload in `span - 1` further 32-byte entries padded with FF:
 *
 *   0           1      2      3       4     8          24     32
 *   | namespace | type | span | chunk | CRC | key (16) | data |
 *
 *   namespace 0: the entry gives a name (the key) the number in data[0], 1 to 254; it comes before its first use
 *   chunk     FF unless a blob chunk (type 42)
 *   CRC       over bytes 0..3 and 8..31
 *   data      integers: the value, the rest FF
 *             string, chunk: u16 size, FFFF, u32 CRC of the payload (a string counts its NUL)
 *             blob index (48): u32 size, u8 number of chunks, u8 first chunk number (00 or 80, alternating), FFFF
 *
 * Every CRC is zlib's crc32 with the seed 0xFFFFFFFF.
 * Sources: ESP-IDF API guide "Non-Volatile Storage Library", sections "Internals" and "Structure of a page"; behaviour checked
 * against partitions written by MicroPython 1.26.0 (see ../vectors).
 */
import { crc32 } from '../../base/crc.ts';
import { u16, u32, u8 } from '../cells.ts';

export const PAGE_BYTES = 4096;
export const ENTRY_BYTES = 32;
export const ENTRY_COUNT = 126;
export const BITMAP_AT = 32;
export const ENTRIES_AT = 64;
/** The largest payload of one string or chunk: a page without the entry that describes it. */
export const CHUNK_MOST_BYTES = (ENTRY_COUNT - 1) * ENTRY_BYTES;
export const STRING_MOST_BYTES = 4000;
export const NAME_MOST_BYTES = 15;
/** Fewer pages than this cannot be written: one is always kept free. */
export const LEAST_PAGES = 3;

export const PAGE_STATE = {
  empty: 0xffffffff,
  active: 0xfffffffe,
  full: 0xfffffffc,
  freeing: 0xfffffff8,
} as const;
export const VERSION_2 = 0xfe;

export const ENTRY_STATE = { empty: 3, written: 2, erased: 0 } as const;

export const TYPE = {
  u8: 0x01,
  i8: 0x11,
  u16: 0x02,
  i16: 0x12,
  u32: 0x04,
  i32: 0x14,
  u64: 0x08,
  i64: 0x18,
  string: 0x21,
  blobVersion1: 0x41,
  blobChunk: 0x42,
  blobIndex: 0x48,
} as const;

export const NO_CHUNK = 0xff;
/** Second first-chunk number: a rewritten blob alternates between 0 and this. */
export const OTHER_CHUNK_START = 0x80;

export const PAGE_HEADER = {
  state: u32(0),
  sequence: u32(4),
  version: u8(8),
  crc: u32(28),
} as const;
export const PAGE_CRC_FROM = 4;
export const PAGE_CRC_TO = 28;

export const ENTRY = {
  namespaceIndex: u8(0),
  type: u8(1),
  span: u8(2), // entries, this one included
  chunk: u8(3),
  crc: u32(4),
  payloadBytes: u16(24), // strings and chunks
  payloadCrc: u32(28),
  blobBytes: u32(24), // blob index
  chunkCount: u8(28),
  chunkStart: u8(29),
} as const;
export const KEY_AT = 8;
export const KEY_BYTES = 16;
export const DATA_AT = 24;

export function nvsCrc(...parts: readonly Uint8Array[]): number {
  let crc = 0xffffffff;
  for (const part of parts) crc = crc32(part, crc);
  return crc;
}

export function entryCrc(entry: Uint8Array): number {
  return nvsCrc(entry.subarray(0, 4), entry.subarray(KEY_AT, ENTRY_BYTES));
}

/** Whether the entry's payload lies in the entries after it. */
export function isVariableLength(type: number): boolean {
  return type === TYPE.string || type === TYPE.blobVersion1 || type === TYPE.blobChunk;
}
