function f(this: { a: number }): number {
  return this.a;
}
console.log(f === undefined);
