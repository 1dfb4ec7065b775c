/**
 * LittleFS 2 on flash. Blocks of (here) 4096 bytes; integers little-endian, except tags, which are big-endian.
 *
 * A directory is a chain of metadata pairs; of the two blocks of a pair the valid one with the newer revision counts:
 *
 *   0          4
 *   | revision | tag | data | tag | data | ... | CRC tag | CRC | padding | next commit ...
 *
 * A tag is XORed with the tag before it (the first with FFFFFFFF):
 *
 *   31      30        20 19       10 9          0
 *   | valid | type (11) | id (10)   | length (10) |      valid 0 = valid; id 3FF = none; length 3FF = deleted
 *
 *   000 + 01 file name, 02 directory name, FF superblock name      200 directory struct: pair of its first metadata blocks
 *   401 create id, 4FF delete id                                   201 inline struct: the file's bytes
 *   500 CRC of the commit (bit 0: what a valid next tag has)       202 CTZ struct: u32 head block, u32 size
 *   600 soft tail: next directory, 601 hard tail: next pair of this directory
 *   3xx user attribute xx          7FF move state: XOR of all is u32 tag, pair of what is being moved away
 *
 * The CRC (polynomial EDB88320, start FFFFFFFF, not inverted at the end) covers the revision in the first commit, then every tag
 * and its data up to and with the CRC tag. A commit ends on a program boundary (32 bytes here).
 *
 * Superblock: entry 0 of the pair in blocks 0 and 1, named "littlefs", inline: u32 version, block size, block count, name, file
 * and attribute limits. A CTZ file is a list of blocks from last to first: block n > 0 begins with ctz(n) + 1 pointers, the first
 * to block n - 1; block 0 holds only data.
 *
 * Source: littlefs SPEC.md (versions 2.0 and 2.1) of the littlefs project. MicroPython's geometry: extmod/vfs_lfs.c.
 */
import { crc32 } from '../../base/crc.ts';

export const BLOCK_BYTES = 4096;
/** MicroPython's program size on flash. */
export const PROGRAM_BYTES = 32;
export const VERSION_2_0 = 0x0002_0000;
export const SUPERBLOCK_NAME = 'littlefs';
export const SUPERBLOCK_BYTES = 24;
export const NAME_MOST_BYTES = 255;
export const FILE_MOST_BYTES = 0x7fffffff;
export const ATTRIBUTE_MOST_BYTES = 1022;
/** Longer files go to blocks of their own: what MicroPython itself does with its 128-byte cache. */
export const INLINE_MOST_BYTES = 128;
export const NO_ID = 0x3ff;
export const DELETED = 0x3ff;
/** An absent block number. */
export const NO_BLOCK = 0xffffffff;

export const TAG = {
  fileName: 0x001,
  directoryName: 0x002,
  superblockName: 0x0ff,
  directory: 0x200,
  inline: 0x201,
  ctz: 0x202,
  /** User attribute 1: MicroPython's modification time, u64 nanoseconds since 1970. */
  modifiedAt: 0x301,
  create: 0x401,
  delete: 0x4ff,
  crc: 0x500,
  softTail: 0x600,
  hardTail: 0x601,
  moveState: 0x7ff,
} as const;

/** The part of a type that says what kind of tag it is. */
export const KIND_MASK = 0x700;
export const KIND = { name: 0x000, struct: 0x200, attribute: 0x300, splice: 0x400 } as const;
export const CRC_MASK = 0x780;

export const tagType = (tag: number): number => (tag >>> 20) & 0x7ff;
export const tagId = (tag: number): number => (tag >>> 10) & 0x3ff;
export const tagLength = (tag: number): number => tag & 0x3ff;
export const makeTag = (type: number, id: number, length: number): number =>
  ((type << 20) | (id << 10) | length) >>> 0;

export function littleFsCrc(bytes: Uint8Array, register: number): number {
  return ~crc32(bytes, ~register >>> 0) >>> 0;
}

/** Data bytes that block number `index` of a file has room for. */
export function blockCapacity(index: number, blockSize: number): number {
  return index === 0 ? blockSize : blockSize - 4 * (trailingZeros(index) + 1);
}

/** Of a number above 0. */
export function trailingZeros(n: number): number {
  return 31 - Math.clz32(n & -n);
}

export interface LittleFsFile {
  /** From the root, without a leading slash: "lib/a.mpy". */
  path: string;
  bytes: Uint8Array;
  /** Milliseconds since 1970. */
  modifiedAtMs?: number;
}
