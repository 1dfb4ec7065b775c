function grade(n: number): string {
  switch (n) {
    case 1:
    case 2:
      return 'low';
    case 3: {
      const text = 'mid';
      return text;
    }
    default:
      return 'high';
  }
}
console.log(grade(1), grade(2), grade(3), grade(4));
function kinds(list: string[]): string {
  let out = '';
  for (const item of list) {
    switch (item) {
      case 'skip':
        continue;
      case 'stop':
        break;
      case 'maybe':
        if (out.length > 3) break;
        out += 'm';
        break;
      default:
        out += item;
    }
    if (item === 'stop') break;
    out += ',';
  }
  return out;
}
console.log(kinds(['a', 'skip', 'maybe', 'b', 'maybe', 'stop', 'c']));
outer: for (let i = 0; i < 4; i++) {
  for (let j = 0; j < 4; j++) {
    if (j === 2) continue outer;
    if (i === 2) break outer;
    console.log(i, j);
  }
}
search: while (true) {
  let k = 0;
  do {
    k++;
    if (k === 2) continue;
    for (const x of [1, 2, 3]) {
      if (x === 3 && k === 3) break search;
    }
  } while (k < 5);
  break;
}
let n = 0;
do {
  n += 3;
  if (n === 6) continue;
} while (n < 10);
console.log(n);
for (let i = 0, j = 10; i < j; i += 2, j--) n += i * j;
console.log(n);
let w = 5;
while (w-- > 0) {
  if (w === 3) continue;
  if (w === 1) break;
  n += w;
}
console.log(n, w);
for (let i = 0; i < 5; i++) {
  if (i === 1) i += 2;
  console.log(i);
}
const growing = [1, 2, 3];
for (const x of growing) if (x < 3 && growing.length < 6) growing.push(x + 1);
console.log(growing.join());
type Shape = { kind: 'circle'; r: number } | { kind: 'box'; w: number; h: number };
function area(shape: Shape): number {
  switch (shape.kind) {
    case 'circle':
      return 3 * shape.r * shape.r;
    case 'box':
      return shape.w * shape.h;
    default: {
      const never: never = shape;
      return never;
    }
  }
}
console.log(area({ kind: 'circle', r: 2 }), area({ kind: 'box', w: 2, h: 5 }));
