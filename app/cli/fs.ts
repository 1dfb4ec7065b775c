import { readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { bytesToHex } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { BLOCK_BYTES, type LittleFsFile } from '../image/littlefs/format.ts';
import { parseLittleFs } from '../image/littlefs/read.ts';
import { buildLittleFs } from '../image/littlefs/write.ts';
import {
  type Command,
  InputError,
  type Invocation,
  UsageError,
  optional,
  required,
} from './command.ts';
import { readBytes, writeOut } from './files.ts';
import { parseSize, readFilePartition, worded } from './partitions.ts';

/** What stock boards with 4 MB have. */
const USUAL_SIZE = '2MB';

export const command: Command = {
  usage: 'make DIR --out FS.bin [--size 2MB] | list FILE.bin | extract FILE.bin --out DIR',
  summary:
    'makes a LittleFS partition from a folder, lists one, or takes its files out; FILE may be a whole flash',
  options: { out: { type: 'string' }, size: { type: 'string' } },
  positionals: [2, 2],
  async run(invocation) {
    const [action, path] = invocation.positionals as [string, string];
    if (action === 'make') return make(invocation, path);
    if (action === 'list') return list(invocation, path);
    if (action === 'extract') return extract(invocation, path);
    throw new UsageError(`expected make, list or extract, got "${action}"`);
  },
};

async function make(invocation: Invocation, folder: string): Promise<number> {
  const out = required(invocation, 'out');
  const sizeBytes = parseSize('size', optional(invocation, 'size') ?? USUAL_SIZE, BLOCK_BYTES);
  const { files, directories } = await readFolder(folder);
  const image = worded(() =>
    buildLittleFs(files, { blockCount: sizeBytes / BLOCK_BYTES, directories }),
  );
  const whole = new Uint8Array(sizeBytes).fill(0xff);
  whole.set(image);
  await writeOut(out, whole);
  invocation.out(
    invocation.json
      ? JSON.stringify({ ok: true, out, sizeBytes, files: files.length, usedBytes: image.length })
      : `${out}: ${files.length} files, ${image.length} of ${sizeBytes} B in use`,
  );
  return 0;
}

async function readFolder(
  folder: string,
): Promise<{ files: LittleFsFile[]; directories: string[] }> {
  const files: LittleFsFile[] = [];
  const directories: string[] = [];
  const visit = async (relative: string): Promise<void> => {
    const entries = await readdir(join(folder, relative), { withFileTypes: true });
    for (const entry of entries) {
      const path = posix.join(relative, entry.name);
      if (entry.isDirectory()) {
        directories.push(path);
        await visit(path);
      } else if (entry.isFile()) files.push({ path, bytes: await readBytes(join(folder, path)) });
      else throw new InputError(`${join(folder, path)} is neither a file nor a folder`);
    }
  };
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) throw new InputError(`there is no folder ${folder}`);
  await visit('');
  return { files, directories };
}

async function contentsOf(path: string) {
  const { bytes, blockCount } = await readFilePartition(path);
  const options = blockCount === undefined ? {} : { blockCount };
  return worded(() => parseLittleFs(bytes, options), `${path}: `);
}

async function list(invocation: Invocation, path: string): Promise<number> {
  const { diskVersion, blockSize, blockCount, usedBlocks, directories, files } =
    await contentsOf(path);
  const rows = files.map((file) => ({
    path: file.path,
    sizeBytes: file.bytes.length,
    sha256: bytesToHex(sha256(file.bytes)),
  }));
  if (invocation.json) {
    const facts = { diskVersion, blockSize, blockCount, usedBlocks };
    invocation.out(JSON.stringify({ ok: true, ...facts, directories, files: rows }));
    return 0;
  }
  for (const directory of directories) invocation.out(`${''.padStart(12)}${directory}/`);
  for (const row of rows) invocation.out(`${String(row.sizeBytes).padStart(10)}  ${row.path}`);
  invocation.out(
    `LittleFS ${diskVersion}, ${usedBlocks} of ${blockCount} blocks of ${blockSize} B`,
  );
  return 0;
}

async function extract(invocation: Invocation, path: string): Promise<number> {
  const out = required(invocation, 'out');
  const { files, directories } = await contentsOf(path);
  // A file system may come from anywhere: nothing is written before every path is known to stay in the folder.
  for (const name of [...directories, ...files.map((file) => file.path)]) refuseEscape(name);
  for (const file of files) await writeOut(join(out, file.path), file.bytes);
  const count = files.length;
  invocation.out(
    invocation.json
      ? JSON.stringify({ ok: true, out, files: files.map((file) => file.path) })
      : `${out}: ${count} ${count === 1 ? 'file' : 'files'}`,
  );
  return 0;
}

function refuseEscape(path: string): void {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0:]/.test(part))) {
    throw new InputError(
      `the image holds a path that would leave the folder: ${JSON.stringify(path)}`,
    );
  }
}
