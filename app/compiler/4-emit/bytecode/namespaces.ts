/**
 * Which of a program's own names must differ: those that one dictionary of the board may hold. That is the variables of a
 * module, and the members of an object, which are those of its class and of the classes above. Types tell which members
 * an object is asked for, so two classes that have nothing to do with each other may call theirs by the same short names.
 */
import type { Draft } from './inline.ts';

/** What the lowering knows of a class: its own fields, of which the bytecode may show none. */
export interface ClassLayout {
  name: string;
  /** '' for none, undefined where it is not just a name. */
  base: string | undefined;
  fields: readonly string[];
}

const STORE_NAME = 0x16;
const STORE_ATTRIBUTE = 0x18;
/** LOAD_FAST 0, of a method: the object itself. */
const SELF = 0xb0;

/**
 * Name of a member -> the classes whose objects may have it; of one that none is known to have, undefined.
 * @returns undefined where that cannot be told
 */
export function classesOfMembers(
  drafts: readonly Draft[],
  textOf: (name: number) => string,
  layouts: readonly ClassLayout[],
): Map<string, ReadonlySet<string>> | undefined {
  const own = new Map<string, Set<string>>();
  const bases = new Map<string, Set<string>>();
  const membersOf = (name: string): Set<string> => {
    const known = own.get(name) ?? new Set();
    own.set(name, known);
    return known;
  };
  for (const { name, base, fields } of layouts) {
    if (base === undefined) return undefined;
    for (const field of fields) membersOf(name).add(field);
    if (base !== '') bases.set(name, (bases.get(name) ?? new Set()).add(base));
  }
  const byCode = new Map(drafts.map((draft) => [draft.code, draft]));
  for (const { code, list, isClassBody } of drafts) {
    if (!isClassBody) continue;
    const members = membersOf(textOf(code.name));
    for (const one of list) if (one.code === STORE_NAME) members.add(textOf(one.operand));
    for (const child of code.children) {
      const method = byCode.get(child)?.list ?? [];
      method.forEach((one, at) => {
        if (one.code === STORE_ATTRIBUTE && method[at - 1]?.code === SELF)
          members.add(textOf(one.operand));
      });
    }
  }
  const found = new Map<string, Set<string>>();
  for (const [name] of own) {
    // An object has the members of its class and of all above it.
    for (const above of withBases(name, bases))
      for (const member of own.get(above) ?? [])
        found.set(member, (found.get(member) ?? new Set()).add(name));
  }
  return found;
}

function withBases(name: string, bases: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set([name]);
  for (const one of found) for (const base of bases.get(one) ?? []) found.add(base);
  return found;
}

export interface OwnName {
  name: string;
  /** How often instructions say it. */
  count: number;
  /** The dictionaries that it may be in. */
  spaces: ReadonlySet<string>;
}

/** Names that may be one and the same: the most used group first. */
export function shareNames(own: readonly OwnName[]): string[][] {
  const groups: { names: string[]; count: number; spaces: Set<string> }[] = [];
  const sorted = [...own].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  for (const { name, count, spaces } of sorted) {
    const isFree = (group: { spaces: ReadonlySet<string> }): boolean => {
      for (const one of spaces) if (group.spaces.has(one)) return false;
      return true;
    };
    let group = groups.find(isFree);
    if (group === undefined) groups.push((group = { names: [], count: 0, spaces: new Set() }));
    group.names.push(name);
    group.count += count;
    for (const one of spaces) group.spaces.add(one);
  }
  return groups.sort((a, b) => b.count - a.count).map(({ names }) => names);
}
