function log(text: string, value: boolean): boolean {
  console.log(text);
  return value;
}
console.log(log('a', false) && log('b', true), log('c', true) || log('d', false));
const maybe = (n: number): number | undefined => (n > 0 ? n : undefined);
console.log(maybe(3) ?? -1, maybe(-3) ?? -1, maybe(-3) ?? maybe(4) ?? 0);
interface Inner {
  value?: number;
  list: number[];
  run: (n: number) => number;
}
interface Outer {
  inner?: Inner;
}
const full: Outer = { inner: { value: 3, list: [1, 2], run: (n) => n + 1 } };
const empty: Outer = {};
for (const one of [full, empty]) {
  console.log(
    one.inner?.value ?? 'none',
    one.inner?.list[1] ?? 'none',
    one.inner?.run(5) ?? 'none',
  );
  console.log(one.inner?.list.map((n) => n * 2).join() ?? 'nothing', one.inner === undefined);
}
let count = 0;
const record: { n: number | undefined; flag: boolean } = { n: undefined, flag: false };
record.n ??= 5;
record.n ??= 6;
record.flag ||= true;
record.flag &&= false;
console.log(record.n, record.flag);
const list = [1, 2, 3];
let at = 0;
list[at++] = 10;
list[at++] += 5;
const taken = list[at--];
console.log(list.join(), at, taken, ++count, count++, count);
let a = 1;
let b = 2;
[a, b] = [b, a + b];
console.log(a, b);
const chained = (a = b = 9);
console.log(a, b, chained);
let text = 'x';
text += 1;
text += true;
console.log(
  text,
  typeof text === 'string',
  typeof count === 'number',
  typeof (a > 1) === 'boolean',
);
console.log(!(a > b), a > b ? 'more' : a === b ? 'same' : 'less');
const xs = [0, 0];
const side = (n: number): number => {
  count += n;
  return n;
};
xs[side(1)] += side(2);
console.log(xs.join(), count);
const value: unknown = 'text';
console.log(typeof value === 'object', typeof value === 'function', typeof value === 'undefined');
