/**
 * Fewer variables for a function: those that are never needed at the same time share a place. Functions that others were put into
 * have many, and each beyond the sixteenth costs a byte more wherever it is used. Where a variable is set from another that nobody
 * needs any more, both are one, and nothing is left to be copied.
 *
 * Not in functions with handlers, whose way cannot be told, nor where a function within shares a variable.
 */
import type { Draft } from './inline.ts';
import type { Instruction } from './instructions.ts';
import {
  cellOf,
  ENDS,
  isLoad,
  isStore,
  readSignature,
  variableOf,
  variablesOf,
  writeSignature,
} from './stack.ts';

/** Those with a handler or a `with`, with closures, and what deletes a variable. */
const REFUSED = new Set([0x20, 0x21, 0x28, 0x47, 0x48, 0x49]);
const LOAD_FAST = 0xb0;
const STORE_FAST = 0xc0;
const LOAD_FAST_N = 0x24;
const STORE_FAST_N = 0x26;
const SHORT = 16;

export function packVariables({ code, list }: Draft): void {
  const signature = readSignature(code.signature);
  const isPlain = signature.flags === 0 && signature.keywordOnly === 0 && code.cells.length === 0;
  if (!isPlain) return;
  if (list.some((one) => REFUSED.has(one.code) || cellOf(one) !== undefined)) return;
  const count = variablesOf(code, list, signature);
  const isCopy = (at: number): boolean =>
    isLoad(list[at]!) && list[at + 1] !== undefined && isStore(list[at + 1]!);
  if (count > 2 * HALF || (count <= SHORT && !list.some((_, at) => isCopy(at)))) return;
  const targets = new Set(list.flatMap(({ target }) => target ?? []));
  const copies = list.flatMap((_, at) => (isCopy(at) && !targets.has(list[at + 1]!) ? at : []));
  const clashes = clashesOf(list, count, signature.parameters, new Set(copies));
  const same = joined(list, copies, clashes, signature.parameters);
  const places = placesFor(list, count, signature.parameters, clashes, same);
  let variables = signature.parameters;
  for (const one of list) {
    const variable = variableOf(one);
    if (variable === undefined) continue;
    const place = places[variable]!;
    variables = Math.max(variables, place + 1);
    if (isLoad(one)) one.code = place < SHORT ? LOAD_FAST + place : LOAD_FAST_N;
    else one.code = place < SHORT ? STORE_FAST + place : STORE_FAST_N;
    one.operand = place < SHORT ? 0 : place;
  }
  for (const at of copies.reverse()) {
    const first = list[at]!;
    if (variableOf(first) !== variableOf(list[at + 1]!)) continue;
    list.splice(at, 2);
    for (const one of list) if (one.target === first) one.target = list[at]!;
  }
  const frameSize = signature.frameSize - count + variables;
  code.signature = writeSignature({ ...signature, frameSize });
}

/** Variable -> those that hold something else that is needed while it does. */
function clashesOf(
  list: readonly Instruction[],
  count: number,
  parameters: number,
  copies: ReadonlySet<number>,
): Set<number>[] {
  const clashes = Array.from({ length: count }, () => new Set<number>());
  const clash = (one: number, other: number): void => {
    if (one === other) return;
    clashes[one]!.add(other);
    clashes[other]!.add(one);
  };
  const { needs, followers } = neededBefore(list);
  const clashAll = (set: number, at: number, but: number | undefined): void => {
    for (let half = 0; half < 2; half++)
      for (let left = needs[2 * at + half]!; left !== 0; left &= left - 1) {
        const other = HALF * half + 31 - Math.clz32(left & -left);
        if (other !== but) clash(set, other);
      }
  };
  list.forEach((one, at) => {
    if (!isStore(one)) return;
    const set = variableOf(one)!;
    const copied = copies.has(at - 1) ? variableOf(list[at - 1]!) : undefined;
    for (const next of followers[at]!) clashAll(set, next, copied);
  });
  for (let one = 0; one < parameters; one++)
    for (let other = 0; other < one; other++) clash(one, other);
  // What is needed at the start and is no parameter may be asked for before it is set, which must stay an error.
  for (let one = parameters; one < count; one++)
    if ((needs[one < HALF ? 0 : 1]! & bitOf(one)) !== 0)
      for (let other = 0; other < count; other++) clash(one, other);
  return clashes;
}

