/**
 * Short names for what only the program itself calls by name: its module's variables and functions, its classes' members.
 * A board keeps each name once in its memory and the file names it once, so a short one is a saving for both; and where
 * the file has a text anyway, a name may be that text. Tracebacks are translated back (see traceback.ts).
 */
import { hasName, type Instruction } from './instructions.ts';
import { FIXED, fixedName } from './fixed-names.ts';
import type { Name } from './mpy-file.ts';
import { shareNames } from './namespaces.ts';

/** Attributes of the runtime's built-in types (dir() of each of them), which a member of a class must not hide. */
const BUILT_IN = new Set(
  (
    'add append args center clear close copy count decode deleter difference difference_update discard encode endswith ' +
    'errno extend find format from_bytes fromhex fromkeys get getter hex index insert intersection intersection_update ' +
    'isalpha isdigit isdisjoint islower isspace issubset issuperset isupper items join keys lower lstrip partition ' +
    'pend_throw pop popitem popleft appendleft remove replace reverse rfind rindex rpartition rsplit rstrip send setdefault ' +
    'setter sort split splitlines start startswith step stop strip symmetric_difference symmetric_difference_update throw ' +
    'to_bytes tolist union update upper value values'
  ).split(' '),
);
/** Where these are in use, a text may be the name of an attribute. */
const BY_TEXT = ['getattr', 'setattr', 'hasattr', 'delattr', 'dir', 'vars', 'globals', 'locals'];

/** Of the language, and shorter than three letters or likely to be made. */
const SHORT_FUNCTIONS = new Set([
  'id',
  'abs',
  'all',
  'any',
  'bin',
  'chr',
  'dir',
  'hex',
  'int',
  'len',
  'map',
  'max',
  'min',
  'oct',
  'ord',
  'pow',
  'set',
  'str',
  'sum',
  'zip',
]);

const LOAD_TEXT = 0x10;
const LOAD_NAME = 0x11;
const LOAD_GLOBAL = 0x12;
const LOAD_ATTRIBUTE = 0x13;
const LOAD_METHOD = 0x14;
const LOAD_SUPER_METHOD = 0x15;
const STORE_NAME = 0x16;
const STORE_GLOBAL = 0x17;
const STORE_ATTRIBUTE = 0x18;
const CALL_FUNCTION = 0x34;
const IMPORT_NAME = 0x1b;
const IMPORT_FROM = 0x1c;
const BUILD_CLASS = 0x54;
const MAKE_FUNCTION = new Set([0x32, 0x33, 0x20, 0x21]);
const STORES = new Set([STORE_NAME, STORE_GLOBAL, STORE_ATTRIBUTE]);
const LOADS = new Set([
  IMPORT_FROM,
  LOAD_NAME,
  LOAD_GLOBAL,
  LOAD_ATTRIBUTE,
  LOAD_METHOD,
  LOAD_SUPER_METHOD,
]);

const OF_MEMBERS = new Set([LOAD_ATTRIBUTE, LOAD_METHOD, LOAD_SUPER_METHOD, STORE_ATTRIBUTE]);

/** The text is the name of a class about to be made. */
export function isClassName(list: readonly Instruction[], at: number): boolean {
  const made = list[at - 1];
  return (
    list[at]?.code === LOAD_TEXT &&
    made !== undefined &&
    MAKE_FUNCTION.has(made.code) &&
    list[at - 2]?.code === BUILD_CLASS
  );
}

/** Whether the operand is the name of something, not a text or what an import asks another module for. */
export function isNaming(list: readonly Instruction[], at: number): boolean {
  const { code, isOwn } = list[at]!;
  if (code === LOAD_TEXT) return isClassName(list, at);
  return hasName(code) && code !== IMPORT_NAME && (code !== IMPORT_FROM || isOwn === true);
}

export interface NameUse {
  list: readonly Instruction[];
  /** It is the body of a class. */
  isClassBody: boolean;
}

