const all: (() => number)[] = [];
for (const n of [1, 2]) {
  let sum = n;
  all.push(() => sum);
  sum += 1;
}
console.log(all.length);
