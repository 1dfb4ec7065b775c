/**
 * Names that every board has built in, under the same number: a .mpy gives the number instead of the text, and they take no
 * memory. Source: MicroPython 1.19 py/makeqstrdata.py (static_qstr_list); those that a program could give to its own things.
 */
const FIRST = 30;
const ALL = (
  'ArithmeticError AssertionError AttributeError BaseException EOFError Ellipsis Exception GeneratorExit ImportError ' +
  'IndentationError IndexError KeyError KeyboardInterrupt LookupError MemoryError NameError NoneType NotImplementedError ' +
  'OSError OverflowError RuntimeError StopIteration SyntaxError SystemExit TypeError ValueError ZeroDivisionError abs all ' +
  'any append args bool builtins bytearray bytecode bytes callable chr classmethod clear close const copy count dict dir ' +
  'divmod end endswith eval exec extend find format from_bytes get getattr globals hasattr hash id index insert int ' +
  'isalpha isdigit isinstance islower isspace issubclass isupper items iter join key keys len list little locals lower ' +
  'lstrip main map micropython next object open ord pop popitem pow print range read readinto readline remove replace ' +
  'repr reverse rfind rindex round rsplit rstrip self send sep set setattr setdefault sort sorted split start startswith ' +
  'staticmethod step stop str strip sum super throw to_bytes tuple type update upper utf-8 value values write zip'
).split(' ');

/** What a program cannot give to its own things. */
const SPECIAL: Readonly<Record<number, string>> = {
  7: '<module>',
  17: '__init__',
  22: '__module__',
  23: '__name__',
  26: '__qualname__',
};

/** In the order of their numbers, without what is no name. */
export const FIXED: readonly string[] = ALL.filter((name) => name !== 'utf-8');

export const fixedName = (number: number): string | undefined =>
  SPECIAL[number] ?? ALL[number - FIRST];

export const fixedNumber = (name: string): number | undefined => {
  const at = ALL.indexOf(name);
  return at < 0 ? undefined : at + FIRST;
};