/** How the program uses its own names. */
interface Uses {
  counts: Map<string, number>;
  stored: Set<string>;
  loaded: Set<string>;
  texts: Set<string>;
  /** Names of a module's variables, and of members. */
  globals: Set<string>;
  members: Set<string>;
  classes: Set<string>;
}

export interface ShortNames {
  /** Name -> short name. */
  short: Map<string, string>;
  /** `.` and a short name -> the members, `:` and it -> the variables of a module that it stands for, `|` between them. */
  long: Record<string, string>;
}

/**
 * For the names that may have one.
 * @param files the functions of each file of the program
 * @param keep names that others know
 * @param owners the classes whose objects may have a member; undefined where that is not known: all of them may
 */
export function shortNames(
  names: readonly Name[],
  files: readonly (readonly NameUse[])[],
  keep: ReadonlySet<string>,
  owners: ReadonlyMap<string, ReadonlySet<string>> | undefined,
): ShortNames {
  const functions = files.flat();
  const uses = usesOf(names, functions);
  const { counts, texts, classes } = uses;
  const isOwn = ownOf(uses, keep);
  const own = [...counts.keys()].filter(isOwn);
  const ownNames = new Set(own);
  const inUse = new Set(names.flatMap((one) => ('fixed' in one ? fixedName(one.fixed) : [])));
  const isTaken = (text: string): boolean =>
    keep.has(text) ||
    BUILT_IN.has(text) ||
    inUse.has(text) ||
    (counts.has(text) && !ownNames.has(text));
  const usesIn = files.map((file) => usesOf(names, file));
  const spread = (text: string): number => usesIn.filter((one) => one.texts.has(text)).length;
  const free = freeTexts(names, functions, texts)
    .filter((text) => !isTaken(text))
    .sort((a, b) => spread(a) - spread(b));
  const fixed = FIXED.filter((text) => !isTaken(text) && !texts.has(text));
  const made = newNames((text) => isTaken(text) || texts.has(text));
  const short = new Map<string, string>();
  const long: Record<string, string> = {};
  /** A text that is there in all files of the group costs nothing. */
  const takeText = (group: readonly string[]): string | undefined => {
    const wanted = usesIn.filter(({ counts: some }) => group.some((one) => some.has(one)));
    const at = free.findIndex((text) => wanted.every(({ texts: some }) => some.has(text)));
    return at < 0 ? undefined : free.splice(at, 1)[0];
  };
  const everyClass = new Set(['', ...[...(owners?.values() ?? [])].flatMap((some) => [...some])]);
  const spacesOf = (name: string): Set<string> => {
    const spaces = new Set<string>();
    usesIn.forEach(({ globals }, at) => {
      if (globals.has(name)) spaces.add(`:${String(at)}`);
    });
    if (uses.members.has(name)) for (const one of owners?.get(name) ?? everyClass) spaces.add(one);
    return spaces;
  };
  const groups = shareNames(
    own.map((name) => ({ name, count: counts.get(name)!, spaces: spacesOf(name) })),
  );
  for (const group of groups) {
    const isClass = group.some((one) => classes.has(one));
    // A built-in name takes a byte or two and no memory.
    const name = takeText(group) ?? (isClass ? undefined : fixed.shift()) ?? made.next();
    for (const one of group) short.set(one, name);
    const members = group.filter((one) => uses.members.has(one));
    const globals = group.filter((one) => uses.globals.has(one));
    if (members.length > 0) long[`.${name}`] = members.join('|');
    if (globals.length > 0) long[`:${name}`] = globals.join('|');
  }
  return { short, long };
}

/** Whether a name is one that only the program itself knows and calls things by. */
function ownOf(
  { texts, stored, loaded }: Uses,
  keep: ReadonlySet<string>,
): (text: string) => boolean {
  return (text) =>
    /^[A-Za-z_]/.test(text) &&
    !text.startsWith('__') &&
    !keep.has(text) &&
    !BUILT_IN.has(text) &&
    !texts.has(text) &&
    (stored.has(text) || !loaded.has(text));
}

