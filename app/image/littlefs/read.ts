/**
 * Reads a LittleFS 2 image (disk versions 2.0 and 2.1; see format.ts). Every block may be used once: that bounds both the time and
 * the memory that a broken image can cost.
 */
import { concatBytes, fromUtf8 } from '../../base/bytes.ts';
import { viewOf } from '../cells.ts';
import {
  BLOCK_BYTES,
  blockCapacity,
  FILE_MOST_BYTES,
  KIND_MASK,
  SUPERBLOCK_BYTES,
  SUPERBLOCK_NAME,
  TAG,
  tagId,
  tagType,
} from './format.ts';
import type { LittleFsFile } from './format.ts';
import { littleFsError, readMetadataPair, readPair } from './metadata.ts';
import type { BlockPair, MetadataEntry, MetadataPair } from './metadata.ts';

export interface LittleFsContents {
  /** "2.0" or "2.1". */
  diskVersion: string;
  blockSize: number;
  /** As the superblock says; a runtime mounts it only in a partition of exactly this many blocks. */
  blockCount: number;
  /** Blocks in use, both of every metadata pair. */
  usedBlocks: number;
  /** Without a trailing slash, the root not among them. */
  directories: string[];
  files: LittleFsFile[];
}

export interface ReadLittleFsOptions {
  blockSize?: number;
  /** When given, the superblock must say the same. */
  blockCount?: number;
}

/** @throws ImageError littlefs-invalid */
export function readLittleFs(bytes: Uint8Array, options: ReadLittleFsOptions = {}): LittleFsFile[] {
  return parseLittleFs(bytes, options).files;
}

/**
 * @param bytes from the first block on; the image may be cut after its last used block
 * @throws ImageError littlefs-invalid: no valid superblock, another version or geometry, or any structure that does not hold
 */
export function parseLittleFs(
  bytes: Uint8Array,
  options: ReadLittleFsOptions = {},
): LittleFsContents {
  return new Reader(bytes, options).read();
}

/** More than any runtime opens. */
const PATH_MOST_LETTERS = 4096;

class Reader {
  readonly #bytes: Uint8Array;
  readonly #blockSize: number;
  readonly #wantedBlockCount: number | undefined;
  readonly #used = new Set<number>();
  readonly #pairs = new Map<string, MetadataPair>();
  #blockCount = 2;

  constructor(bytes: Uint8Array, options: ReadLittleFsOptions) {
    this.#bytes = bytes;
    this.#blockSize = options.blockSize ?? BLOCK_BYTES;
    this.#wantedBlockCount = options.blockCount;
  }

