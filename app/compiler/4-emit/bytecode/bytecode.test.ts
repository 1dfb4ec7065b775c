import { describe, expect, it } from 'vitest';
import { compile } from '../../compile.ts';
import { translateTraceback } from '../../traceback.ts';
import { runMicroPython } from '../../testing/run-both.ts';
import { compileMpy } from '../mpy.ts';
import { FIXED, fixedName, fixedNumber } from './fixed-names.ts';
import { decode, encode } from './instructions.ts';
import { readMpy, writeMpy, type Code } from './mpy-file.ts';
import { shrink } from './shrink.ts';

async function mpyOf(python: string): Promise<Uint8Array> {
  const made = await compileMpy('m', python);
  if (!made.ok) throw new Error(made.message);
  return made.mpy;
}

const LONG = Array.from({ length: 60 }, (_, at) => `  x = g(x, ${String(at * 1000)})\n`).join('');
const PYTHON = `
import gc
from sys import version as v
A = (1, 'two', b'3', 4.5, None, (True, 1 << 40))
def f(a, b=2, *c, d=3, **e):
 for i in range(a):
${LONG}
  if i < 5:
   continue
  try:
   yield [j for j in c if j]
  except ValueError as error:
   raise error
  finally:
   with gc as x:
    break
 while a:
${LONG}
  a -= 1
class Long(object):
 def method(self):
  return lambda: self.method
`;

describe('a .mpy taken apart', () => {
  it('is the same bytes when put together again', async () => {
    const mpy = await mpyOf(PYTHON);
    expect(writeMpy(readMpy(mpy))).toEqual(mpy);
  });

  it('has the same instructions again, the far jumps and those with a byte more included', async () => {
    const visit = (code: Code): void => {
      expect(encode(decode(code)).bytes).toEqual(code.instructions);
      code.children.forEach(visit);
    };
    visit(readMpy(await mpyOf(PYTHON)).module);
  });

  it('is refused when it is cut, has a byte too many or is of another version', async () => {
    const mpy = await mpyOf(PYTHON);
    expect(() => readMpy(mpy.subarray(0, mpy.length - 1))).toThrow('.mpy');
    expect(() => readMpy(Uint8Array.from([...mpy, 0]))).toThrow('left over');
    expect(() => readMpy(Uint8Array.from([0x4d, 5, ...mpy.subarray(2)]))).toThrow('version 6');
  });
});

describe('a .mpy made smaller', () => {
  const names = (mpy: Uint8Array): string[] =>
    readMpy(mpy).names.flatMap((name) => ('text' in name ? [name.text] : []));
  const keep = new Set(['known']);
  const short = async (python: string): Promise<string[]> =>
    names(shrink(await mpyOf(python), { lineOf: (line) => line, keep }).mpy);

  it('calls by a short name what only the program knows', async () => {
    const found = await short(
      'def internal(first, second):\n return first.member_one + known(second)\n' +
        'def known(x):\n x.member_one = 1\n return internal(x, 2)\n',
    );
    expect(found).toContain('known');
    for (const name of ['internal', 'first', 'second', 'member_one'])
      expect(found).not.toContain(name);
  });

  it('leaves the names of the runtime, of imports, of texts and of what is reached by text', async () => {
    const found = await short(
      'from board import thing\ndef f(o):\n o.by_text = o.never_set\n o.popleft = getattr(o, "by_text")\n' +
        ' return thing(o, keyword=1)\n',
    );
    for (const name of ['thing', 'never_set', 'by_text', 'keyword']) expect(found).toContain(name);
    expect(found.some((name) => name === 'popleft')).toBe(true);
  });

  it('gives a name to one member and one variable at most where nothing is known of classes', async () => {
    const { names: given } = shrink(
      await mpyOf('class A:\n def aa(self): return "b"\n def bb(self): return self.aa() + "a"\n'),
      { lineOf: (line) => line, keep },
    );
    expect(Object.values(given).sort()).toEqual(['A', 'A', 'bb', 'bb']);
    expect(Object.keys(given).filter((one) => /^[.:]/.test(one))).toHaveLength(2);
  });

  it('keeps every name when it is one of several modules', async () => {
    const mpy = await mpyOf('def internal(first):\n return first.member_one\n');
    const { mpy: smaller, names: given } = shrink(mpy, { lineOf: (line) => line });
    expect(names(smaller)).toEqual(expect.arrayContaining(['internal', 'member_one']));
    expect(given).toEqual({});
    expect(smaller.length).toBeLessThan(mpy.length);
  });
});

