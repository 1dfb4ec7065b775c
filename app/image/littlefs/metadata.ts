/** Reads one metadata pair of a LittleFS image. */
import { viewOf } from '../cells.ts';
import { ImageError } from '../image-error.ts';
import {
  CRC_MASK,
  DELETED,
  KIND,
  KIND_MASK,
  littleFsCrc,
  NO_ID,
  TAG,
  tagId,
  tagLength,
  tagType,
} from './format.ts';

export type BlockPair = readonly [number, number];

export interface MetadataEntry {
  /** One of TAG.fileName, TAG.directoryName, TAG.superblockName; undefined when the name is missing. */
  nameType: number | undefined;
  name: Uint8Array;
  structType: number | undefined;
  struct: Uint8Array;
  /** User attributes by their number. */
  attributes: Map<number, Uint8Array>;
}

export interface MetadataPair {
  pair: BlockPair;
  /** The one of the two blocks that counts. */
  block: number;
  revision: number;
  commits: number;
  /** By id. */
  entries: MetadataEntry[];
  tail: BlockPair | undefined;
  /** Whether the tail is the next pair of the same directory. */
  tailIsHard: boolean;
  moveState: Uint8Array | undefined;
}

interface StoredTag {
  tag: number;
  data: Uint8Array;
}

interface BlockLog {
  revision: number;
  commits: number;
  tags: StoredTag[];
}

export function littleFsError(message: string): ImageError {
  return new ImageError('littlefs-invalid', `LittleFS: ${message}`);
}

/** Gives the bytes of a block; a block after the end of the image reads as erased. */
export type ReadBlock = (block: number) => Uint8Array;

/** @throws ImageError littlefs-invalid when neither block holds a valid commit, or its tags make no sense. */
export function readMetadataPair(readBlock: ReadBlock, pair: BlockPair): MetadataPair {
  const logs = pair.map((block) => ({ block, log: readLog(readBlock(block)) }));
  const [first, second] = logs as [(typeof logs)[0], (typeof logs)[0]];
  let chosen = first;
  if (!first.log || (second.log && ((second.log.revision - first.log.revision) | 0) > 0)) {
    chosen = second;
  }
  if (!chosen.log) {
    throw littleFsError(`neither block ${pair[0]} nor block ${pair[1]} holds a valid commit`);
  }
  return replay(pair, chosen.block, chosen.log);
}

/** The tags of all complete commits of a block; undefined when there is none. */
function readLog(bytes: Uint8Array): BlockLog | undefined {
  const view = viewOf(bytes);
  const tags: StoredTag[] = [];
  let committed = 0;
  let commits = 0;
  let before = 0xffffffff;
  let crc = littleFsCrc(bytes.subarray(0, 4), 0xffffffff);
  let at = 4;
  while (at + 4 <= bytes.length) {
    const tag = (view.getUint32(at) ^ before) >>> 0;
    if (tag >>> 31) break;
    const length = tagLength(tag);
    const end = at + 4 + (length === DELETED ? 0 : length);
    if (end > bytes.length) break;
    const word = new Uint8Array(4);
    viewOf(word).setUint32(0, tag);
    // The CRC runs over what is stored, not over what it stands for.
    crc = littleFsCrc(bytes.subarray(at, at + 4), crc);
    before = tag;
    if ((tagType(tag) & CRC_MASK) === TAG.crc) {
      if (length < 4 || length === DELETED || view.getUint32(at + 4, true) !== crc) break;
      before = (before ^ ((tagType(tag) & 1) << 31)) >>> 0;
      crc = 0xffffffff;
      committed = tags.length;
      commits++;
    } else {
      crc = littleFsCrc(bytes.subarray(at + 4, end), crc);
      tags.push({ tag, data: bytes.subarray(at + 4, end) });
    }
    at = end;
  }
  if (commits === 0) return undefined;
  tags.length = committed;
  return { revision: view.getUint32(0, true), commits, tags };
}

function emptyEntry(): MetadataEntry {
  const nothing = new Uint8Array();
  return {
    nameType: undefined,
    name: nothing,
    structType: undefined,
    struct: nothing,
    attributes: new Map(),
  };
}

function replay(pair: BlockPair, block: number, log: BlockLog): MetadataPair {
  const result: MetadataPair = {
    pair,
    block,
    revision: log.revision,
    commits: log.commits,
    entries: [],
    tail: undefined,
    tailIsHard: false,
    moveState: undefined,
  };
  for (const stored of log.tags) {
    const type = tagType(stored.tag);
    if (type === TAG.softTail || type === TAG.hardTail) {
      result.tail = readPair(stored.data, block);
      result.tailIsHard = type === TAG.hardTail;
    } else if (type === TAG.moveState) {
      if (stored.data.length !== 12) {
        throw littleFsError(
          `block ${block}: a move state of ${stored.data.length} bytes, expected 12`,
        );
      }
      result.moveState = stored.data;
    } else if (tagId(stored.tag) !== NO_ID) {
      applyToEntry(result, stored, type);
    }
  }
  // What no name was ever written for does not exist.
  while (result.entries.at(-1)?.nameType === undefined && result.entries.length > 0) {
    result.entries.pop();
  }
  return result;
}

function applyToEntry(result: MetadataPair, { tag, data }: StoredTag, type: number): void {
  const { entries, block } = result;
  const id = tagId(tag);
  // A compacted block has no create tags, and its entries need not come in the order of their ids.
  while (entries.length < (type === TAG.create ? id : id + 1)) entries.push(emptyEntry());
  if (type === TAG.create) {
    entries.splice(id, 0, emptyEntry());
    return;
  }
  if (type === TAG.delete) {
    entries.splice(id, 1);
    return;
  }
  const kind = type & KIND_MASK;
  const entry = entries[id];
  if (!entry) throw littleFsError(`block ${block}: a tag for entry ${id} of ${entries.length}`);
  const deleted = tagLength(tag) === DELETED;
  if (kind === KIND.name) {
    entry.nameType = type;
    entry.name = data;
  } else if (kind === KIND.struct) {
    entry.structType = deleted ? undefined : type;
    entry.struct = data;
  } else if (kind === KIND.attribute) {
    if (deleted) entry.attributes.delete(type & 0xff);
    else entry.attributes.set(type & 0xff, data);
  }
}

/** @returns undefined for the null pair, which ends the list. */
export function readPair(data: Uint8Array, block: number): BlockPair | undefined {
  if (data.length !== 8) {
    throw littleFsError(
      `block ${block}: a pair of block numbers in ${data.length} bytes, expected 8`,
    );
  }
  const view = viewOf(data);
  const pair = [view.getUint32(0, true), view.getUint32(4, true)] as const;
  return pair[0] === 0xffffffff && pair[1] === 0xffffffff ? undefined : pair;
}
