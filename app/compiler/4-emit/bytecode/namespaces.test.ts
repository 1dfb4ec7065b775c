import { describe, expect, it } from 'vitest';
import { runBoth } from '../../testing/run-both.ts';
import { readMpy } from './mpy-file.ts';
import { shareNames } from './namespaces.ts';

const SOURCE = `
interface Shape { readonly label: string; area(): number }
class Base {
  protected size: number;
  late!: string;
  constructor(size: number) { this.size = size; }
  doubled(): number { return this.size * 2; }
}
class Square extends Base implements Shape {
  readonly label = 'square';
  area(): number { return this.size * this.size; }
}
class Line extends Base implements Shape {
  readonly label = 'line';
  private static made = 0;
  width = 1;
  constructor(size: number) { super(size); Line.made += 1; }
  area(): number { return this.size * this.width + Line.made; }
  get thick(): boolean { return this.width > 1; }
  set thick(value: boolean) { this.width = value ? 5 : 1; }
}
class Engine {
  speed = 3;
  brake: Engine | null = null;
  gear = 4;
  step(by: number): number { this.speed += by; return this.speed + this.gear; }
}
class Notes {
  lines: string[] = [];
  limit = 2;
  add(line: string): void {
    if (this.lines.length < this.limit) this.lines.push(line);
  }
}
function told(shape: Shape): string { return shape.label + String(shape.area()); }
export function run(): void {
  const line = new Line(4);
  const square = new Square(3);
  line.late = 'later';
  square.late = 'sooner';
  const notes = new Notes();
  for (const one of [told(line), told(square), String(line.doubled() + square.doubled())]) notes.add(one);
  line.thick = true;
  const engine = new Engine();
  engine.brake = new Engine();
  console.log(notes.lines.join(','), engine.step(2), engine.brake.speed, line.late, square.late, String(line.thick), line.area());
}
run();
`;

const namesOf = (long: Readonly<Record<string, string>>): string[][] =>
  Object.entries(long).flatMap(([short, all]) => (short.startsWith('.') ? [all.split('|')] : []));

describe('names that two classes share', () => {
  it('do the same as before', async () => {
    const [one] = await runBoth([{ files: { 'main.ts': SOURCE }, entry: 'main.ts' }], {
      bundle: true,
    });
    const { v8, micropython, result } = one!;
    expect(result.diagnostics).toEqual([]);
    expect(micropython.error).toBe('');
    expect(micropython.output).toBe(v8.output);
    const groups = namesOf(result.modules[0]!.shortNames!);
    expect(groups.some((group) => group.length > 1)).toBe(true);
    const isShared = (a: string, b: string): boolean =>
      groups.some((group) => group.includes(a) && group.includes(b));
    for (const other of ['label', 'doubled', 'area', 'width', 'made', 'thick', 'late'])
      expect(isShared('size', other), other).toBe(false);
    for (const other of ['brake', 'gear', 'step']) expect(isShared('speed', other)).toBe(false);
    // Functions of two names are never called the same, or a traceback could not tell them apart.
    const file = readMpy(result.modules[0]!.mpy);
    const called = file.module.children.flatMap((code) => code.children.map(({ name }) => name));
    const several = called.filter((name) => called.indexOf(name) !== called.lastIndexOf(name));
    expect(new Set(several).size, '__init__, area, and both of thick').toBe(3);
  });
});

it('names are put together, the most used first, where no dictionary holds two of them', () => {
  const name = (name: string, count: number, ...spaces: string[]) => ({
    name,
    count,
    spaces: new Set(spaces),
  });
  expect(
    shareNames([
      name('a', 5, 'A'),
      name('b', 9, 'A', 'B'),
      name('c', 4, 'B'),
      name('d', 7, 'C'),
      name('e', 1, 'A', 'B', 'C'),
    ]),
  ).toEqual([['b', 'd'], ['a', 'c'], ['e']]);
});
