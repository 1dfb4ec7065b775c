import { describe, expect, it } from 'vitest';
import { inV8 } from '../testing/firmware.ts';
import { seededRandom } from '../../base/random.ts';
import { randomEvents, randomScenario } from './random.ts';
import { readScenario } from './read-scenario.ts';
import { rehearse } from './rehearsal.ts';
import type { ScenarioEvent } from './scenario.ts';
import { Soak } from './soak.ts';

const SECONDS = 260;

describe('a soak', () => {
  it('keeps what must never be, tells what healed, and is replayed line by line from the scenario it leaves', async () => {
    const lines: string[] = [];
    const options = {
      firmware: inV8(),
      seed: 4,
      nodes: 5,
      layout: 'room',
      gapSeconds: 15,
    } as const;
    const soak = new Soak({ ...options, trace: (line) => lines.push(line) });
    await soak.advance(SECONDS * 1000);
    const { events, heals, report } = soak.takeFigures();
    expect(report.breaks).toEqual([]);
    expect(events).toBeGreaterThan(10);
    expect(heals.count).toBeGreaterThan(1);
    expect(heals.longestMs).toBeGreaterThanOrEqual(heals.medianMs);
    expect(soak.takeFigures().heals.count).toBe(0);
    const scenario = { ...soak.scenario(), seconds: SECONDS };
    expect(readScenario(JSON.stringify(scenario)).ok).toBe(true);
    const again: string[] = [];
    await rehearse(scenario, { ...options, trace: (line) => again.push(line) });
    const at = lines.findIndex((line, i) => line !== again[i]);
    expect([at, lines[at], again[at]]).toEqual([-1, undefined, undefined]);
    expect(again.length).toBe(lines.length);
  }, 180_000);

  it('leaves its last minutes as a scenario of their own', async () => {
    const soak = new Soak({ firmware: inV8(), seed: 2, nodes: 3, layout: 'room', gapSeconds: 10 });
    await soak.advance(300_000);
    const tail = soak.tail(60_000);
    expect(tail.events.length).toBeGreaterThan(0);
    expect(tail.events.length).toBeLessThan(soak.scenario().events.length);
    expect(Math.min(...tail.events.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(60_000);
    expect(tail.seconds).toBeLessThan(125);
  }, 180_000);
});

describe('random events', () => {
  it('are of every kind that a scenario knows, and each is a scenario that can be read', () => {
    const random = seededRandom(1);
    const place = { count: 5, widthM: 100, heightM: 100, restores: true };
    const events: ScenarioEvent[] = [];
    for (let i = 0; i < 400; i++) events.push(...randomEvents(random, 1000 * i, place));
    const kinds = new Set(events.map((event) => event.do));
    expect([...kinds].sort()).toEqual(
      'air button deafen forge jam kill lose-answer move partition power-cut replay reset send stall start walls'.split(
        ' ',
      ),
    );
    const scenario = { ...randomScenario(1), nodes: randomScenario(1, 5).nodes, events };
    while (scenario.nodes.length < 5) scenario.nodes.push({ x: 0, y: 0 });
    expect(readScenario(JSON.stringify(scenario))).toMatchObject({ ok: true });
  });

  it('have an end wherever they have one, so that the world heals', () => {
    const random = seededRandom(2);
    const place = { count: 4, widthM: 100, heightM: 100, restores: true };
    for (let i = 0; i < 300; i++) {
      const made = randomEvents(random, 0, place);
      const last = made.at(-1)!;
      if (made[0]!.do === 'kill') expect(last.do).toBe('start');
      if (last.do === 'jam' || last.do === 'deafen') expect(last.on).toBe(false);
      if (last.do === 'partition') expect(last.groups).toEqual([]);
      if (last.do === 'walls') expect(last.walls).toEqual([]);
      if (last.do === 'air') expect(last.loss).toBe(0);
    }
  });
});
