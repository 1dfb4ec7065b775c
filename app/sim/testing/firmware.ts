/** The real firmware for tests, in both shapes, made once in a test file. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFirmware, type Features, firmwareJob } from '../../compiler/firmware.ts';
import { transpile } from '../../compiler/transpile.ts';
import type { FleetFirmware } from '../fleet.ts';
import { Program } from '../v8/program.ts';

const SOURCES = join(dirname(fileURLToPath(import.meta.url)), '../../../firmware-src');

export function readSources(folder = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(SOURCES, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) Object.assign(found, readSources(path));
    else if (path.endsWith('.ts') && !path.endsWith('.test.ts')) {
      found[path] = readFileSync(join(SOURCES, path), 'utf8');
    }
  }
  return found;
}

/** The firmware with these switches, in both shapes, each made when it is first asked for. */
export interface FirmwareShapes {
  program(): Program;
  inV8(): FleetFirmware;
  /** @throws Error with the compiler's diagnostics */
  asBytecode(): Promise<FleetFirmware>;
}

export function firmwareWith(switches: Features): FirmwareShapes {
  let made: Program | undefined;
  let compiled: Promise<FleetFirmware> | undefined;
  const program = (): Program => {
    if (made) return made;
    const { sources, features, entries } = firmwareJob(readSources(), { features: switches });
    const entry = entries[0]!;
    made = new Program({ modules: transpile(sources, entry, features), entry });
    return made;
  };
  return {
    program,
    inV8: () => ({ engine: 'v8', program: program() }),
    asBytecode: () =>
      (compiled ??= (async () => {
        const { result } = await buildFirmware(readSources(), { features: switches });
        const [problem] = result.diagnostics;
        if (problem) throw new Error(`${problem.file}:${problem.line} ${problem.message}`);
        return { engine: 'micropython', modules: result.modules };
      })()),
  };
}

const usual = firmwareWith({});

export const firmwareProgram = (): Program => usual.program();
export const inV8 = (): FleetFirmware => usual.inV8();
export const asBytecode = (): Promise<FleetFirmware> => usual.asBytecode();
