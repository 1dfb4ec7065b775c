/**
 * The instructions of one function as a list, with jumps that point at instructions and the line of each; and back.
 * Source: MicroPython 1.19 py/bc0.h, py/emitbc.c.
 */
import { numberSize, putNumber, Reader, type Code, type LineEntry } from './mpy-file.ts';

export interface Instruction {
  code: number;
  /** Name, number, index; bytes of a small integer as they are. */
  operand: number;
  target?: Instruction | undefined;
  /** The byte that some instructions have behind their operand. */
  extra?: number | undefined;
  /** Python line. */
  line: number;
  /** Of an instruction that was put into another function's place: the call that it stands for. */
  calls?: Inlined | undefined;
  /** Takes a name from a module of the program itself. */
  isOwn?: boolean | undefined;
  /** Place in its list when that was numbered last. */
  at?: number | undefined;
}

/** All of one shape: they are read a million times. */
export function instruction(code: number, operand: number, line: number): Instruction {
  const none = undefined;
  return { code, operand, line, target: none, extra: none, calls: none, isOwn: none, at: 0 };
}

/** So that nobody has to look for an instruction in its list, as long as that stays as it is. */
export function number(list: readonly Instruction[]): void {
  for (let at = 0; at < list.length; at++) list[at]!.at = at;
}

/** A call that is none any more: its line, the function that was called, and the call in whose place that was. */
export interface Inlined {
  line: number;
  name: string;
  calls?: Inlined | undefined;
}

/** What the second half of the code says: the kind of operand. */
const PLAIN = 0;
const NAME = 1;
const NUMBER = 2;
const JUMP = 3;
const FORMATS = 0x3a4;
const formatOf = (code: number): number => (FORMATS >> (2 * (code >> 4))) & 3;
const hasExtra = (code: number): boolean => (code & 0x9e) === 0;
export const hasName = (code: number): boolean => formatOf(code) === NAME;

/** Jumps that may go back; the others count forwards only. */
const SIGNED = new Set([0x40, 0x42, 0x43, 0x44]);
const SMALL_INTEGER = 0x22;

export function decode(code: Code): Instruction[] {
  const reader = new Reader(code.instructions);
  const lineAt = lineReader(code.lines);
  const at: (Instruction | undefined)[] = new Array(code.instructions.length);
  const jumps: { from: Instruction; to: number }[] = [];
  const list: Instruction[] = [];
  while (reader.at < code.instructions.length) {
    const place = reader.at;
    const one = instruction(reader.byte(), 0, lineAt(place));
    const format = formatOf(one.code);
    if (format === NAME || format === NUMBER) {
      one.operand = one.code === SMALL_INTEGER ? rawNumber(reader) : reader.number();
    } else if (format === JUMP) {
      let offset = reader.byte();
      if (offset < 128) offset -= SIGNED.has(one.code) ? 0x40 : 0;
      else {
        offset = (offset & 127) | (reader.byte() << 7);
        offset -= SIGNED.has(one.code) ? 0x4000 : 0;
      }
      jumps.push({ from: one, to: reader.at + offset });
    }
    if (hasExtra(one.code)) one.extra = reader.byte();
    at[place] = one;
    list.push(one);
  }
  for (const { from, to } of jumps) {
    const target = at[to];
    if (target === undefined) throw new Error('.mpy: a jump into an instruction');
    from.target = target;
  }
  return list;
}

/** Kept as it is: its groups of seven bits carry a sign. */
function rawNumber(reader: Reader): number {
  let value = 1;
  for (;;) {
    const byte = reader.byte();
    value = value * 256 + byte;
    if (byte < 128) return value;
  }
}

function putRawNumber(out: number[], value: number): void {
  const bytes: number[] = [];
  for (let left = value; left > 1; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  out.push(...bytes);
}

/** How many bytes that is. */
function rawNumberSize(value: number): number {
  let size = 0;
  for (let left = value; left > 1; left = Math.floor(left / 256)) size++;
  return size;
}

function lineReader(entries: readonly LineEntry[]): (place: number) => number {
  let next = 0;
  let from = 0;
  let line = 1;
  return (place) => {
    for (let entry = entries[next]; entry !== undefined; entry = entries[next]) {
      if (place < from + entry.bytes) break;
      from += entry.bytes;
      line += entry.lines;
      next++;
    }
    return line;
  };
}

export interface Encoded {
  bytes: Uint8Array;
  /** Where each instruction of the list starts. */
  places: readonly number[];
}

/** A function that gets longer by what we do to it has at most so many instructions, four bytes or less each: jumps reach 16 KB. */
export const MOST_INSTRUCTIONS = 4000;

/** A jump that the bytecode has no number for. */
export class TooFar extends Error {}

/**
 * Jumps take one byte where they reach that far, else two: all start short and grow until they fit.
 * @throws TooFar
 */
export function encode(list: readonly Instruction[]): Encoded {
  number(list);
  const long = new Set<Instruction>();
  const sizes = list.map((one) => sizeOf(one));
  const starts: number[] = [];
  const jumps = list.filter(({ target }) => target !== undefined);
  for (;;) {
    let start = 0;
    for (let at = 0; at < list.length; at++) {
      starts[at] = start;
      start += sizes[at]!;
    }
    let grown = false;
    for (const one of jumps) {
      if (long.has(one)) continue;
      const offset = offsetOf(one, list, starts, false);
      const fits = SIGNED.has(one.code) ? offset >= -64 && offset < 64 : offset < 128;
      if (fits) continue;
      long.add(one);
      sizes[one.at!]! += 1;
      grown = true;
    }
    if (grown) continue;
    const out: number[] = [];
    for (const one of list) put(one, list, starts, long.has(one), out);
    return { bytes: Uint8Array.from(out), places: starts };
  }
}

/** Where a jump is short. */
function sizeOf(one: Instruction): number {
  const size = one.extra === undefined ? 1 : 2;
  if (one.target !== undefined) return size + 1;
  if (one.code === SMALL_INTEGER) return size + rawNumberSize(one.operand);
  return formatOf(one.code) === PLAIN ? size : size + numberSize(one.operand);
}

function offsetOf(
  one: Instruction,
  list: readonly Instruction[],
  starts: readonly number[],
  long: boolean,
): number {
  const to = one.target!.at ?? -1;
  if (list[to] !== one.target) throw new Error('.mpy: a jump to an instruction that is not there');
  return starts[to]! - (starts[one.at!]! + (long ? 3 : 2));
}

function put(
  one: Instruction,
  list: readonly Instruction[],
  starts: readonly number[],
  long: boolean,
  out: number[],
): void {
  if (one.target === undefined) {
    putPlain(one, out);
    return;
  }
  const isSigned = SIGNED.has(one.code);
  const offset = offsetOf(one, list, starts, long) + (isSigned ? (long ? 0x4000 : 0x40) : 0);
  if (offset < 0 || offset > 0x7fff) throw new TooFar(`.mpy: a jump over ${String(offset)} bytes`);
  out.push(one.code);
  if (long) out.push((offset & 127) | 128, offset >> 7);
  else out.push(offset);
  if (one.extra !== undefined) out.push(one.extra);
}

function putPlain(one: Instruction, out: number[]): void {
  out.push(one.code);
  if (one.code === SMALL_INTEGER) putRawNumber(out, one.operand);
  else if (formatOf(one.code) !== PLAIN) putNumber(out, one.operand);
  if (one.extra !== undefined) out.push(one.extra);
}