/** The same for others. */
export const ownNames = (
  names: readonly Name[],
  functions: readonly NameUse[],
  keep: ReadonlySet<string>,
): ((text: string) => boolean) => ownOf(usesOf(names, functions), keep);

function usesOf(names: readonly Name[], functions: readonly NameUse[]): Uses {
  const uses: Uses = {
    counts: new Map(),
    stored: new Set(),
    loaded: new Set(),
    texts: new Set(),
    globals: new Set(),
    members: new Set(),
    classes: new Set(),
  };
  const naming: { text: string; isError: boolean }[] = [];
  for (const { list, isClassBody } of functions) {
    list.forEach((one, at) => {
      if (!hasName(one.code)) return;
      const text = textOf(names, one.operand);
      if (!isNaming(list, at)) uses.texts.add(text);
      else naming.push({ text, isError: one.code === LOAD_TEXT && hasBase(list, at) });
      if (one.code === LOAD_TEXT && isClassName(list, at)) {
        uses.classes.add(text);
        uses.globals.add(text);
      }
      if (STORES.has(one.code)) uses.stored.add(text);
      if (LOADS.has(one.code)) uses.loaded.add(text);
      if (OF_MEMBERS.has(one.code)) uses.members.add(text);
      else if (one.code === STORE_NAME && isClassBody) uses.members.add(text);
      else if (one.code === LOAD_NAME && isClassBody) {
        uses.members.add(text);
        uses.globals.add(text);
      } else if (isNaming(list, at)) uses.globals.add(text);
    });
  }
  // Only an error is asked for the name of its class.
  const isNamed = uses.loaded.has('__name__');
  for (const { text, isError } of naming) {
    if (isError && isNamed) uses.texts.add(text);
    uses.counts.set(text, (uses.counts.get(text) ?? 0) + 1);
  }
  return uses;
}

const textOf = (names: readonly Name[], at: number): string => {
  const name = names[at]!;
  return 'text' in name ? name.text : (fixedName(name.fixed) ?? '');
};

/** BUILD_CLASS, the body, the name, the bases, and the call with 2 + the number of bases. */
const hasBase = (list: readonly Instruction[], at: number): boolean =>
  list[at + 1]?.code !== CALL_FUNCTION || list[at + 1]?.operand !== 2;

/** Texts of the program that may be names, too: nothing asks an object for an attribute of that name. */
function freeTexts(
  names: readonly Name[],
  functions: readonly NameUse[],
  texts: ReadonlySet<string>,
): string[] {
  const asked = new Set<string>();
  for (const { list } of functions) {
    for (let at = 0; at < list.length; at++) {
      const one = list[at]!;
      if (!LOADS.has(one.code) || !BY_TEXT.includes(textOf(names, one.operand))) continue;
      const rest = list.slice(at + 1);
      const call = rest.findIndex(
        ({ code, operand }) => code === CALL_FUNCTION && (operand === 2 || operand === 3),
      );
      const name = rest[call - (rest[call]?.operand ?? 0) + 1];
      if (name?.code !== LOAD_TEXT) return []; // the name is made when the program runs
      for (const other of rest)
        if (other.code === LOAD_TEXT) asked.add(textOf(names, other.operand));
    }
  }
  return [...texts].filter((text) => /^[A-Za-z][\w.-]*$/.test(text) && !asked.has(text)).sort();
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** a, b, ... Z, aa, ab, ...; none that is a function of the language. */
function newNames(isTaken: (text: string) => boolean): { next(): string } {
  let number = 0;
  const next = (): string => {
    for (; ; number++) {
      let text = '';
      for (let left = number; left >= 0; left = Math.floor(left / LETTERS.length) - 1) {
        text = LETTERS[left % LETTERS.length]! + text;
      }
      if (isTaken(text) || SHORT_FUNCTIONS.has(text)) continue;
      number++;
      return text;
    }
  };
  return { next };
}
