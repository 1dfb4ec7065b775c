type Animal = { kind: 'cat'; lives: number } | { kind: 'dog'; name: string } | { kind: 'fish' };
function isDog(a: Animal): a is Extract<Animal, { kind: 'dog' }> {
  return a.kind === 'dog';
}
function assertCat(a: Animal): asserts a is Extract<Animal, { kind: 'cat' }> {
  if (a.kind !== 'cat') throw new Error('not a cat');
}
function over(x: number): string;
function over(x: string): number;
function over(x: number | string): number | string {
  return typeof x === 'number' ? `n${x}` : x.length;
}
const animals: Animal[] = [
  { kind: 'cat', lives: 9 },
  { kind: 'dog', name: 'rex' },
  { kind: 'fish' },
];
for (const a of animals) {
  if (isDog(a)) console.log(a.name);
  try {
    assertCat(a);
    console.log(a.lives);
  } catch (e) {
    console.log((e as Error).message);
  }
}
console.log(over(5), over('abc'));
const palette = { red: [255, 0, 0], green: '#0f0' } satisfies Record<string, number[] | string>;
console.log(palette.red.length, palette.green.toUpperCase());
const LEVELS = ['low', 'mid', 'high'] as const;
type Level = (typeof LEVELS)[number];
const lv: Level = 'mid';
console.log(LEVELS.indexOf(lv), LEVELS.length);
function describe(x: string | number | boolean | null | number[]): string {
  if (x === null) return 'null';
  if (typeof x === 'string') return `s${x}`;
  if (typeof x === 'number') return `n${x}`;
  if (typeof x === 'boolean') return `b${x}`;
  return `a${x.length}`;
}
console.log(describe('q'), describe(1), describe(true), describe(null), describe([1, 2]));
console.log(typeof 'x', typeof 5, typeof true, typeof undefined, typeof {}, typeof (() => 1));
