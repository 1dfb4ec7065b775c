const [a, , b = 10, ...rest] = [1, 2, undefined, 4, 5];
console.log(a, b, rest.join());
const {
  x,
  y: { z = 7, w },
  v = 'dv',
  ...others
} = { x: 1, y: { w: 2 } as { w: number; z?: number }, q: 5, r: 6 } as {
  x: number;
  y: { w: number; z?: number };
  v?: string;
  q: number;
  r: number;
};
console.log(x, z, w, v, JSON.stringify(others));
function f(
  { a: p = 1, b: q = p + 1 }: { a?: number; b?: number } = {},
  [m, n = 5]: number[] = [9],
): string {
  return [p, q, m, n].join();
}
console.log(f(), f({ a: 5 }), f({ b: 3 }, [1]), f({}, [1, 2]));
let s = 1,
  t = 2;
[s, t] = [t, s];
console.log(s, t);
[s, [t]] = [5, [6]];
console.log(s, t);
const obj: { k: number; l?: { m: number } } = { k: 0 };
({ k: obj.k, l: obj.l = { m: 3 } } = { k: 8 } as { k: number; l?: { m: number } });
console.log(obj.k, obj.l?.m ?? -1);
for (const {
  id,
  tags: [first = 'none'],
} of [
  { id: 1, tags: ['q'] },
  { id: 2, tags: [] as string[] },
])
  console.log(id, first);
for (const [k, { n: c2 }] of new Map([['one', { n: 1 }]])) console.log(k, c2);
const swap = <T, U>([l, r]: [T, U]): [U, T] => [r, l];
console.log(swap([1, 'z']).join());
const { length } = 'hello';
console.log(length);
const [h, ...tail] = 'xyz';
console.log(h, tail.join('+'));
