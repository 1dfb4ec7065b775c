const b = new Uint8Array(8);
b.set([1, 2, 300, -1], 2);
console.log(
  b.join(),
  b.length,
  b.byteLength,
  b.subarray(2, 4).join(),
  b.slice(2, 5).join(),
  b.slice(-2).join(),
  b.subarray(-3, -1).join(),
);
const view = b.subarray(2, 6);
view[0] = 77;
console.log(b[2]!, view.length);
b.fill(9, 0, 2);
b.fill(1, -1);
console.log(
  Array.from(b).join(),
  Uint8Array.from([1, 2, 3]).join(),
  Uint8Array.of(4, 5, 256).join(),
  Uint8Array.from([1, 2], (x) => x * 2).join(),
);
console.log(
  [...b].map((x) => x.toString(16).padStart(2, '0')).join(''),
  b.indexOf(77),
  b.includes(255),
  b.every((x) => x >= 0),
  b.some((x) => x > 254),
  b.findIndex((x) => x === 44),
  b.lastIndexOf(9),
);
console.log(
  b.map((x) => x * 2).join(),
  b.filter((x) => x > 5).join(),
  b.reduce((s, x) => s + x, 0),
  b.slice().reverse().join(),
  b.slice().sort().join(),
  b.at(-1) ?? 0,
  b.find((x) => x > 10) ?? 0,
);
b.set(b.subarray(0, 3), 1);
console.log(b.join());
b.copyWithin(0, 4);
console.log(b.join());
for (const [i, x] of b.entries()) if (i < 2) console.log(i, x);
const empty = new Uint8Array();
console.log(
  empty.length,
  new Uint8Array([1, 2]).toString(),
  new Uint8Array(b).length,
  b instanceof Uint8Array,
);
b[3] = 511;
b[4]! += 250;
b[5]!++;
console.log(b.join(), b[99] === undefined);
const joined = new Uint8Array(4);
joined.set(Uint8Array.of(1, 2));
joined.set(Uint8Array.of(3, 4), 2);
console.log(joined.join());
try {
  joined.set([1, 2, 3], 2);
  console.log('no');
} catch (e) {
  console.log('range', e instanceof RangeError);
}
