let calls = 0;
function fresh(): number[] {
  calls += 1;
  return [];
}
function collect(item: number, into: number[] = fresh()): number {
  into.push(item);
  return into.length;
}
console.log(collect(1), collect(2), collect(3, [1, 2]), calls);
function rest(first: string, ...others: number[]): string {
  return first + others.length.toString() + others.join('+');
}
const some = [4, 5, 6];
console.log(rest('a'), rest('b', 1), rest('c', ...some), rest('d', 1, ...some, 9));
function options({ size = 3, name }: { size?: number; name: string }): string {
  return `${name}=${size}`;
}
console.log(options({ name: 'x' }), options({ name: 'y', size: 9 }));
function optional(a: number, b?: number): number {
  return b === undefined ? a : a + b;
}
console.log(optional(1), optional(1, 2), optional(1, undefined));
const joined = [...some, 7, ...[8, 9]];
console.log(joined.join(), Math.max(...joined), [...'abc'].join('.'));
function order(log: string[], name: string): string {
  log.push(name);
  return name;
}
const log: string[] = [];
const built = [order(log, 'a'), order(log, 'b'), order(log, 'c')];
console.log(built.join(''), log.join(''));
