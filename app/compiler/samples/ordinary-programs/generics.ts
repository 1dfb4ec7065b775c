class Stack<T> {
  private items: T[] = [];
  push(x: T): this {
    this.items.push(x);
    return this;
  }
  pop(): T | undefined {
    return this.items.pop();
  }
  peek(): T | undefined {
    return this.items[this.items.length - 1];
  }
  get size(): number {
    return this.items.length;
  }
  *walk(): Generator<T> {
    for (let i = this.items.length - 1; i >= 0; i--) yield this.items[i]!;
  }
}
const st = new Stack<number>().push(1).push(2);
console.log(st.pop() ?? 0, st.peek() ?? 0, st.size, new Stack<string>().peek() === undefined);
function groupBy<T, K extends string>(xs: readonly T[], key: (x: T) => K): Map<K, T[]> {
  const m = new Map<K, T[]>();
  for (const x of xs) {
    const k = key(x);
    const l = m.get(k);
    if (l !== undefined) l.push(x);
    else m.set(k, [x]);
  }
  return m;
}
for (const [k, v] of groupBy([1, 2, 3, 4, 5], (n) => (n % 2 === 0 ? 'even' : 'odd')))
  console.log(k, v.join());
function pluck<T, K extends keyof T>(xs: T[], k: K): T[K][] {
  return xs.map((x) => x[k]);
}
console.log(
  pluck(
    [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ],
    'b',
  ).join(),
);
type Result<T> = { ok: true; value: T } | { ok: false; error: string };
const parse = (s: string): Result<number> => {
  const n = parseInt(s, 10);
  return Number.isNaN(n) ? { ok: false, error: `bad ${s}` } : { ok: true, value: n };
};
for (const s of ['5', 'x']) {
  const r = parse(s);
  console.log(r.ok ? r.value : r.error);
}
interface Comparable<T> {
  compareTo(other: T): number;
}
class Version implements Comparable<Version> {
  readonly parts: number[];
  constructor(text: string) {
    this.parts = text.split('.').map((p) => parseInt(p, 10));
  }
  compareTo(o: Version): number {
    for (let i = 0; i < Math.max(this.parts.length, o.parts.length); i++) {
      const d = (this.parts[i] ?? 0) - (o.parts[i] ?? 0);
      if (d !== 0) return d;
    }
    return 0;
  }
}
console.log(
  new Version('1.2.10').compareTo(new Version('1.2.9')) > 0,
  new Version('1.0').compareTo(new Version('1')) === 0,
);
function maxOf<T extends Comparable<T>>(xs: T[]): T | undefined {
  let best: T | undefined;
  for (const x of xs) if (best === undefined || x.compareTo(best) > 0) best = x;
  return best;
}
console.log(
  maxOf([new Version('1.5'), new Version('2.0.1'), new Version('2.0')])?.parts.join('.') ?? '',
);
