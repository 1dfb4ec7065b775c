import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bench } from './testing.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const COUNTER = `
import json, machine, os
me = machine.unique_id()[5]
count = 0
kept = []
def step():
    global count, kept
    count += 1
    kept = [bytes(50 + me) for i in range(20)]
    text = json.dumps({"me": me, "count": count, "size": sum(len(x) for x in kept)})
    if count % 200 == 0:
        print(text)
    return json.loads(text)["me"] == machine.unique_id()[5]
while step():
    pass
`;

describe('MicroPython instances in one realm', () => {
  it('stay apart over thousands of calls with the JavaScript collector forced in between', async () => {
    const b = bench([COUNTER, COUNTER, COUNTER, COUNTER, COUNTER]);
    await b.advance(100);
    for (let i = 0; i < 20; i++) {
      await b.advance(400);
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 0)); // finalisers would run here
    }
    b.boards.forEach((board, i) => {
      expect(board.activity).toBe('running');
      expect(board.measure().turns).toBeGreaterThan(600);
      const me = 0x10 + 2 * i;
      const rows = b.read(i).trim().split('\n');
      const size = 20 * (50 + me);
      expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual(
        [200, 400, 600].slice(0, rows.length).map((count) => ({ me, count, size })),
      );
      expect(rows.length).toBe(3);
    });
  });

  it('do not grow while the firmware only makes garbage', async () => {
    const b = bench([COUNTER]);
    await b.advance(1000);
    const early = b.boards[0]!.measure().heapBytes;
    await b.advance(20000);
    expect(b.boards[0]!.measure().heapBytes).toBeLessThan(early + 200_000);
  });

  it('are made anew at every reset, with empty variables', async () => {
    const b = bench(['try:\n    x += 1\nexcept NameError:\n    x = 0\nprint("x", x)\n']);
    for (let i = 0; i < 5; i++) {
      await b.advance(500);
      expect(b.read()).toMatch(/^x 0\n/);
      b.boards[0]!.reset('run');
    }
  });
});

describe('calls inside an instance', () => {
  it('go without JavaScript, and exceptions find their handlers through fifty of them', async () => {
    const realm = WebAssembly as unknown as Record<string, (...values: unknown[]) => unknown>;
    const instantiate = realm['instantiate']!;
    let given: unknown;
    realm['instantiate'] = (source, imports) => {
      given = (imports as { env: Record<string, unknown> }).env['invoke_iiii'];
      return instantiate.call(WebAssembly, source, imports);
    };
    const main =
      'def deep(n):\n    try:\n        if n == 0:\n            raise ValueError("deep")\n        deep(n - 1)\n    finally:\n        left.append(n)\n' +
      'left = []\ntry:\n    deep(50)\nexcept ValueError as error:\n    print(error, len(left))\n' +
      'for i in range(1000):\n    try:\n        [].pop()\n    except IndexError:\n        pass\nprint("on")\nraise OSError(5)\n';
    const b = bench([main]);
    try {
      await b.advance(1000);
    } finally {
      realm['instantiate'] = instantiate;
    }
    // An exported function of WebAssembly: its name is its number.
    expect((given as { name: string }).name).toMatch(/^\d+$/);
    const text = b.read();
    expect(text).toContain('deep 51\n');
    expect(text).toContain('on\n');
    expect(text).toMatch(/OSError: .*5|OSError: .*EIO/);
  });
});
