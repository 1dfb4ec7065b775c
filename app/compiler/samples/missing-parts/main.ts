// Patterns over arrays that are too short, and over what is there.
function split(line: string): string {
  const words = line.split(' ').filter((word) => word !== '');
  const [name, second, ...rest] = words;
  if (name === undefined) return 'empty';
  return `${name}/${second ?? '-'}/${rest.join('+')}`;
}
console.log(split(''), split('a'), split('a b'), split('a b c d'));
let first: number | undefined = 1;
let next: number | undefined = 2;
const numbers: number[] = [9];
[first, next] = numbers;
console.log(first, next === undefined);
const pair: [number, string] = [4, 'four'];
const [count, word] = pair;
console.log(count, word);
const nested = { point: { x: 1, y: 2 }, tags: ['t'] };
const {
  point: { x, y },
  tags: [tag],
} = nested;
console.log(x, y, tag);
const order: string[] = [];
function log(value: number): number {
  order.push(String(value));
  return value;
}
let sum = 1;
sum += log(2) * log(3);
const items = [log(4), log(5) + (sum = 100), sum];
console.log(sum, items.join(), order.join());
