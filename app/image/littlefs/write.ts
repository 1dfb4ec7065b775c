/**
 * Makes a LittleFS 2 image, disk version 2.0 (see format.ts), which every MicroPython since 1.20 mounts. Deterministic: the same
 * files give the same bytes, whatever their order.
 *
 * Placement: metadata pairs first, in the order root, directory, its subdirectories; of each pair only the first block is written,
 * the second stays erased. Then the files' blocks, one file after another.
 */
import { utf8 } from '../../base/bytes.ts';
import { viewOf } from '../cells.ts';
import { ImageError } from '../image-error.ts';
import {
  ATTRIBUTE_MOST_BYTES,
  BLOCK_BYTES,
  blockCapacity,
  FILE_MOST_BYTES,
  INLINE_MOST_BYTES,
  littleFsCrc,
  makeTag,
  NAME_MOST_BYTES,
  NO_ID,
  PROGRAM_BYTES,
  SUPERBLOCK_NAME,
  TAG,
  trailingZeros,
  VERSION_2_0,
} from './format.ts';
import type { LittleFsFile } from './format.ts';

export interface BuildLittleFsOptions {
  /** Of the partition that the image is for, exactly: a board does not mount anything else. */
  blockCount: number;
  blockSize?: number;
  /** Directories that should exist even without a file in them. */
  directories?: readonly string[];
}

/** Later commits then find room in the block before it must be split. */
const PAIR_FILL_MOST = (blockSize: number): number => blockSize / 2 - 64;

interface Directory {
  files: Map<string, LittleFsFile>;
  directories: Map<string, Directory>;
  /** Numbers of the first blocks of its pairs. */
  pairs: number[];
}

interface Tag {
  type: number;
  id: number;
  data: Uint8Array;
}

/** What an entry adds to a pair, its id still open. */
type EntryTags = readonly Omit<Tag, 'id'>[];

/**
 * @returns the image up to its last used block. The rest of the partition may hold anything: nothing in the image refers to it.
 * @throws ImageError littlefs-full when the blocks do not suffice, value-invalid for a path that cannot be stored
 */
export function buildLittleFs(
  files: readonly LittleFsFile[],
  options: BuildLittleFsOptions,
): Uint8Array<ArrayBuffer> {
  return new Writer(options).write(files, options.directories ?? []);
}

class Writer {
  readonly #blockSize: number;
  readonly #blockCount: number;
  readonly #blocks = new Map<number, Uint8Array>();
  #next = 0;

