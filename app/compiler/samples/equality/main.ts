interface Pair {
  a: number;
}
class Box {
  value = 1;
}
const list = [1, 2];
const same = list;
const other = [1, 2];
const pair: Pair = { a: 1 };
const twin: Pair = { a: 1 };
const bytes = new Uint8Array([1]);
const copy = new Uint8Array([1]);
const box = new Box();
console.log(list === same, list === other, pair === twin, pair === pair, bytes === copy);
console.log(box === new Box(), 'a' === 'a', 1 === 1.0);
const maybe: Pair | undefined = list.length > 5 ? pair : undefined;
console.log(maybe === undefined, pair !== undefined);
const mixed: (string | number | boolean)[] = [1, 'x', true];
console.log(mixed[0] === 1, mixed[2] === 1, mixed[1] === 'x', mixed[2] === true);
console.log(mixed.indexOf(1), [pair, twin].indexOf(twin), [pair].includes(twin));
console.log([list, other].findIndex((one) => one === other));
function first<T>(items: readonly T[], wanted: T): boolean {
  return items[0] === wanted;
}
console.log(first([1, 2], 1), first([list], other), first(['a'], 'a'));
