function count(): number {
  return arguments === undefined ? 1 : 0;
}
console.log(count());
