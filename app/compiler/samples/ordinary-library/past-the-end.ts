const a = [1, 2, 3];
function get(i: number): number {
  return a[i]! + 1;
}
console.log(Number.isNaN(get(7)), get(1), a[5]! > 1, a[9] === undefined);
function at(list: number[], i: number): number {
  return list[i]!;
}
console.log(at(a, 0), Number.isNaN(at(a, -1) + 1));
function sumTo(xs: number[], n: number): number {
  let s = 0;
  for (let i = 0; i <= n; i++) s += xs[i] ?? 0;
  return s;
}
console.log(sumTo(a, 5));
const name = 'abc';
function ch(i: number): string {
  return name[i]!;
}
console.log(ch(-1) === undefined, ch(3) === undefined, ch(2));
const bytes = new Uint8Array(2);
function byte(i: number): number {
  return bytes[i]!;
}
console.log(
  byte(0),
  byte(1),
  (bytes[a.length + 4]! | 0) + 1,
  bytes[a.length + 7]! << 1,
  ~bytes[a.length]!,
);
console.log(`${a[a.length + 1]!}`, a[a.length + 2]! < 5, a.length);
