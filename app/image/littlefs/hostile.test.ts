/** Images whose every checksum holds, and whose structure is meant to harm: loops, shared blocks, impossible sizes. */
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { ImageError } from '../image-error.ts';
import { littleFsCrc, makeTag, NO_ID, SUPERBLOCK_NAME, TAG, VERSION_2_0 } from './format.ts';
import { parseLittleFs } from './read.ts';

const BLOCK = 4096;
const words = (...values: number[]): Uint8Array => {
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, i) => new DataView(bytes.buffer).setUint32(4 * i, value >>> 0, true));
  return bytes;
};
type Stored = [type: number, id: number, data: Uint8Array];

/** One commit in one block. */
function metadata(revision: number, tags: readonly Stored[]): Uint8Array {
  const block = new Uint8Array(BLOCK).fill(0xff);
  const view = new DataView(block.buffer);
  let before = 0xffffffff;
  let at = 4;
  view.setUint32(0, revision, true);
  for (const [type, id, data] of tags) {
    const tag = makeTag(type, id, data.length);
    view.setUint32(at, (tag ^ before) >>> 0);
    before = tag;
    block.set(data, at + 4);
    at += 4 + data.length;
  }
  const crc = makeTag(TAG.crc, NO_ID, 4);
  view.setUint32(at, (crc ^ before) >>> 0);
  view.setUint32(at + 4, littleFsCrc(block.subarray(0, at + 4), 0xffffffff), true);
  return block;
}

const superblock = (blockCount: number): Stored[] => [
  [TAG.create, 0, new Uint8Array()],
  [TAG.superblockName, 0, utf8(SUPERBLOCK_NAME)],
  [TAG.inline, 0, words(VERSION_2_0, BLOCK, blockCount, 255, 0x7fffffff, 1022)],
];
const named = (
  id: number,
  kind: number,
  name: string,
  type: number,
  data: Uint8Array,
): Stored[] => [
  [TAG.create, id, new Uint8Array()],
  [kind, id, utf8(name)],
  [type, id, data],
];
const directory = (id: number, name: string, ...pair: number[]): Stored[] =>
  named(id, TAG.directoryName, name, TAG.directory, words(...pair));
const file = (id: number, name: string, head: number, size: number): Stored[] =>
  named(id, TAG.fileName, name, TAG.ctz, words(head, size));
const tail = (type: number, ...pair: number[]): Stored => [type, NO_ID, words(...pair)];

/** Blocks by number; what is not named is erased. */
function image(blockCount: number, blocks: Record<number, Uint8Array>): Uint8Array {
  const bytes = new Uint8Array(blockCount * BLOCK).fill(0xff);
  for (const [number, block] of Object.entries(blocks)) bytes.set(block, Number(number) * BLOCK);
  return bytes;
}
const root = (blockCount: number, ...tags: Stored[]): Uint8Array =>
  metadata(1, [...superblock(blockCount), ...tags]);

/** What the reader says, and that it says it soon. */
function verdict(bytes: Uint8Array): string {
  const startMs = performance.now();
  try {
    return `${parseLittleFs(bytes).files.length} files`;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return error.message;
  } finally {
    expect(performance.now() - startMs).toBeLessThan(5000);
  }
}

it('is read when it is meant well', () => {
  const data = new Uint8Array(BLOCK).fill(7);
  const good = image(8, { 0: root(8, ...file(1, 'a', 4, 100)), 4: data });
  expect(parseLittleFs(good).files).toEqual(
    [{ path: 'a', bytes: new Uint8Array(100).fill(7), modifiedAtMs: undefined }].map(
      ({ path, bytes }) => ({ path, bytes }),
    ),
  );
});

describe('a LittleFS with sound checksums', () => {
  const hostile: [string, Uint8Array, RegExp][] = [
    [
      'and a pair whose tail is itself',
      image(8, { 0: root(8, tail(TAG.softTail, 0, 1)) }),
      /comes back to block/,
    ],
    [
      'and two pairs that follow each other for ever',
      image(8, {
        0: root(8, tail(TAG.hardTail, 2, 3)),
        2: metadata(1, [tail(TAG.hardTail, 0, 1)]),
      }),
      /comes back to block/,
    ],
    [
      'and a directory that is its own root',
      image(8, { 0: root(8, ...directory(1, 'loop', 0, 1)) }),
      /comes back to block/,
    ],
    [
      'and two directories that contain each other',
      image(8, {
        0: root(8, ...directory(1, 'a', 2, 3)),
        2: metadata(1, directory(0, 'b', 4, 5)),
        4: metadata(1, directory(0, 'c', 2, 3)),
      }),
      /comes back to block/,
    ],
    [
      'and a pair of one block twice',
      image(8, { 0: root(8, tail(TAG.softTail, 2, 2)), 2: metadata(1, []) }),
      /which is taken/,
    ],
    [
      'and a file whose blocks are a ring',
      image(8, {
        0: root(8, ...file(1, 'ring', 4, 20_000)),
        4: concatBytes(words(4), new Uint8Array(BLOCK - 4)),
      }),
      /which is taken/,
    ],
    [
      'and two files in the same block',
      image(8, { 0: root(8, ...file(1, 'a', 4, 10), ...file(2, 'b', 4, 10)) }),
      /which is taken/,
    ],
    [
      'and a file in the metadata',
      image(8, { 0: root(8, ...file(1, 'a', 0, 10)) }),
      /which is taken/,
    ],
    [
      'and a file of 4 GB',
      image(8, { 0: root(8, ...file(1, 'a', 4, 0xffffffff)) }),
      /claims 4294967295 bytes/,
    ],
    [
      'and a file of 2 GB in a file system of as many blocks as can be said',
      image(8, { 0: root(0xffffffff, ...file(1, 'a', 4, 0x7fffffff)) }),
      /piece|taken|image ends/,
    ],
    [
      'and blocks that are not there',
      image(8, { 0: root(8, ...file(1, 'a', 0xfffffffe, 10)) }),
      /names block 4294967294/,
    ],
    [
      'and a tail outside of the image',
      image(8, { 0: root(0xffffffff, tail(TAG.softTail, 0xfffff0, 0xfffff1)) }),
      /neither block/,
    ],
  ];
  it.each(hostile)('%s ends in words', (_what, bytes, says) => {
    expect(verdict(bytes)).toMatch(says);
  });

  it('and a thousand directories in each other, each with the longest name, costs little', () => {
    const depth = 1000;
    const blocks: Record<number, Uint8Array> = {
      0: root(2 * depth + 4, ...directory(1, 'n'.repeat(255), 2, 3)),
    };
    for (let i = 1; i < depth; i++) {
      const next = 2 * i + 2;
      blocks[2 * i] = metadata(1, directory(0, 'n'.repeat(255), next, next + 1));
    }
    blocks[2 * depth] = metadata(1, []);
    expect(verdict(image(2 * depth + 4, blocks))).toMatch(/path of more than/);
  });

  it('and a block full of creations and deletions costs little', () => {
    const tags: Stored[] = superblock(8);
    for (let i = 0; i < 240; i++) {
      tags.push([TAG.create, 0x3fe, new Uint8Array()], [TAG.delete, 0, new Uint8Array()]);
    }
    expect(verdict(image(8, { 0: metadata(1, tags) }))).toMatch(/LittleFS: |files/);
  });
});
