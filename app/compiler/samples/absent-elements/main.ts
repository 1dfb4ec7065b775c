// Reading where no element is: compared, kept, or handed on as undefined.
const list = [3, 1, 2];
const bytes = new Uint8Array([7, 8]);
const text = 'ab';

function first(values: readonly string[]): string | undefined {
  return values[0];
}

function lookUp(at: number): string {
  const found = list[at];
  if (found === undefined) return `nothing at ${String(at)}`;
  return `${String(found)} at ${String(at)}`;
}

function skipSpaces(line: string, from: number): number {
  let at = from;
  while (line[at] === ' ') at++;
  return at;
}

function previous(at: number): string {
  try {
    return `${String(list[at - 1] + 0)} before ${String(at)}`;
  } catch {
    return 'none';
  }
}

console.log(lookUp(0), lookUp(2), lookUp(3), lookUp(-1));
console.log(list[5] === 1, list[5] !== 1, bytes[2] === 7, bytes[1] === 8, text[2] === 'b');
console.log(first([]) ?? 'empty', first(['one']) ?? 'empty');
console.log(skipSpaces('   ', 0), skipSpaces('  x', 1), skipSpaces('', 0));
console.log(previous(1), previous(3));
for (let i = list.length - 1; i >= 0; i--) console.log(i, list[i] === 1);
for (let i = 0; i < bytes.length; i++) console.log(bytes[i] === 8);
console.log(list[list.length - 1], (list[9] ?? 4) + 1);
const [a, b = 6] = [5] as number[];
console.log(a, b);
const at4: number | undefined = list[4];
console.log(at4 === undefined);
