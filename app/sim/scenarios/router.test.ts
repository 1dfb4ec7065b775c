/** The router's part on virtual boards, as bytecode and in V8: who joins it, on which channel the mesh is, and equal traces. */
import { describe, expect, it } from 'vitest';
import type { FleetFirmware } from '../fleet.ts';
import { firmwareWith } from '../testing/firmware.ts';
import { namedScenario } from './library.ts';
import { Rehearsal } from './rehearsal.ts';
import type { RehearsalReport } from './report.ts';
import type { Scenario } from './scenario.ts';

const { inV8, asBytecode } = firmwareWith({ ROUTER: true });
const decoder = new TextDecoder();

interface Run {
  lines: string[];
  report: RehearsalReport;
  /** "joined", "got ip", "gave up 201" ... of each board in turn. */
  wifi: string[][];
  channels: number[];
  /** Everything on the consoles. */
  text: string;
  /** Names of the roots at the end, and of the boards whose station is on an access point. */
  roots: string[];
  stations: string[];
}

async function run(scenario: Scenario, firmware: FleetFirmware): Promise<Run> {
  const lines: string[] = [];
  const rehearsal = new Rehearsal(scenario, { firmware, seed: 1, trace: (one) => lines.push(one) });
  const wifi: string[][] = rehearsal.observers.map(() => []);
  const macs = rehearsal.observers.map(({ board }) => board.mac);
  rehearsal.world.listen((event) => {
    if (event.kind === 'wifi') wifi[macs.indexOf(event.mac)]?.push(event.text);
  });
  let text = '';
  for (const { board } of rehearsal.observers) {
    const observe = board.onConsole;
    board.onConsole = (bytes) => {
      text += decoder.decode(bytes);
      observe(bytes);
    };
  }
  await rehearsal.advance(scenario.seconds * 1000);
  const { observers } = rehearsal;
  const done = {
    lines,
    report: rehearsal.figures(0),
    wifi,
    text,
    channels: observers.map(({ board }) => board.wireless.channelNumber),
    roots: observers.filter(({ place }) => place?.role === 'root').map(({ board }) => board.name),
    stations: observers
      .filter(({ board }) => board.wireless.station.connected)
      .map(({ board }) => board.name),
  };
  rehearsal.world.close();
  return done;
}

const scenario = (name: string): Scenario => namedScenario(name)!;

describe('a router on virtual boards', () => {
  it('there from the start: the node beside it is root and joins it, all are on its channel', async () => {
    const one = scenario('router');
    const done = await run(one, inV8());
    expect(done.report.breaks).toEqual([]);
    expect(done.channels).toEqual([11, 11, 11, 11]);
    expect(done.roots).toEqual(['node 3']);
    expect(done.stations).toEqual(['node 3']);
    expect(done.wifi.flat().filter((text) => text === 'got ip')).toHaveLength(1);
    expect(done.text).toContain('"router-joined"');
    expect(done.text).toContain('"state":"joined","address":"192.168.1.');
    expect(done.text).not.toContain(one.networkRouter!.password);
  }, 60_000);

  it('switched on after two minutes: found, joined, and the mesh goes to its channel', async () => {
    const done = await run(scenario('router-later'), inV8());
    expect(done.report.breaks).toEqual([]);
    expect(done.channels).toEqual([11, 11, 11, 11]);
    expect(done.stations).toEqual(done.roots);
    expect(done.roots).toHaveLength(1);
  }, 120_000);

  it('switched off: the mesh stays as it is, its tree too; back on: joined again', async () => {
    const done = await run(scenario('router-gone'), inV8());
    expect(done.report.breaks).toEqual([]);
    expect(done.report.heals).toEqual([]);
    expect(done.stations).toEqual(['node 3']);
    expect(done.roots).toEqual(['node 3']);
  }, 120_000);

  it('moved to another channel: everyone follows', async () => {
    const done = await run(scenario('router-moves'), inV8());
    expect(done.report.breaks).toEqual([]);
    expect(done.channels).toEqual([3, 3, 3]);
    expect(done.stations).toEqual(['node 2']);
  }, 60_000);

  it('moved while a node is being switched on, another is off, and one loses its power', async () => {
    const done = await run(scenario('router-moves-in-trouble'), inV8());
    expect(done.report.breaks).toEqual([]);
    expect(done.channels).toEqual([1, 1, 1, 1, 1]);
    expect(done.stations).toEqual(done.roots);
    expect(done.roots).toHaveLength(1);
  }, 120_000);

  it('with another password: nobody joins, the mesh works, and a console says why', async () => {
    const done = await run(scenario('router-refuses'), inV8());
    expect(done.report.breaks).toEqual([]);
    expect(done.stations).toEqual([]);
    expect(done.roots).toHaveLength(1);
    expect(done.text).toContain('"router-refused"');
    expect(done.wifi.flat().filter((text) => text.startsWith('gave up')).length).toBeLessThan(6);
  }, 60_000);

  it('weak in the middle and strong at the edge: the edge is root', async () => {
    const done = await run(scenario('router-at-the-edge'), inV8());
    expect(done.roots).toEqual(['node 0']);
    expect(done.stations).toEqual(['node 0']);
  }, 60_000);

  it.each([
    ['router', scenario('router')],
    ['router-moves', scenario('router-moves')],
    ['router-refuses', { ...scenario('router-refuses'), seconds: 40 }],
    ['router-later', { ...scenario('router-later'), seconds: 100 }],
  ] as const)('both engines leave the same trace: %s', async (_, one) => {
    const v8 = await run(one, inV8());
    const bytecode = await run(one, await asBytecode());
    const at = v8.lines.findIndex((line, i) => line !== bytecode.lines[i]);
    expect(at < 0 ? '' : `${v8.lines[at]} | ${bytecode.lines[at]}`).toBe('');
    expect(bytecode.lines.length).toBe(v8.lines.length);
    expect(v8.report.breaks).toEqual([]);
    expect(bytecode.channels).toEqual(v8.channels);
  }, 240_000); // prettier-ignore
});
