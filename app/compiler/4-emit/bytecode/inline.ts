/**
 * Functions that are called in one place only, put into that place: each spares a board an entry in a class or module, a function
 * object, a call and a level of calls.
 *
 *   caller   LOAD_FAST self, LOAD_METHOD m, <argument>, CALL_METHOD 1
 *   becomes  <argument>, STORE_FAST new, the body of m with its variables behind those of the caller, its returns as jumps
 *
 * An argument that is a variable or a constant is read where the parameter was, if neither of the two changes. What the
 * body stood for in a traceback is kept with its instructions (`calls`).
 */
import { Census } from './census.ts';
import { type Inlined, type Instruction, instruction, MOST_INSTRUCTIONS } from './instructions.ts';
import type { Code } from './mpy-file.ts';
import { improve } from './peephole.ts';
import {
  cellOf,
  deepest,
  type Depths,
  depthsOf,
  effectOf,
  isLoad,
  isStore,
  readSignature,
  type Signature,
  variableOf,
  variablesOf,
  writeSignature,
} from './stack.ts';
import { packVariables } from './variables.ts';

/** A function on its way to the file. */
export interface Draft {
  code: Code;
  list: Instruction[];
  isClassBody: boolean;
}

const LOAD_TEXT = 0x10;
const LOAD_GLOBAL = 0x12;
const LOAD_ATTRIBUTE = 0x13;
const LOAD_METHOD = 0x14;
const STORE_ATTRIBUTE = 0x18;
const SMALL_INTEGER = 0x22;
const LOAD_OBJECT = 0x23;
const MAKE_FUNCTIONS = new Set([0x20, 0x21, 0x32, 0x33]);
const CALL_FUNCTION = 0x34;
const CALL_METHOD = 0x36;
const JUMP = 0x42;
const POP_TOP = 0x59;
const RETURN = 0x63;
/** LOAD_FAST 0, of a method: the object itself. */
const SELF = 0xb0;
/** Those that tell a handler's or an iterator's place, or leave the function halfway. */
const UNMOVABLE = new Set([0x20, 0x21, 0x40, 0x47, 0x48, 0x49, 0x4a, 0x5c, 0x5d, 0x67, 0x68]);
/** Of the two together, before what they do not need at the same time is one. */
const MOST_VARIABLES = 60;
/** Beyond the sixteenth, each access takes a byte more. */
const MANY_VARIABLES = 16;

/**
 * @param files the functions of each of the program's files; what is called from another file stays
 * @param isOwn whether only the program itself knows that name
 * @param textOf the text of a name by its number
 */
export function inlineOnce(
  files: readonly Draft[][],
  textOf: (name: number) => string,
  isOwn: (name: string) => boolean,
): void {
  const census = new Census(files, textOf);
  const refused = new Map<string, readonly [Draft, Draft]>();
  for (;;) {
    const gone = oneRound(census, textOf, isOwn, refused);
    if (gone.size === 0) return;
    for (const drafts of files) {
      for (let at = drafts.length - 1; at >= 0; at--)
        if (gone.has(drafts[at]!)) drafts.splice(at, 1);
    }
  }
}

/** Those whose own body calls nobody who could be put into it come first, so that bodies move as a whole. */
function oneRound(
  census: Census,
  textOf: (name: number) => string,
  isOwn: (name: string) => boolean,
  /** By name: caller and callee that could not be put together as they are. */
  refused: Map<string, readonly [Draft, Draft]>,
): Set<Draft> {
  const gone = new Set<Draft>();
  const touched = new Set<Draft>();
  const owners = new Set<Draft>();
  for (const { name, owner, one, made: callee } of census.definitions()) {
    const caller = census.onlyUser(name);
    if (caller === undefined || !isOwn(name)) continue;
    if (touched.has(caller) || touched.has(callee)) continue;
    if (gone.has(caller) || caller === callee || caller.code === census.moduleOf(caller)) continue;
    if (caller.isClassBody || census.moduleOf(caller) !== census.moduleOf(callee)) continue;
    const before = refused.get(name);
    if (before?.[0] === caller && before[1] === callee) continue;
    const field = owner.isClassBody ? fieldOf(owner, census, textOf) : undefined;
    const isInMethod = textOf(caller.code.parameters[0] ?? -1) === 'self';
    const use = census.useIn(caller, name);
    if (!putInto(caller, use, callee, name, owner.isClassBody, field, isInMethod)) {
      refused.set(name, [caller, callee]);
      continue;
    }
    touched.add(caller);
    for (const [other, pair] of refused) if (pair.includes(caller)) refused.delete(other);
    gone.add(callee);
    owners.add(owner);
    remove(owner, one);
  }
  // Not before: in one round everybody is what he was at its beginning.
  for (const one of gone) census.remove(one);
  for (const one of new Set([...touched, ...owners])) if (!gone.has(one)) census.count(one);
  return gone;
}

