import { beforeAll, describe, expect, it } from 'vitest';
import { buildFirmware } from '../compiler/firmware.ts';
import type { FleetFirmware } from '../sim/fleet.ts';
import { rehearse } from '../sim/scenarios/rehearsal.ts';
import type { Scenario } from '../sim/scenarios/scenario.ts';
import { InputError } from './command.ts';
import { FIRMWARE_FOLDER, readSources } from './files.ts';
import { rehearseGuarded } from './guarded-rehearsal.ts';
import { firmwareFor } from './simulate.ts';

const TWO: Scenario = {
  name: 'two',
  about: '',
  seconds: 8,
  nodes: [
    { x: 0, y: 0 },
    { x: 5, y: 0, name: 'porch' },
  ],
  events: [],
};

/** The firmware with another main module. */
async function firmwareOf(main: string): Promise<FleetFirmware> {
  const sources = await readSources(FIRMWARE_FOLDER);
  const { result } = await buildFirmware({ ...sources, 'board/main.ts': main });
  expect(result.diagnostics).toEqual([]);
  return { engine: 'micropython', modules: result.modules };
}

const usual = { seed: 1, measureHeap: false };
let firmware: FleetFirmware;

beforeAll(async () => {
  firmware = await firmwareFor('micropython');
}, 120_000);

describe('a rehearsal of bytecode in its thread', () => {
  it('leaves the same trace and the same figures as without one', async () => {
    const [guarded, plain]: [string[], string[]] = [[], []];
    const { signal } = new AbortController();
    const trace = (line: string): void => void guarded.push(line);
    const report = await rehearseGuarded({ ...usual, scenario: TWO, firmware, signal, trace });
    const own = await rehearse(TWO, { firmware, seed: 1, trace: (line) => plain.push(line) });
    expect(guarded.length).toBeGreaterThan(50);
    expect(guarded).toEqual(plain);
    expect({ ...report, speed: 0, wallMs: 0 }).toEqual({ ...own, speed: 0, wallMs: 0 });
  }, 120_000);

  it('is ended when a board’s program never comes back, and tells whose', async () => {
    const endless = await firmwareOf(
      `let n = 0;\nexport function step(): boolean {\n  while (n >= 0) n = n === 5 ? 0 : n + 1;\n  return true;\n}\n`,
    );
    const { signal } = new AbortController();
    const [first, second] = TWO.nodes;
    const scenario = { ...TWO, nodes: [{ ...first!, startMs: null }, second!] };
    const ended = rehearseGuarded({ ...usual, scenario, firmware: endless, signal, hangMs: 3000 });
    await expect(ended).rejects.toThrow(InputError);
    await expect(ended).rejects.toThrow(/program of "porch" has been running for 3 s .* loop/);
  }, 120_000);

  it('is stopped by control-C at once', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 500);
    const scenario = { ...TWO, seconds: 100_000 };
    const stopped = rehearseGuarded({ ...usual, scenario, firmware, signal: cancel.signal });
    await expect(stopped).rejects.toThrow(/^stopped$/);
  }, 60_000);
});
