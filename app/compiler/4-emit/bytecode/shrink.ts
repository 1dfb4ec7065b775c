/**
 * Makes a .mpy smaller without changing what it does:
 * - names of parameters: nobody passes arguments of ours by name, so all share one entry of the table;
 * - the table lists the most used names first: references to the first 128 take one byte, others two;
 * - short names for what only the program itself knows (names.ts), where that is asked for;
 * - lines only where something can go wrong (line-table.ts), and of a bundle only the numbers of such places;
 * - in a bundle, functions with a single call in the place of that call (inline.ts);
 * - no instructions that nobody needs (peephole.ts), and few for returns (returns.ts);
 * - classes do not record the name of their module and their own, which nothing reads.
 */
import { decode, encode, hasName, instruction, type Instruction } from './instructions.ts';
import { fixedName, fixedNumber } from './fixed-names.ts';
import { inlineOnce, type Draft } from './inline.ts';
import { lineTable, placeTable, raising, type TracePlace } from './line-table.ts';
import { readMpy, writeMpy, type Code, type MpyFile, type Name } from './mpy-file.ts';
import { isNaming, ownNames, shortNames } from './names.ts';
import { classesOfMembers, type ClassLayout } from './namespaces.ts';
import { improve } from './peephole.ts';
import { shortenReturns } from './returns.ts';
import { Shares } from './shares.ts';

export interface ShrinkOptions {
  /** The line to keep for a Python line; equal for lines that need not be told apart. */
  lineOf: (line: number) => number;
  /** Gives short names to all others than these; left out, every name stays. */
  keep?: ReadonlySet<string> | undefined;
  /** Instead of `keep`: exactly these short names. */
  shortNames?: ReadonlyMap<string, string> | undefined;
  /** Which part of the program a Python line belongs to, from 0. */
  partOf?: ((line: number) => number) | undefined;
}

export interface Shrunk {
  mpy: Uint8Array;
  /**
   * What the file calls a function -> its name. Behind a dot: a short name -> the members that it stands for, `|` between them;
   * behind a colon: the same for variables, functions and classes of the module.
   */
  names: Record<string, string>;
  /** For a bundle: which places the functions of one name number in their line tables, by its short name. */
  traces: Record<string, TracePlace[]>;
  /** Bytes of each part; what several share is divided among them, so that all together are the whole file. */
  partBytes: number[];
}

const LOAD_TEXT = 0x10;
const LOAD_NAME = 0x11;
const LOAD_GLOBAL = 0x12;
const BUILD_TUPLE = 0x2a;
const LOAD_NONE = 0x51;
const IMPORT_NAME = 0x1b;
const IMPORT_FROM = 0x1c;
const STORE_NAME = 0x16;
const CALL_FUNCTION = 0x34;
const CLASS_HEAD = [LOAD_NAME, STORE_NAME, LOAD_TEXT, STORE_NAME];

/** @throws Error when the file is not what mpy-cross of MicroPython 1.19 writes */
export function shrink(mpy: Uint8Array, options: ShrinkOptions): Shrunk {
  const { lineOf, partOf, keep, shortNames: short } = options;
  return shrinkAll([{ mpy, name: '', lineOf, partOf }], keep, short)[0]!;
}

export interface BundleFile {
  /** Python name of the module. */
  name: string;
  mpy: Uint8Array;
  lineOf: (line: number) => number;
  partOf?: ((line: number) => number) | undefined;
}

/** Several files of one program, which import names from each other: they call the same things by the same short names. */
export function shrinkBundle(
  files: readonly BundleFile[],
  keep: ReadonlySet<string>,
  layouts: readonly ClassLayout[],
): Shrunk[] {
  return shrinkAll(files, keep, undefined, layouts);
}