/** The function is not made any more. */
function remove(owner: Draft, stored: Instruction): void {
  const at = owner.list.indexOf(stored);
  const made = owner.list[at - 1]!;
  const number = made.operand;
  owner.list.splice(at - 1, 2);
  // The statement before may have been a loop, which ends here.
  for (const one of owner.list) if (one.target === made) one.target = owner.list[at - 1]!;
  owner.code.children.splice(number, 1);
  for (const one of owner.list)
    if (MAKE_FUNCTIONS.has(one.code) && one.operand > number) one.operand--;
}

function putInto(
  caller: Draft,
  use: Instruction,
  callee: Draft,
  name: string,
  isMethod: boolean,
  field: number | undefined,
  isInMethod: boolean,
): boolean {
  const signature = readSignature(callee.code.signature);
  const ownSignature = readSignature(caller.code.signature);
  if (signature.flags !== 0 || signature.keywordOnly + signature.defaults > 0) return false;
  if (signature.handlers > 0 || callee.code.cells.length > 0) return false;
  if (caller.list.length + callee.list.length > MOST_INSTRUCTIONS) return false;
  if (callee.list.some((one) => UNMOVABLE.has(one.code) || cellOf(one) !== undefined)) return false;
  const depths = depthsOf(caller.list);
  const inner = depthsOf(callee.list);
  if (depths === undefined || inner === undefined) return false;
  const call = findCall(caller, callee, use, depths, isMethod, field, isInMethod);
  if (call === undefined || call.parameters !== signature.parameters) return false;
  const first = variablesOf(caller.code, caller.list, ownSignature);
  const bound = bind(caller, callee, call, isMethod, first, signature);
  const count = variablesOf(callee.code, callee.list, signature);
  if (first + count > MOST_VARIABLES) return false;
  const body = moved(caller, callee, name, bound, inner, call);
  const stack = Math.max(
    ownSignature.frameSize - first,
    call.depth + deepest(callee.list, inner) + 1,
  );
  const variables = Math.max(first, bound.end);
  replace(caller, call, bound, body);
  improve(caller.list);
  caller.code.signature = writeSignature({ ...ownSignature, frameSize: variables + stack });
  if (variables > MANY_VARIABLES) packVariables(caller);
  return true;
}

interface Call {
  /** Of the first instruction that goes, of that which calls, and of each argument's first. */
  from: number;
  at: number;
  /** Of a method: the variable that holds the object, where it is one; else the object is on the stack. */
  receiver: Instruction | undefined;
  /** A member to ask the object for, as the body does not find out by itself whether there is an object. */
  asked: number | undefined;
  arguments: readonly number[];
  parameters: number;
  /** On the stack before it. */
  depth: number;
  /** What it gives is dropped by the next instruction, which goes too; or is returned by it. */
  isUnused: boolean;
  isTail: boolean;
}

