// Forms that have a shorter way in Python than the general one.
import { PRIMES, primeAt } from './tables.ts';

const WORDS = ['zero', 'one', 'two'] as const;
const FLAGS: readonly boolean[] = [true, false];
const CHANGED = [1, 2, 3];
const HANDED_ON = [4, 5];

CHANGED[1] = 7;
function total(list: readonly number[]): number {
  let sum = 0;
  for (const one of list) sum += one;
  return sum;
}
console.log(total(CHANGED), total(HANDED_ON), WORDS.length, FLAGS[1] === true);
for (const word of WORDS) console.log(word);
for (let at = 0; at < 5; at++) console.log(WORDS[at] ?? 'none', primeAt(at));
console.log(PRIMES[2] ?? -1);

for (const text of [
  '12',
  ' 34 ',
  '-5',
  '+6',
  '12px',
  '',
  'x',
  '-',
  '1_000',
  '_1',
  '0x1f',
  '1 2',
  '1e3',
  '007',
  '9.5',
  '\t8\n',
  '--1',
]) {
  const ten = parseInt(text, 10);
  const sixteen = parseInt(text, 16);
  const two = parseInt(text, 2);
  console.log(JSON.stringify(text), String(ten), String(sixteen), String(two));
}
for (const text of ['0x', '0xzz', '-0x10', '0X1F', 'ff', 'fg', '12x', 'Ab_c', '0x 1']) {
  console.log(text, String(parseInt(text, 16)));
}
for (const text of ['0b11', '0o17', '12', '78', 'z']) {
  console.log(
    text,
    String(parseInt(text, 8)),
    String(parseInt(text, 2)),
    String(parseInt(text, 36)),
  );
}

function shown(name: string, count: number, on: boolean): void {
  console.log(`${name}!`);
  console.log(`hello ${name}`);
  console.log(`100 % ${name}`);
  console.log(`${name} 100 %`);
  console.log(`%${name}%`);
  console.log(`(${name})`);
  console.log(`${count}`);
  console.log(`${count} words`);
  console.log(`n = ${count - 1}`);
  console.log(`${on} and %s`);
  console.log(`${'fixed'} ${name}`);
}
shown('%s', 3, true);
shown('', -1, false);

const list: number[] = [1, 2];
console.log(
  list.pop() ?? 'none',
  list.shift() ?? 'none',
  list.pop() ?? 'none',
  list.shift() ?? 'none',
);
list.pop();
list.shift();
list.push(9);
console.log(list.length);

const names = new Map<string, string>([['a', 'b']]);
function find(key: string): string | null {
  return names.get(key) ?? null;
}
console.log(find('a') === null, find('b') === null);

const [first, ...others] = ['a', 'b', 'c'];
others.push('d');
console.log(first ?? '', others.join(','));
console.log(`${String(list.length)}` + '1');
console.log(`${String(list.length)} words`, `n ${String(list.length)}`, `${String(true)}!`);
console.log(parseInt(' 0x', 16) > 0, parseInt(' -0x ', 16) > 0);
const bytes = new Uint8Array(6);
bytes.set([300, 2], 1);
bytes.set(new Uint8Array([7, 8]).subarray(1), 5);
console.log(bytes.join(' '));
