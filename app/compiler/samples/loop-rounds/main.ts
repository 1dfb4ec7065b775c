import './more.ts';
const fns: (() => number)[] = [];
for (let i = 0; i < 4; i++) {
  fns.push(() => i);
}
console.log(fns.map((f) => f()).join());
const more: (() => number)[] = [];
for (let i = 0; i < 6; i++) {
  more.push(() => i);
  if (i === 2) i++;
}
console.log(more.map((f) => f()).join());
const bump: (() => number)[] = [];
for (let i = 0; i < 3; i++) {
  bump.push(() => {
    i += 10;
    return i;
  });
  if (bump.length > 20) break;
  if (i > 100) break;
}
console.log(bump.map((f) => f()).join(), bump.map((f) => f()).join());
const w: (() => number)[] = [];
let n = 0;
while (n < 3) {
  let x = n * 2;
  w.push(() => x);
  x += 1;
  n++;
}
console.log(w.map((f) => f()).join());
const inc: { up: () => void; get: () => number }[] = [];
for (const k of [1, 2, 3]) {
  let total = k;
  inc.push({
    up: () => {
      total += k;
    },
    get: () => total,
  });
}
for (const one of inc) {
  one.up();
  one.up();
}
console.log(inc.map((one) => one.get()).join());
for (let i = 0, j = 10; i < j; i += 3, j--) {
  const f = () => i * 100 + j;
  i++;
  console.log(f());
}
function inFunction(): string {
  const out: (() => number)[] = [];
  for (let i = 0; i < 3; i++) {
    out.push(() => i++);
    out.push(() => i);
    i += 0;
  }
  return out.map((f) => f()).join();
}
console.log(inFunction());
function inner(): number[] {
  const got: (() => number)[] = [];
  outer: for (let i = 0; i < 5; i++) {
    let acc = 0;
    for (let j = 0; j < 3; j++) {
      acc += j;
      if (j === 2 && i === 1) continue outer;
      if (i === 3) break outer;
      got.push(() => acc * 10 + i);
    }
    acc += 100;
  }
  return got.map((f) => f());
}
console.log(inner().join());
