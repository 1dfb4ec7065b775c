import { describe, expect, it } from 'vitest';
import { runBoth } from '../../testing/run-both.ts';
import { decode } from './instructions.ts';
import { readMpy, type Code } from './mpy-file.ts';

const SOURCE = `
const log: string[] = [];
function add(text: string): number { return log.push(text); }
class Machine {
  state = 0;
  /** Called twice, and what it gives is dropped. */
  enter(state: number): void {
    if (state === this.state) return;
    if (state < 0) { add('negative'); return; }
    for (let i = 0; i < 3; i += 1) {
      if (i === state) { add('early ' + String(i)); return; }
    }
    this.state = state;
    add('state ' + String(state));
  }
  /** Its result is taken once. */
  leave(): number | undefined {
    if (this.state === 0) return undefined;
    this.state = 0;
    add('left');
    return undefined;
  }
  kind(value: number): boolean {
    if (value < 0) return false;
    if (value > 10) return false;
    for (const one of [1, 2, 3]) {
      if (one === value) return false;
    }
    return value !== 5;
  }
  guarded(value: number): void {
    try {
      if (value === 1) return;
      add('guarded ' + String(value));
    } finally {
      add('finally');
    }
  }
  *steps(upTo: number): Generator<number> {
    for (let i = 0; i < upTo; i += 1) { if (i === 2) return; yield i; }
    add('all steps');
  }
}
export function run(): void {
  const machine = new Machine();
  machine.enter(0);
  machine.enter(-1);
  machine.enter(1);
  machine.enter(7);
  machine.leave();
  console.log(String(machine.leave() === undefined));
  console.log([-1, 11, 2, 5, 7].map((one) => String(machine.kind(one))).join());
  console.log(String(machine.kind(4)));
  machine.guarded(1);
  machine.guarded(2);
  for (const one of machine.steps(5)) add(String(one));
  for (const one of machine.steps(1)) add(String(one));
  const each = (value: number): void => { machine.enter(value); };
  [8, 9].forEach(each);
  console.log(log.join('|'));
}
run();
`;

const functionsOf = (code: Code): Code[] => [code, ...code.children.flatMap(functionsOf)];

describe('returns', () => {
  it('do the same in fewer bytes', async () => {
    const [one] = await runBoth([{ files: { 'main.ts': SOURCE }, entry: 'main.ts' }], {
      bundle: true,
    });
    const { v8, micropython, result } = one!;
    expect(result.diagnostics).toEqual([]);
    expect(micropython.error).toBe('');
    expect(micropython.output).toBe(v8.output);
    const lists = functionsOf(readMpy(result.modules[0]!.mpy).module).map(decode);
    // POP_TOP, LOAD_CONST_NONE, RETURN_VALUE: of the module and run, which others may call, of what is handed to forEach, and of those
    // with a handler or a yield.
    const dropping = lists.filter((list) =>
      list.some(
        ({ code }, at) =>
          code === 0x59 && list[at + 1]?.code === 0x51 && list[at + 2]?.code === 0x63,
      ),
    );
    expect(dropping.length).toBe(5);
    const direct = lists.some((list) =>
      list.some(({ code }, at) => code === 0x63 && [0x34, 0x36].includes(list[at - 1]?.code ?? 0)),
    );
    expect(direct).toBe(true);
    // kind() has one `return False` outside of its loop, and one within, where more is on the stack.
    const falses = lists.map(
      (list) => list.filter(({ code }, at) => code === 0x50 && list[at + 1]?.code === 0x63).length,
    );
    expect(Math.max(...falses)).toBe(2);
  });
});