const HALF = 30;
const bitOf = (variable: number): number => 1 << (variable % HALF);

/**
 * For each instruction the variables that are read from there on before they are set, as bits of two numbers; and which
 * instructions may come next.
 */
function neededBefore(list: readonly Instruction[]): {
  needs: Int32Array;
  followers: readonly (readonly number[])[];
} {
  const place = new Map(list.map((one, at) => [one, at]));
  const followers = list.map((one, at) => {
    const next = ENDS.has(one.code) || at + 1 >= list.length ? [] : [at + 1];
    return one.target === undefined ? next : [...next, place.get(one.target)!];
  });
  const needs = new Int32Array(2 * list.length);
  for (let grown = true; grown;) {
    grown = false;
    for (let at = list.length - 1; at >= 0; at--) {
      const one = list[at]!;
      let low = 0;
      let high = 0;
      for (const next of followers[at]!) {
        low |= needs[2 * next]!;
        high |= needs[2 * next + 1]!;
      }
      const variable = variableOf(one);
      if (variable !== undefined) {
        const bit = bitOf(variable);
        if (variable < HALF) low = isLoad(one) ? low | bit : low & ~bit;
        else high = isLoad(one) ? high | bit : high & ~bit;
      }
      if (low === needs[2 * at] && high === needs[2 * at + 1]) continue;
      needs[2 * at] = low;
      needs[2 * at + 1] = high;
      grown = true;
    }
  }
  return { needs, followers };
}

/** Variable -> the one that it is the same as. Parameters stay; the first one is the object of a method, and stays alone. */
function joined(
  list: readonly Instruction[],
  copies: readonly number[],
  clashes: readonly Set<number>[],
  parameters: number,
): number[] {
  const same = clashes.map((_, variable) => variable);
  const of = (variable: number): number => {
    let found = variable;
    while (same[found] !== found) found = same[found]!;
    return found;
  };
  for (const at of copies) {
    const from = of(variableOf(list[at]!)!);
    const to = of(variableOf(list[at + 1]!)!);
    if (from === to || clashes[from]!.has(to)) continue;
    const [kept, gone] = to < parameters ? [to, from] : [from, to];
    if (gone < parameters || kept === 0) continue;
    same[gone] = kept;
    for (const other of clashes[gone]!) {
      clashes[kept]!.add(other);
      clashes[other]!.add(kept);
    }
  }
  return same.map((_, variable) => of(variable));
}

/** Variable -> its new number: the most used first. */
function placesFor(
  list: readonly Instruction[],
  count: number,
  parameters: number,
  clashes: readonly Set<number>[],
  same: readonly number[],
): number[] {
  const uses = Array.from({ length: count }, () => 0);
  for (const one of list) {
    const variable = variableOf(one);
    if (variable !== undefined) uses[same[variable]!]!++;
  }
  const places = new Map<number, number>();
  for (let variable = 0; variable < parameters; variable++) places.set(variable, variable);
  const order = uses.map((_, variable) => variable).filter((one) => same[one] === one);
  order.sort((a, b) => uses[b]! - uses[a]! || a - b);
  for (const variable of order) {
    if (variable < parameters) continue;
    const taken = new Set([...clashes[variable]!].map((other) => places.get(same[other]!)));
    // The place of the first parameter is for that alone.
    let place = parameters > 0 ? 1 : 0;
    while (taken.has(place)) place++;
    places.set(variable, place);
  }
  return same.map((variable) => places.get(variable)!);
}
