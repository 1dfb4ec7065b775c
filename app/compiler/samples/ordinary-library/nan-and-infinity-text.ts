const zero = [0][0]!;
console.log(parseInt('zz', 10), parseInt('', 10), Number.isNaN(parseInt('x')));
console.log(Math.floor(1 / zero), Math.trunc(-1 / zero), 5 % zero);
console.log(
  `${parseInt('q', 10)}`,
  String(NaN),
  String(Infinity),
  String(-Infinity),
  [NaN, 1].join(),
);
console.log(
  Math.max(),
  Math.min(),
  'abc'.charCodeAt(7),
  JSON.stringify({ a: NaN, b: Infinity }),
  JSON.stringify([parseInt('', 10)]),
);
