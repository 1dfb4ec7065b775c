import { describe, expect, it } from 'vitest';
import { runBoth } from '../../testing/run-both.ts';
import type { Draft } from './inline.ts';
import type { Instruction } from './instructions.ts';
import { isLoad, isStore, readSignature, variableOf, writeSignature } from './stack.ts';
import { packVariables } from './variables.ts';

const LOAD_FAST_N = 0x24;
const STORE_FAST_N = 0x26;
const JUMP = 0x42;
const JUMP_IF = 0x43;
const POP_TOP = 0x59;
const RETURN = 0x63;
const ZERO = 0x80;

const plain = (code: number, operand = 0): Instruction => ({ code, operand, line: 1 });
const load = (variable: number): Instruction => plain(LOAD_FAST_N, variable);
const store = (variable: number): Instruction => plain(STORE_FAST_N, variable);

function packed(
  list: Instruction[],
  parameters: number,
  count: number,
): { list: Instruction[]; variables: number[]; frameSize: number } {
  const signature = { handlers: 0, flags: 0, keywordOnly: 0, defaults: 0, parameters };
  const code = {
    signature: writeSignature({ ...signature, frameSize: count + 3 }),
    cells: new Uint8Array(0),
  };
  packVariables({ code, list, isClassBody: false } as unknown as Draft);
  return {
    list,
    variables: list.flatMap((one) => variableOf(one) ?? []),
    frameSize: readSignature(code.signature).frameSize,
  };
}

describe('variables of a function', () => {
  it('share a place when they are not needed at the same time', () => {
    // Twenty, set and read one after the other; the parameter is read at the end.
    const list = Array.from({ length: 20 }, (_, at) => [
      plain(ZERO),
      store(at + 1),
      load(at + 1),
      plain(POP_TOP),
    ]).flat();
    list.push(load(0), plain(RETURN));
    const { variables, frameSize } = packed(list, 1, 21);
    expect(new Set(variables)).toEqual(new Set([0, 1]));
    expect(frameSize).toBe(2 + 3);
  });

  it('keep places of their own while both are needed, also over the end of a loop', () => {
    const list = [plain(ZERO), store(1), plain(ZERO), store(2)];
    const start = load(1);
    list.push(start, plain(POP_TOP), plain(ZERO), store(3), load(3), plain(POP_TOP));
    list.push(load(0), { ...plain(JUMP_IF), target: start }, load(2), plain(RETURN));
    for (let unused = 4; unused < 20; unused++) list.splice(4, 0, plain(ZERO), store(unused));
    const { list: made } = packed(list, 1, 20);
    const at = made.indexOf(start);
    const inLoop = made.slice(at).flatMap((one) => variableOf(one) ?? []);
    // 1 and 2 are needed around the loop while 3 is set and read in it.
    expect(new Set([inLoop[0], inLoop[1], inLoop.at(-1)]).size).toBe(3);
    expect(inLoop[1]).toBe(inLoop[2]);
  });

  it('that are copies of what nobody needs any more are that', () => {
    const { list, variables } = packed([load(1), store(2), load(2), plain(RETURN)], 2, 3);
    expect(list.filter((one) => isStore(one) || isLoad(one))).toHaveLength(1);
    expect(variables).toEqual([1]);
  });

  it('are two when the first is read after the copy was changed', () => {
    const list = [load(1), store(2), plain(ZERO), store(2), load(2), plain(POP_TOP), load(1)];
    const { variables } = packed([...list, plain(RETURN)], 2, 3);
    expect(variables.at(-1)).toBe(1);
    expect(variables.at(-2)).not.toBe(1);
  });

  it('that are read before they are set have a place that nobody else sets', () => {
    const end = load(2);
    const list = [load(0), { ...plain(JUMP_IF), target: end }, plain(ZERO), store(1), load(1)];
    list.push(plain(POP_TOP), { ...plain(JUMP), target: end }, end, plain(RETURN));
    for (let unused = 3; unused < 20; unused++) list.splice(2, 0, plain(ZERO), store(unused));
    const { list: made } = packed(list, 1, 20);
    const own = variableOf(end);
    expect(made.some((one) => isStore(one) && variableOf(one) === own)).toBe(false);
  });
});

it('a function that many were put into does what they did', async () => {
  const small = Array.from(
    { length: 12 },
    (_, at) =>
      `  private step${String(at)}(a: number, b: number): number {\n    const c = a * ${String(at + 2)} + b;\n` +
      `    let d = c;\n    for (let i = 0; i < ${String((at % 3) + 1)}; i += 1) d += c % (i + 2);\n` +
      `    if (d % 2 === 0) return d - a;\n    const e = d + this.sum;\n    this.sum = e % 101;\n    return e;\n  }\n`,
  ).join('');
  const calls = Array.from(
    { length: 12 },
    (_, at) => `    x = this.step${String(at)}(x % 97, y); y = (x + y) % 89;\n`,
  ).join('');
  const source =
    `class Chain {\n  private sum = 1;\n  run(x: number): string {\n    let y = 3;\n${calls}` +
    `    return String(x) + ' ' + String(y) + ' ' + String(this.sum);\n  }\n${small}}\n` +
    `const chain = new Chain();\nfor (let i = 0; i < 20; i += 1) console.log(chain.run(i));\n`;
  const [one] = await runBoth([{ files: { 'main.ts': source }, entry: 'main.ts' }], {
    bundle: true,
  });
  expect(one!.result.diagnostics).toEqual([]);
  expect(one!.micropython.error).toBe('');
  expect(one!.micropython.output).toBe(one!.v8.output);
});
