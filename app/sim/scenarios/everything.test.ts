/** Router and tree of Wi-Fi links in one firmware, as the profile `full` has them: one station is on the router, all others on a parent. */
import { describe, expect, it } from 'vitest';
import type { FleetFirmware } from '../fleet.ts';
import { firmwareWith } from '../testing/firmware.ts';
import { namedScenario } from './library.ts';
import { Rehearsal } from './rehearsal.ts';
import type { RehearsalReport } from './report.ts';
import type { Scenario } from './scenario.ts';

const { inV8, asBytecode } = firmwareWith({ ROUTER: true, WIFI_TREE: true });

interface Run {
  lines: string[];
  report: RehearsalReport;
  channels: number[];
  roots: string[];
  /** The name of the network that each board's station is on, '' for none. */
  stations: string[];
}

async function run(scenario: Scenario, firmware: FleetFirmware): Promise<Run> {
  const lines: string[] = [];
  const rehearsal = new Rehearsal(scenario, { firmware, seed: 1, trace: (one) => lines.push(one) });
  await rehearsal.advance(scenario.seconds * 1000);
  const { observers } = rehearsal;
  const done = {
    lines,
    report: rehearsal.figures(0),
    channels: observers.map(({ board }) => board.wireless.channelNumber),
    roots: observers.filter(({ place }) => place?.role === 'root').map(({ board }) => board.name),
    stations: observers.map(({ board }) => {
      const { station } = board.wireless;
      return station.connected ? new TextDecoder().decode(station.config.ssid) : '';
    }),
  };
  rehearsal.world.close();
  return done;
}

/** Exactly the root is on the router; all others on some access point of the mesh. */
function expectTree(done: Run, scenario: Scenario): void {
  const router = scenario.networkRouter!.ssid;
  const onRouter = done.stations.flatMap((name, i) => (name === router ? [`node ${i}`] : []));
  expect(onRouter).toEqual(done.roots);
  expect(done.roots).toHaveLength(1);
  expect(done.stations.filter((name) => name === '')).toEqual([]);
}

const scenario = (name: string, seconds: number): Scenario => ({
  ...namedScenario(name)!,
  seconds,
});

describe('a router and links over Wi-Fi together', () => {
  it('the root is on the router, every other node on its parent, all on one channel', async () => {
    const one = scenario('router', 60);
    const done = await run(one, inV8());
    expect(done.report.breaks).toEqual([]);
    expect(done.channels).toEqual([11, 11, 11, 11]);
    expectTree(done, one);
  }, 120_000);

  it('the router goes to another channel: root, links and all follow', async () => {
    const one = scenario('router-moves', 110);
    const done = await run(one, inV8());
    expect(done.report.breaks).toEqual([]);
    expect(done.channels).toEqual([3, 3, 3]);
    expectTree(done, one);
  }, 120_000);

  it('both engines leave the same trace', async () => {
    const one = scenario('router-moves', 45);
    const v8 = await run(one, inV8());
    const bytecode = await run(one, await asBytecode());
    const at = v8.lines.findIndex((line, i) => line !== bytecode.lines[i]);
    expect(at < 0 ? '' : `${v8.lines[at]} | ${bytecode.lines[at]}`).toBe('');
    expect(bytecode.lines.length).toBe(v8.lines.length);
  }, 240_000);
});