function shrinkAll(
  sources: readonly BundleFile[],
  keep: ReadonlySet<string> | undefined,
  given: ReadonlyMap<string, string> | undefined,
  layouts?: readonly ClassLayout[],
): Shrunk[] {
  const files = sources.map(({ mpy }) => readMpy(mpy));
  const names = files.flatMap((file) => file.names);
  const modules = new Set(sources.map(({ name }) => name));
  const textOf = (at: number | undefined): string => {
    const name = at === undefined ? undefined : names[at];
    if (name === undefined) return '';
    return 'text' in name ? name.text : (fixedName(name.fixed) ?? '');
  };
  let from = 0;
  const drafts = files.map((file) => {
    const made = draftsOf(file, from);
    from += file.names.length;
    return made;
  });
  for (const one of drafts.flat()) {
    one.isClassBody = dropClassHead(one, textOf);
    dropFromLists(one.list, textOf);
    markOwnImports(one.list, (name) => modules.has(textOf(name)));
    improve(one.list);
  }
  if (keep !== undefined) {
    inlineOnce(drafts, textOf, ownNames(names, drafts.flat(), keep));
    shortenReturns(drafts.flat(), textOf, ownNames(names, drafts.flat(), keep));
  }
  const owners = layouts && classesOfMembers(drafts.flat(), textOf, layouts);
  const found = keep === undefined ? undefined : shortNames(names, drafts, keep, owners);
  const short = given ?? found?.short ?? new Map<string, string>();
  const decorated = decoratedNames(drafts.flat());
  const long = Object.entries(found?.long ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return files.map((file, number) => {
    const functions = drafts[number]!;
    const { lineOf, partOf } = sources[number]!;
    const raises = functions.map(({ code, list }) =>
      raising(list, (name) => decorated.has(name), textOf(code.parameters[0]) === 'self'),
    );
    const calledBy = rename(file, names, functions, short, keep !== undefined);
    const traces: Record<string, TracePlace[]> = {};
    const shares = new Shares(file, partOf ?? (() => 0));
    functions.forEach(({ code, list }, at) => {
      const { bytes, places } = encode(list);
      code.instructions = bytes;
      if (keep === undefined) code.lines = lineTable(list, places, raises[at]!, lineOf);
      else {
        const known = (traces[nameOf(file.names[code.name]!)] ??= []);
        code.lines = placeTable(list, places, raises[at]!, lineOf, known);
      }
      shares.add(code, list, places);
    });
    const made = writeMpy(file);
    const all = { ...calledBy, ...Object.fromEntries(long) };
    return { mpy: made, names: all, traces, partBytes: shares.divide(made.length) };
  });
}

/** `from`: where the file's names begin in the table of all. */
function draftsOf(file: MpyFile, from: number): Draft[] {
  const drafts: Draft[] = [];
  const collect = (code: Code): void => {
    const list = decode(code);
    for (const one of list) if (hasName(one.code)) one.operand += from;
    code.name += from;
    code.parameters = code.parameters.map((one) => one + from);
    drafts.push({ code, list, isClassBody: false });
    code.children.forEach(collect);
  };
  collect(file.module);
  return drafts;
}

/** `from module import names`: the names are said again as texts, which matters only where the module is within another. */
function dropFromLists(list: Instruction[], textOf: (at: number) => string): void {
  for (let at = list.length - 1; at > 0; at--) {
    const tuple = list[at - 1]!;
    if (list[at]!.code !== IMPORT_NAME || tuple.code !== BUILD_TUPLE) continue;
    const from = at - 1 - tuple.operand;
    const isPlain = list.slice(from, at - 1).every(({ code }) => code === LOAD_TEXT);
    if (!isPlain || textOf(list[at]!.operand).includes('.')) continue;
    list.splice(from, tuple.operand + 1, instruction(LOAD_NONE, 0, tuple.line));
    at = from;
  }
}

/** What a module takes from another one of the program is called by the same names. */
function markOwnImports(list: readonly Instruction[], isOwn: (name: number) => boolean): void {
  let own = false;
  for (const one of list) {
    if (one.code === IMPORT_NAME) own = isOwn(one.operand);
    else if (one.code === IMPORT_FROM && own) one.isOwn = true;
  }
}

/** Variables that one module asks for, and does not have, and that the other one has: both as mpy-cross wrote them. */
export function takenFrom(core: Uint8Array, part: Uint8Array): string[] {
  const has = (file: MpyFile): Set<string> =>
    new Set(
      decode(file.module).flatMap(({ code, operand }) =>
        code === STORE_NAME ? textIn(file, operand) : [],
      ),
    );
  const file = readMpy(part);
  const own = has(file);
  const there = has(readMpy(core));
  const asked = draftsOf(file, 0).flatMap(({ list }) =>
    list.flatMap(({ code, operand }) =>
      code === LOAD_NAME || code === LOAD_GLOBAL ? textIn(file, operand) : [],
    ),
  );
  return [...new Set(asked)].filter((name) => there.has(name) && !own.has(name)).sort();
}

const textIn = (file: MpyFile, at: number): string => nameOf(file.names[at]!);

/** The first instructions of a class: __module__ = __name__, __qualname__ = '...'. */
function dropClassHead({ list }: Draft, textOf: (at: number) => string): boolean {
  const isClass =
    CLASS_HEAD.every((code, at) => list[at]?.code === code) &&
    textOf(list[1]!.operand) === '__module__';
  if (isClass) list.splice(0, CLASS_HEAD.length);
  return isClass;
}

/** Names of class members that a call made, as decorators do. */
function decoratedNames(functions: readonly Draft[]): Set<number> {
  const found = new Set<number>();
  for (const { list } of functions) {
    list.forEach((one, at) => {
      if (one.code === STORE_NAME && list[at - 1]?.code === CALL_FUNCTION) found.add(one.operand);
    });
  }
  return found;
}

const nameOf = (name: Name): string =>
  'fixed' in name ? (fixedName(name.fixed) ?? '') : name.text;

const keyOf = (name: Name): string =>
  'fixed' in name ? `#${String(name.fixed)}` : `'${name.text}`;

/**
 * New table: in order of use, without the names that nobody uses any more.
 * @param isFree a function may be called by any name of the table, which only tracebacks say
 * @returns what functions are called then -> their names
 */
function rename(
  file: MpyFile,
  names: readonly Name[],
  functions: readonly Draft[],
  short: ReadonlyMap<string, string>,
  isFree: boolean,
): Record<string, string> {
  const counts = new Map<string, { name: Name; count: number }>();
  const count = (name: Name): string => {
    const key = keyOf(name);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { name, count: 1 });
    else known.count++;
    return key;
  };
  const shortened = (at: number): Name => {
    const name = names[at]!;
    const made = 'text' in name ? short.get(name.text) : undefined;
    if (made === undefined) return name;
    const fixed = fixedNumber(made);
    return fixed === undefined ? { text: made } : { fixed };
  };
  const uses: { key: string; set: (at: number) => void }[] = [];
  for (const { list } of functions) {
    list.forEach((one, at) => {
      if (!hasName(one.code)) return;
      const name = isNaming(list, at) ? shortened(one.operand) : names[one.operand]!;
      uses.push({ key: count(name), set: (to) => (one.operand = to) });
    });
  }
  const inOrder = (): Name[] => {
    // mpy-cross puts the name of the source file first, where every reader looks for it.
    const first = keyOf(file.names[0]!);
    const others = [...counts].filter(([key]) => key !== first);
    others.sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
    return [file.names[0]!, ...others.map(([, { name }]) => name)];
  };
  const own = (at: number): boolean => {
    const name = names[at]!;
    return 'text' in name && (short.has(name.text) || name.text.startsWith('<'));
  };
  const called = isFree ? functionNames(functions, names, inOrder(), own) : new Map<string, Name>();
  for (const { code } of functions) {
    const name = called.get(keyOf(names[code.name]!)) ?? shortened(code.name);
    uses.push({ key: count(name), set: (at) => (code.name = at) });
  }
  const long: Record<string, string> = {};
  for (const { code } of functions) {
    const name = names[code.name]!;
    const made = called.get(keyOf(name));
    if (made !== undefined) long[nameOf(made)] = nameOf(name);
  }
  file.names = inOrder();
  const places = new Map(file.names.map((name, at) => [keyOf(name), at]));
  for (const { key, set } of uses) set(places.get(key)!);
  for (const { code } of functions) code.parameters = code.parameters.map(() => 1);
  return long;
}

/**
 * Functions of one name get one of the table's names for themselves, the most used one to the most of them.
 * @param isOwn whether a function of that name may be called otherwise
 */
function functionNames(
  functions: readonly Draft[],
  names: readonly Name[],
  table: readonly Name[],
  isOwn: (name: number) => boolean,
): Map<string, Name> {
  const sizes = new Map<string, number>();
  const taken = new Set<string>();
  for (const { code } of functions) {
    const key = keyOf(names[code.name]!);
    if (isOwn(code.name)) sizes.set(key, (sizes.get(key) ?? 0) + 1);
    else taken.add(nameOf(names[code.name]!));
  }
  const free = table.slice(1).filter((name) => {
    const text = nameOf(name);
    return /^[A-Za-z][\w.-]*$/.test(text) && !taken.has(text);
  });
  const made = new Map<string, Name>();
  const order = [...sizes].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  for (const [at, [key]] of order.entries()) made.set(key, free[at] ?? { text: `f${String(at)}` });
  return made;
}
