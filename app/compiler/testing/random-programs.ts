import fc from 'fast-check';

/**
 * Random programs inside the subset, as text. Every variable starts with a value, loops are counted, indexes are masked
 * into range: the programs end, and print the same in every engine or the compiler has a bug.
 */

const NUMBERS = ['a', 'b', 'c'];
const INTEGERS = [
  0, 1, 2, 7, 31, 255, 256, 65535, -1, -8, 1073741823, 1073741824, 2147483647, -2147483648,
  4294967295,
];

const literal = fc.constantFrom(...INTEGERS).map((n) => (n < 0 ? `(${String(n)})` : String(n)));
const variable = fc.constantFrom(...NUMBERS);

export const programs: fc.Arbitrary<string> = fc
  .letrec<{
    integer: string;
    condition: string;
    statement: string;
    block: string;
  }>((tie) => ({
    integer: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literal,
      variable,
      fc.constantFrom(
        'bytes[b & 7]',
        'list[a & 3]',
        'bytes.length',
        'box.value',
        'box.twice()',
        'word.length',
        'record.n',
      ),
      fc
        .tuple(tie('integer'), fc.constantFrom('&', '|', '^', '<<', '>>', '>>>'), tie('integer'))
        .map(([left, op, right]) => `(${left} ${op} ${right})`),
      fc
        .tuple(tie('integer'), fc.constantFrom('+', '-'), tie('integer'))
        .map(([left, op, right]) => `((${left} ${op} ${right}) | 0)`),
      fc
        .tuple(
          tie('integer'),
          fc.constantFrom('/', '%'),
          fc.constantFrom('3', '7', '(-5)', '256'),
          fc.boolean(),
        )
        .map(([left, op, right, floor]) =>
          op === '/'
            ? `Math.${floor ? 'floor' : 'trunc'}(${left} / ${right})`
            : `((${left} % ${right}) + 0)`,
        ),
      tie('integer').map((of) => `(~${of})`),
      fc
        .tuple(tie('integer'), tie('integer'))
        .map(([left, right]) => `Math.imul(${left}, ${right})`),
      fc
        .tuple(tie('integer'), tie('integer'))
        .map(([left, right]) => `Math.max(${left}, ${right})`),
      fc
        .tuple(tie('condition'), tie('integer'), tie('integer'))
        .map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
      fc
        .tuple(tie('integer'), tie('integer'))
        .map(([left, right]) => `(find(${left}) ?? ${right})`),
      tie('integer').map((of) => `pick(${of})`),
      fc.constantFrom('a++', '--b', '(c = a)', '(a += 3)', 'list.push(a & 255)'),
      fc.constantFrom(
        '(list[a & 7] ?? 6)',
        '(bytes[c] === 4 ? 1 : 2)',
        '(box.next?.value ?? 4)',
        '(maybe(b)?.value ?? a)',
        'rest(...list.slice(0, 3))',
        'list.filter((one) => one > 4).length',
        'list.map((one) => one + 1).reduce((sum, one) => sum + one, 0)',
        '[...word].length',
        "word.indexOf('y')",
        'new Derived(7).twice()',
        'Object.keys(fields).length',
        'seen.size',
        '(seen.has(a & 3) ? 1 : 0)',
        'Math.abs(a % 1000)',
      ),
      fc
        .tuple(tie('integer'), tie('integer'))
        .map(([left, right]) => `divide(${left}, (${right}) & 3)`),
    ),
    condition: fc.oneof(
      { depthSize: 'small' },
      fc
        .tuple(tie('integer'), fc.constantFrom('<', '<=', '>', '>=', '===', '!=='), tie('integer'))
        .map(([left, op, right]) => `${left} ${op} ${right}`),
      fc
        .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
        .map(([left, op, right]) => `(${left} ${op} ${right})`),
      tie('condition').map((of) => `!(${of})`),
      fc.constantFrom("word[b & 3] === 'y'", 'list[c] !== undefined', 'fields[word] === undefined'),
      fc.constantFrom('map.has(word)', 'list.includes(a)', 'box instanceof Box', "word === 'x'"),
    ),
    statement: fc.oneof(
      { depthSize: 'small' },
      fc.tuple(variable, tie('integer')).map(([to, value]) => `${to} = (${value}) | 0;`),
      fc
        .tuple(
          variable,
          fc.constantFrom('+=', '-=', '^=', '|=', '&=', '<<=', '>>=', '>>>='),
          tie('integer'),
        )
        .map(([to, op, value]) => `${to} ${op} ${value};\n${to} |= 0;`),
      fc
        .tuple(tie('integer'), tie('integer'))
        .map(([at, value]) => `bytes[(${at}) & 7] = ${value};`),
      fc
        .tuple(tie('integer'), fc.constantFrom('+=', '^=', '-='), tie('integer'))
        .map(([at, op, value]) => `list[(${at}) & 3] ${op} (${value}) & 1023;`),
      tie('integer').map((value) => `box.value = (${value}) & 65535;`),
      tie('integer').map(
        (value) => `map.set(word, ${value});\nword = word.length > 5 ? 'x' : word + 'y';`,
      ),
      fc
        .tuple(tie('condition'), tie('block'), tie('block'))
        .map(([test, yes, no]) => `if (${test}) ${yes} else ${no}`),
      tie('block').map((body) => `for (let i = 0; i < 3; i++) ${body}`),
      fc
        .tuple(tie('condition'), tie('block'))
        .map(
          ([test, body]) =>
            `for (const item of [1, 2, 3]) { a += item; if (${test}) continue; ${body.slice(1)}`,
        ),
      fc
        .tuple(tie('integer'), tie('block'), tie('block'))
        .map(
          ([of, one, other]) =>
            `switch ((${of}) & 3) { case 0: case 1: ${one} break; case 2: if (a > b) break; c ^= 1; break; default: ${other} }`,
        ),
      fc
        .tuple(tie('condition'), tie('block'))
        .map(
          ([test, body]) =>
            `try { if (${test}) throw new Error('e'); ${body.slice(1, -1)} } catch { b ^= 5; } finally { c += 1; }`,
        ),
      tie('integer').map(
        (value) => `{ const add = (n: number): number => (n + (${value})) | 0; a = add(b); }`,
      ),
      tie('integer').map((value) => `console.log(${value}, a, b, c);`),
      tie('integer').map((value) => `fields['k' + String(a & 3)] = ${value};`),
      fc.constantFrom(
        "delete fields['k1'];",
        'console.log(JSON.stringify(fields));',
        'seen.add(a & 7);',
        '[a, b] = [b, a];',
        '{ const [one, other = 3] = list; a = (one ?? 2) ^ other; }',
        '{ const { n, t } = record; a ^= n; word = t.slice(0, 2); }',
        'for (const [key, value] of map) { a ^= value; if (a > 5) map.delete(key); }',
        'for (const value of numbers(3)) c = (c + value) | 0;',
        'box.next = box.next === null ? new Derived(a & 15) : null;',
        'console.log(box.label, `${word}:${a & 255}`);',
      ),
      fc
        .tuple(tie('condition'), tie('block'))
        .map(
          ([test, body]) =>
            `outer: for (const x of [1, 2]) { for (const y of [1, 2]) { if (${test}) continue outer; if (x + y > 3) break outer; ${body.slice(1)} }`,
        ),
      fc
        .tuple(tie('condition'), tie('block'))
        .map(
          ([test, body]) =>
            `{ let turns = 0; do { turns++; ${body.slice(1, -1)} } while (turns < 3 && ${test}); }`,
        ),
    ),
    block: fc.array(tie('statement'), { maxLength: 3 }).map((all) => `{ ${all.join('\n')} }`),
  }))
  .block.map(
    (body) => `class Box {
  value = 5;
  next: Box | null = null;
  get label(): string { return this.next === null ? 'last' : 'more'; }
  twice(): number { return this.value * 2; }
}
class Derived extends Box {
  constructor(value: number) { super(); this.value = value; }
  override twice(): number { return super.twice() + 1; }
}
const box = new Box();
const fields: Record<string, number> = { k0: 1 };
const seen = new Set<number>();
function maybe(n: number): Box | undefined { return n > 0 ? box : undefined; }
function rest(...values: number[]): number { return values.length; }
function divide(x: number, y: number): number {
  const value = x / y;
  return Number.isFinite(value) ? Math.floor(x / y) : Number.isNaN(value) ? -1 : x % y === 0 ? 1 : 2;
}
function* numbers(upTo: number): Generator<number> { for (let i = 0; i < upTo; i++) yield i * 3; }
const bytes = new Uint8Array([1, 2, 4, 8, 16, 32, 64, 128]);
const list = [3, 5, 7, 11];
const map = new Map<string, number>();
const record = { n: 9, t: 'text' };
let word = 'w';
function find(n: number): number | undefined { return list.find((one) => one > n); }
function pick(n: number): number {
  switch (n & 3) {
    case 0: return 10;
    case 1: return n ^ 0x55;
    default: return record.n;
  }
}
export function run(): void {
  let a = 1;
  let b = -2;
  let c = 3;
  ${body}
  console.log(a, b, c, word, record.n, record.t);
}
for (let round = 0; round < 2; round++) run();
console.log(Array.from(bytes).join(), list.join(), box.value);
for (const [key, value] of map) console.log(key, value);
`,
  );
