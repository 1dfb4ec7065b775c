const all: { value: number }[] = [];
for (const n of [1, 2]) {
  class Late {
    get value(): number {
      return n;
    }
  }
  all.push(new Late());
}
console.log(all.map((one) => one.value).join());
