import { describe, expect, it } from 'vitest';
import { bytesToHex, utf8 } from '../../base/bytes.ts';
import { seededRandom } from '../../base/random.ts';
import { viewOf } from '../cells.ts';
import { ImageError } from '../image-error.ts';
import { pattern, readVector } from '../testing/read-vector.ts';
import type { LittleFsFile } from './format.ts';
import { readMetadataPair } from './metadata.ts';
import { parseLittleFs, readLittleFs } from './read.ts';
import { buildLittleFs } from './write.ts';

const text = (path: string, content: string): LittleFsFile => ({ path, bytes: utf8(content) });

/** As documented in vectors/README.md, sorted by path. */
const TREE: LittleFsFile[] = [
  text('empty', ''),
  { path: 'lib/a.mpy', bytes: pattern(127, 1) },
  { path: 'lib/b.mpy', bytes: pattern(128, 2) },
  { path: 'lib/c.mpy', bytes: pattern(129, 3) },
  { path: 'lib/d.mpy', bytes: pattern(4096, 4) },
  { path: 'lib/deep/f.mpy', bytes: pattern(20000, 6) },
  { path: 'lib/deep/g.mpy', bytes: pattern(50000, 7) },
  { path: 'lib/e.mpy', bytes: pattern(4097, 5) },
  text('main.py', 'import node\nnode.run()\n'),
];
const CHURNED: LittleFsFile[] = [
  ...TREE.slice(0, 1),
  { path: 'kept.txt', bytes: pattern(2483, 59) },
  ...TREE.slice(1),
];

function plain(files: readonly LittleFsFile[]): { path: string; hex: string }[] {
  return files.map((file) => ({ path: file.path, hex: bytesToHex(file.bytes) }));
}

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    throw error;
  }
  return 'no error';
}

describe.each(['1.25.0', '1.28.0'])('images that VfsLfs2 of MicroPython %s wrote', (version) => {
  const vector = (name: string): Uint8Array =>
    readVector(`lfs2-micropython-${version}-${name}.bin.gz`);

  it('reads a freshly formatted one', () => {
    expect(parseLittleFs(vector('empty'))).toEqual({
      diskVersion: '2.1',
      blockSize: 4096,
      blockCount: 64,
      usedBlocks: 2,
      directories: [],
      files: [],
    });
  });

  it('reads every file of the tree, inline and in blocks', () => {
    const contents = parseLittleFs(vector('tree'), { blockCount: 64 });
    expect(plain(contents.files)).toEqual(plain(TREE));
    expect(contents.directories).toEqual(['lib', 'lib/deep']);
    for (const file of contents.files) {
      expect(file.modifiedAtMs, file.path).toBeGreaterThan(Date.UTC(2020, 0));
      expect(file.modifiedAtMs, file.path).toBeLessThan(Date.UTC(2100, 0));
    }
  });

  it('reads the churned one: many commits, deletions and a rename', () => {
    expect(plain(readLittleFs(vector('churned')))).toEqual(plain(CHURNED));
  });

  it('is cut, and the reader says what is missing', () => {
    expect(message(() => readLittleFs(vector('tree').subarray(0, 5 * 4096)))).toMatch(
      /has a piece in block \d+, the image ends before|holds a valid commit/,
    );
  });
});

describe('the writer', () => {
  it('stores the tree with the same kinds of entries as MicroPython does', () => {
    const ours = buildLittleFs(TREE, { blockCount: 64 });
    const theirs = readVector('lfs2-micropython-1.28.0-tree.bin.gz');
    expect(plain(readLittleFs(ours))).toEqual(plain(TREE));
    expect(structure(ours)).toEqual(structure(theirs));
  });

  it('writes the superblock like MicroPython, but for the version 2.0', () => {
    const ours = buildLittleFs([], { blockCount: 64 });
    const theirs = readVector('lfs2-micropython-1.28.0-empty.bin.gz');
    const expected = theirs.slice(0, 44);
    expected[20] = 0; // minor version
    expect(bytesToHex(ours.subarray(0, 44))).toBe(bytesToHex(expected));
    expect(ours).toHaveLength(2 * 4096);
    expect(parseLittleFs(ours).diskVersion).toBe('2.0');
  });

  it.each([0, 1, 127, 128, 129, 4095, 4096, 4097, 8187, 8188, 8189, 50000])(
    'reads back a file of %i bytes',
    (size) => {
      const files = [{ path: 'file.bin', bytes: pattern(size, 11) }];
      expect(plain(readLittleFs(buildLittleFs(files, { blockCount: 512 })))).toEqual(plain(files));
    },
  );

  it('splits a directory of many files over several pairs', () => {
    const files = Array.from({ length: 90 }, (_, i) => ({
      path: `a/module_${String(i).padStart(3, '0')}.mpy`,
      bytes: pattern((i * 37) % 700, i),
    }));
    const image = buildLittleFs(files, { blockCount: 512 });
    expect(plain(readLittleFs(image))).toEqual(plain(files));
    expect(structure(image).filter((line) => line.startsWith('hard tail')).length).toBeGreaterThan(
      1,
    );
  });

  it('keeps nested and empty directories and modification times', () => {
    const files = [
      text('x/top.txt', 'up'),
      { path: 'x/y/z/deep.txt', bytes: utf8('down here'), modifiedAtMs: 1_700_000_000_123 },
    ];
    const contents = parseLittleFs(
      buildLittleFs(files, { blockCount: 16, directories: ['empty/inner'] }),
    );
    expect(contents.directories).toEqual(['empty', 'empty/inner', 'x', 'x/y', 'x/y/z']);
    expect(contents.files).toEqual(files);
  });

  it('gives the same bytes whatever the order of the files', () => {
    const forwards = buildLittleFs(TREE, { blockCount: 64 });
    const backwards = buildLittleFs([...TREE].reverse(), { blockCount: 64 });
    expect(bytesToHex(forwards)).toBe(bytesToHex(backwards));
  });

  it('sorts names by their bytes, not by their UTF-16 code units', () => {
    const files = [text('\u{1f4a1}', 'lamp'), text('\ufb01', 'ligature'), text('z', 'last ASCII')];
    const read = readLittleFs(buildLittleFs(files, { blockCount: 8 }));
    expect(plain(read)).toHaveLength(3);
    expect(names(buildLittleFs(files, { blockCount: 8 }))).toEqual(['z', '\ufb01', '\u{1f4a1}']);
  });

  it.each([
    ['twice the same path', [text('a', '1'), text('/a', '2')], 'is there twice'],
    ['a file that is also a directory', [text('a', '1'), text('a/b', '2')], 'is a file already'],
    ['an empty name', [text('a//b', '1')], '1 to 255 bytes'],
    ['a name that goes up', [text('../b', '1')], '1 to 255 bytes'],
    ['a name of 256 bytes', [text('n'.repeat(256), '1')], '1 to 255 bytes'],
    ['more than fits', [{ path: 'big', bytes: new Uint8Array(60 * 4096) }], '32 blocks'],
  ])('refuses %s', (_what, files, expected) => {
    expect(message(() => buildLittleFs(files, { blockCount: 32 }))).toContain(expected);
  });
});

