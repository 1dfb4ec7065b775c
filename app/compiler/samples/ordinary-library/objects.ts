const o = { a: 1, b: 'two', c: [3], d: { e: true } };
console.log(
  Object.keys(o).join(),
  Object.entries({ x: 1, y: 2 })
    .map(([k, v]) => `${k}${v}`)
    .join(),
  Object.values({ x: 1, y: 2 }).join(),
);
const merged = Object.assign({}, { p: 1 }, { q: 2 });
console.log(JSON.stringify(merged));
console.log(
  JSON.stringify(
    Object.fromEntries([
      ['a', 1],
      ['b', 2],
    ]),
  ),
  JSON.stringify(Object.fromEntries(new Map([['k', 'v']]))),
);
const copy = { ...o, a: 2, z: null };
console.log(JSON.stringify(copy), o.a, copy.c === o.c);
const r: Record<string, number> = {};
r['x'] = 1;
r['10'] = 2;
r['2'] = 3;
r['y'] = 4;
delete r['x'];
console.log(
  Object.keys(r).join(),
  'y' in r,
  'q' in r,
  r['q'] === undefined,
  Object.hasOwn(r, 'y'),
  JSON.stringify(r),
);
for (const [k, v] of Object.entries(r)) console.log(k, v);
r['y'] = (r['y'] ?? 0) + 1;
r['n'] ??= 7;
console.log(r['y'], r['n']);
const key = 'dyn';
const d = { [key]: 1, ['a' + 'b']: 2 };
console.log(JSON.stringify(d));
const frozen = Object.freeze({ v: 1 });
console.log(frozen.v);
const nested: { list: { id: number; tags: string[] }[] } = { list: [{ id: 1, tags: ['x'] }] };
nested.list[0]!.tags.push('y');
console.log(JSON.stringify(nested));
const method = {
  n: 2,
  twice(k: number): number {
    return k * 2;
  },
  arrow: (k: number) => k + 1,
};
console.log(method.twice(4), method.arrow(1), method.n);