function findCall(
  caller: Draft,
  callee: Draft,
  use: Instruction,
  depths: Depths,
  isMethod: boolean,
  field: number | undefined,
  isInMethod: boolean,
): Call | undefined {
  const { list } = caller;
  const place = list.indexOf(use);
  if (use.code !== (isMethod ? LOAD_METHOD : LOAD_GLOBAL)) return undefined;
  const before = list[place - 1];
  const isTarget = list.some(({ target }) => target === use);
  let receiver: Instruction | undefined;
  let asked: number | undefined;
  if (isMethod) {
    // The object itself is never None. Of another, the body has to find out before it does anything, or is asked for a field.
    const isSelf = before?.code === SELF && isInMethod && isOwnSelf(caller);
    if (!isSelf && !asksItsObjectFirst(callee.list)) {
      if (field === undefined) return undefined;
      asked = field;
    }
    if (before !== undefined && isLoad(before) && !isTarget) receiver = before;
    else if (isTarget) return undefined;
  }
  const from = receiver === undefined ? place : place - 1;
  const depth = (depths.get(use) ?? -1) - (isMethod ? 1 : 0);
  if (depth < 0) return undefined;
  const base = depth + (isMethod ? 2 : 1);
  const code = isMethod ? CALL_METHOD : CALL_FUNCTION;
  const isCall = (one: Instruction): boolean =>
    one.code === code && one.operand < 256 && depths.get(one) === base + one.operand;
  let at = place + 1;
  while (at < list.length && !isCall(list[at]!)) {
    const effect = effectOf(list[at]!);
    const before = depths.get(list[at]!);
    if (before === undefined || effect === undefined || before - effect[0] < base) return undefined;
    at++;
  }
  const call = list[at];
  if (call === undefined) return undefined;
  const starts = argumentStarts(list, place + 1, at, base, depths);
  if (starts.length !== call.operand) return undefined;
  const next = list[at + 1];
  const changed = list.slice(place, at).flatMap((one) => (isStore(one) ? variableOf(one)! : []));
  if (receiver !== undefined && changed.includes(variableOf(receiver)!)) return undefined;
  return {
    from,
    at,
    receiver,
    asked,
    arguments: starts,
    parameters: call.operand + (isMethod ? 1 : 0),
    depth,
    isUnused: next?.code === POP_TOP && !list.some(({ target }) => target === next),
    isTail: next?.code === RETURN,
  };
}

/** A field that every object of the class has from the beginning: what its constructor sets before anything else. */
function fieldOf(
  owner: Draft,
  census: Census,
  textOf: (name: number) => string,
): number | undefined {
  for (const child of owner.code.children) {
    const list = census.draftOf(child)?.list;
    if (list === undefined || textOf(child.name) !== '__init__') continue;
    const at = list.findIndex(({ code }) => code === STORE_ATTRIBUTE);
    const isFirst = list.slice(0, at).every((one) => isPlainLoad(one));
    return at > 0 && isFirst && list[at - 1]!.code === SELF ? list[at]!.operand : undefined;
  }
  return undefined;
}

/** It reads a member of its object before it does anything that can be seen. */
function asksItsObjectFirst(list: readonly Instruction[]): boolean {
  for (const [at, one] of list.entries()) {
    const next = list[at + 1]?.code;
    if (one.code === SELF && (next === LOAD_ATTRIBUTE || next === LOAD_METHOD)) return true;
    if (!isPlainLoad(one) && one.code !== LOAD_GLOBAL) return false;
  }
  return false;
}

/** Its first parameter is `self`, as of all methods, and stays what it is. */
function isOwnSelf({ code, list }: Draft): boolean {
  const { parameters } = readSignature(code.signature);
  if (parameters === 0 || code.cells.includes(0)) return false;
  return !list.some((one) => isStore(one) && variableOf(one) === 0);
}

/** An argument starts where its place on the stack is the next one, and nothing below is taken any more until the call. */
function argumentStarts(
  list: readonly Instruction[],
  from: number,
  to: number,
  base: number,
  depths: Depths,
): number[] {
  const starts: number[] = [];
  let least = Infinity;
  const lowest: number[] = [];
  for (let at = to - 1; at >= from; at--) {
    const one = list[at]!;
    least = Math.min(least, (depths.get(one) ?? 0) - (effectOf(one)?.[0] ?? 0));
    lowest[at] = least;
  }
  for (let at = from; at < to; at++) {
    const wanted = base + starts.length;
    if (depths.get(list[at]!) === wanted && lowest[at]! >= wanted) starts.push(at);
  }
  return starts;
}

