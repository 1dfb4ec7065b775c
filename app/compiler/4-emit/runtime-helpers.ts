import { ARRAYS } from './helpers/arrays.ts';
import { BYTES } from './helpers/bytes.ts';
import { NUMBERS } from './helpers/numbers.ts';
import { OBJECTS } from './helpers/objects.ts';
import { TEXT } from './helpers/text.ts';
import type { Helper } from './helpers/helper.ts';

/**
 * The runtime helpers emitted code may call, in Python. A build's module `_rt` holds only those in use. Each costs RAM
 * and a level of the board's short call stack, so whatever one expression can say is written in place instead.
 */
export const HELPERS = { ...NUMBERS, ...ARRAYS, ...BYTES, ...OBJECTS, ...TEXT } as const;

export type HelperName = keyof typeof HELPERS;

export const HELPER_NAMES = Object.keys(HELPERS) as readonly HelperName[];

/** The text of `_rt` with the helpers asked for and those they need, in the order of the table. */
function helpersNeeded(used: ReadonlySet<HelperName>): HelperName[] {
  const wanted = new Set<string>();
  const add = (helper: string): void => {
    if (wanted.has(helper)) return;
    wanted.add(helper);
    const entry: Helper = HELPERS[helper as HelperName];
    for (const need of entry.needs ?? []) add(need);
  };
  for (const helper of used) add(helper);
  const names = HELPER_NAMES.filter((helper) => wanted.has(helper));
  return [...names.filter(isImport), ...names.filter((helper) => !isImport(helper))];
}

const isImport = (helper: HelperName): boolean => HELPERS[helper].python.startsWith('from ');

/** The module `_rt`. */
export function runtimeModule(used: ReadonlySet<HelperName>): string {
  return helpersNeeded(used)
    .map((helper) => `${HELPERS[helper].python}\n`)
    .join('');
}

/** The same helpers as part of another module, under names that no variable of a program has. */
export function runtimeText(
  used: ReadonlySet<HelperName>,
  localName: (helper: string) => string,
  /** Those that are there already. */
  without: ReadonlySet<HelperName> = new Set(),
): string {
  const there = new Set(helpersNeeded(without));
  const needed = helpersNeeded(used);
  const anyName = new RegExp(`(?<![.\\w'"]|from |import )(?:${needed.join('|')})(?!\\w)`, 'g');
  return needed
    .filter((helper) => !there.has(helper))
    .map((helper) =>
      isImport(helper)
        ? `${HELPERS[helper].python} as ${localName(helper)}\n`
        : `${HELPERS[helper].python.replace(anyName, localName)}\n`,
    )
    .join('');
}
