/** The tree of Wi-Fi links on virtual boards, as bytecode and in V8: what happens, and that both leave the same trace. */
import { describe, expect, it } from 'vitest';
import type { FleetFirmware } from '../fleet.ts';
import { firmwareWith } from '../testing/firmware.ts';
import { row } from './layout.ts';
import { Rehearsal } from './rehearsal.ts';
import type { RehearsalReport } from './report.ts';
import type { Scenario, ScenarioEvent } from './scenario.ts';

const { inV8, asBytecode } = firmwareWith({ WIFI_TREE: true });

interface Run {
  lines: string[];
  report: RehearsalReport;
  /** "joined", "got ip", "gave up 201" ... of each board in turn. */
  wifi: string[][];
}

/** @param prepare changes boards before they are switched on */
async function run(
  scenario: Scenario,
  firmware: FleetFirmware,
  prepare: (rehearsal: Rehearsal) => void = () => undefined,
): Promise<Run> {
  const lines: string[] = [];
  const rehearsal = new Rehearsal(scenario, { firmware, seed: 1, trace: (one) => lines.push(one) });
  const wifi: string[][] = rehearsal.observers.map(() => []);
  const macs = rehearsal.observers.map(({ board }) => board.mac);
  rehearsal.world.listen((event) => {
    if (event.kind === 'wifi') wifi[macs.indexOf(event.mac)]!.push(event.text);
  });
  prepare(rehearsal);
  return { lines, report: await rehearsal.run(), wifi };
}

function scene(
  name: string,
  seconds: number,
  nodes: Scenario['nodes'],
  events: ScenarioEvent[] = [],
): Scenario {
  return { name, about: name, seconds, nodes, events };
}

/** Nodes that hear the next two of a row, and no further. */
const HOP_M = 150;
const CHAIN = row(3, 190);

/** Node 0 hears 1 to 4 well and 5 badly, who is the only one to hear 6. Nobody else hears anybody. */
function star(seconds: number, events: ScenarioEvent[] = []): Scenario {
  const heard = ['0-1', '0-2', '0-3', '0-4', '0-5', '5-6'];
  const deaf: ScenarioEvent[] = [];
  for (let from = 0; from < 7; from += 1)
    for (let to = 0; to < 7; to += 1)
      if (from !== to && !heard.includes(`${from}-${to}`) && !heard.includes(`${to}-${from}`))
        deaf.push({ atMs: 0, do: 'deafen', from, to, on: true });
  const nodes = [...row(5, 8), { x: 110, y: 0 }, { x: 115, y: 0 }];
  return scene('star', seconds, nodes, [...deaf, ...events]);
}

function count(run: Run, what: string): number {
  return run.wifi.flat().filter((text) => text.startsWith(what)).length;
}

/** Boards whose station is on an access point now. */
function linked({ wifi }: Run): number {
  const own = wifi.map((texts) => texts.filter((text) => !text.startsWith('station ')).at(-1));
  return own.filter((text) => text === 'got ip').length;
}

/** Access points let nobody in, as a chip whose access point does not work. */
function lockedOut(rehearsal: Rehearsal): void {
  for (const { board } of rehearsal.observers) board.wireless.accessPoint.refuses = () => 5;
}

/** Every station believes in another password than the access point's. */
function wrongPassword(rehearsal: Rehearsal): void {
  for (const { board } of rehearsal.observers) {
    const { station } = board.wireless;
    const connect = station.connect.bind(station);
    station.connect = () => {
      station.config = { ...station.config, key: new Uint8Array(16).fill(0x78) };
      return connect();
    };
  }
}

