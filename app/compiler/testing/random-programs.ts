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
    ),
    block: fc.array(tie('statement'), { maxLength: 3 }).map((all) => `{ ${all.join('\n')} }`),
  }))
  .block.map(
    (body) => `class Box {
  value = 5;
  twice(): number { return this.value * 2; }
}
const box = new Box();
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
