import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from './command.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
};

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return REASONS[code] ?? (error as Error).message;
}

/** @throws InputError naming the file and the reason. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${reason(error)}`);
  }
}

export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path));
}

/** @param secret makes the file readable by its owner only. */
export async function writeOut(
  path: string,
  content: Uint8Array | string,
  secret = false,
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, secret ? { mode: 0o600 } : {});
    if (secret) await chmod(path, 0o600); // an existing file keeps its old mode otherwise
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${reason(error)}`);
  }
}

/** All .ts files below `folder` but tests, as compiler input: path relative to `folder` with slashes -> text. */
export async function readSources(folder: string): Promise<Record<string, string>> {
  const sources: Record<string, string> = {};
  const visit = async (relative: string): Promise<void> => {
    const entries = await readdir(join(folder, relative), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = posix.join(relative, entry.name);
      if (entry.isDirectory()) await visit(path);
      else if (entry.name.endsWith('.ts') && !/\.(test|bench)\.ts$/.test(entry.name)) {
        sources[path] = await readText(join(folder, path));
      }
    }
  };
  await visit('');
  return sources;
}

/** The firmware's sources, which lie beside the application. */
export const FIRMWARE_FOLDER = fileURLToPath(new URL('../../firmware-src', import.meta.url));