interface Bound {
  /** What stands for the callee's variable instead: another one, or a constant. */
  variables: Map<number, Instruction>;
  /** Where the callee's other variables begin; where they end. */
  shift: Map<number, number>;
  end: number;
  /** Arguments that are read where the parameter was. */
  dropped: Set<number>;
  /** Parameters that are set, the first one first. */
  set: number[];
}

function bind(
  caller: Draft,
  callee: Draft,
  call: Call,
  isMethod: boolean,
  first: number,
  signature: Signature,
): Bound {
  const changes = new Set(callee.list.flatMap((one) => (isStore(one) ? variableOf(one)! : [])));
  const reads = new Map<number, number>();
  for (const one of callee.list) {
    const variable = isLoad(one) ? variableOf(one)! : -1;
    reads.set(variable, (reads.get(variable) ?? 0) + 1);
  }
  const bound: Bound = {
    variables: new Map(),
    shift: new Map(),
    end: first,
    dropped: new Set(),
    set: [],
  };
  const targets = new Set(caller.list.flatMap(({ target }) => target ?? []));
  const changed = new Set(
    caller.list.slice(call.from, call.at).flatMap((one) => (isStore(one) ? variableOf(one)! : [])),
  );
  const offset = isMethod ? 1 : 0;
  if (call.receiver !== undefined && !changes.has(0)) bound.variables.set(0, call.receiver);
  else if (isMethod) bound.set.push(0);
  call.arguments.forEach((from, number) => {
    const to = call.arguments[number + 1] ?? call.at;
    const one = caller.list[from]!;
    const parameter = number + offset;
    const isSingle = to === from + 1 && !targets.has(one) && !targets.has(caller.list[to]!);
    if (!isSingle || changes.has(parameter)) return;
    const isVariable = isLoad(one) && !changed.has(variableOf(one)!);
    const isShort = one.code >= 0x70 && one.code < 0xb0;
    const isConstant = isShort || (one.code >= 0x50 && one.code <= 0x52);
    const isLong = one.code === LOAD_TEXT || one.code === SMALL_INTEGER || one.code === LOAD_OBJECT;
    if (!isVariable && !isConstant && !(isLong && (reads.get(parameter) ?? 0) <= 2)) return;
    bound.variables.set(parameter, one);
    bound.dropped.add(number);
  });
  for (let number = 0; number < call.arguments.length; number++)
    if (!bound.dropped.has(number)) bound.set.push(number + offset);
  const count = variablesOf(callee.code, callee.list, signature);
  for (let variable = 0; variable < count; variable++)
    if (!bound.variables.has(variable)) bound.shift.set(variable, bound.end++);
  return bound;
}

const LOAD_FAST = 0xb0;
const STORE_FAST = 0xc0;
const LOAD_FAST_N = 0x24;
const STORE_FAST_N = 0x26;

function variable(isLoading: boolean, number: number, line: number): Instruction {
  if (number < 16) return instruction((isLoading ? LOAD_FAST : STORE_FAST) + number, 0, line);
  return instruction(isLoading ? LOAD_FAST_N : STORE_FAST_N, number, line);
}

/** Pure: what it leaves on the stack does not depend on what is there. */
const isPlainLoad = (one: Instruction | undefined): boolean =>
  one !== undefined &&
  (isLoad(one) ||
    (one.code >= 0x50 && one.code <= 0x52) ||
    (one.code >= 0x70 && one.code < 0xb0) ||
    one.code === LOAD_TEXT ||
    one.code === SMALL_INTEGER ||
    one.code === LOAD_OBJECT);

interface Body {
  list: Instruction[];
  /** Stands for the instruction behind the call in the body's jumps. */
  end: Instruction;
}