describe('the reader on broken images', () => {
  const image = buildLittleFs(TREE, { blockCount: 64 });

  it('says what it found instead of a file system', () => {
    expect(message(() => readLittleFs(new Uint8Array()))).toContain('neither block 0 nor block 1');
    expect(message(() => readLittleFs(new Uint8Array(8192).fill(0xff)))).toContain('block 0');
    expect(message(() => readLittleFs(image, { blockCount: 512 }))).toContain('says 64 blocks');
    expect(message(() => readLittleFs(image, { blockSize: 512 }))).toContain('512');
  });

  it('prefers the newer block of a pair, also when the revision wraps around', () => {
    const newer = buildLittleFs([text('new', '!')], { blockCount: 64 });
    const both = image.slice();
    // The image's own root is revision 1; the other one becomes its successor in block 1.
    both.set(newer.subarray(0, 4096), 4096);
    refreshRevision(both, 4096, 2);
    expect(names(both)).toEqual(['new']);
    refreshRevision(both, 4096, 0xffffffff);
    expect(names(both)).toContain('main.py');
  });

  it('falls back to the older block when the newer one is damaged', () => {
    const both = image.slice();
    both.set(both.subarray(0, 4096), 4096);
    refreshRevision(both, 4096, 2);
    both[4096 + 30]! ^= 1;
    expect(plain(readLittleFs(both))).toEqual(plain(TREE));
  });

  it('never ends in anything but its own error, whatever bit is turned', () => {
    const random = seededRandom(7);
    for (let i = 0; i < 1500; i++) {
      const broken = image.slice();
      for (let k = random.int(3); k >= 0; k--) {
        // The metadata is where it matters: the first blocks.
        broken[random.int(i % 2 ? 6 * 4096 : broken.length)]! ^= 1 << random.int(8);
      }
      message(() => readLittleFs(broken));
    }
  });

  it('never ends in anything but its own error, wherever the image is cut', () => {
    for (let size = 0; size < image.length; size += 509) {
      message(() => readLittleFs(image.subarray(0, size)));
    }
  });
});

/** Sets the revision of a single-commit block and makes its CRC hold again. */
function refreshRevision(image: Uint8Array, at: number, revision: number): void {
  const block = image.subarray(at, at + 4096);
  viewOf(block).setUint32(0, revision, true);
  // The commit ends in the last CRC: found by trying, as its place is not stored.
  for (let end = 8; end + 4 <= 4096; end++) {
    const copy = block.slice();
    viewOf(copy).setUint32(end, register(copy.subarray(0, end)), true);
    try {
      readMetadataPair(() => copy, [0, 1]);
      image.set(copy, at);
      return;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
    }
  }
  throw new Error('no commit found');
}

function register(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return c >>> 0;
}

function rootPair(image: Uint8Array) {
  return readMetadataPair((block) => image.subarray(block * 4096, block * 4096 + 4096), [0, 1]);
}

function names(image: Uint8Array): string[] {
  return rootPair(image)
    .entries.slice(1)
    .map((entry) => new TextDecoder().decode(entry.name));
}

/** Every entry's types and sizes, and the tails: what must be alike in two images of the same tree. */
function structure(image: Uint8Array): string[] {
  const lines: string[] = [];
  const readBlock = (block: number): Uint8Array =>
    image.subarray(block * 4096, block * 4096 + 4096);
  for (let pair = rootPair(image), more = true; more;) {
    for (const entry of pair.entries) {
      const size =
        entry.structType === 0x202 ? viewOf(entry.struct).getUint32(4, true) : entry.struct.length;
      lines.push(
        `${new TextDecoder().decode(entry.name)} ${entry.nameType} ${entry.structType?.toString(16)} ${size}`,
      );
    }
    more = pair.tail !== undefined;
    if (pair.tail) {
      lines.push(pair.tailIsHard ? 'hard tail' : 'soft tail');
      pair = readMetadataPair(readBlock, pair.tail);
    }
  }
  return lines;
}
