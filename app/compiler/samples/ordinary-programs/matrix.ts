type Matrix = number[][];
const identity = (n: number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_unused, j) => (i === j ? 1 : 0)));
function multiply(a: Matrix, b: Matrix): Matrix {
  const rows = a.length;
  const cols = b[0]!.length;
  const out: Matrix = [];
  for (let i = 0; i < rows; i++) {
    const row: number[] = [];
    for (let j = 0; j < cols; j++) {
      let sum = 0;
      for (let k = 0; k < b.length; k++) sum += a[i]![k]! * b[k]![j]!;
      row.push(sum);
    }
    out.push(row);
  }
  return out;
}
const transpose = (m: Matrix): Matrix => m[0]!.map((_, j) => m.map((row) => row[j]!));
const a = [
  [1, 2, 3],
  [4, 5, 6],
];
console.log(JSON.stringify(multiply(a, transpose(a))), JSON.stringify(identity(3)));
const grid = new Array<number>(9).fill(0);
for (let r = 0; r < 3; r++) for (let q = 0; q < 3; q++) grid[r * 3 + q] = r * q;
console.log(grid.join(' '));
const grid2 = Array.from({ length: 2 }, () => new Array<string>(3).fill('.'));
grid2[1]![2] = '#';
console.log(grid2.map((row) => row.join('')).join('\n'));
