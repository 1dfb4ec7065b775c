const fs: (() => number)[] = [];
for (let i = 0; fs.push(() => i), i < 2; i++) {
  /* nothing */
}
console.log(fs.map((f) => f()).join());
