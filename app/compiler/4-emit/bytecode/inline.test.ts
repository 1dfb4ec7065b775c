import { describe, expect, it } from 'vitest';
import { compile } from '../../compile.ts';
import { runBoth, runMicroPython } from '../../testing/run-both.ts';
import { translateTraceback } from '../../traceback.ts';
import { readMpy, type Code } from './mpy-file.ts';
import { decode } from './instructions.ts';
import { deepest, depthsOf, readSignature, variablesOf, writeSignature } from './stack.ts';

const SOURCE = `
class Box {
  private count = 0;
  readonly items: number[] = [];
  inner: Box | null = null;
  fill(upTo: number): number {
    for (let i = 0; i < upTo; i += 1) this.put(i, i * 2 + 1);
    this.note('filled');
    return this.sum() + this.firstOver(4);
  }
  private put(key: number, value: number): void {
    if (key === 3) return;
    let twice = value;
    twice += this.count;
    this.items.push(twice);
    this.count += 1;
  }
  private note(text: string): string {
    console.log('note', text, text.length);
    return text;
  }
  private sum(): number {
    let all = 0;
    for (const item of this.items) all += item;
    return all;
  }
  /** Returns out of a loop, a value that is made there. */
  private firstOver(limit: number): number {
    for (const item of this.items) {
      for (const other of this.items) {
        if (item + other > limit) return item * 100 + other;
      }
    }
    return -1;
  }
  drop(): boolean {
    return this.isBig(this.items.length > 2 ? this.items[0] : 7, 5) && !this.isEmpty();
  }
  private isBig(value: number, limit: number): boolean {
    return value > limit;
  }
  private isEmpty(): boolean {
    if (this.items.length === 0) return true;
    return false;
  }
  /** Asked on another object. */
  total(scale: number): number {
    const mine = this.count * scale;
    return mine + this.deep(3);
  }
  private deep(left: number): number {
    return left === 0 ? 0 : 1 + this.deep(left - 1);
  }
}
for (let i = 0; i < 2; i += 1) console.log(i);
const shortened = (text: string): string => (text.length > 3 ? 'long' : text);
function describeBox(box: Box, name: string): string {
  let text = shortened(name);
  text += ':' + String(box.total(10));
  return text;
}
function guarded(list: number[], at: number): string {
  try {
    return 'ok ' + String(checked(list, at));
  } catch (error) {
    return 'caught ' + (error instanceof Error ? error.message : '');
  } finally {
    console.log('finally');
  }
}
function checked(list: number[], at: number): number {
  if (at >= list.length) throw new RangeError('no element ' + String(at));
  const makers = list.map((one) => one + 1);
  return makers[at];
}
function* counted(upTo: number): Generator<number> {
  for (let i = 0; i < upTo; i += 1) yield square(i);
}
function square(value: number): number {
  return value * value;
}
function swapped(first: number, second: number): string {
  return String(first) + String(second);
}
function changes(value: number): number {
  let left = value;
  left = changed(left, left + 1);
  return left;
}
function changed(value: number, other: number): number {
  value += other;
  other = value * 2;
  return value + other;
}
export function run(): void {
  const box = new Box();
  console.log(box.fill(6));
  console.log(String(box.drop()), describeBox(box, 'box'));
  console.log(guarded([1, 2], 1), guarded([1, 2], 5));
  console.log(Array.from(counted(4)).join(','));
  let place = 1;
  place += 1;
  console.log(swapped(place, place + 1), changes(3));
}
run();
`;

const functionsOf = (code: Code): Code[] => [code, ...code.children.flatMap(functionsOf)];

