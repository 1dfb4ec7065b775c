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
        'sum(list[a & 15]!, 2)',
        '(list[b & 7]! | 0)',
        '(bytes[c & 15]! ^ a)',
        'stack.size',
        '(stack.top() ?? -1)',
        '(stack.pop() ?? -2)',
        'Tally.total',
        'tree(a & 3)',
        '[...words].sort().indexOf(word)',
        'words.join("").length',
        "word.padStart(9, '-').lastIndexOf('-')",
        "word.split('').reverse().length",
        '[...map.values()].reduce((most, one) => (one > most ? one : most), 0)',
        'new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt16(a & 3, a > b)',
        'new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(c & 3)',
        'bytes.subarray(1, 1 + (a & 3)).length',
        'list.slice(-2).concat(list.slice(0, 1)).findLastIndex((one) => one > 3)',
        'Math.clz32(a)',
        '(((a % 97) + 97) % 97)',
        'makers.map((make) => make()).reduce((all, one) => (all + one) | 0, 0)',
        'tail(list).length',
        'parseInt(String(a & 4095), 16)',
        'tryIt(a)',
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
        'stack.push(a & 31).push(c & 7);',
        'Tally.total = a & 15;',
        'Tally.total += 2;',
        'for (const one of seen) { if (one > 3) seen.delete(one); else if (seen.size < 9) seen.add(one + 5); c ^= one; }',
        'map.forEach((value, key) => { c = (c + value + key.length) | 0; });',
        "words.push(word + String(b & 3)); if (words.length > 6) words.splice(1, 3, 'z');",
        'words.sort((x, y) => x.length - y.length || (x < y ? -1 : x > y ? 1 : 0)); console.log(words.join());',
        'for (let i = 0; i < 4; i++) { makers.push(() => i * 3); if ((a & 1) === 0) i++; }',
        'for (const n of [1, 2]) { let held = n + (b & 7); makers.push(() => held++); held += c & 3; }',
        'if (makers.length > 12) makers.length = 0;',
        '{ const { n: renamed, ...others } = record; b ^= renamed; console.log(JSON.stringify(others)); }',
        '{ const [first, ...more] = numbers(4); a = (first ?? 0) + more.length; }',
        '{ const next = { ...record, n: a & 63 }; console.log(JSON.stringify(next), next.t === record.t); }',
        '({ n: b, t: word } = { n: c, t: word.slice(-3) });',
        'blocked: { if (a > c) break blocked; b = (b + 1) | 0; }',
        'bytes.set([a, b, c], 2);',
        'bytes.fill(a & 255, 5);',
        'new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setInt32(a & 3, b, c > 0);',
        'console.log([...seen].join(), Object.entries(fields).map(([k, v]) => `${k}=${v}`).join());',
        'for (const n of closing(3)) { if (n === 1) break; a ^= n; }',
        "switch (word) { case 'x': a ^= 1; break; case 'w': case 'wy': b ^= 2; break; default: c ^= 4; }",
        'try { throw new Problem(`p${a & 7}`, b & 3); } catch (caught) { if (caught instanceof Problem) a = (a + caught.code) | 0; }',
        'console.log(parseInt(word, 10), typeof a, word.toUpperCase().replaceAll("Y", "-"));',
        'console.log((a >>> 0).toString(16), (b & 65535).toString(2).padStart(16, "0"), JSON.stringify([a, b, null]));',
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
class Stack<T> {
  readonly #items: T[] = [];
  get size(): number { return this.#items.length; }
  push(item: T): this { this.#items.push(item); if (this.#items.length > 8) this.#items.shift(); return this; }
  pop(): T | undefined { return this.#items.pop(); }
  top(): T | undefined { return this.#items[this.#items.length - 1]; }
}
class Tally {
  static #value = 1;
  static get total(): number { return Tally.#value; }
  static set total(value: number) { Tally.#value = value & 1023; }
}
class Problem extends Error {
  readonly code: number;
  constructor(message: string, code: number) { super(message); this.name = 'Problem'; this.code = code; }
}
const stack = new Stack<number>();
const words = ['b', 'a', 'ccc'];
const makers: (() => number)[] = [];
let closed = 0;
function* closing(to: number): Generator<number> { try { for (let i = 0; i < to; i++) yield i; } finally { closed += 1; } }
function sum(x: number, y: number): number { return Number.isNaN(x + y) ? 1 : x + y; }
function tree(depth: number): number { return depth === 0 ? 1 : tree(depth - 1) + tree(depth - 1); }
function tail<T>(items: readonly T[]): T[] { const [, ...others] = items; return others; }
function tryIt(n: number): number {
  let trace = 0;
  try {
    trace |= 1;
    if ((n & 1) === 0) throw new RangeError('even');
    return trace;
  } catch (caught) {
    trace |= caught instanceof RangeError ? 4 : 8;
  } finally {
    closed += trace;
  }
  return trace;
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
console.log(Array.from(bytes).join(), list.join(), box.value, closed, words.join(), stack.size);
for (const [key, value] of map) console.log(key, value);
`,
  );
