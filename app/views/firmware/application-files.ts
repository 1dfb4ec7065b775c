/** The files of an application as plain data: every operation answers a new set, and says no in words. */
import type { ApplicationFiles } from '../shared/firmware-ports.ts';

/** Exports application(), which the firmware calls. */
export const ENTRY = 'main.ts';

const PATH = /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*\.ts$/;
/** A board has a few hundred KiB of flash in all; a larger text is not a program. */
export const LARGEST_FILE_BYTES = 256 * 1024;

/** The entry first, then by name. */
export function pathsOf(files: ApplicationFiles): string[] {
  return Object.keys(files).sort((a, b) =>
    a === ENTRY ? -1 : b === ENTRY ? 1 : a < b ? -1 : a > b ? 1 : 0,
  );
}

/** A name as typed: without blanks around it, with the ending that every file has. */
export function pathFrom(typed: string): string {
  const path = typed.trim().replace(/^\.?\/+/, '');
  return path === '' || path.includes('.') ? path : `${path}.ts`;
}

/** Why a file cannot have this path; null when it can. */
export function pathFault(files: ApplicationFiles, path: string): string | null {
  if (path === '') return 'A file needs a name.';
  if (!path.endsWith('.ts')) return 'A file ends with .ts.';
  if (/\.(d|test)\.ts$/.test(path)) return 'Declarations and tests do not go to boards.';
  if (!PATH.test(path)) {
    return 'Letters, digits, - and _ make a name; / makes a folder, for example sensors/door.ts.';
  }
  // Some file systems, to which it may be exported, do not tell them apart.
  const same = Object.keys(files).find((other) => other.toLowerCase() === path.toLowerCase());
  return same === undefined ? null : `There is a file ${same} already.`;
}

export function withFile(files: ApplicationFiles, path: string, text: string): ApplicationFiles {
  return { ...files, [path]: text };
}

export function withoutFile(files: ApplicationFiles, path: string): ApplicationFiles {
  return Object.fromEntries(Object.entries(files).filter(([other]) => other !== path));
}

/** Moves a file; imports of it, and those it makes, follow. */
export function renamed(files: ApplicationFiles, from: string, to: string): ApplicationFiles {
  const moved = (path: string): string => (path === from ? to : path);
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      moved(path),
      text.replace(IMPORT, (whole: string, before: string, what: string, after: string) => {
        const target = resolve(path, what);
        if (files[target] === undefined || (path !== from && target !== from)) return whole;
        return `${before}${relative(moved(path), moved(target))}${after}`;
      }),
    ]),
  );
}

export interface Incoming {
  readonly name: string;
  readonly text: string;
}

/** Takes in files from elsewhere. Nothing is replaced: a name that is taken by another text gets a number. */
export function imported(
  files: ApplicationFiles,
  incoming: readonly Incoming[],
): { files: ApplicationFiles; paths: string[]; refused: string[] } {
  let all = files;
  const paths: string[] = [];
  const refused: string[] = [];
  for (const { name, text } of incoming) {
    const fault = pathFault({}, name);
    if (fault !== null) {
      refused.push(`${name}: ${fault}`);
      continue;
    }
    if (text.includes('\0')) {
      refused.push(`${name}: This is not a text.`);
      continue;
    }
    const path = all[name] === text ? name : freePath(all, name);
    all = withFile(all, path, text);
    paths.push(path);
  }
  return { files: all, paths, refused };
}

export function freePath(files: ApplicationFiles, wanted: string): string {
  const stem = wanted.replace(/\.ts$/, '');
  let path = wanted;
  for (let count = 2; pathFault(files, path) !== null; count++) path = `${stem}-${count}.ts`;
  return path;
}

const IMPORT = /(\bfrom\s*['"])(\.{1,2}\/[^'"]+)(['"])/g;

const folderOf = (path: string): string[] => path.split('/').slice(0, -1);

function resolve(importer: string, what: string): string {
  const parts = folderOf(importer);
  for (const part of what.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function relative(importer: string, target: string): string {
  const from = folderOf(importer);
  const to = target.split('/');
  while (from.length > 0 && to.length > 1 && from[0] === to[0]) {
    from.shift();
    to.shift();
  }
  return from.length === 0 ? `./${to.join('/')}` : `${'../'.repeat(from.length)}${to.join('/')}`;
}
