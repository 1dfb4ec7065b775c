function counter(
  start = 0,
  step = start + 1,
): { next: () => number; reset: (to?: number) => void } {
  let n = start;
  return {
    next: () => (n += step),
    reset: (to = start) => {
      n = to;
    },
  };
}
const c = counter(5);
console.log(c.next(), c.next());
c.reset();
console.log(c.next());
c.reset(100);
console.log(c.next());
const compose =
  <A, B, C>(f: (a: A) => B, g: (b: B) => C) =>
  (a: A): C =>
    g(f(a));
console.log(
  compose(
    (x: number) => x + 1,
    (y: number) => `v${y}`,
  )(1),
);
const curry =
  (a: number) =>
  (b: number) =>
  (d: number): number =>
    a * 100 + b * 10 + d;
console.log(curry(1)(2)(3));
function memo(f: (n: number) => number): (n: number) => number {
  const seen = new Map<number, number>();
  return (n) => {
    const hit = seen.get(n);
    if (hit !== undefined) return hit;
    const v = f(n);
    seen.set(n, v);
    return v;
  };
}
let calls = 0;
const slow = memo((n) => {
  calls++;
  return n * n;
});
console.log(slow(4), slow(4), calls);
const fact = (n: number): number => (n <= 1 ? 1 : n * fact(n - 1));
console.log(fact(10), fact(18));
const even = (n: number): boolean => (n === 0 ? true : odd(n - 1));
const odd = (n: number): boolean => (n === 0 ? false : even(n - 1));
console.log(even(20), odd(7));
(function immediately() {
  console.log('iife');
})();
(() => {
  console.log('arrow iife');
})();
const pipeline: ((n: number) => number)[] = [(n) => n + 1, (n) => n * 2];
console.log(pipeline.reduce((v, f) => f(v), 5));
function variadic(first: string, ...rest: (string | number)[]): string {
  return `${first}:${rest.length}:${rest.map((x) => String(x)).join('/')}`;
}
console.log(variadic('a'), variadic('b', 1, 'c'), variadic(...(['x', 'y'] as const)));
const args: [number, number] = [3, 4];
const add = (a: number, b: number): number => a + b;
console.log(add(...args));
