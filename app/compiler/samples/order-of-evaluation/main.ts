let at = 0;
const list = [0, 0, 0, 0];
const step = (): number => {
  at += 1;
  return at * 10;
};
list[at] = step();
list[at] = step();
console.log(list.join(), at);
list[at] += step();
console.log(list.join(), at);
let box = { n: 1 };
const first = box;
const replace = (): number => {
  box = { n: 100 };
  return 5;
};
box.n = replace();
console.log(first.n, box.n);
const second = box;
box.n += replace();
console.log(second.n, box.n);
class Holder {
  items: number[] = [1];
  renew(): number {
    this.items = [7, 7];
    return 3;
  }
  go(): string {
    const old = this.items;
    this.items[0] = this.renew();
    return `${old.join()} ${this.items.join()}`;
  }
  go2(): string {
    const old = this.items;
    this.items[0]! += this.renew();
    return `${old.join()} ${this.items.join()}`;
  }
}
console.log(
  new Holder().go(),
  (() => {
    const h = new Holder();
    h.renew();
    return h.go2();
  })(),
);
let i = 0;
const q = [0, 0, 0];
q[i++] = i;
q[i++] += i;
q[i] = i++ + ++i;
console.log(q.join(), i);
const m: Record<string, number> = {};
let key = 'a';
const other = (): number => {
  key = key + 'b';
  return key.length;
};
m[key] = other();
m[key] ??= other();
m[key] = (m[key] ?? 0) + other();
console.log(JSON.stringify(m), key);
function args(...v: number[]): string {
  return v.join('/');
}
let z = 1;
console.log(args(z, ++z, z++, z), z);
const t = [z, (z = 9), z];
console.log(t.join(), z + (z = 1) + z, `${z}${++z}${z}`, { a: z, b: z++, c: z }.c);
let s = 'a';
s += (s = 'b') + s;
console.log(s);
let w = 5;
w = w++ + w--;
console.log(w);
w -= w++ - 2;
console.log(w);
const f = [(): number => 1, (): number => 2];
let fi = 0;
console.log(f[fi++]!() + f[fi--]!() * 10, fi);
const b = new Uint8Array(4);
let p = 0;
b[p++] = p;
b[p++] = p + 255;
b[p++] |= p;
b[p] = p++ << 2;
console.log(b.join(), p);
const grid = [
  [0, 0],
  [0, 0],
];
let r = 0;
grid[r++]![r] = r;
grid[r]![--r] = r + 5;
console.log(JSON.stringify(grid), r);
