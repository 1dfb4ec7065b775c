/**
 * A small program of several files in which most facts cross files: constants and switches, fields that others write,
 * numbers that may be fractions, interfaces, lists, functions given away, names that collide; and random edits of it.
 */
export const FILES: Readonly<Record<string, string>> = {
  'features.ts': `export const LOUD = false;
export const LIMIT: number = 7;
export const NAME: string = 'none';
export const LAZY_PARTS = ['work.ts'];
`,
  'shapes.ts': `import { LIMIT } from './features.ts';

export interface Shape {
  readonly size: number;
  grow(by: number): number;
}
export interface Row {
  id: number;
  mark?: number;
}
export const MOST = LIMIT * 4;
export const WIDTHS = { small: 2, large: 300 } as const;
export const TABLE = [1, 2, 4, 8];

export function clamp(value: number, most: number = MOST): number {
  return value < 0 ? 0 : value > most ? most : value;
}

export class Box implements Shape {
  size = 1;
  private last: number | null = null;
  readonly width: number;
  constructor(width: number) {
    this.width = width;
  }
  grow(by: number): number {
    this.size += by;
    this.last = by;
    return this.size << 1;
  }
  get twice(): number {
    return this.size * 2;
  }
  forget(): void {
    this.last = null;
  }
}
`,
  'store.ts': `import { Box, clamp, MOST, type Row, TABLE } from './shapes.ts';

export class Store {
  readonly rows: Row[] = [];
  readonly bytes = new Uint8Array(16);
  private readonly known = new Map<number, Box>();
  count = 0;

  add(id: number): Row {
    const row = { id, mark: TABLE[id & 3]! };
    if (this.rows.length < MOST) this.rows.push(row);
    this.count = clamp(this.count + 1);
    this.bytes[id & 15] = this.count;
    return row;
  }
  box(id: number): Box {
    let box = this.known.get(id);
    if (box === undefined) {
      box = new Box(id);
      this.known.set(id, box);
    }
    return box;
  }
  sum(of: (row: Row) => number): number {
    let all = 0;
    for (let at = 0; at < this.rows.length; at++) all = (all + of(this.rows[at]!)) | 0;
    return all;
  }
}
export const markOf = (row: Row): number => row.mark ?? -1;
`,
  'work.ts': `import { clamp, WIDTHS } from './shapes.ts';
import type { Store } from './store.ts';

export function work(store: Store, times: number): string {
  const names: string[] = [];
  for (let time = 0; time < times; time++) {
    const row = store.add(time);
    names.push(\`\${row.id}:\${clamp(time, WIDTHS.small)}\`);
  }
  return names.join(' ');
}
`,
  'half.ts': `import type { Shape } from './shapes.ts';

export function half(value: number): number {
  return Math.floor(value / 2);
}
export class Circle implements Shape {
  size = 3;
  grow(by: number): number {
    this.size = half(this.size + by);
    return this.size;
  }
  unused(): number {
    return half(this.size) >> 1;
  }
}
export function each<T>(list: readonly T[], of: (one: T) => number): number {
  let all = 0;
  for (const one of list) all += of(one);
  return all;
}
`,
  'main.ts': `import { LOUD, NAME } from './features.ts';
import { Circle, each, half } from './half.ts';
import { Box, type Shape } from './shapes.ts';
import { markOf, Store } from './store.ts';
import { work } from './work.ts';

const store = new Store();
const shapes: Shape[] = [new Box(2), new Circle()];
export function step(now: number): number {
  if (LOUD) console.log(NAME, now);
  const said = work(store, half(now) & 7);
  if (said.length > 9) store.count = 0;
  const grown = each(shapes, (shape) => shape.grow(now & 3));
  return store.sum(markOf) + grown + store.box(now & 1).twice;
}
console.log(step(9), step(4));
`,
};

/** Values for the switches, as compile() takes them. */
export const SWITCHES: readonly Record<string, boolean | number | string>[] = [
  {},
  { LOUD: true },
  { LIMIT: 3 },
  { LIMIT: 2.5 },
  { LOUD: true, NAME: 'x'.repeat(30) },
];

const NUMBERS = ['0', '1', '-1', '0.5', '3', '255', '40000', '2147483647', '4294967296'];
const OPERATORS = ['+', '-', '*', '/', '%', '|', '&', '<<', '>>', '<', '<=', '===', '&&'];
const LINES = [
  '// a line that says nothing',
  'export const extra = (n: number): number => n / 3;',
  'console.log(1);',
  'let half = 2;',
  "import { clamp } from './shapes.ts';",
  'export const given = [work, half];',
  'export class Box2 { size = 0.5; grow(by: string): string { return by; } }',
];
const TYPES = ['number', 'string', 'number | null', 'Row', 'Uint8Array', 'boolean'];

/** One of the numbers, words, operators, types or lines of a text is replaced, left out, doubled, moved or put in. */
export function edited(text: string, below: (limit: number) => number): string {
  const any = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const replaceOne = (pattern: RegExp, make: (was: string) => string): string => {
    const found = [...text.matchAll(pattern)];
    if (found.length === 0) return `${text}// ${String(below(100))}\n`;
    const match = any(found);
    return text.slice(0, match.index) + make(match[0]) + text.slice(match.index + match[0].length);
  };
  const lines = text.split('\n');
  const at = below(lines.length);
  switch (below(9)) {
    case 0:
    case 1:
      return replaceOne(/\b\d+\b/g, () => any(NUMBERS));
    case 2:
      return replaceOne(/ (?:[-+*/%|&<]|<<|>>|<=|===|&&) /g, () => ` ${any(OPERATORS)} `);
    case 3: {
      const words = [...text.matchAll(/\b[a-z][A-Za-z]{2,}\b/g)].map(([word]) => word);
      return replaceOne(/\b[a-z][A-Za-z]{2,}\b/g, () => any(words));
    }
    case 4:
      return replaceOne(/: [A-Za-z| ]+(?=[;,) ])/g, () => `: ${any(TYPES)}`);
    case 5:
      return lines.toSpliced(at, 1).join('\n');
    case 6:
      return lines.toSpliced(at, 0, lines[below(lines.length)]!).join('\n');
    case 7:
      return lines.toSpliced(at, 0, any(LINES)).join('\n');
    default:
      return replaceOne(/\b(?:export|readonly|private) /g, () => '');
  }
}