describe('the tree of links on virtual boards', () => {
  it('a chain of three is linked along its tree, also after the one in the middle was off for a while', async () => {
    const chain = scene('chain', 75, CHAIN, [
      { atMs: 30_000, do: 'kill', node: 1 },
      { atMs: 45_000, do: 'start', node: 1 },
    ]);
    const done = await run(chain, inV8());
    expect(done.report.breaks).toEqual([]);
    expect(linked(done)).toBe(2);
    expect(count(done, 'gave up')).toBeLessThanOrEqual(2);
  }, 60_000);

  it('seven in a room: all six others are linked to somebody, no access point has more than four', async () => {
    const room = scene('room', 45, row(7, 8));
    const done = await run(room, inV8());
    expect(done.report.breaks).toEqual([]);
    expect(linked(done)).toBe(6);
    for (const texts of done.wifi)
      expect(texts.filter((text) => /^station .* joined$/.test(text)).length).toBeLessThanOrEqual(
        4,
      );
  }, 60_000);

  it('without an access point that lets anybody in, and with a wrong password, the mesh forms and heals all the same', async () => {
    for (const prepare of [lockedOut, wrongPassword]) {
      const kills = scene('kills', 90, row(5, 12), [
        { atMs: 40_000, do: 'kill', node: 1 },
        { atMs: 55_000, do: 'kill', node: 2 },
      ]);
      const done = await run(kills, inV8(), prepare);
      expect(done.report.breaks).toEqual([]);
      expect(count(done, 'got ip')).toBe(0);
      expect(count(done, 'gave up')).toBeGreaterThan(0);
      expect(count(done, 'gave up')).toBeLessThan(20);
      for (const { healedMs } of done.report.heals) expect(healedMs).toBeLessThan(10_000);
    }
  }, 120_000);

  it('two islands meet over nodes that are switched on between them, and all are linked to one tree', async () => {
    const islands = scene(
      'islands',
      150,
      [
        ...row(2, HOP_M),
        ...row(2, HOP_M, 4 * HOP_M),
        ...row(2, HOP_M, 2 * HOP_M).map((node) => ({ ...node, startMs: null })),
      ],
      [4, 5].map((node) => ({ atMs: 30_000, do: 'start' as const, node })),
    );
    const done = await run(islands, inV8());
    expect(done.report.breaks).toEqual([]);
    expect(linked(done)).toBe(5);
  }, 120_000);

  it('a node that only a full one hears gets the place of a leaf when there is another one behind it, and the leaf waits for the next place', async () => {
    const done = await run(star(150, [{ atMs: 100_000, do: 'kill', node: 4 }]), inV8());
    expect(done.report.breaks).toEqual([]);
    const own = done.wifi.map((texts) => texts.filter((text) => !text.startsWith('station ')));
    const once = ['joined', 'got ip'];
    const twice = [...once, 'left', ...once];
    const short = own.map((texts) => texts.map((text) => text.replace(/ [0-9a-f]{12}$/, '')));
    expect(short).toEqual([[], twice, once, once, once, once, once]);
    // Both came before the leaf went, and it came back when another one was off.
    const root = done.wifi[0]!;
    const leaf = root[0]!.split(' ')[1];
    expect(root.slice(1, 5).every((text) => text.endsWith(' joined'))).toBe(true);
    expect(root.slice(5)).toEqual([`station ${leaf} left`, `station ${leaf} joined`]);
  }, 120_000);

  it.each([
    ['chain, killed in the middle', scene('a', 40, CHAIN, [{ atMs: 22_000, do: 'kill', node: 1 }]), undefined],
    ['one of four killed', scene('b', 40, row(4, 12), [{ atMs: 20_000, do: 'kill', node: 1 }]), undefined],
    ['half-open', scene('c', 45, row(3, 12), [{ atMs: 18_000, do: 'partition', groups: [[0], [1, 2]] }, { atMs: 30_000, do: 'partition', groups: [] }]), undefined],
    ['power cut while joining', scene('d', 45, row(3, 12), [{ atMs: 11_000, do: 'power-cut', node: 0, operation: 1, offMs: 700 }, { atMs: 11_200, do: 'reset', node: 2 }]), undefined],
    ['locked out', scene('e', 30, row(3, 12)), lockedOut],
    ['a leaf let go for two others', star(75), undefined],
  ] as const)('both engines leave the same trace: %s', async (_, scenario, prepare) => {
    const v8 = await run(scenario, inV8(), prepare);
    const bytecode = await run(scenario, await asBytecode(), prepare);
    const at = v8.lines.findIndex((line, i) => line !== bytecode.lines[i]);
    expect(at < 0 ? '' : `${v8.lines[at]} | ${bytecode.lines[at]}`).toBe('');
    expect(bytecode.lines.length).toBe(v8.lines.length);
    expect(v8.report.breaks).toEqual([]);
    expect(count(v8, prepare ? 'gave up' : 'got ip')).toBeGreaterThan(1);
    if (scenario.name === 'star') expect(count(v8, 'left')).toBe(1);
  }, 240_000); // prettier-ignore
});
