const pairs = [
  [7, 2],
  [-7, 2],
  [7, -2],
  [-7, -2],
  [6, 3],
  [-6, 3],
  [0, 5],
];
for (const [a, b] of pairs) {
  console.log(a % b === 0, Math.trunc(a / b), Math.floor(a / b), Math.ceil(a / b), (a / b) | 0);
  console.log((a % b) + 100, Math.round(a / b), Math.sign(a), Math.abs(a));
}
console.log(Math.round(2.5), Math.round(-2.5), Math.round(0.49), Math.trunc(3.7), Math.floor(-3.2));
console.log(Math.max(1, 5, 3), Math.min(4, 2), Math.max(...[3, 9, 2]), Math.pow(2, 10), 2 ** 20);
console.log(
  Math.floor(Math.sqrt(50)),
  (3.14159).toFixed(2),
  (1 / 3).toFixed(3),
  (-1.005).toFixed(1),
);
console.log((255).toString(16), (5).toString(2), (-255).toString(16), (35).toString(36));
console.log(Number.isInteger(5), Number.isInteger(5.5), Number.isInteger('5'), Number.isNaN(NaN));
console.log(Number.parseInt('42', 10), Number.parseInt('-7x', 10), Number.parseInt('ff', 16));
console.log(
  Number.isNaN(Number.parseInt('x', 10)),
  parseInt('0x1f', 16),
  Number.isFinite(Infinity),
);
let sum = 0;
for (let i = 10; i > 0; i -= 3) sum += i;
for (let i = 0; i <= 10; i += 5) sum += i;
console.log(sum, Number.MAX_SAFE_INTEGER);
