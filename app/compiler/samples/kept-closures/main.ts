const makers: (() => number)[] = [];
for (let i = 0; i < 3; i++) {
  let own = i * 10;
  makers.push(() => own++ + i);
}
console.log(makers.map((f) => f()).join(), makers.map((f) => f()).join());
const delayed: [number, () => string][] = [];
for (const [key, value] of new Map([
  ['a', 1],
  ['b', 2],
])) {
  delayed.push([value, () => `${key}${value}`]);
}
delayed.sort(([a], [b]) => b - a);
for (const [, f] of delayed) console.log(f());
let i = 0;
const whiles: (() => number)[] = [];
while (i < 3) {
  const here = i;
  whiles.push(() => here * i);
  i++;
}
console.log(whiles.map((f) => f()).join());
function counter(start = 0, step = 1) {
  let n = start;
  return {
    next: () => (n += step),
    reset(to = start) {
      n = to;
    },
    get: () => n,
  };
}
const c = counter(5, 2);
c.next();
c.next();
console.log(c.get());
c.reset();
console.log(c.get());
c.reset(-1);
console.log(c.next());
const compose =
  <A, B, C>(f: (a: A) => B, g: (b: B) => C) =>
  (a: A): C =>
    g(f(a));
console.log(
  compose(
    (x: number) => x + 1,
    (y: number) => `<${y}>`,
  )(41),
);
const memo = new Map<number, number>();
const fib = (n: number): number => {
  const known = memo.get(n);
  if (known !== undefined) return known;
  const v = n < 2 ? n : fib(n - 1) + fib(n - 2);
  memo.set(n, v);
  return v;
};
console.log(fib(30), memo.size);
for (let a = 0, b = 10; a < b; a += 3, b--) {
  makers.push(() => a * 100 + b);
}
console.log(
  makers
    .slice(3)
    .map((f) => f())
    .join(' '),
);
const nested = [1, 2, 3].map((x) => [x, x * x].map((y) => () => x + y));
console.log(
  nested
    .flat()
    .map((f) => f())
    .join(),
);
function outer() {
  const out: string[] = [];
  for (let k = 0; k < 2; k++) {
    try {
      if (k === 1) throw new Error('e' + k);
      out.push('ok' + k);
    } catch (error) {
      const f = () => (error instanceof Error ? error.message + k : '');
      out.push(f());
    }
  }
  return out;
}
console.log(outer().join());
let total = 0;
const add = (x: number) => void (total += x);
[1, 2, 3].forEach(add);
console.log(total);
const later: (() => void)[] = [];
const seen: string[] = [];
for (let x = 0; x < 3; x++) {
  if (x === 1) continue;
  later.push(() => {
    seen.push('x' + x);
  });
  x += 0;
}
for (const f of later) f();
console.log(seen.join());
