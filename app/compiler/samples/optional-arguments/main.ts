interface Store {
  get(key: string, fallback?: number): number;
  put?(key: string, value: number): void;
}
class MemoryStore implements Store {
  #map = new Map<string, number>();
  get(key: string, fallback: number | undefined): number {
    return this.#map.get(key) ?? fallback ?? -1;
  }
  put(key: string, value: number): void {
    this.#map.set(key, value);
  }
}
const literal: Store = { get: (key, fallback) => key.length + (fallback ?? 100) };
const stores: Store[] = [new MemoryStore(), literal];
for (const s of stores) {
  s.put?.('a', 5);
  console.log(s.get('a'), s.get('b'), s.get('b', 7), s.put === undefined ? 'no put' : 'put');
}
function callTwice(f: (n: number, label?: string) => string): string {
  return f(1) + f(2, 'x');
}
function named(n: number, label: string | undefined): string {
  return `${n}${label ?? '-'}`;
}
console.log(
  callTwice(named),
  callTwice((n) => String(n)),
  callTwice((n, l = 'd') => n + l),
  callTwice(function (n, l) {
    return `${l === undefined ? 'u' : l}${n}`;
  }),
);
const apply = <T extends unknown[], R>(f: (...args: T) => R, ...args: T): R => f(...args);
console.log(
  apply((...all: number[]) => Math.max(...all), 1, 5, 2),
  apply((a: number, b: string) => b + a, 1, 'z'),
);
function defaults(a = 1, b: number | undefined, c = a + (b ?? 0)): string {
  return `${a},${b ?? 'u'},${c}`;
}
console.log(defaults(undefined, 2), defaults(5, undefined), defaults(1, 2, 3));
class Base {
  readonly opts: { deep: { n: number }; list: number[] };
  constructor(opts: Partial<Base['opts']> = {}) {
    this.opts = { deep: { n: 1 }, list: [], ...opts };
  }
  with(n: number): Base {
    return new Base({ ...this.opts, deep: { ...this.opts.deep, n } });
  }
}
const b1 = new Base({ list: [1] });
const b2 = b1.with(9);
b2.opts.list.push(2);
console.log(b1.opts.deep.n, b2.opts.deep.n, b1.opts.list.length, JSON.stringify(b2.opts));
let n = 0;
const next = () => ++n;
const arr = [next(), next()];
arr[next() - 3] = next();
console.log(arr.join(), n);
const o: Record<string, number> = { a: 1 };
o['a'] += next();
o['b'] = (o['b'] ?? 10) * 2;
console.log(JSON.stringify(o));
let i = 0;
const q = [0, 0, 0];
q[i++] = i;
q[i++] += i;
q[i] = i++ + ++i;
console.log(q.join(), i);
const order: string[] = [];
const say = (t: string, v: number) => {
  order.push(t);
  return v;
};
const r = say('a', 1) + say('b', 2) * say('c', 3);
say('x', 1) > 5 && say('never', 1) > 0;
const pick = say('d', 0) === 1 ? say('e', 1) : say('f', 2);
const obj = { [`k${say('g', 1)}`]: say('h', 2), z: say('i', 3) };
console.log(r, pick, JSON.stringify(obj), order.join(''));
label: for (let a = 0; a < 4; a++) {
  for (let b = 0; b < 4; b++) {
    if (b === 2) continue label;
    if (a === 2) break label;
    order.push(`${a}${b}`);
  }
}
console.log(order.slice(-4).join());
const swap = { a: 1, b: 2 };
[swap.a, swap.b] = [swap.b, swap.a];
console.log(swap.a, swap.b);
const m2 = [
  [1, 2],
  [3, 4],
];
[m2[0]![0], m2[1]![1]] = [m2[1]![1]!, m2[0]![0]!];
console.log(JSON.stringify(m2));
const { a: { b: deep = 5, ...others } = { b: 0, c: 1 }, ...top } = {
  a: { b: 7, c: 8, d: 9 },
  e: 1,
  f: 2,
} as { a: { b?: number; c: number; d?: number }; e: number; f: number };
console.log(deep, JSON.stringify(others), JSON.stringify(top));
const tuple = (): [number, string, ...boolean[]] => [1, 'a', true, false];
const [t1, , ...flags] = tuple();
console.log(t1, flags.length, flags.map(String).join());
do {
  n -= 3;
  if (n < 3) continue;
  n--;
} while (n > 0);
console.log(n);
let w = 10;
while (w-- > 5)
  if (w % 2 === 0) continue;
  else if (w === 7) break;
console.log(w);
for (let x = 0, y = 5; ; x++, y--) {
  if (x >= y) {
    console.log(x, y);
    break;
  }
}
for (const ch of 'ab') {
  switch (ch) {
    case 'a':
      continue;
    default:
      console.log('sw', ch);
      break;
  }
}
