import { taken } from './taken.ts';
/** Conditions on sizes, what stands in for nothing, NaN in a list, and members of what is not there. */
const sizes = (
  list: readonly number[],
  text: string,
  bytes: Uint8Array,
  map: Map<string, number>,
): string => {
  const found: string[] = [];
  if (list.length > 0) found.push('list');
  if (text.length === 0) found.push('no text');
  if (!(bytes.length !== 0)) found.push('no bytes');
  if (map.size >= 1 && !(map.size < 1)) found.push('map');
  const isFull = list.length > 0 && text.length > 0;
  const either = list.length === 0 || map.size > 0;
  const isNone = !(list.length > 0);
  found.push(list.length > 1 ? 'many' : list.length < 1 ? 'none' : 'one');
  return `${found.join()} ${isFull} ${either} ${isNone}`;
};
console.log(sizes([], '', new Uint8Array(0), new Map()));
console.log(sizes([1], 'x', new Uint8Array(2).subarray(1), new Map([['a', 0]])));
console.log(sizes([0, 0], '', new Uint8Array(2).subarray(2), new Map()));
let left = [1, 2, 3];
while (left.length !== 0) left = left.slice(1);
console.log(left.length, [[], [1], []].filter((one) => one.length > 0).length);

const counts = new Map<string, number>([
  ['zero', 0],
  ['two', 2],
]);
const count = (name: string): number => counts.get(name) ?? 0;
console.log(
  count('zero'),
  count('two'),
  count('none'),
  (counts.get('two') ?? 0) + (counts.get('x') ?? 0),
);
const names = new Map<number, string>([
  [1, ''],
  [2, 'two'],
]);
console.log(
  `[${names.get(1) ?? ''}][${names.get(2) ?? ''}][${names.get(3) ?? ''}]`,
  names.get(1) ?? 'other',
);
const flags: Record<string, boolean> = { on: true, off: false };
console.log(
  flags['on'] ?? false,
  flags['off'] ?? false,
  flags['none'] ?? false,
  flags['off'] ?? true,
);
const mixed = (value: string | number | null): string | number => value ?? 0;
console.log(mixed(''), mixed(0), mixed(null), mixed('a'));

const noNumber = parseInt('x', 10);
console.log(
  [1, noNumber].includes(noNumber),
  [1].includes(noNumber),
  [noNumber].indexOf(noNumber),
  [1, 2].includes(2),
);

const values = [1, 2, 3];
const textAt = (at: number): string => {
  try {
    return values[at]!.toString();
  } catch {
    return 'nothing there';
  }
};
console.log(textAt(1), textAt(5), textAt(-1));
taken();
