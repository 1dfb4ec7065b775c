import { describe, expect, it } from 'vitest';
import { macOf } from './fleet.ts';
import { rehearse } from './scenarios/rehearsal.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { asBytecode, inV8 } from './testing/firmware.ts';

/** A joined board and one without keys; both boot buttons are held for as long as setup wants it. */
function scenario(nodes: number): Scenario {
  const hold = (node: number, fromMs: number, forMs: number): Scenario['events'] => [
    { atMs: fromMs, do: 'button', node, down: true },
    { atMs: fromMs + forMs, do: 'button', node, down: false },
  ];
  return {
    name: 'setup-by-button',
    about: 'a joined board admits one without keys',
    seconds: 30,
    nodes: Array.from({ length: nodes }, (_, i) => ({
      x: 5 * i,
      y: 0,
      startMs: 10 * i,
      keyless: i === nodes - 1,
    })),
    events: [...hold(0, 5000, 1000), ...hold(0, 7000, 5000), ...hold(nodes - 1, 8000, 6000)].sort(
      (a, b) => a.atMs - b.atMs,
    ),
  };
}

async function traceOf(engine: 'v8' | 'micropython'): Promise<string[]> {
  const lines: string[] = [];
  const firmware = engine === 'v8' ? inV8() : await asBytecode();
  const report = await rehearse(scenario(3), {
    firmware,
    seed: 1,
    trace: (line) => lines.push(line),
  });
  expect(report.breaks).toEqual([]);
  return lines;
}

describe('setup by button on virtual boards', () => {
  it('makes the keyless board one of the tree, in bytecode as in V8, event by event', async () => {
    const bytecode = await traceOf('micropython');
    const v8 = await traceOf('v8');
    const keyless = macOf(2);
    expect(bytecode.some((line) => line.includes(`${keyless} nvs mesh.creds`))).toBe(true);
    expect(bytecode.some((line) => line.includes(`${keyless} tree ${macOf(0)}`))).toBe(true);
    expect(bytecode.findIndex((line, i) => line !== v8[i])).toBe(-1);
    expect(bytecode.length).toBe(v8.length);
  }, 120_000);
});
