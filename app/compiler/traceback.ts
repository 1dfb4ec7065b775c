/**
 * A MicroPython traceback in TypeScript terms. MicroPython writes, outermost call first:
 *
 *   Traceback (most recent call last):
 *     File "mesh_table.py", line 12, in add
 *   ValueError: text
 *
 * Lines of modules that are not among those given (runtime helpers, the runtime's own) stay as they are.
 */
export interface TracedModule {
  path: string;
  name: string;
  lineMap: readonly number[];
  /** Of a bundle: which file the Python lines from `fromLine` (1-based) on came from, in rising order; '' for none. */
  parts?: readonly { readonly fromLine: number; readonly path: string }[] | undefined;
}

const FRAME = /^(\s*File ")([^"]+)(", line )(\d+)/gm;

/** Replaces every `File "module.py", line N` by the TypeScript file and line. Line ends are kept. */
export function translateTraceback(text: string, modules: readonly TracedModule[]): string {
  const byFile = new Map<string, TracedModule>();
  for (const module of modules) byFile.set(`${module.name}.py`, module);
  return text.replace(
    FRAME,
    (whole: string, before: string, file: string, between: string, line: string) => {
      const module = byFile.get(file.slice(file.lastIndexOf('/') + 1));
      if (module === undefined) return whole;
      const { path, fromLine } = partOf(module, Number(line));
      if (path === '') return whole;
      const mapped = nearestLine(module.lineMap, fromLine, Number(line));
      return mapped === 0 ? `${before}${path}"` : `${before}${path}${between}${String(mapped)}`;
    },
  );
}

function partOf(module: TracedModule, pythonLine: number): { path: string; fromLine: number } {
  let found = { path: module.path, fromLine: 1 };
  for (const part of module.parts ?? []) {
    if (part.fromLine > pythonLine) break;
    found = part;
  }
  return found;
}

/** The TypeScript line of a Python line, or of the closest one before it in the same file; 0 for none. */
function nearestLine(lineMap: readonly number[], fromLine: number, pythonLine: number): number {
  for (let at = Math.min(pythonLine, lineMap.length); at >= fromLine; at--) {
    const line = lineMap[at - 1];
    if (line !== undefined && line > 0) return line;
  }
  return 0;
}
