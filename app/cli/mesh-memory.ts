/** Memory of a board, and what holds up its loop, in MicroPython's own heap on its 32-bit WebAssembly build. */
import { compile } from '../compiler/compile.ts';
import { measureCalls } from '../sim/heap-probe.ts';
import { row } from '../sim/scenarios/layout.ts';
import { Rehearsal } from '../sim/scenarios/rehearsal.ts';
import { median } from './bench.ts';
import { type Figure, atMost, noted, notYet } from './benchmark.ts';
import { InputError } from './command.ts';
import { FIRMWARE_FOLDER, readSources } from './files.ts';
import { firmwareFor } from './simulate.ts';

/** Grows the mesh of one node: neighbours that are heard, and nodes known through them. */
const PROBE = `
import { Advert } from './wire/advert.ts';
import { tailOf, writeKey, writeU16, writeU24 } from './wire/cells.ts';
import { Mesh } from './mesh/mesh.ts';
import { Profile } from './mesh/profile.ts';
import { Floors } from './node/floors.ts';

const SELF = '240ac4000001';
const mesh = new Mesh(SELF, 1, new Profile(0));
const floors = new Floors(600);
let known = 1;

function keyOf(index: number): string {
  return '240ac4' + index.toString(16).padStart(6, '0');
}

export function hear(count: number): void {
  while (known < count) {
    known += 1;
    const advert = new Advert();
    advert.isRoot = known === 2;
    advert.hops = advert.isRoot ? 0 : 1;
    advert.root = keyOf(2);
    if (!advert.isRoot) advert.parent = keyOf(2);
    advert.echoes = new Uint8Array(6);
    writeU24(advert.echoes, 0, tailOf(SELF));
    writeU16(advert.echoes, 3, 1);
    floors.raise(floors.add(keyOf(known)), 1, 5);
    mesh.hear(keyOf(known), 1, 5, -60, advert, 1000);
  }
}

export function learn(count: number): void {
  const record = new Uint8Array(21);
  while (known < count) {
    known += 1;
    writeKey(record, 0, keyOf(known));
    writeU24(record, 6, 1);
    writeU24(record, 9, 7);
    writeKey(record, 13, keyOf(2));
    writeU16(record, 19, 77);
    mesh.table.applyRelayed(record, 0, 1000);
  }
  while (mesh.table.takeChanged() >= 0) known += 0;
}

export function present(): number {
  return mesh.table.presentCount + 1;
}
`;

export async function measureMemory(): Promise<Figure[]> {
  const rehearsal = new Rehearsal(
    { name: 'room', about: '', seconds: 80, nodes: row(10, 8), events: [] },
    // The heap itself, not its model, under which only every fourth collection is one and garbage is four times a board's.
    { firmware: await firmwareFor('micropython'), seed: 1, measureHeap: true },
  );
  await rehearsal.advance(20_000);
  const used = rehearsal.observers.map((): number[] => []);
  for (let atMs = 20_000; atMs <= 80_000; atMs += 500) {
    await rehearsal.advance(atMs);
    rehearsal.observers.forEach(({ board }, i) => used[i]!.push(board.measure().heapBytes / 1024));
  }
  const { formedMs, longestTurnMs } = rehearsal.figures(1);
  rehearsal.world.close();
  const files = { ...(await readSources(FIRMWARE_FOLDER)), 'probe.ts': PROBE };
  const { modules, diagnostics } = await compile(files, { entries: ['probe.ts'], bundle: true });
  const [problem] = diagnostics;
  if (problem !== undefined) throw new InputError(`${problem.file}: ${problem.message}`);
  const counts = [10, 30, 100, 400];
  const calls = ['hear(10)', ...counts.slice(1).map((count) => `learn(${String(count)})`)];
  const heaps = await measureCalls(modules, 'probe', calls);
  const perNode = (i: number): number =>
    ((heaps[i + 1] ?? NaN) - (heaps[i] ?? NaN)) / (counts[i]! - (i === 0 ? 1 : counts[i - 1]!));
  return [
    atMost(
      'heap of a node in a formed mesh of ten, code included, median of a minute',
      formedMs === null ? NaN : Math.max(...used.map(median)),
      80,
      'KiB',
    ),
    noted('... the most, with all that is to be collected', Math.max(...used.flat()), 'KiB'),
    noted('... of it for each of the nine neighbours', perNode(0), 'B'),
    ...counts
      .slice(1)
      .map((count, i) =>
        atMost(`a further known node, up to ${String(count)}`, perNode(i + 1), 64, 'B'),
      ),
    notYet('a zone of 30 devices and 20 subscriptions', 'at most 3 KB'),
    atMost(
      'longest stall of the main loop in that mesh: waits for flash, radio and line',
      longestTurnMs,
      10,
      'ms',
    ),
  ];
}