it('is translated back in tracebacks: functions, members and places', async () => {
  const files = {
    'main.ts': `class Holder {
  held: { list: number[] } | null = null;
  first(): number {
    const place = 3;
    const other = place;
    return this.asked(other);
  }
  asked(other: number): number {
    if (other > 2) {
      throw new Error(\`no \${String(other >>> 1)}\`);
    }
    return other;
  }
}
console.log(new Holder().first());
`,
  };
  const result = await compile(files, { entries: ['main.ts'], bundle: true });
  expect(result.diagnostics).toEqual([]);
  const [outcome] = await runMicroPython([{ result, entry: 'main.ts' }]);
  expect(outcome?.error).not.toContain('in asked');
  const text = translateTraceback(outcome?.error ?? '', result.modules);
  expect(text).toContain('File "main.ts", line 15, in <module>');
  expect(text).toContain('File "main.ts", line 6, in first');
  expect(text).toContain('File "main.ts", line 10, in asked');
  const entries = Object.entries(result.modules[0]!.shortNames!);
  const [member, long] = entries.find(([short]) => short.startsWith('.'))!;
  const type = entries.find(([short, name]) => short.startsWith(':') && name === 'Holder')![0];
  const message = `  File "main.py", line 3, in f\nAttributeError: '${type.slice(1)}' object has no attribute '${member.slice(1)}'\n`;
  expect(translateTraceback(message, result.modules)).toContain(
    `'Holder' object has no attribute '${long}'`,
  );
});

describe('names that every board has built in', () => {
  it('have the numbers that mpy-cross gives them', async () => {
    const names = [...FIXED, '__init__', '__module__', '__name__', '__qualname__'];
    const file = readMpy(await mpyOf(names.map((name) => `o.${name}\n`).join('')));
    const numbers = file.names.flatMap((one) => ('fixed' in one ? one.fixed : []));
    const found = numbers.map(fixedName).filter((name) => name !== undefined);
    expect(found.sort()).toEqual([...names, '<module>'].sort());
    for (const name of FIXED) expect(numbers).toContain(fixedNumber(name));
  });
});

describe('a program in a bundle', () => {
  const source = `
const limit = 3;
let count = 0;
class Meter {
  level = 1;
  peak: Meter | null = null;
  raise(by: number): number {
    const next = this.level + by;
    if (!(next < 100)) return -1;
    while (this.level < next) {
      if (this.level > 90) { if (by > 5) continue; else break; }
      this.level += 1;
    }
    return this.level;
  }
}
class Failure extends Error {
  override name = 'Failure';
}
function measure(meter: Meter): string {
  count += 1;
  try {
    if (count > limit) throw new Failure('too often');
    return String(meter.raise(count));
  } catch (error) {
    return error instanceof Error ? String(error) : '';
  } finally {
    count += 10;
  }
}
export function run(): string {
  const meter = new Meter();
  return [measure(meter), measure(meter), String(meter.raise(200)), String(count)].join(' ');
}
console.log(run());
export function fall(): number {
  const meter = new Meter();
  return (meter.peak as unknown as Meter).level;
}
`;

  it('does the same with fewer instructions and shared names, its classes without what nobody reads', async () => {
    const result = await compile({ 'main.ts': source }, { entries: ['main.ts'], bundle: true });
    expect(result.diagnostics).toEqual([]);
    const [outcome] = await runMicroPython([{ result, entry: 'main.ts' }]);
    expect(outcome?.output.trim()).toBe('2 Failure: too often -1 22');
    const file = readMpy(result.modules[0]!.mpy);
    const fixed = file.names.flatMap((one) => ('fixed' in one ? fixedName(one.fixed) : []));
    expect(fixed).not.toContain('__qualname__');
    const long = result.modules[0]!.shortNames!;
    const members = Object.keys(long).filter((one) => one.startsWith('.'));
    const shared = members.filter((one) => Object.hasOwn(long, `:${one.slice(1)}`));
    expect(shared.length).toBeGreaterThan(0);
    expect(new Set(Object.values(long)).size).toBeGreaterThanOrEqual(5);
  });

  it('has members and variables told apart in messages', () => {
    const module = {
      path: 'main.ts',
      name: 'main',
      lineMap: [1],
      shortNames: { b: 'measure', ':a': 'Meter', ':b': 'count', '.b': 'level|peak' },
    };
    const text = (message: string): string =>
      translateTraceback(`  File "main.py", line 1, in b\n${message}`, [module]);
    expect(text("AttributeError: 'a' object has no attribute 'b'")).toBe(
      `  File "main.ts", line 1, in measure\nAttributeError: 'Meter' object has no attribute 'level|peak'`,
    );
    expect(text("NameError: name 'b' isn't defined")).toContain("name 'count' isn't");
  });
});
