function f(value: string | null | undefined): boolean {
  return value === null;
}
console.log(f('a'));
