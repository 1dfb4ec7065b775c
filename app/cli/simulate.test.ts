import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from './command.ts';
import { runCommandLine } from './run.ts';
import { parseScenario } from './simulate.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulate-'));

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const streams = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
  const status = await runCommandLine(['simulate', ...args], streams, new AbortController().signal);
  return { status, out: out.join('\n'), err: err.join('\n') };
}

const SMALL = {
  name: 'small',
  seconds: 12,
  nodes: [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
  ],
  events: [{ atMs: 11_000, do: 'reset', node: 1 }],
};

describe('simulate', () => {
  it('prints figures as JSON and writes a trace that is the same the next time', async () => {
    const traces = [1, 2].map((n) => join(folder, `trace-${n}`));
    for (const path of traces) {
      const { status, out } = await run(
        '--nodes',
        '3',
        '--seconds',
        '10',
        '--json',
        '--trace',
        path,
      );
      expect(status).toBe(0);
      const figures = JSON.parse(out) as { ok: boolean; nodes: number; formedMs: number };
      expect(figures).toMatchObject({ ok: true, engine: 'v8', nodes: 3, seconds: 10, breaks: [] });
      expect(figures.formedMs).toBeGreaterThan(2400);
    }
    const [first, second] = traces.map((path) => readFileSync(path, 'utf8'));
    expect(first).toMatch(/^0 world node 0 24:0a:c4:00:00:10 node 0\n/);
    expect(first).toContain('\n0 world start 0\n');
    expect(first!.split('\n').length).toBeGreaterThan(50);
    expect(second).toBe(first);
  }, 60_000);

  it('runs a scenario from a file, tells its breaks with status 1, and keeps the smallest that breaks', async () => {
    const path = join(folder, 'small.json');
    const smallest = join(folder, 'smallest.json');
    writeFileSync(path, JSON.stringify({ ...SMALL, expect: { formedMs: 1000 } }));
    const { status, out, err } = await run('--scenario', path, '--save', smallest);
    expect(status).toBe(1);
    expect(out).toMatch(/BREAK at .* expectation: no single tree 1000 ms after the start/);
    expect(err).toMatch(/1 nodes and 0 events are enough: simulate --scenario/);
    const again = await run('--scenario', smallest);
    expect(again.status).toBe(1);
  }, 60_000);

  it.each([
    [['--engine', 'ruby'], /--engine is v8 or micropython/],
    [['--nodes', '0'], /--nodes is a whole number from 1/],
    [['--seconds', 'ten'], /--seconds is a whole number/],
    [['--scenario', 'nothing'], /there is no scenario "nothing"/],
    [['--scenario', 'room', '--nodes', '4'], /--nodes goes with field and random/],
    [['--runs', '4'], /--runs goes with --scenario random/],
  ])('refuses wrong usage: %j', async (args, message) => {
    const { status, err } = await run(...args);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });

  it.each([
    ['{', /is not JSON/],
    ['[]', /"name" is missing/],
    ['{"name":"a","seconds":1,"nodes":[]}', /"nodes" is missing/],
    ['{"name":"a","seconds":1,"nodes":[{"x":1}],"events":[]}', /a node has no place/],
    [JSON.stringify({ ...SMALL, events: [{ atMs: 1, do: 'kill', node: 2 }] }), /names a node/],
  ])('says what is wrong with a file: %s', (text, message) => {
    expect(() => parseScenario('file.json', text)).toThrow(InputError);
    expect(() => parseScenario('file.json', text)).toThrow(message);
  });
});
