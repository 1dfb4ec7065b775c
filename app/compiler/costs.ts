/**
 * What each TypeScript file of a build costs a board: bytes of .mpy, and heap after the import.
 *
 * The heap is measured: each file's part of the Python is compiled by itself, with the names that it has in the build, and
 * the parts are imported one after the other. Only what the import defines counts (functions, classes, constants); what
 * the program makes when it runs does not. Names are kept once: all parts pay for them by their size.
 */
import { shrink } from './4-emit/bytecode/shrink.ts';
import { compileMpy } from './4-emit/mpy.ts';
import type { CompiledModule } from './compile.ts';

export interface ModuleCost {
  /** The TypeScript file, '' for runtime helpers and imports. */
  path: string;
  /** The Python module that it is in: the first one's is there at all times, others only while they are needed. */
  module: string;
  mpyBytes: number;
  heapBytes: number;
}

/** Imports the modules in this order in one machine and says how its heap grew (app/sim/heap-probe.ts). */
export type MeasureImports = (
  modules: readonly { name: string; mpy: Uint8Array }[],
) => Promise<{ namesBytes: number; moduleBytes: readonly number[] }>;

interface Probe {
  path: string;
  module: string;
  mpyBytes: number;
  python: string;
  shortNames: ReadonlyMap<string, string>;
}

/** In the order in which they are loaded. @throws Error when a part does not compile or load by itself */
export async function moduleCosts(
  modules: readonly CompiledModule[],
  measure: MeasureImports,
): Promise<ModuleCost[]> {
  const probes: Probe[] = [];
  const definedIn = new Map<string, number>();
  for (const module of modules) probes.push(...probesOf(module, probes.length, definedIn));
  const made = [{ name: 'p', mpy: await compiled('p', '', new Map()) }];
  for (const [at, { python, shortNames }] of probes.entries()) {
    const name = probeName(at);
    made.push({ name, mpy: await compiled(name, python, shortNames) });
  }
  const { namesBytes, moduleBytes } = await measure(made);
  const [empty = 0, ...grown] = moduleBytes;
  const totalBytes = probes.reduce((sum, { mpyBytes }) => sum + mpyBytes, 0) || 1;
  return probes.map(({ path, module, mpyBytes }, at) => {
    const names = Math.round((namesBytes * mpyBytes) / totalBytes);
    return { path, module, mpyBytes, heapBytes: Math.max(0, (grown[at] ?? 0) - empty) + names };
  });
}

const probeName = (at: number): string => `p${String(at)}`;

async function compiled(
  name: string,
  python: string,
  shortNames: ReadonlyMap<string, string>,
): Promise<Uint8Array> {
  const made = await compileMpy(name, python);
  if (!made.ok) throw new Error(`${name}: ${made.message}`);
  return shrink(made.mpy, { lineOf: (line) => line, shortNames }).mpy;
}

function probesOf(
  { path, name: module, py, mpy, parts, shortNames }: CompiledModule,
  first: number,
  definedIn: Map<string, number>,
): Probe[] {
  const short = new Map(
    Object.entries(shortNames ?? {})
      .filter(([made]) => /^[.:]/.test(made))
      .flatMap(([made, all]) => all.split('|').map((name) => [name, made.slice(1)])),
  );
  const lines = py.split('\n');
  const all = parts ?? [{ fromLine: 1, path, mpyBytes: mpy.length }];
  return all.map((part, at) => {
    const to = (all[at + 1]?.fromLine ?? lines.length + 1) - 1;
    const blocks = blocksOf(lines.slice(part.fromLine - 1, to));
    const python = blocks.map((block) => definition(block, first + at, definedIn, short)).join('');
    return { path: part.path, module, mpyBytes: part.mpyBytes ?? 0, python, shortNames: short };
  });
}

/** Statements at the outermost level with all that is indented below them. */
function blocksOf(lines: readonly string[]): string[] {
  const blocks: string[] = [];
  for (const line of lines) {
    if (/^( |else\b|elif\b|except\b|finally\b)/.test(line) && blocks.length > 0) {
      blocks[blocks.length - 1] += `${line}\n`;
    } else if (line !== '') blocks.push(`${line}\n`);
  }
  return blocks;
}

const IN_THE_PORT = new Set(['collections', 'json', 'struct']);

/** What a block defines; a variable that only running code can fill is None. */
function definition(
  block: string,
  part: number,
  definedIn: Map<string, number>,
  short: ReadonlyMap<string, string>,
): string {
  const imported = /^from (\w+) import (.+)\n$/.exec(block);
  if (imported) {
    const [, module, names] = imported as unknown as [string, string, string];
    if (IN_THE_PORT.has(module)) return block;
    return names
      .split(', ')
      .map((name) => `${name.replace(/.* as /, '')} = None\n`)
      .join('');
  }
  const derived = /^class (\w+)(?:\((\w+)\))?:/.exec(block);
  if (derived) {
    const base = derived[2];
    const from = base === undefined ? undefined : definedIn.get(base);
    definedIn.set(derived[1]!, part);
    if (base === undefined || from === undefined || from === part) return block;
    return `from ${probeName(from)} import ${short.get(base) ?? base} as ${base}\n${block}`;
  }
  if (block.startsWith('def ')) return block;
  const assigned = /^(\w+) = (.*)\n$/s.exec(block);
  if (!assigned) return '';
  return isLiteral(assigned[2]!) ? block : `${assigned[1]!} = None\n`;
}

function isLiteral(text: string): boolean {
  const words = text.replace(/'(?:[^'\\]|\\.)*'/g, '').match(/[A-Za-z_]\w*/g) ?? [];
  return words.every((word) => ['None', 'True', 'False', 'bytearray', 'b'].includes(word));
}
