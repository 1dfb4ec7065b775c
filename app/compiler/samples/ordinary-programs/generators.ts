function* fib(): Generator<number, void, unknown> {
  let [a, b] = [0, 1];
  while (true) {
    yield a;
    [a, b] = [b, a + b];
  }
}
function* take<T>(n: number, from: Iterable<T>): Generator<T> {
  let i = 0;
  for (const x of from) {
    if (i++ >= n) return;
    yield x;
  }
}
function* mapped<T, U>(from: Iterable<T>, f: (x: T) => U): Generator<U> {
  for (const x of from) yield f(x);
}
console.log([...take(10, fib())].join());
console.log(Array.from(mapped(take(5, fib()), (x) => x * x)).join());
function* chat(): Generator<string, number, string> {
  const name = yield 'name?';
  const age = yield `hello ${name}`;
  return name.length + age.length;
}
const c = chat();
const first = c.next();
console.log(first.done === true ? 'end' : first.value);
const second = c.next('ann');
console.log(second.done === true ? 'end' : second.value);
const third = c.next('42');
console.log(third.done === true ? third.value : 'more');
function* tree(depth: number): Generator<string> {
  if (depth === 0) {
    yield 'leaf';
    return;
  }
  yield* tree(depth - 1);
  yield `node${depth}`;
  yield* tree(depth - 1);
}
console.log([...tree(2)].join(' '));
const [x, y, ...others] = take(5, fib());
console.log(x, y, others.join());
class Range {
  constructor(readonly_: number) {
    this.to = readonly_;
  }
  to: number;
  *values(): Generator<number> {
    for (let i = 0; i < this.to; i++) yield i;
  }
}
console.log([...new Range(3).values()].join());