  constructor(options: BuildLittleFsOptions) {
    this.#blockSize = options.blockSize ?? BLOCK_BYTES;
    this.#blockCount = options.blockCount;
    if (!Number.isInteger(this.#blockCount) || this.#blockCount < 2) {
      throw new ImageError(
        'littlefs-full',
        `LittleFS: expected at least 2 blocks, got ${options.blockCount}`,
      );
    }
  }

  write(files: readonly LittleFsFile[], directories: readonly string[]): Uint8Array<ArrayBuffer> {
    const root = makeTree(files, directories);
    const all = inOrder(root);
    // How many pairs a directory needs does not depend on block numbers, so that dummies do to count them.
    for (const directory of all) {
      const groups = this.#groups(directory, directory === root, () => new Uint8Array(8));
      for (let i = 0; i < groups.length; i++) directory.pairs.push(this.#take(2));
    }
    for (const [i, directory] of all.entries()) {
      const groups = this.#groups(directory, directory === root, (entry) => this.#struct(entry));
      const following = all[i + 1]?.pairs[0];
      for (const [k, group] of groups.entries()) {
        const hard = directory.pairs[k + 1];
        this.#writePair(directory.pairs[k]!, group, hard ?? following, hard !== undefined);
      }
    }
    const image = new Uint8Array(this.#next * this.#blockSize).fill(0xff);
    for (const [block, bytes] of this.#blocks) image.set(bytes, block * this.#blockSize);
    return image;
  }

  #take(count: number): number {
    const block = this.#next;
    this.#next += count;
    if (this.#next > this.#blockCount) {
      throw new ImageError(
        'littlefs-full',
        `LittleFS: the files need more than the ${this.#blockCount} blocks of ${this.#blockSize} bytes that there are`,
      );
    }
    return block;
  }

  /** The entries of a directory, sorted by name, in portions that fit into one pair each. */
  #groups(
    directory: Directory,
    isRoot: boolean,
    structOf: (entry: LittleFsFile | Directory) => Uint8Array,
  ): EntryTags[][] {
    const groups: EntryTags[][] = [[]];
    let fill = 4;
    const add = (tags: EntryTags): void => {
      const size = tags.reduce((sum, tag) => sum + 4 + tag.data.length, 0);
      if (fill + size > PAIR_FILL_MOST(this.#blockSize)) {
        groups.push([]);
        fill = 4;
      }
      groups.at(-1)!.push(tags);
      fill += size;
    };
    if (isRoot) add(this.#superblock());
    const names = [...directory.files.keys(), ...directory.directories.keys()];
    for (const name of names.sort(compareBytes)) {
      const file = directory.files.get(name);
      add(file ? fileTags(name, file, structOf) : this.#directoryTags(name, directory, structOf));
    }
    return groups;
  }

  #superblock(): EntryTags {
    const data = new Uint8Array(24);
    const view = viewOf(data);
    const words = [
      VERSION_2_0,
      this.#blockSize,
      this.#blockCount,
      NAME_MOST_BYTES,
      FILE_MOST_BYTES,
      ATTRIBUTE_MOST_BYTES,
    ];
    for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
    return [
      { type: TAG.superblockName, data: utf8(SUPERBLOCK_NAME) },
      { type: TAG.inline, data },
    ];
  }

  #directoryTags(
    name: string,
    parent: Directory,
    structOf: (entry: Directory) => Uint8Array,
  ): EntryTags {
    return [
      { type: TAG.create, data: new Uint8Array() },
      { type: TAG.directoryName, data: utf8(name) },
      { type: TAG.directory, data: structOf(parent.directories.get(name)!) },
    ];
  }

  /** Where an entry's contents lie; writes the blocks of a file. */
  #struct(entry: LittleFsFile | Directory): Uint8Array {
    if ('pairs' in entry) return pairBytes(entry.pairs[0]!);
    const { bytes } = entry;
    let block = 0;
    for (let index = 0, at = 0; at < bytes.length; index++) {
      const capacity = blockCapacity(index, this.#blockSize);
      const pointers = index === 0 ? 0 : trailingZeros(index) + 1;
      const content = new Uint8Array(this.#blockSize).fill(0xff);
      block = this.#take(1);
      // A file's blocks follow each other, so that block n - 2^j of the file lies 2^j blocks before.
      for (let j = 0; j < pointers; j++) viewOf(content).setUint32(4 * j, block - 2 ** j, true);
      content.set(bytes.subarray(at, at + capacity), 4 * pointers);
      this.#blocks.set(block, content);
      at += capacity;
    }
    return wordsToBytes(block, bytes.length);
  }

  #writePair(
    block: number,
    group: readonly EntryTags[],
    tail: number | undefined,
    hard: boolean,
  ): void {
    const tags: Tag[] = group.flatMap((entry, id) => entry.map((tag) => ({ ...tag, id })));
    if (tail !== undefined) {
      tags.push({ type: hard ? TAG.hardTail : TAG.softTail, id: NO_ID, data: pairBytes(tail) });
    }
    this.#blocks.set(block, commit(tags, this.#blockSize));
  }
}

/** A metadata block with revision 1 and a single commit. */
function commit(tags: readonly Tag[], blockSize: number): Uint8Array {
  const bytes = new Uint8Array(blockSize).fill(0xff);
  const view = viewOf(bytes);
  view.setUint32(0, 1, true);
  let before = 0xffffffff;
  let at = 4;
  const put = (tag: number): void => {
    view.setUint32(at, (tag ^ before) >>> 0);
    before = tag;
    at += 4;
  };
  for (const { type, id, data } of tags) {
    put(makeTag(type, id, data.length));
    bytes.set(data, at);
    at += data.length;
  }
  const end = Math.ceil((at + 8) / PROGRAM_BYTES) * PROGRAM_BYTES;
  put(makeTag(TAG.crc, NO_ID, end - at - 4));
  view.setUint32(at, littleFsCrc(bytes.subarray(0, at), 0xffffffff), true);
  return bytes;
}

function fileTags(
  name: string,
  file: LittleFsFile,
  structOf: (entry: LittleFsFile) => Uint8Array,
): EntryTags {
  const tags: Omit<Tag, 'id'>[] = [
    { type: TAG.create, data: new Uint8Array() },
    { type: TAG.fileName, data: utf8(name) },
    file.bytes.length <= INLINE_MOST_BYTES
      ? { type: TAG.inline, data: file.bytes }
      : { type: TAG.ctz, data: structOf(file) },
  ];
  if (file.modifiedAtMs !== undefined) {
    const data = new Uint8Array(8);
    viewOf(data).setBigUint64(0, BigInt(Math.round(file.modifiedAtMs)) * 1_000_000n, true);
    tags.push({ type: TAG.modifiedAt, data });
  }
  return tags;
}

function wordsToBytes(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  for (const [i, word] of words.entries()) viewOf(bytes).setUint32(4 * i, word, true);
  return bytes;
}

const pairBytes = (first: number): Uint8Array => wordsToBytes(first, first + 1);

function compareBytes(a: string, b: string): number {
  const [x, y] = [utf8(a), utf8(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}

function newDirectory(): Directory {
  return { files: new Map(), directories: new Map(), pairs: [] };
}

function makeTree(files: readonly LittleFsFile[], directories: readonly string[]): Directory {
  const root = newDirectory();
  for (const path of directories) descend(root, splitPath(path), path);
  for (const file of files) {
    const parts = splitPath(file.path);
    const name = parts.pop()!;
    const directory = descend(root, parts, file.path);
    if (directory.files.has(name) || directory.directories.has(name)) {
      throw new ImageError('value-invalid', `LittleFS: "${file.path}" is there twice`);
    }
    if (file.bytes.length > FILE_MOST_BYTES) {
      throw new ImageError(
        'littlefs-full',
        `LittleFS: "${file.path}" is larger than a file can be`,
      );
    }
    directory.files.set(name, file);
  }
  return root;
}

function descend(root: Directory, parts: readonly string[], path: string): Directory {
  let directory = root;
  for (const part of parts) {
    if (directory.files.has(part)) {
      throw new ImageError('value-invalid', `LittleFS: "${part}" in "${path}" is a file already`);
    }
    let next = directory.directories.get(part);
    if (!next) {
      next = newDirectory();
      directory.directories.set(part, next);
    }
    directory = next;
  }
  return directory;
}

function splitPath(path: string): string[] {
  const parts = path.replace(/^\//, '').split('/');
  for (const part of parts) {
    const size = utf8(part).length;
    if (
      size === 0 ||
      size > NAME_MOST_BYTES ||
      part === '.' ||
      part === '..' ||
      part.includes('\0')
    ) {
      throw new ImageError(
        'value-invalid',
        `LittleFS: a name has 1 to ${NAME_MOST_BYTES} bytes and is not "." or "..", got "${part.slice(0, 40)}" in "${path.slice(0, 80)}"`,
      );
    }
  }
  return parts;
}

/** A directory, then everything below it, names sorted. */
function inOrder(directory: Directory): Directory[] {
  const names = [...directory.directories.keys()].sort(compareBytes);
  return [directory, ...names.flatMap((name) => inOrder(directory.directories.get(name)!))];
}
