const list = [5, 1, 4];
console.log(list.push(9), list.pop() ?? 0, list.shift() ?? 0, list.unshift(7, 8), list.join());
console.log(
  list.slice(1).join(),
  list.slice(-2).join(),
  list.slice(0, -1).join(),
  list.slice().length,
);
const cut = list.splice(1, 2, 20, 21, 22);
console.log(cut.join(), list.join(), list.splice(-1).join(), list.length);
console.log(list.indexOf(21), list.indexOf(99), list.includes(20), list.lastIndexOf(7));
console.log(
  list.find((n) => n > 20) ?? -1,
  list.findIndex((n) => n > 20),
  list.find((n) => n > 99) ?? -1,
);
console.log(
  list.some((n) => n > 20),
  list.every((n) => n > 20),
  list.every((n, i) => n > i),
);
console.log(list.map((n, i) => n * i).join(), list.filter((_, i) => i !== 1).join());
console.log(
  list.reduce((sum, n) => sum + n, 0),
  list.reduce((most, n) => (n > most ? n : most)),
);
console.log(
  list.concat([1, 2], [3]).join(),
  [...list].reverse().join(),
  list.at(-1) ?? 0,
  list.at(9) ?? 0,
);
const people = [
  { name: 'c', age: 3 },
  { name: 'a', age: 1 },
  { name: 'b', age: 3 },
  { name: 'd', age: 1 },
];
people.sort((x, y) => x.age - y.age);
console.log(people.map((one) => one.name).join(''));
console.log(['b', 'a', 'c'].sort().join(), [10, 9, 1].sort((a, b) => a - b).join());
const zeros = new Array<number>(3).fill(0);
zeros[1] = 5;
console.log(zeros.join(), Array.from({ length: 4 }, (_, i) => i * i).join(), Array.of(1, 2).length);
const filled: number[] = [];
for (let i = 0; i < 3; i++) filled[i] = i + 10;
filled[filled.length] = 99;
console.log(filled.join(), filled.length, filled[7] ?? 'none', filled[1] === undefined);
filled.length = 1;
console.log(filled.join(), Array.isArray(filled));
filled.length = 0;
console.log(filled.length);
const grid = [
  [1, 2],
  [3, 4],
];
for (const [x, y] of grid) console.log(x + y);
for (const [i, row] of grid.entries()) console.log(i, row.length);
console.log(grid.flatMap((row) => row).join(), Array.from(new Set([3, 3, 1])).join());
const tuple: [string, number] = ['t', 1];
const [word, amount] = tuple;
console.log(word, amount, tuple.length);
const [head, ...tail] = list;
console.log(
  head,
  tail.join(),
  list.findLast((n) => n < 10) ?? 0,
  list.findLastIndex((n) => n < 10),
);
let visited = '';
list.forEach((n) => {
  visited += n;
});
console.log(visited, [1, 2, 3].fill(7, 1).join(), ['x', 'y'].map((text) => text + '!').join(' '));
