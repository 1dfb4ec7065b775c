/**
 * Short names for what only the program itself calls by name: its module's variables and functions, its classes' members.
 * A board keeps each name once in its memory and the file names it once, so a short one is a saving for both; and where
 * the file has a text anyway, a name may be that text. Tracebacks are translated back (see traceback.ts).
 */
import { hasName, type Instruction } from './instructions.ts';
import type { Name } from './mpy-file.ts';

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
const IMPORT_NAME = 0x1b;
const IMPORT_FROM = 0x1c;
const BUILD_CLASS = 0x54;
const MAKE_FUNCTION = new Set([0x32, 0x33, 0x20, 0x21]);
const STORES = new Set([STORE_NAME, STORE_GLOBAL, STORE_ATTRIBUTE]);
const LOADS = new Set([LOAD_NAME, LOAD_GLOBAL, LOAD_ATTRIBUTE, LOAD_METHOD, LOAD_SUPER_METHOD]);

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
  const { code } = list[at]!;
  if (code === LOAD_TEXT) return isClassName(list, at);
  return hasName(code) && code !== IMPORT_NAME && code !== IMPORT_FROM;
}

export interface NameUse {
  list: readonly Instruction[];
  name: number;
}

/** Name -> short name, for those that may have one. `keep`: names that others know. */
export function shortNames(
  names: readonly Name[],
  functions: readonly NameUse[],
  keep: ReadonlySet<string>,
): Map<string, string> {
  const textOf = (at: number): string => {
    const name = names[at]!;
    return 'text' in name ? name.text : '';
  };
  const stored = new Set<string>();
  const loaded = new Set<string>();
  const texts = new Set<string>();
  const counts = new Map<string, number>();
  const naming: { text: string; isClass: boolean }[] = [];
  for (const { list, name } of functions) {
    naming.push({ text: textOf(name), isClass: false });
    list.forEach((one, at) => {
      if (!hasName(one.code)) return;
      const text = textOf(one.operand);
      if (!isNaming(list, at)) texts.add(text);
      else naming.push({ text, isClass: one.code === LOAD_TEXT });
      if (STORES.has(one.code)) stored.add(text);
      if (LOADS.has(one.code)) loaded.add(text);
    });
  }
  const isNamed = loaded.has('__name__');
  for (const { text, isClass } of naming) {
    if (isClass && isNamed) texts.add(text);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const isOwn = (text: string): boolean =>
    /^[A-Za-z_]/.test(text) &&
    !text.startsWith('__') &&
    !keep.has(text) &&
    !BUILT_IN.has(text) &&
    !texts.has(text) &&
    (stored.has(text) || !loaded.has(text));
  const own = [...counts]
    .filter(([text]) => isOwn(text))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([text]) => text);
  const ownNames = new Set(own);
  const isTaken = (text: string): boolean =>
    keep.has(text) || BUILT_IN.has(text) || (counts.has(text) && !ownNames.has(text));
  const free = BY_TEXT.some((name) => loaded.has(name))
    ? []
    : [...texts].filter((text) => /^[A-Za-z][\w.-]*$/.test(text) && !isTaken(text)).sort();
  const given = new Map<string, string>();
  const made = newNames((text) => isTaken(text) || texts.has(text));
  for (const name of own) given.set(name, free.shift() ?? made.next().value!);
  return given;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** a, b, ... Z, aa, ab, ...; none that is a function of the language. */
function* newNames(isTaken: (text: string) => boolean): Generator<string, never> {
  for (let number = 0; ; number++) {
    let text = '';
    for (let left = number; left >= 0; left = Math.floor(left / LETTERS.length) - 1) {
      text = LETTERS[left % LETTERS.length]! + text;
    }
    if (!isTaken(text) && !SHORT_FUNCTIONS.has(text)) yield text;
  }
}
