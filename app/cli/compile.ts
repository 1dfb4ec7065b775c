import { existsSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { compile } from '../compiler/compile.ts';
import { type Command, required } from './command.ts';
import { reportDiagnostics } from './diagnostics.ts';
import { FIRMWARE_FOLDER, readSources, readText, writeOut } from './files.ts';

export const command: Command = {
  usage: 'FILE.ts... --out DIR',
  summary: 'compiles programs of the TypeScript subset to .mpy and .py, one a module',
  options: { out: { type: 'string' } },
  positionals: [1, 1000],
  async run(invocation) {
    const out = required(invocation, 'out');
    const roots = invocation.positionals.map((path) => resolve(path));
    const program = await readProgram(roots);
    const base = commonFolder([...program.keys()]);
    const nameOf = (path: string): string => relative(base, path).split(sep).join(posix.sep);
    const files: Record<string, string> = {};
    for (const [path, text] of Object.entries(await readSources(FIRMWARE_FOLDER))) {
      if (path.startsWith('ambient/')) files[path] = text;
    }
    for (const [path, text] of program) files[nameOf(path)] = text;
    const entries = roots.map(nameOf);
    const result = await compile(files, { entries });
    reportDiagnostics(invocation, result);
    const ok = result.diagnostics.length === 0;
    if (ok) {
      for (const module of result.modules) {
        await writeOut(join(out, `${module.name}.mpy`), module.mpy);
        await writeOut(join(out, `${module.name}.py`), module.py);
        await writeOut(join(out, `${module.name}.lines.json`), JSON.stringify(module.lineMap));
      }
    }
    const modules = ok
      ? result.modules.map(({ name, path, mpy }) => ({ name, source: path, sizeBytes: mpy.length }))
      : [];
    if (invocation.json) {
      invocation.out(JSON.stringify({ ok, modules, diagnostics: result.diagnostics }));
    } else {
      for (const { name, source, sizeBytes } of modules) {
        invocation.out(`${String(sizeBytes).padStart(7)} B  ${name}.mpy  from ${source}`);
      }
    }
    return ok ? 0 : 1;
  },
};

/**
 * The named files and all that they import by relative path: absolute path -> text.
 * A file that an import names but nobody has is left to the compiler's diagnostic.
 */
async function readProgram(roots: readonly string[]): Promise<Map<string, string>> {
  const program = new Map<string, string>();
  for (const root of roots) program.set(root, await readText(root));
  const queue = [...roots];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    for (const match of program.get(path)!.matchAll(/from\s*['"](\.[^'"]+)['"]/g)) {
      const target = resolve(dirname(path), match[1]!);
      if (program.has(target) || !existsSync(target)) continue;
      program.set(target, await readText(target));
      queue.push(target);
    }
  }
  return program;
}

/** The deepest folder that holds all of the absolute paths. */
function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]!);
  for (const path of paths) {
    while (folder !== dirname(folder) && relative(folder, path).startsWith('..'))
      folder = dirname(folder);
  }
  return folder;
}
