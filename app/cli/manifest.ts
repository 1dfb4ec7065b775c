import { join } from 'node:path';
import type { CompiledModule } from '../compiler/compile.ts';
import { bytesToHex } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { InputError } from './command.ts';
import { readBytes, readText } from './files.ts';

/** manifest.json beside a build's .mpy files. */
export interface BuildManifest {
  readonly format: 1;
  /** Version and the first eight hex digits of the hash of sources and features. */
  readonly firmware: string;
  readonly profile: string;
  readonly features: Readonly<Record<string, boolean | number | string>>;
  readonly needsMicroPython: string;
  /** File name of the user's application in it; missing without one. */
  readonly application?: string;
  readonly modules: readonly {
    readonly name: string;
    readonly source: string;
    readonly file: string;
    readonly sizeBytes: number;
    readonly sha256: string;
    /** lineMap[line of the .py - 1] = line of the TypeScript source, 0 for none. */
    readonly lineMap: readonly number[];
    /** Of joined modules: the source file that the lines of the .py from `fromLine` on came from, '' for none. */
    readonly parts?: readonly {
      readonly fromLine: number;
      readonly path: string;
      /** Of the .mpy; what several files share is divided among them. */
      readonly mpyBytes?: number;
      /** After the import, measured in MicroPython (build --heap). */
      readonly heapBytes?: number;
    }[];
    /** Of joined modules: what the .mpy calls functions, classes and members -> their names in the .py. */
    readonly shortNames?: Readonly<Record<string, string>>;
    /** Of joined modules: what the line numbers in the .mpy mean, by function (see the compiler's CompiledModule). */
    readonly traces?: CompiledModule['traces'];
  }[];
}

/**
 * Reads a build folder and checks every file against the manifest.
 * @throws InputError naming the file that is missing, cut or changed.
 */
export async function readBuild(
  folder: string,
): Promise<{ manifest: BuildManifest; modules: { name: string; mpy: Uint8Array }[] }> {
  const path = join(folder, 'manifest.json');
  let manifest: BuildManifest;
  try {
    manifest = JSON.parse(await readText(path)) as BuildManifest;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path} is not JSON: ${(error as Error).message}`);
  }
  if (manifest.format !== 1 || !Array.isArray(manifest.modules)) {
    throw new InputError(`${path} is not the manifest of a build (expected format 1)`);
  }
  const modules = [];
  for (const { name, file, sizeBytes, sha256: expected } of manifest.modules) {
    const mpy = await readBytes(join(folder, file));
    if (mpy.length !== sizeBytes || bytesToHex(sha256(mpy)) !== expected) {
      throw new InputError(
        `${join(folder, file)} is not what the manifest says (${mpy.length} of ${sizeBytes} bytes); build again`,
      );
    }
    modules.push({ name, mpy });
  }
  return { manifest, modules };
}
