const a = [5, 3, 8, 1];
console.log(
  a
    .slice()
    .sort((x, y) => x - y)
    .join(),
  a.join('-'),
  a.reverse().join(),
  a.indexOf(8),
  a.lastIndexOf(9),
  a.includes(3),
);
console.log(
  a.splice(1, 2).join(),
  a.join(),
  a.splice(1, 0, 7, 7).length,
  a.join(),
  a.concat([1], 2, [3, 4]).join(),
);
console.log(
  [1, [2, 3], [4]].flat().join(),
  [[1], [2, 3]].flatMap((x) => x).join(),
  [1, 2, 3].flatMap((x) => [x, x * 10]).join(),
);
console.log(
  [1, 2, 3].reduce((s, x) => s + x),
  [1, 2, 3].reduceRight((s, x) => s + x, ''),
  [[1, 2], [3]].reduce<number[]>((s, x) => s.concat(x), []).join(),
);
console.log(
  [1, 2, 3, 4].findLast((x) => x % 2 === 1) ?? 0,
  [1, 2].findLastIndex((x) => x > 5),
  [1, 2].find((x) => x > 5) === undefined,
);
console.log(
  [1, 2, 3].every((x) => x > 0),
  [1, 2, 3].some((x) => x > 3),
  [].length,
  [3, 4].fill(0).join(),
  [1, 2, 3, 4].fill(9, 1, 3).join(),
);
for (const [i, x] of ['a', 'b'].entries()) console.log(i, x);
for (const i of [7, 8].keys()) console.log(i);
console.log(
  [...[7, 8].values()].join(),
  Array.from('abc').join(),
  Array.from([1, 2], (x) => x * 2).join(),
  Array.of(1, 2).length,
  Array.isArray(a),
);
console.log(
  Array.from({ length: 3 }, (_, i) => i * i).join(),
  Array.from(new Set([1, 1, 2])).join(),
  Array.from(new Map([['a', 1]])).length,
);
console.log(
  [3, 1, 2].toSorted((x, y) => x - y).join(),
  [1, 2].at(-1) ?? 0,
  [1, 2, 3].copyWithin(0, 1).join(),
);
const b = [1, 2, 3];
console.log(b.push(4, 5), b.pop() ?? 0, b.shift() ?? 0, b.unshift(9, 8), b.join(), b.length);
b.length = 2;
console.log(
  b.join(),
  b.map(String).join('+'),
  ['1', '2', '3'].map((x) => parseInt(x, 10)).join(),
  ['5', '6'].map(Number).join(),
);
console.log([null, 1, undefined, 2].join('-'), [true, false].join(), [[1, 2], [3]].join(';'));
console.log(
  [1, 2, 3, 4, 5].filter((x, i) => i % 2 === 0).join(),
  [1, 2, 3].map((x, i, all) => x * i + all.length).join(),
);
[1, 2].forEach((x, i) => {
  console.log(i, x);
});
console.log(
  ['x', 'y'].indexOf('y'),
  [1, 2, 1].indexOf(1, 1),
  [1, 2, 1].lastIndexOf(1),
  [1, 2].includes(1, 1),
);
console.log(
  [3, 2, 1].sort((x, y) => x - y)[0]!,
  [1, 2, 3].slice(-2).join(),
  [1, 2, 3].slice(1, -1).join(),
  [1, 2, 3].slice(5).length,
);
console.log(
  [1, 2, 3].reverse().concat([0]).join(),
  [...'ab', ...[1].map(String)].join(),
  [1, 2, 3].indexOf(4) === -1,
);
