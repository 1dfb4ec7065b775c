const makers: (() => number)[] = [];
for (let i = 0; i < 3; i++) makers.push(() => i * 10);
for (const n of [7, 8]) {
  const twice = n * 2;
  makers.push(() => twice + n);
}
console.log(makers.map((make) => make()).join(' '));
function counter(start: number): { next: () => number; reset: () => void } {
  let value = start;
  return {
    next: () => {
      value += 1;
      return value;
    },
    reset: () => {
      value = start;
    },
  };
}
const one = counter(5);
const two = counter(50);
one.next();
console.log(one.next(), two.next());
one.reset();
console.log(one.next());
let total = 0;
function add(n: number): void {
  total += n;
}
[1, 2, 3].forEach(add);
[1, 2, 3].forEach((n, index) => {
  total += n * index;
});
console.log(total);
const shadow = 1;
{
  const shadow = 2;
  console.log(shadow);
  {
    const shadow = 3;
    const read = () => shadow;
    console.log(read());
  }
}
console.log(shadow);
function outer(): number {
  const inner = (n: number): number => (n <= 0 ? 0 : n + inner(n - 1));
  return inner(4);
}
console.log(outer());
function apply(f: (a: number, b: number) => number): number {
  return f(3, 4);
}
console.log(
  apply((a) => a),
  apply((a, b) => a * b),
  apply(() => 9),
);
const later = (from: string): string => hoisted(from);
function hoisted(text: string): string {
  return text + '!';
}
console.log(later('hi'));
function nested(): string {
  return helper('x');
  function helper(text: string): string {
    return text + text;
  }
}
console.log(nested());
let ticks = 0;
function tick(): void {
  ticks += 1;
}
function twice(n: number): number {
  return n * 2;
}
[1, 2].forEach(tick);
const takesTwo = (f: (a: number, b: number) => number): number => f(5, 6);
console.log(ticks, [1, 2].map(twice).join(), takesTwo(twice));
const slots = [1, 2, 4];
slots[Math.max(0, ticks - 1)] |= 8;
slots[next()] ^= 3;
slots[next()] %= 3;
function next(): number {
  ticks += 1;
  return ticks % 3;
}
console.log(slots.join(), ticks);
function* nothing(): Generator<number> {}
for (const n of nothing()) console.log(n);