/** The callee's instructions as they are in the caller. */
function moved(
  caller: Draft,
  callee: Draft,
  name: string,
  bound: Bound,
  depths: Depths,
  call: Call,
): Body {
  const calling = caller.list[call.at]!;
  const { isTail, isUnused } = call;
  const end = instruction(0, 0, 0);
  const made = new Map<Instruction, Instruction>();
  const list: Instruction[] = [];
  const children = caller.code.children.length;
  const targets = new Set(callee.list.flatMap(({ target }) => target ?? []));
  const callLine: Inlined = { line: calling.line, name, calls: calling.calls };
  callee.list.forEach((one, at) => {
    const start = list.length;
    const { line } = one;
    if (one.code === RETURN && !isTail) {
      const depth = (depths.get(one) ?? 1) - 1;
      const before = callee.list[at - 1];
      const pops = Array.from({ length: depth }, () => instruction(POP_TOP, 0, line));
      const isPlain = isPlainLoad(before) && !targets.has(one) && list.length > 0;
      if (isUnused) {
        // What a plain load brought is not even loaded.
        if (isPlain && !targets.has(before!)) list.pop();
        else list.push(instruction(POP_TOP, 0, line));
        list.push(...pops);
      } else if (depth > 0) {
        const kept = isPlain && !targets.has(before!) ? list.pop() : undefined;
        if (kept === undefined) {
          list.push(variable(false, bound.end, line), ...pops, variable(true, bound.end, line));
          bound.end++;
        } else list.push(...pops, kept);
      }
      list.push({ ...instruction(JUMP, 0, line), target: end });
    } else {
      const copy: Instruction = { ...one };
      const number = variableOf(one);
      if (number !== undefined) {
        const other = bound.variables.get(number);
        if (other !== undefined) {
          copy.code = other.code;
          copy.operand = other.operand;
          if (other.extra !== undefined) copy.extra = other.extra;
        } else Object.assign(copy, variable(isLoad(one), bound.shift.get(number)!, line));
      } else if (MAKE_FUNCTIONS.has(one.code)) copy.operand += children;
      list.push(copy);
    }
    // A return whose load went is now where the load was.
    made.set(one, list[Math.min(start, list.length - 1)]!);
  });
  for (const one of list) {
    if (one.target !== undefined && one.target !== end) one.target = made.get(one.target)!;
    one.calls = appended(one.calls, callLine);
  }
  caller.code.children.push(...callee.code.children);
  return { list, end };
}

/** The innermost call first. */
function appended(calls: Inlined | undefined, outer: Inlined): Inlined {
  if (calls === undefined) return outer;
  return { ...calls, calls: appended(calls.calls, outer) };
}

function replace(caller: Draft, call: Call, bound: Bound, body: Body): void {
  const { list } = caller;
  const first = list[call.from];
  const calling = list[call.at]!;
  const after = call.isUnused ? call.at + 2 : call.at + 1;
  const passed: Instruction[] = [];
  if (call.receiver !== undefined && bound.set.includes(0)) passed.push(call.receiver);
  call.arguments.forEach((from, number) => {
    if (bound.dropped.has(number)) return;
    for (const one of list.slice(from, call.arguments[number + 1] ?? call.at)) passed.push(one);
  });
  const begin: Instruction[] = [];
  for (const parameter of [...bound.set].reverse()) {
    const made = variable(false, bound.shift.get(parameter)!, calling.line);
    begin.push(calling.calls === undefined ? made : { ...made, calls: calling.calls });
  }
  if (call.asked !== undefined) {
    const { line, calls } = calling;
    const object = bound.variables.get(0) ?? variable(true, bound.shift.get(0)!, line);
    begin.push(
      { ...object, line, calls },
      { ...instruction(LOAD_ATTRIBUTE, call.asked, line), calls },
      { ...instruction(POP_TOP, 0, line), calls },
    );
  }
  const tail = list.slice(after);
  list.length = call.from;
  for (const piece of [passed, begin, body.list, tail]) for (const one of piece) list.push(one);
  const start = list[call.from];
  for (const one of list) {
    if (one.target === body.end) one.target = tail[0]!;
    else if (one.target === first && first !== undefined) one.target = start!;
    else if (one.target === calling) one.target = begin[0] ?? tail[0]!;
  }
}