  read(): LittleFsContents {
    const first = this.#pair([0, 1]);
    const version = this.#checkSuperblock(first);
    const root = this.#followTails(first);
    const contents: LittleFsContents = {
      diskVersion: `${version >>> 16}.${version & 0xffff}`,
      blockSize: this.#blockSize,
      blockCount: this.#blockCount,
      usedBlocks: 0,
      directories: [],
      files: [],
    };
    const waiting = [{ path: '', first: root }];
    const visited = new Set<MetadataPair>();
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      for (let pair: MetadataPair | undefined = next.first; pair; pair = this.#hardTail(pair)) {
        if (visited.has(pair)) {
          throw littleFsError(`directory "/${next.path}" comes back to block ${pair.block}`);
        }
        visited.add(pair);
        for (const entry of pair.entries) {
          if (entry.nameType === TAG.superblockName) continue;
          const path = this.#path(next.path, entry, pair);
          if (entry.nameType === TAG.directoryName) {
            contents.directories.push(path);
            waiting.push({ path, first: this.#directory(entry, path, pair) });
          } else {
            contents.files.push(this.#file(entry, path, pair));
          }
        }
      }
    }
    contents.usedBlocks = this.#used.size;
    contents.directories.sort(comparePaths);
    contents.files.sort((a, b) => comparePaths(a.path, b.path));
    return contents;
  }

  #readBlock = (block: number): Uint8Array => {
    const at = block * this.#blockSize;
    const found = this.#bytes.subarray(at, at + this.#blockSize);
    if (found.length === this.#blockSize) return found;
    const whole = new Uint8Array(this.#blockSize).fill(0xff);
    whole.set(found);
    return whole;
  };

  #take(block: number, what: string): void {
    if (block >= this.#blockCount) {
      throw littleFsError(`${what} names block ${block}, there are ${this.#blockCount}`);
    }
    if (this.#used.has(block)) throw littleFsError(`${what} names block ${block}, which is taken`);
    this.#used.add(block);
  }

  /** Every pair is read once, whichever way it is reached. */
  #pair(pair: BlockPair, what = 'the superblock'): MetadataPair {
    const key = `${Math.min(...pair)},${Math.max(...pair)}`;
    const known = this.#pairs.get(key);
    if (known) return known;
    for (const block of pair) this.#take(block, what);
    const read = readMetadataPair(this.#readBlock, pair);
    this.#pairs.set(key, read);
    return read;
  }

  #hardTail(pair: MetadataPair): MetadataPair | undefined {
    if (!pair.tail || !pair.tailIsHard) return undefined;
    return this.#pair(pair.tail, `block ${pair.block}'s hard tail`);
  }

  #checkSuperblock(first: MetadataPair): number {
    const entry = first.entries[0];
    if (!isSuperblock(entry)) {
      throw littleFsError(`no superblock named "${SUPERBLOCK_NAME}" in blocks 0 and 1`);
    }
    return this.#applySuperblock(entry);
  }

  #applySuperblock(entry: MetadataEntry): number {
    if (entry.structType !== TAG.inline || entry.struct.length < SUPERBLOCK_BYTES) {
      throw littleFsError(
        `the superblock has ${entry.struct.length} bytes, expected ${SUPERBLOCK_BYTES}`,
      );
    }
    const view = viewOf(entry.struct);
    const version = view.getUint32(0, true);
    if (version >>> 16 !== 2 || (version & 0xffff) > 1) {
      throw littleFsError(
        `disk version ${version >>> 16}.${version & 0xffff}, this reader knows 2.0 and 2.1`,
      );
    }
    const blockSize = view.getUint32(4, true);
    if (blockSize !== this.#blockSize) {
      throw littleFsError(`blocks of ${blockSize} bytes, expected ${this.#blockSize}`);
    }
    this.#blockCount = view.getUint32(8, true);
    if (this.#wantedBlockCount !== undefined && this.#blockCount !== this.#wantedBlockCount) {
      throw littleFsError(
        `its superblock says ${this.#blockCount} blocks, its partition has ${this.#wantedBlockCount}: no board mounts that`,
      );
    }
    return version;
  }

