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
}

const FRAME = /^(\s*File ")([^"]+)(", line )(\d+)/gm;

/** Replaces every `File "module.py", line N` by the TypeScript file and line. Line ends are kept. */
export function translateTraceback(text: string, modules: readonly TracedModule[]): string {
  const byFile = new Map<string, TracedModule>();
  for (const module of modules) if (module.path !== '') byFile.set(`${module.name}.py`, module);
  return text.replace(
    FRAME,
    (whole: string, before: string, file: string, between: string, line: string) => {
      const module = byFile.get(file.slice(file.lastIndexOf('/') + 1));
      if (module === undefined) return whole;
      const mapped = nearestLine(module.lineMap, Number(line));
      return mapped === 0
        ? `${before}${module.path}"`
        : `${before}${module.path}${between}${String(mapped)}`;
    },
  );
}

/** The TypeScript line of a Python line, or of the closest line before it that has one; 0 for none. */
function nearestLine(lineMap: readonly number[], pythonLine: number): number {
  for (let at = Math.min(pythonLine, lineMap.length); at > 0; at--) {
    const line = lineMap[at - 1];
    if (line !== undefined && line > 0) return line;
  }
  return 0;
}
