function sum(from: Iterable<number>): number {
  let s = 0;
  for (const n of from) s += n;
  return s;
}
function* evens(n: number): Generator<number> {
  for (let i = 0; i < n; i += 2) yield i;
}
console.log(
  sum([1, 2]),
  sum(new Set([3, 3, 4])),
  sum(evens(7)),
  sum(new Uint8Array([9, 9])),
  sum(new Map([['a', 5]]).values()),
);
const either = (deep: boolean): Map<string, number> | [string, number][] =>
  deep ? new Map([['m', 1]]) : [['l', 2]];
for (const [k, v] of either(true)) console.log(k, v);
for (const [k, v] of either(false)) console.log(k, v);
const pairs: [string, number][] = [];
for (const entry of new Map([
  ['x', 1],
  ['y', 2],
])) {
  entry[1] += 10;
  pairs.push(entry);
}
console.log(JSON.stringify(pairs));
const entries = [...new Map([['q', 1]])];
entries[0]![1] = 7;
console.log(JSON.stringify(entries));
const fromE = Array.from(new Map([['z', 3]]).entries());
fromE[0]![0] = 'zz';
console.log(JSON.stringify(fromE));
for (const [i, v] of ['a', 'b'].entries()) console.log(i, v);
const en = [...['p', 'q'].entries()];
en[0]![0] = 9;
console.log(JSON.stringify(en));
const it = new Set([1, 2, 3]).values();
const one = it.next();
console.log(one.done === true ? 0 : one.value, [...it].join());
const made = Array.from({ length: 3 }, (_, i) => () => i * i);
console.log(made.map((f) => f()).join());
const adders = Array.from([1, 2, 3], (n) => (m: number) => n + m);
console.log(adders.map((f) => f(10)).join());
const filters = ['a', 'b'].flatMap((x) => [1, 2].map((n) => () => x + n));
console.log(filters.map((f) => f()).join());
const objs = [1, 2].map((n) => ({ get: () => n, n }));
console.log(objs.map((o) => o.get() + o.n).join());
const byName = new Map(
  ['u', 'v'].map((name) => [name, (times: number) => name.repeat(times)] as const),
);
console.log(byName.get('v')?.(3) ?? '', byName.get('u')?.(2) ?? '');
function* both(): Generator<string, number, string | undefined> {
  const a = yield 'first';
  const b = yield `got ${a ?? 'nothing'}`;
  yield* ['x', 'y'];
  return (b ?? '').length;
}
const g = both();
console.log(
  g.next().value,
  g.next('A').value,
  g.next('BB').value,
  g.next().value,
  g.next().done === true,
);
