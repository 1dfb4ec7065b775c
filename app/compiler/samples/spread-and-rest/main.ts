// Spread of arrays, records, sets and text; rest parameters; defaults that see earlier parameters; labels; ternary chains.
function join(separator: string, ...parts: string[]): string {
  return parts.join(separator);
}
function grow(from: number, by = from * 2, times = by > 4 ? 1 : 2): number {
  let value = from;
  for (let i = 0; i < times; i++) value += by;
  return value;
}
const base = [1, 2];
const more = [0, ...base, 3, ...base.map((n) => n * 10)];
console.log(more.join(), Math.max(...more), join('-', ...['a', 'b'], 'c'));
console.log(grow(1), grow(3), grow(1, 1, 3));
const options = { speed: 1, label: 'x' };
const changed = { ...options, speed: 2 };
console.log(JSON.stringify(changed), JSON.stringify(options));
console.log([...new Set([3, 1, 3])].join(), [...'abc'].join());
outer: for (const a of [1, 2, 3]) {
  for (const b of [1, 2, 3]) {
    if (b === 2) continue outer;
    if (a === 3) break outer;
    console.log(a, b);
  }
}
type Kind = 'low' | 'mid' | 'high';
const kind = (n: number): Kind => (n < 3 ? 'low' : n < 6 ? 'mid' : 'high');
function level(of: Kind): number {
  switch (of) {
    case 'low':
      return 0;
    case 'mid':
      return 1;
    case 'high':
      return 2;
    default: {
      const never: never = of;
      return never;
    }
  }
}
console.log([1, 4, 8].map((n) => level(kind(n))).join());
let n = 3;
do {
  n -= 1;
} while (n > 0);
console.log(n, void 0 === undefined, typeof n === 'number', !(n > 0));