describe('a function that is called once', () => {
  it('does the same in the place of its call', async () => {
    const files = { 'main.ts': SOURCE };
    const [one] = await runBoth([{ files, entry: 'main.ts' }], { bundle: true });
    const { v8, micropython, result } = one!;
    expect(result.diagnostics).toEqual([]);
    expect(micropython.error).toBe('');
    expect(micropython.output).toBe(v8.output);
    const plain = await compile(files, { entries: ['main.ts'] });
    const count = (made: typeof result): number =>
      functionsOf(readMpy(made.modules.at(-1)!.mpy).module).length;
    // All but run, deep, which calls itself, the generator, the lambda, what is asked of None, and bodies with handlers.
    expect(count(plain) - count(result)).toBeGreaterThanOrEqual(9);
  });

  it('is refused by an object that is not there before it does anything', async () => {
    const source = `class Door {
  opened = 0;
  tell(text: string): void {
    console.log('telling', text);
    this.opened += 1;
  }
}
function knock(door: Door | null, text: string): string {
  try {
    talk(door as Door, text);
    return 'told';
  } catch {
    return 'nobody';
  }
}
function talk(door: Door, text: string): void {
  door.tell(text + '!');
}
console.log(knock(new Door(), 'hello'), knock(null, 'again'));
`;
    const [one] = await runBoth([{ files: { 'main.ts': source }, entry: 'main.ts' }], {
      bundle: true,
    });
    expect(one!.result.diagnostics).toEqual([]);
    expect(one!.micropython).toEqual(one!.v8);
    // Neither tell() nor talk() is a function any more.
    const names = Object.values(one!.result.modules[0]!.shortNames!);
    expect(names.includes('tell') || names.includes('talk')).toBe(false);
  });

  it('stays where it is when the loop around its call would be longer than a jump can be', async () => {
    const part = (name: string): string =>
      `function ${name}(): void {\n${Array.from({ length: 1000 }, (_, i) => `  f(${String(i)});`).join('\n')}\n}\n`;
    const text = `let n = 0;
function f(by: number): void { n = (n + by) & 0xffff; }
${part('a')}${part('b')}${part('c')}
export function run(): void {
  for (let i = 0; i < 3; i += 1) { a(); b(); c(); f(i); }
}
run();
console.log(n);
`;
    const [one] = await runBoth([{ files: { 'main.ts': text }, entry: 'main.ts' }], {
      bundle: true,
    });
    expect(one!.result.diagnostics).toEqual([]);
    expect(one!.micropython.error).toBe('');
    expect(one!.micropython.output).toBe(one!.v8.output);
  });

  it('has a frame that holds its variables and its stack', async () => {
    const result = await compile({ 'main.ts': SOURCE }, { entries: ['main.ts'], bundle: true });
    for (const code of functionsOf(readMpy(result.modules[0]!.mpy).module)) {
      const list = decode(code);
      const depths = depthsOf(list);
      expect(depths).toBeDefined();
      const signature = readSignature(code.signature);
      expect([...writeSignature(signature)]).toEqual([...code.signature]);
      const needed = variablesOf(code, list, signature) + deepest(list, depths!);
      expect(signature.frameSize).toBeGreaterThanOrEqual(needed);
    }
  });

  it('is still in the traceback, with its caller', async () => {
    const files = {
      'main.ts': `function outer(list: number[]): number {
  const first = list[0];
  return middle(list, first) + 1;
}
function middle(list: number[], first: number): number {
  let sum = first;
  sum += inner(list);
  return sum;
}
function inner(list: number[]): number {
  if (list.length < 5) {
    throw new Error('short');
  }
  return 1;
}
console.log(outer([1]));
`,
    };
    const result = await compile(files, { entries: ['main.ts'], bundle: true });
    const [outcome] = await runMicroPython([{ result, entry: 'main.ts' }]);
    const text = translateTraceback(outcome?.error ?? '', result.modules);
    const frames = text.split('\n').filter((line) => line.includes('File "main'));
    expect(frames.map((line) => line.trim())).toEqual([
      'File "main.ts", line 16, in <module>',
      'File "main.ts", line 3, in outer',
      'File "main.ts", line 7, in middle',
      'File "main.ts", line 12, in inner',
    ]);
  });
});
