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
  /** Of a bundle: what its .mpy calls functions -> their names; behind a dot members, behind a colon the module's variables. */
  shortNames?: Readonly<Record<string, string>> | undefined;
  /** Of a bundle: what the numbers of lines mean in each of its functions (see CompiledModule). */
  traces?: Readonly<Record<string, readonly (number | readonly (number | string)[])[]>> | undefined;
}

const FRAME = /^(\s*File ")([^"]+)(", line )(\d+)((?:, in )?)(\S*)/gm;
/** Messages of the runtime that quote names of the program. */
const NAMING = /^(?:AttributeError|NameError|TypeError): .*$/gm;

/** Replaces every `File "module.py", line N` by the TypeScript file and line. Line ends are kept. */
export function translateTraceback(text: string, modules: readonly TracedModule[]): string {
  const byFile = new Map<string, TracedModule>();
  for (const module of modules) byFile.set(`${module.name}.py`, module);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  let named: Readonly<Record<string, string>> = {};
  const frames = text.replace(
    FRAME,
    (
      whole: string,
      before: string,
      file: string,
      between: string,
      line: string,
      within: string,
      called: string,
    ) => {
      const module = byFile.get(file.slice(file.lastIndexOf('/') + 1));
      if (module === undefined) return whole;
      named = { ...named, ...module.shortNames };
      const frame = (line: number, inside: string): string => {
        const { path, fromLine } = partOf(module, line);
        if (path === '') return `${before}${file}${between}${String(line)}${inside}`;
        const mapped = nearestLine(module.lineMap, fromLine, line);
        const place =
          mapped === 0 ? `${before}${path}"` : `${before}${path}${between}${String(mapped)}`;
        return place + inside;
      };
      const names = [longName(called, module.shortNames)];
      const lines: number[] = [];
      for (const one of placesOf(module, called, Number(line))) {
        if (typeof one === 'number') lines.push(one);
        else names.push(one);
      }
      return lines.map((one, at) => frame(one, within + names[at]!)).join(lineEnd);
    },
  );
  return frames.replace(NAMING, (message) =>
    message.replace(/'([^']+)'/g, (_quoted: string, called: string, at: number) => {
      // The last name that an AttributeError quotes is a member's, any other a class's or another variable's.
      const isMember = message.startsWith('Attr') && at + called.length + 2 === lastQuote(message);
      const key = `${isMember ? '.' : ':'}${called}`;
      return `'${longName(Object.hasOwn(named, key) ? key : called, named)}'`;
    }),
  );
}

/** The Python line of the number that a board gave; more of them, with functions between, where those were put together. */
function placesOf(
  { traces }: TracedModule,
  called: string,
  number: number,
): readonly (number | string)[] {
  if (traces === undefined) return [number];
  const place = Object.hasOwn(traces, called) ? traces[called]![number - 1] : undefined;
  // None of those that the .mpy has: of somebody who ran the Python.
  if (place === undefined) return [number];
  return typeof place === 'number' ? [place] : place;
}

const lastQuote = (message: string): number => message.lastIndexOf("'") + 1;

function longName(called: string, names: Readonly<Record<string, string>> | undefined): string {
  return names !== undefined && Object.hasOwn(names, called) ? names[called]! : called;
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
