/**
 * What each instruction does to the stack of its function, and how much of a frame a function takes.
 * Source: MicroPython 1.19 py/bc.h (the signature of a function), py/emitbc.c, py/vm.c.
 */
import { number, type Instruction } from './instructions.ts';
import type { Code } from './mpy-file.ts';

export interface Signature {
  /** Words of a frame: variables and the deepest stack. */
  frameSize: number;
  handlers: number;
  flags: number;
  parameters: number;
  keywordOnly: number;
  defaults: number;
}

/** Bits xSSSSEAA, then xFSSKAED. */
export function readSignature(bytes: Uint8Array): Signature {
  let byte = bytes[0]!;
  const found: Signature = {
    frameSize: (byte >> 3) & 15,
    handlers: (byte >> 2) & 1,
    flags: 0,
    parameters: byte & 3,
    keywordOnly: 0,
    defaults: 0,
  };
  for (let round = 0; byte >= 128; round++) {
    byte = bytes[round + 1]!;
    found.flags |= ((byte >> 6) & 1) << round;
    found.frameSize |= ((byte >> 4) & 3) << (2 * round + 4);
    found.keywordOnly |= ((byte >> 3) & 1) << round;
    found.parameters |= ((byte >> 2) & 1) << (round + 2);
    found.handlers |= ((byte >> 1) & 1) << (round + 1);
    found.defaults |= (byte & 1) << round;
  }
  found.frameSize += 1;
  return found;
}

export function writeSignature(signature: Signature): Uint8Array {
  let { handlers, flags, parameters, keywordOnly, defaults } = signature;
  let size = signature.frameSize - 1;
  const bytes = [((size & 15) << 3) | ((handlers & 1) << 2) | (parameters & 3)];
  size >>= 4;
  handlers >>= 1;
  parameters >>= 2;
  while ((size | handlers | flags | parameters | keywordOnly | defaults) !== 0) {
    bytes[bytes.length - 1]! |= 128;
    bytes.push(
      ((flags & 1) << 6) |
        ((size & 3) << 4) |
        ((keywordOnly & 1) << 3) |
        ((parameters & 1) << 2) |
        ((handlers & 1) << 1) |
        (defaults & 1),
    );
    size >>= 2;
    handlers >>= 1;
    flags >>= 1;
    parameters >>= 1;
    keywordOnly >>= 1;
    defaults >>= 1;
  }
  return Uint8Array.from(bytes);
}

/** The variable that an instruction reads, sets or deletes. */
export function variableOf({ code, operand }: Instruction): number | undefined {
  if (code >= 0xb0 && code < 0xd0) return code & 15;
  return code === 0x24 || code === 0x26 || code === 0x28 ? operand : undefined;
}

export const isStore = ({ code }: Instruction): boolean =>
  (code >= 0xc0 && code < 0xd0) || code === 0x26 || code === 0x28;
export const isLoad = ({ code }: Instruction): boolean =>
  (code >= 0xb0 && code < 0xc0) || code === 0x24;

/** What an instruction takes from the stack and puts there. */
type Effect = readonly [takes: number, gives: number];

const PUSH: Effect = [0, 1];
const POP: Effect = [1, 0];
const ONE_FOR_ONE: Effect = [1, 1];
const ONE_FOR_TWO: Effect = [2, 1];
const PLAIN: Readonly<Record<number, Effect>> = {
  0x13: [1, 1],
  0x14: [1, 2],
  0x15: [3, 2],
  0x16: [1, 0],
  0x17: [1, 0],
  0x18: [2, 0],
  0x19: [0, 0],
  0x1a: [0, 0],
  0x1b: [2, 1],
  0x1c: [1, 2],
  0x26: [1, 0],
  0x27: [1, 0],
  0x28: [0, 0],
  0x29: [0, 0],
  0x33: [2, 1],
  0x40: [0, 0],
  0x42: [0, 0],
  0x43: [1, 0],
  0x44: [1, 0],
  0x48: [0, 0],
  0x49: [0, 0],
  0x4a: [0, 0],
  0x55: [2, 1],
  0x56: [3, 0],
  0x57: [1, 2],
  0x58: [2, 4],
  0x59: [1, 0],
  0x5a: [2, 2],
  0x5b: [3, 3],
  0x5d: [1, 0],
  0x5e: [1, 1],
  0x5f: [1, 4],
  0x62: [3, 1],
  0x63: [1, 0],
  0x64: [0, 0],
  0x65: [1, 0],
  0x66: [2, 0],
  0x67: [1, 1],
  0x68: [2, 1],
};
const PUSHES = new Set([
  0x10, 0x11, 0x12, 0x22, 0x23, 0x24, 0x25, 0x2c, 0x32, 0x50, 0x51, 0x52, 0x53, 0x54,
]);
const UNARY = 0xd0;
const BINARY = 0xd7;