  /** All pairs lie on one list: collects what is being moved, and finds the last superblock, whose pair is the root. */
  #followTails(first: MetadataPair): MetadataPair {
    const visited = new Set<MetadataPair>();
    const moved = new Uint8Array(12);
    let root = first;
    for (let pair: MetadataPair | undefined = first; pair;) {
      if (visited.has(pair))
        throw littleFsError(`the list of pairs comes back to block ${pair.block}`);
      visited.add(pair);
      const state = pair.moveState;
      if (state) for (let i = 0; i < 12; i++) moved[i]! ^= state[i]!;
      const entry = pair.entries[0];
      if (pair !== first && isSuperblock(entry)) {
        this.#applySuperblock(entry);
        root = pair;
      }
      pair = pair.tail && this.#pair(pair.tail, `block ${pair.block}'s tail`);
    }
    this.#dropMoved(moved);
    return root;
  }

  /** A rename was cut off after the new entry was written: the old one does not count. */
  #dropMoved(state: Uint8Array): void {
    const tag = viewOf(state).getUint32(0, true);
    if ((tagType(tag) & KIND_MASK) === 0) return;
    const pair = readPair(state.subarray(4), 0);
    if (!pair) return;
    const source = this.#pairs.get(`${Math.min(...pair)},${Math.max(...pair)}`);
    source?.entries.splice(tagId(tag), 1);
  }

  #path(directory: string, entry: MetadataEntry, pair: MetadataPair): string {
    const name = fromUtf8(entry.name);
    const sound = entry.nameType === TAG.fileName || entry.nameType === TAG.directoryName;
    if (!sound || name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
      throw littleFsError(
        `block ${pair.block}: an entry without a usable name ("${name.slice(0, 40)}")`,
      );
    }
    const path = directory === '' ? name : `${directory}/${name}`;
    // Directories in each other would cost the square of their number.
    if (path.length > PATH_MOST_LETTERS) {
      throw littleFsError(`block ${pair.block}: a path of more than ${PATH_MOST_LETTERS} letters`);
    }
    return path;
  }

  #directory(entry: MetadataEntry, path: string, pair: MetadataPair): MetadataPair {
    const target =
      entry.structType === TAG.directory ? readPair(entry.struct, pair.block) : undefined;
    if (!target) throw littleFsError(`directory "/${path}" has no blocks`);
    return this.#pair(target, `directory "/${path}"`);
  }

  #file(entry: MetadataEntry, path: string, pair: MetadataPair): LittleFsFile {
    const file: LittleFsFile = { path, bytes: this.#content(entry, path, pair) };
    const stamp = entry.attributes.get(TAG.modifiedAt & 0xff);
    if (stamp?.length === 8) {
      file.modifiedAtMs = Number(viewOf(stamp).getBigUint64(0, true) / 1_000_000n);
    }
    return file;
  }

  #content(entry: MetadataEntry, path: string, pair: MetadataPair): Uint8Array {
    if (entry.structType === TAG.inline) return entry.struct.slice();
    if (entry.structType !== TAG.ctz || entry.struct.length !== 8) {
      throw littleFsError(`block ${pair.block}: file "/${path}" has no contents`);
    }
    const view = viewOf(entry.struct);
    const sizeBytes = view.getUint32(4, true);
    if (sizeBytes > Math.min(FILE_MOST_BYTES, this.#blockCount * this.#blockSize)) {
      throw littleFsError(
        `file "/${path}" claims ${sizeBytes} bytes, more than the file system holds`,
      );
    }
    return this.#ctz(view.getUint32(0, true), sizeBytes, path);
  }

  #ctz(head: number, sizeBytes: number, path: string): Uint8Array {
    const capacities: number[] = [];
    let room = 0;
    while (room < sizeBytes) {
      const capacity = blockCapacity(capacities.length, this.#blockSize);
      capacities.push(capacity);
      room += capacity;
    }
    const parts: Uint8Array[] = [];
    let block = head;
    let tail = sizeBytes - room;
    for (let index = capacities.length - 1; index >= 0; index--) {
      this.#take(block, `file "/${path}", piece ${index + 1} of ${capacities.length},`);
      if ((block + 1) * this.#blockSize > this.#bytes.length) {
        throw littleFsError(
          `file "/${path}" has a piece in block ${block}, the image ends before (${this.#bytes.length} bytes)`,
        );
      }
      const bytes = this.#readBlock(block);
      const capacity = capacities[index]!;
      const from = this.#blockSize - capacity;
      parts.push(bytes.subarray(from, from + capacity + tail));
      tail = 0;
      if (index > 0) block = viewOf(bytes).getUint32(0, true);
    }
    return concatBytes(...parts.reverse());
  }
}

function isSuperblock(entry: MetadataEntry | undefined): entry is MetadataEntry {
  return entry?.nameType === TAG.superblockName && fromUtf8(entry.name) === SUPERBLOCK_NAME;
}

function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
