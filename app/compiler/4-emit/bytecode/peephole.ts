/**
 * Instructions that mpy-cross writes and nobody needs: `not` before a jump that could ask for the opposite, jumps to jumps, jumps
 * over jumps, code that nothing reaches (above all the `return None` behind a last return), a variable stored only to be
 * loaded at once. Instructions keep their order: the machine compares the places of handlers.
 * Source: MicroPython 1.19 py/bc0.h, py/vm.c.
 */
import { number, type Instruction } from './instructions.ts';

const JUMP = 0x42;
const JUMP_IF = 0x43;
const JUMP_IF_NOT = 0x44;
const NOT = 0xd3;
const LOAD_FAST = 0xb0;
const STORE_FAST = 0xc0;
const LOAD_FAST_N = 0x24;
const STORE_FAST_N = 0x26;
const DELETE_FAST = 0x28;
/** POP_EXCEPT_JUMP, JUMP, UNWIND_JUMP, RETURN_VALUE and the three that raise. */
const LEAVES = new Set([0x40, JUMP, 0x47, 0x63, 0x64, 0x65, 0x66]);

export function improve(list: Instruction[]): void {
  for (;;) {
    const size = list.length;
    followJumps(list);
    removeUnreached(list);
    simplifyJumps(list);
    removeShortLived(list);
    if (list.length === size) return;
  }
}

function followJumps(list: readonly Instruction[]): void {
  for (const one of list) {
    if (one.code !== JUMP && one.code !== JUMP_IF && one.code !== JUMP_IF_NOT) continue;
    for (let left = 8; left > 0 && one.target?.code === JUMP; left--)
      one.target = one.target.target!;
  }
}

/** By place: whether a jump arrives there. Numbers the list. */
function targetsOf(list: readonly Instruction[]): Uint8Array {
  number(list);
  const found = new Uint8Array(list.length);
  for (const { target } of list) {
    const at = target?.at;
    if (at !== undefined && list[at] === target) found[at] = 1;
  }
  return found;
}

function removeUnreached(list: Instruction[]): void {
  number(list);
  const reached = new Uint8Array(list.length);
  const open = [0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (let one = list[at]; one !== undefined && reached[at] === 0; one = list[++at]) {
      reached[at] = 1;
      const to = one.target?.at;
      if (to !== undefined && list[to] === one.target) open.push(to);
      if (LEAVES.has(one.code)) break;
    }
  }
  keep(list, reached, 1);
}

/** Those whose mark is that. */
function keep(list: Instruction[], marks: Uint8Array, mark: number): void {
  let to = 0;
  for (let at = 0; at < list.length; at++) if (marks[at] === mark) list[to++] = list[at]!;
  list.length = to;
}

function simplifyJumps(list: Instruction[]): void {
  const targets = targetsOf(list);
  const gone = new Uint8Array(list.length);
  const turned = (code: number): number => (code === JUMP_IF ? JUMP_IF_NOT : JUMP_IF);
  for (let at = 0; at + 1 < list.length; at++) {
    if (gone[at] === 1) continue;
    const one = list[at]!;
    const next = list[at + 1]!;
    const isTest = next.code === JUMP_IF || next.code === JUMP_IF_NOT;
    if (one.code === NOT && isTest && targets[at + 1] === 0) {
      // What jumps to the `not` arrives at the turned test.
      one.code = turned(next.code);
      one.target = next.target!;
      gone[at + 1] = 1;
    } else if (one.code === JUMP && one.target === next && targets[at] === 0) gone[at] = 1;
    else if (
      (one.code === JUMP_IF || one.code === JUMP_IF_NOT) &&
      next.code === JUMP &&
      one.target === list[at + 2] &&
      targets[at + 1] === 0
    ) {
      one.code = turned(one.code);
      one.target = next.target!;
      gone[at + 1] = 1;
    }
  }
  keep(list, gone, 0);
}

/** `x = value` and `x` at once, and x nowhere else. */
function removeShortLived(list: Instruction[]): void {
  const targets = targetsOf(list);
  const gone = new Uint8Array(list.length);
  let counts: number[] | undefined;
  for (let at = 0; at + 1 < list.length; at++) {
    const { code } = list[at]!;
    if (code < STORE_FAST || code >= STORE_FAST + 16) continue;
    if (list[at + 1]!.code !== code - STORE_FAST + LOAD_FAST) continue;
    if (targets[at] === 1 || targets[at + 1] === 1) continue;
    counts ??= countsOf(list);
    if (counts[code - STORE_FAST] === 2) gone.fill(1, at, at + 2);
  }
  keep(list, gone, 0);
}

/** By variable: how many instructions name it. */
function countsOf(list: readonly Instruction[]): number[] {
  const counts: number[] = [];
  for (const one of list) {
    const variable = variableOf(one);
    if (variable !== undefined) counts[variable] = (counts[variable] ?? 0) + 1;
  }
  return counts;
}

function variableOf({ code, operand }: Instruction): number | undefined {
  if (code === LOAD_FAST_N || code === STORE_FAST_N || code === DELETE_FAST) return operand;
  if (code >= LOAD_FAST && code < STORE_FAST + 16) return code & 15;
  return undefined;
}
