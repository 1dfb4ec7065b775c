/**
 * The line table of a function, with entries only where a line can matter: a statement that cannot raise needs none, nor
 * does a second Python line of the same TypeScript line. What a traceback says stays true to the line.
 */
import type { Instruction } from './instructions.ts';
import type { LineEntry } from './mpy-file.ts';

const LOAD_ATTRIBUTE = 0x13;
const STORE_ATTRIBUTE = 0x18;
const FIRST_VARIABLE = 0xb0;

/** Literals, variables, moves on the stack, jumps, displays, functions, return; `not`, `==`, `is`. */
const SAFE = new Set([
  0x10, 0x11, 0x12, 0x16, 0x17, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2a, 0x2b, 0x2c,
  0x2d, 0x2e, 0x32, 0x33, 0x40, 0x42, 0x43, 0x44, 0x45, 0x46, 0x48, 0x49, 0x4a, 0x50, 0x51, 0x52,
  0x53, 0x54, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x62, 0x63, 0xd3, 0xd9, 0xde,
]);
const isSafe = (code: number): boolean => SAFE.has(code) || (code >= 0x70 && code < 0xd0);

/**
 * The instructions that may raise.
 * @param runsCode whether an attribute of that name may run code of the program when it is read or set
 * @param isMethod the first variable is the object itself, never None
 */
export function raising(
  list: readonly Instruction[],
  runsCode: (name: number) => boolean,
  isMethod: boolean,
): Set<Instruction> {
  const found = new Set<Instruction>();
  list.forEach((one, at) => {
    if (isSafe(one.code)) return;
    const isOwn = isMethod && list[at - 1]?.code === FIRST_VARIABLE;
    const isAttribute = one.code === LOAD_ATTRIBUTE || one.code === STORE_ATTRIBUTE;
    if (isOwn && isAttribute && !runsCode(one.operand)) return;
    found.add(one);
  });
  return found;
}

/** @param lineOf the line to say instead of a Python line: the same one for all that need not be told apart */
export function lineTable(
  list: readonly Instruction[],
  places: readonly number[],
  raises: ReadonlySet<Instruction>,
  lineOf: (line: number) => number,
): LineEntry[] {
  const entries: LineEntry[] = [];
  let from = 0;
  let line = 1;
  for (let at = 0; at < list.length; at++) {
    const one = list[at]!;
    const wanted = raises.has(one) ? lineOf(one.line) : 0;
    if (wanted <= line) continue;
    const place = places[at]!;
    entries.push(...steps(place - from, wanted - line));
    from = place;
    line = wanted;
  }
  return entries;
}

/** A Python line; or, outermost first, the line of a call and whom it called, again and again, and the line in the last one. */
export type TracePlace = number | readonly (number | string)[];

/**
 * The same with numbers instead of lines: the functions of one name count the places that they can tell from 1, so that most
 * entries take a byte, and a function's first place none. `known` are the places of that name so far; those of this one come
 * behind them.
 */
export function placeTable(
  list: readonly Instruction[],
  places: readonly number[],
  raises: ReadonlySet<Instruction>,
  lineOf: (line: number) => number,
  known: TracePlace[],
): LineEntry[] {
  const entries: LineEntry[] = [];
  let from = 0;
  let number = 1;
  let line = 0;
  let within = '';
  for (let at = 0; at < list.length; at++) {
    const one = list[at]!;
    if (!raises.has(one)) continue;
    const wanted = lineOf(one.line);
    const calls = callsOf(one, lineOf);
    const inside = calls.join();
    if (inside === within && wanted <= line) continue;
    line = wanted;
    within = inside;
    known.push(calls.length === 0 ? wanted : [...calls, wanted]);
    if (known.length === number) continue;
    const place = places[at]!;
    entries.push(...steps(place - from, known.length - number));
    from = place;
    number = known.length;
  }
  return entries;
}

function callsOf(one: Instruction, lineOf: (line: number) => number): (number | string)[] {
  const found: (number | string)[] = [];
  for (let { calls } = one; calls !== undefined; { calls } = calls)
    found.unshift(lineOf(calls.line), calls.name);
  return found;
}

/** One byte holds 31 bytes and 3 lines, two hold 15 bytes and 2047 lines. */
function steps(bytes: number, lines: number): LineEntry[] {
  const made: LineEntry[] = [];
  let left = bytes;
  let more = lines;
  while (left > 0 || more > 0) {
    const short = more <= 6 || left > 15;
    const b = Math.min(left, short ? 31 : 15);
    const l = b < left ? 0 : Math.min(more, short ? 3 : 0x7ff);
    made.push({ bytes: b, lines: l });
    left -= b;
    more -= l;
  }
  return made;
}
