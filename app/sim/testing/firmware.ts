/** The real firmware for tests, in both shapes, made once in a test file. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildFirmware, firmwareJob } from '../../compiler/firmware.ts';
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

let program: Program | undefined;

export function firmwareProgram(): Program {
  if (program) return program;
  const { sources, features, entries } = firmwareJob(readSources());
  const entry = entries[0]!;
  program = new Program({ modules: transpile(sources, entry, features), entry });
  return program;
}

export function inV8(): FleetFirmware {
  return { engine: 'v8', program: firmwareProgram() };
}

let compiled: Promise<FleetFirmware> | undefined;

/** @throws Error with the compiler's diagnostics */
export function asBytecode(): Promise<FleetFirmware> {
  compiled ??= (async () => {
    const { result } = await buildFirmware(readSources());
    const [problem] = result.diagnostics;
    if (problem) throw new Error(`${problem.file}:${problem.line} ${problem.message}`);
    return { engine: 'micropython', modules: result.modules };
  })();
  return compiled;
}
