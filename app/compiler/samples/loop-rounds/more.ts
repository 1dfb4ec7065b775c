const fs: (() => string)[] = [];
for (const x of [1, 2, 3]) {
  function later(): number {
    return y * 10;
  }
  const y = x + 1;
  fs.push(() => `${x}:${later()}`);
  const even = (n: number): boolean => (n === 0 ? true : odd(n - 1));
  const odd = (n: number): boolean => (n === 0 ? false : even(n - 1));
  fs.push(() => `${even(x)}`);
  const fact = (n: number): number => (n <= 1 ? x : n * fact(n - 1));
  fs.push(() => String(fact(3)));
}
console.log(fs.map((f) => f()).join(' '));
function scoped(): string {
  const got: (() => number)[] = [];
  for (const [k, v] of new Map([
    ['a', 1],
    ['bb', 2],
  ])) {
    let n = k.length;
    got.push(() => n * 10 + v);
    n++;
  }
  for (const { a, b = 5 } of [{ a: 1 }, { a: 2, b: 7 }] as { a: number; b?: number }[]) {
    let c = a;
    got.push(() => {
      c += b;
      return c;
    });
  }
  let i = 0;
  do {
    let j = i;
    got.push(() => j++);
    i++;
  } while (i < 2);
  const first = got.map((f) => f());
  const second = got.map((f) => f());
  return `${first.join()} ${second.join()}`;
}
console.log(scoped());
const nested: (() => number)[] = [];
for (let i = 0; i < 2; i++) {
  for (let j = 0; j < 2; j++) {
    [1].forEach((x) => {
      nested.push(() => i * 100 + j * 10 + x);
    });
  }
}
console.log(nested.map((f) => f()).join());
const timers: { run: () => void }[] = [];
const out: number[] = [];
for (let i = 0; i < 3; i++) {
  let left = i;
  const t = {
    run: (): void => {
      left--;
      out.push(left);
      if (left > 0) t.run();
    },
  };
  timers.push(t);
}
for (const t of timers) t.run();
console.log(out.join());
let sum = 0;
for (const n of [1, 2, 3]) {
  let local = 0;
  [10, 20].forEach((x) => {
    local += x * n;
  });
  sum += local;
}
console.log(sum);
for (let i = 0; i < 3; i++) {
  try {
    throw new Error(`e${i}`);
  } catch (e) {
    nested.push(() => (e instanceof Error ? e.message.length : 0));
  }
}
console.log(nested.length, nested[5]?.() ?? -1);
