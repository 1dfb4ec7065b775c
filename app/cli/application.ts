import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { APPLICATION_ENTRY, APPLICATION_FOLDER } from '../compiler/application.ts';
import type { CompileResult } from '../compiler/compile.ts';
import { InputError } from './command.ts';
import { readText } from './files.ts';

const ENTRY = 'main.ts';

/** A user's application as the build takes it, and the way back to the user's own paths. */
export class ApplicationFiles {
  /** Path inside the application -> text; the entry is `main.ts`, whatever its file is called. */
  readonly files: Record<string, string> = {};
  /** The entry's file name. */
  readonly name: string;
  readonly #folder: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.name = name;
  }

  /**
   * `path` names the entry, or a folder with a main.ts. Read with it is what it imports by relative path from its folder and
   * below; an import that leaves the folder, or finds nothing, is left to the compiler's diagnostic.
   * @throws InputError when the entry is not there, or another main.ts is in its way
   */
  static async read(path: string): Promise<ApplicationFiles> {
    const isFolder = existsSync(path) && statSync(path).isDirectory();
    const entry = isFolder ? join(path, ENTRY) : path;
    if (!existsSync(entry)) {
      throw new InputError(
        isFolder
          ? `${path} has no ${ENTRY}: name the file that exports application()`
          : `cannot read ${path}: there is no such file`,
      );
    }
    if (!entry.endsWith('.ts')) throw new InputError(`${path} is not a .ts file or a folder`);
    const found = new ApplicationFiles(dirname(entry), basename(entry));
    await found.#follow(resolve(entry));
    return found;
  }

  async #follow(entry: string): Promise<void> {
    const root = dirname(entry);
    const seen = new Set([entry]);
    const queue = [entry];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      const name = path === entry ? ENTRY : relative(root, path).split(sep).join(posix.sep);
      if (path !== entry && name === ENTRY) {
        throw new InputError(
          `${path} is imported, but main.ts is what the build calls ${entry}: rename one of them`,
        );
      }
      const text = await readText(path);
      this.files[name] = text;
      for (const match of text.matchAll(/from\s*['"](\.[^'"]+)['"]/g)) {
        const target = resolve(dirname(path), match[1]!);
        const isInside = !relative(root, target).startsWith('..');
        if (seen.has(target) || !isInside || !existsSync(target)) continue;
        seen.add(target);
        queue.push(target);
      }
    }
  }

  /** The path that a person knows, for a path of the build; others stay as they are. */
  ownPath(path: string): string {
    if (!path.startsWith(APPLICATION_FOLDER)) return path;
    return join(this.#folder, this.#ownName(path));
  }

  /** With the entry under its own name, for the manifest. */
  partPath(path: string): string {
    return path.startsWith(APPLICATION_FOLDER) ? APPLICATION_FOLDER + this.#ownName(path) : path;
  }

  #ownName(path: string): string {
    return path === APPLICATION_ENTRY ? this.name : path.slice(APPLICATION_FOLDER.length);
  }

  /** The result with the user's own paths in its diagnostics. */
  translate(result: CompileResult): CompileResult {
    const diagnostics = result.diagnostics.map((one) => ({
      ...one,
      file: this.ownPath(one.file),
    }));
    return { ...result, diagnostics };
  }
}
