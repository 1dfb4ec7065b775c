const {
  a,
  b: renamed,
  c: { d, e = 5 } = { d: 1 },
  list: [first, , third = 9],
} = {
  a: 1,
  b: 2,
  c: { d: 3 } as { d: number; e?: number },
  list: [10, 20] as number[],
};
console.log(a, renamed, d, e, first, third);
let x = 1;
let y = 2;
let z = 3;
[x, y, z] = [z, x, y];
console.log(x, y, z);
[x = 7, y] = [x + 1, y + 1];
console.log(x, y);
const pairs: [string, { n: number }][] = [
  ['p', { n: 1 }],
  ['q', { n: 2 }],
];
for (const [name, { n }] of pairs) console.log(name, n);
function swap([left, right]: [number, number]): [number, number] {
  return [right, left];
}
const [l, r] = swap([1, 2]);
console.log(l, r);
const point = { px: 0, py: 0 };
({ px: point.px, py: point.py } = { px: 4, py: 5 });
console.log(point.px, point.py);
const { length } = 'hello';
console.log(length, pairs.map(([name, { n }]) => name + n.toString()).join());
const [h, ...others] = new Set([1, 2, 3]);
console.log(h, others.join());
