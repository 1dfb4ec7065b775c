/** Runtime files that nobody has to download: copied from a board that has one, or offered by the site itself. */
import { copyRuntime, type CopyOptions, type FlashReader } from '../../runtimes/copy.ts';
import {
  listHostedRuntimes,
  takeHostedRuntime,
  type Fetch,
  type HostedResult,
} from '../../runtimes/hosted.ts';
import { WordedError } from '../shared/problem.ts';
import type {
  HostedRuntimes,
  OfferedRuntime,
  RuntimeShelf,
  StoredRuntime,
} from '../shared/ports.ts';

type Shelf = Pick<RuntimeShelf, 'add'>;

/** Reads the runtime from a board in its loader and keeps it. @throws WordedError when there is none, or the signal's reason */
export async function copyToShelf(
  board: FlashReader & { readonly mac: string },
  shelf: Shelf,
  options: CopyOptions,
): Promise<StoredRuntime> {
  const check = await copyRuntime(board, options);
  if (!check.ok) {
    throw new WordedError({
      code: check.code,
      title: 'This board has no runtime to copy',
      cause: check.message,
      next: 'Take a board that runs MicroPython, version 1.25 or later, or choose a file.',
      details: `${board.mac}\ncode: ${check.code}\n${check.message}`,
    });
  }
  const { chip, version, bytes } = check.runtime;
  const name = `copy-${chip}-${version}-${board.mac.replaceAll(':', '')}.bin`;
  return shelf.add(name, bytes.slice());
}

/** What lies in the folder runtimes/ of the site; asked only when a person wants to know. */
export class SiteRuntimes implements HostedRuntimes {
  #shelf: Shelf;
  #fetch: Fetch;
  #base: string;

  /** @param base the app's own address, ending with a slash */
  constructor(shelf: Shelf, fetch: Fetch, base: string) {
    this.#shelf = shelf;
    this.#fetch = fetch;
    this.#base = base;
  }

  async list(): Promise<readonly OfferedRuntime[]> {
    return valueOf(await listHostedRuntimes(this.#fetch, this.#base));
  }

  async take(file: OfferedRuntime): Promise<StoredRuntime> {
    const { bytes } = valueOf(await takeHostedRuntime(this.#fetch, this.#base, file));
    return this.#shelf.add(file.name, bytes.slice());
  }
}

function valueOf<T>(result: HostedResult<T>): T {
  if (result.ok) return result.value;
  throw new WordedError({
    code: 'site-offers-none',
    title: 'The site gave no runtime file',
    cause: result.message,
    next: 'Choose a file of your own, or copy the runtime from a board that has one.',
    details: `code: site-offers-none\n${result.message}`,
  });
}