/** By code, for all whose operand does not matter. */
const EFFECTS: readonly (Effect | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  if (PUSHES.has(code) || (code >= 0x70 && code < 0xc0)) return PUSH;
  if (code >= 0xc0 && code < 0xd0) return POP;
  if (code >= UNARY && code < BINARY) return ONE_FOR_ONE;
  return code >= BINARY ? ONE_FOR_TWO : PLAIN[code];
});

/** When the next instruction follows; undefined for those not known here. */
export function effectOf(one: Instruction): Effect | undefined {
  const { code, operand } = one;
  const known = EFFECTS[code];
  if (known !== undefined) return known;
  switch (code) {
    case 0x20:
      return [one.extra!, 1];
    case 0x21:
      return [2 + one.extra!, 1];
    case 0x2a:
    case 0x2b:
    case 0x2d:
    case 0x2e:
      return [operand, 1];
    case 0x2f:
      return (operand & 3) === 1 ? [2, 0] : [1, 0];
    case 0x30:
      return [1, operand];
    case 0x34:
      return [1 + argumentsOf(operand), 1];
    case 0x35:
    case 0x36:
      return [2 + argumentsOf(operand), 1];
    case 0x37:
      return [3 + argumentsOf(operand), 1];
    case 0x45:
    case 0x46:
      return [1, 0];
    case 0x4b:
      return [0, 1];
    default:
      return undefined;
  }
}

/** By place, and two for each by name. */
const argumentsOf = (operand: number): number => (operand & 255) + 2 * (operand >> 8);

const UNWIND_JUMP = 0x40;
const JUMP = 0x42;
/** RETURN_VALUE and those that raise. */
export const ENDS = new Set([UNWIND_JUMP, JUMP, 0x4a, 0x63, 0x64, 0x65, 0x66]);
/** Of an UNWIND_JUMP's last byte: it leaves a loop, whose iterator goes. */
const LEAVES_LOOP = 128;
const FOR_ITER = 0x4b;
const KEPT_BY_JUMP = new Set([0x45, 0x46]);
const HANDLERS = new Set([0x48, 0x49]);
const ITERATOR = 4;

/** How much is on the stack before an instruction that is reached; to be asked until its list is numbered anew. */
export class Depths {
  private readonly byPlace: Int32Array;

  constructor(byPlace: Int32Array) {
    this.byPlace = byPlace;
  }

  get(one: Instruction): number | undefined {
    const depth = this.byPlace[one.at!];
    return depth === UNREACHED ? undefined : depth;
  }
}

const UNREACHED = -1;

/** Undefined where that cannot be told. */
export function depthsOf(list: readonly Instruction[]): Depths | undefined {
  number(list);
  const depths = new Int32Array(list.length).fill(UNREACHED);
  const open: Instruction[] = [];
  const reach = (one: Instruction | undefined, depth: number): boolean => {
    if (one === undefined || list[one.at!] !== one || depth < 0) return false;
    const known = depths[one.at!]!;
    if (known !== UNREACHED) return known === depth;
    depths[one.at!] = depth;
    open.push(one);
    return true;
  };
  if (!reach(list[0], 0)) return undefined;
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const effect = effectOf(one);
    if (effect === undefined) return undefined;
    const before = depths[one.at!]!;
    const after = before - effect[0] + effect[1];
    if (!ENDS.has(one.code) && !reach(list[one.at! + 1], after)) return undefined;
    if (one.target === undefined) continue;
    let there = after;
    if (one.code === UNWIND_JUMP) there -= (one.extra! & LEAVES_LOOP) === 0 ? 0 : ITERATOR;
    else if (one.code === FOR_ITER) there = before - ITERATOR;
    else if (KEPT_BY_JUMP.has(one.code)) there = before;
    else if (HANDLERS.has(one.code)) there = before + 1;
    if (!reach(one.target, there)) return undefined;
  }
  return new Depths(depths);
}

/** The deepest that the stack gets; more than that where handlers keep more on it. */
export function deepest(list: readonly Instruction[], depths: Depths): number {
  let most = 0;
  for (const one of list) {
    const depth = depths.get(one);
    const effect = effectOf(one);
    if (depth === undefined || effect === undefined) continue;
    most = Math.max(most, depth, depth - effect[0] + effect[1]);
  }
  return most;
}

/** Variables of a function: its parameters, and those that its instructions name. */
export function variablesOf(
  code: Code,
  list: readonly Instruction[],
  signature: Signature,
): number {
  let count = signature.parameters + signature.keywordOnly;
  count += (signature.flags & 4) === 0 ? 0 : 1;
  count += (signature.flags & 2) === 0 ? 0 : 1;
  for (const cell of code.cells) count = Math.max(count, cell + 1);
  for (const one of list) {
    const variable = cellOf(one) ?? variableOf(one);
    if (variable !== undefined) count = Math.max(count, variable + 1);
  }
  return count;
}

export const cellOf = ({ code, operand }: Instruction): number | undefined =>
  code === 0x25 || code === 0x27 || code === 0x29 ? operand : undefined;
