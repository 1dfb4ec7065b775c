/**
 * Returns in fewer bytes, once all calls are where they stay:
 *
 *   CALL_METHOD, POP_TOP, LOAD_CONST_NONE, RETURN_VALUE     of a function whose result nobody takes: CALL_METHOD, RETURN_VALUE
 *   POP_JUMP_IF_FALSE on, LOAD_CONST_NONE, RETURN_VALUE     with the same return elsewhere in the function: POP_JUMP_IF_TRUE there
 *
 * Not in functions with handlers: a return finds out by its place which of them it leaves.
 */
import type { Draft } from './inline.ts';
import { hasName, type Instruction, MOST_INSTRUCTIONS } from './instructions.ts';
import { type Depths, depthsOf, effectOf, readSignature } from './stack.ts';

const LOAD_NAME = 0x11;
const LOAD_GLOBAL = 0x12;
const LOAD_METHOD = 0x14;
const STORE_NAME = 0x16;
const STORE_GLOBAL = 0x17;
const IMPORT_FROM = 0x1c;
const STORES = new Set([STORE_NAME, STORE_GLOBAL, IMPORT_FROM]);
const FIRST_CALL = 0x34;
const LAST_CALL = 0x37;
const JUMP = 0x42;
const JUMP_IF = 0x43;
const JUMP_IF_NOT = 0x44;
const LOAD_NONE = 0x51;
const POP_TOP = 0x59;
const RETURN = 0x63;
const HANDLERS = new Set([0x47, 0x48, 0x49]);
const GENERATOR = 1;

/**
 * @param textOf the text of a name by its number
 * @param isOwn whether only the program itself knows that name
 */
export function shortenReturns(
  drafts: readonly Draft[],
  textOf: (name: number) => string,
  isOwn: (name: string) => boolean,
): void {
  const plain = drafts.filter(({ list }) => !list.some(({ code }) => HANDLERS.has(code)));
  const taken = namesOfTaken(drafts, textOf);
  for (const { code, list, isClassBody } of plain) {
    const name = textOf(code.name);
    const isGenerator = (readSignature(code.signature).flags & GENERATOR) !== 0;
    if (isClassBody || isGenerator || !isOwn(name) || taken.has(name)) continue;
    returnAnything(list);
  }
  for (const { list } of plain) shareReturns(list);
}

/** Names of functions whose result somebody may look at: all but those that are only called, and what that gives is dropped. */
function namesOfTaken(drafts: readonly Draft[], textOf: (name: number) => string): Set<string> {
  const taken = new Set<string>();
  for (const { list } of drafts) {
    let depths: Depths | undefined;
    let areKnown = false;
    list.forEach((one, at) => {
      if (!hasName(one.code) || STORES.has(one.code)) return;
      const name = textOf(one.operand);
      if (taken.has(name)) return;
      if (!areKnown) depths = depthsOf(list);
      areKnown = true;
      if (!isDropped(list, at, depths)) taken.add(name);
    });
  }
  return taken;
}

function isDropped(list: readonly Instruction[], at: number, depths: Depths | undefined): boolean {
  const { code } = list[at]!;
  if (code !== LOAD_METHOD && code !== LOAD_GLOBAL && code !== LOAD_NAME) return false;
  const depth = depths?.get(list[at]!);
  if (depth === undefined) return false;
  const base = code === LOAD_METHOD ? depth - 1 : depth;
  for (let call = at + 1; call < list.length; call++) {
    const one = list[call]!;
    const before = depths!.get(one);
    const effect = effectOf(one);
    if (before === undefined || effect === undefined) return false;
    if (before - effect[0] > base) continue;
    const isCall = one.code >= FIRST_CALL && one.code <= LAST_CALL;
    // Else it is stored, handed on or compared.
    return isCall && before - effect[0] === base && list[call + 1]?.code === POP_TOP;
  }
  return false;
}

/** What a call left is returned instead of None. */
function returnAnything(list: Instruction[]): void {
  const targets = new Set(list.flatMap(({ target }) => target ?? []));
  for (let at = list.length - 2; at > 0; at--) {
    const dropped = list[at]!;
    if (dropped.code !== POP_TOP) continue;
    const next = list[at + 1]!;
    const last = next.code === JUMP ? next.target! : next;
    const returned = list[list.indexOf(last) + 1];
    if (last.code !== LOAD_NONE || returned?.code !== RETURN || targets.has(next)) continue;
    dropped.code = RETURN;
    list.splice(at + 1, next.code === JUMP || targets.has(returned) ? 1 : 2);
  }
}

function shareReturns(list: Instruction[]): void {
  if (list.length > MOST_INSTRUCTIONS) return;
  const isReturn = (at: number): boolean =>
    list[at + 1]?.code === RETURN && list[at] !== undefined && isConstant(list[at]);
  const isTest = (one: Instruction | undefined): boolean =>
    one?.code === JUMP_IF || one?.code === JUMP_IF_NOT;
  if (!list.some((one, at) => isTest(one) && one.target === list[at + 3] && isReturn(at + 1)))
    return;
  const depths = depthsOf(list);
  if (depths === undefined) return;
  const targets = new Set(list.flatMap(({ target }) => target ?? []));
  for (let at = 0; at + 3 < list.length; at++) {
    const one = list[at]!;
    const load = list[at + 1]!;
    if (!isTest(one) || one.target !== list[at + 3] || !isReturn(at + 1)) continue;
    if (targets.has(load) || targets.has(list[at + 2]!)) continue;
    let other: number | undefined;
    for (let place = 0; place < list.length; place++) {
      const isSame = list[place]!.code === load.code && list[place]!.operand === load.operand;
      if (!isSame || place === at + 1 || !isReturn(place)) continue;
      if (depths.get(list[place]!) !== depths.get(load)) continue;
      if (other === undefined || Math.abs(place - at) < Math.abs(other - at)) other = place;
    }
    if (other === undefined) continue;
    one.code = one.code === JUMP_IF ? JUMP_IF_NOT : JUMP_IF;
    one.target = list[other]!;
    targets.add(list[other]!);
    list.splice(at + 1, 2);
  }
}

/** None, False, True, a small integer: a byte each. */
const isConstant = ({ code }: Instruction): boolean =>
  (code >= 0x50 && code <= 0x52) || (code >= 0x70 && code < 0xb0);
