/**
 * The real firmware, compiled, composed and booted on virtual boards: the same bytes as on a chip.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { buildFirmware } from '../compiler/firmware.ts';
import { composeRegions } from '../image/compose.ts';
import type { FirmwareModule } from '../image/compose.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { standInRuntime } from '../runtimes/stand-in.ts';
import { encodeCredentials } from '../../firmware-src/wire/credentials.ts';
import type { VirtualBoard } from './board.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const SOURCES = join(dirname(fileURLToPath(import.meta.url)), '../../firmware-src');
const BOARDS = 5;
const STEP_MS = 1000;

function readSources(folder = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(SOURCES, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) Object.assign(found, readSources(path));
    else if (path.endsWith('.ts') && !path.endsWith('.test.ts')) {
      found[path] = readFileSync(join(SOURCES, path), 'utf8');
    }
  }
  return found;
}

function identity(name: string): NvsEntry[] {
  const blob = (key: string, bytes: Uint8Array): NvsEntry => ({
    namespace: 'mesh',
    key,
    value: { kind: 'blob', bytes },
  });
  const credentials = encodeCredentials({
    networkId: Uint8Array.of(0x5a, 1, 2, 3, 4, 5, 6, 7),
    epoch: 1,
    networkKey: new Uint8Array(32).fill(9),
    channel: 6,
    timing: 0,
    name: '',
    zone: '',
    previous: null,
    consoleKey: new Uint8Array(32).fill(8),
    setupKey: null,
    router: null,
  });
  return [
    { namespace: 'mesh', key: 'schema', value: { kind: 'i32', value: 1 } },
    blob('name', utf8(name)),
    blob('zone', utf8('hall')),
    blob('node_key', new Uint8Array(32).fill(1)),
    blob('setup_key', new Uint8Array(32).fill(2)),
    blob('creds', credentials),
  ];
}

interface NodeFrame {
  t: 'node';
  mac: string;
  name: string;
  parent: string | null;
  root: string;
  role: 'root' | 'node';
}

class Watcher {
  readonly frames: Record<string, unknown>[] = [];
  text = '';
  #line = '';

  constructor(board: VirtualBoard) {
    board.onConsole = (bytes) => this.#take(fromUtf8(bytes));
  }

  #take(text: string): void {
    this.text += text;
    this.#line += text;
    for (let end = this.#line.indexOf('\n'); end >= 0; end = this.#line.indexOf('\n')) {
      const line = this.#line.slice(0, end).trim();
      this.#line = this.#line.slice(end + 1);
      if (line.startsWith('\x1e')) {
        this.frames.push(JSON.parse(line.slice(1)) as Record<string, unknown>);
      }
    }
  }

  /** The latest word on each node, without those that are gone. */
  tree(): Map<string, NodeFrame> {
    const nodes = new Map<string, NodeFrame>();
    for (const frame of this.frames) {
      if (frame['t'] === 'node') nodes.set(String(frame['mac']), frame as unknown as NodeFrame);
      if (frame['t'] === 'gone') nodes.delete(String(frame['mac']));
    }
    return nodes;
  }
}

let modules: FirmwareModule[];

beforeAll(async () => {
  const build = await buildFirmware(readSources());
  const problems = build.result.diagnostics.map((d) => `${d.file}:${d.line} ${d.message}`);
  expect(problems).toEqual([]);
  modules = build.result.modules;
});

function network(seed: number): { world: World; boards: VirtualBoard[]; watchers: Watcher[] } {
  const check = checkRuntime(standInRuntime('esp32'));
  if (!check.ok) throw new Error(check.message);
  const { runtime } = check;
  const world = createWorld({ clock: 'virtual', seed, bootMs: 500 });
  const boards = Array.from({ length: BOARDS }, (_, i) => {
    const board = world.addBoard({
      chip: 'esp32',
      mac: `24:0a:c4:00:00:${(0x10 + 2 * i).toString(16)}`,
      x: 8 * i,
      y: 3 * (i % 2),
    });
    const regions = composeRegions({
      runtime,
      flashSizeBytes: board.flash.sizeBytes,
      identity: identity(`node ${i}`),
      modules,
    });
    for (const { at, bytes } of regions) board.flash.load(at, bytes);
    return board;
  });
  const watchers = boards.map((board) => new Watcher(board));
  boards.forEach((board) => board.powerOn());
  return { world, boards, watchers };
}

/** Whether all of them tell the same tree of exactly these boards, with one root that all agree on. */
function formed(watchers: readonly Watcher[], macs: readonly string[]): boolean {
  const expected = [...macs].sort().join();
  const roots = new Set<string>();
  for (const watcher of watchers) {
    const tree = watcher.tree();
    if ([...tree.keys()].sort().join() !== expected) return false;
    for (const node of tree.values()) {
      roots.add(node.root);
      if ((node.role === 'root') !== (node.mac === node.root)) return false;
      if (node.role === 'root' ? node.parent !== null : !tree.has(String(node.parent)))
        return false;
    }
  }
  return roots.size === 1;
}

async function until(world: World, mostMs: number, done: () => boolean): Promise<number> {
  for (let ms = 0; ms < mostMs; ms += STEP_MS) {
    await world.advance(STEP_MS);
    if (done()) return ms + STEP_MS;
  }
  return Infinity;
}

describe('the firmware on virtual boards', () => {
  it('forms one tree of five nodes that every board reports, and a new one when the root dies', async () => {
    const { world, boards, watchers } = network(1);
    const macs = boards.map((board) => board.mac);
    const formedMs = await until(world, 60_000, () => formed(watchers, macs));
    expect(watchers[0]!.text).not.toMatch(/Traceback/);
    expect(formedMs).toBeLessThan(30_000);
    const root = [...watchers[0]!.tree().values()].find((node) => node.role === 'root')!.mac;
    const at = macs.indexOf(root);
    boards[at]!.powerOff();
    const left = macs.filter((mac) => mac !== root);
    const listeners = watchers.filter((_, i) => i !== at);
    const healedMs = await until(world, 60_000, () => formed(listeners, left));
    expect(healedMs).toBeLessThan(30_000);
    const next = [...listeners[0]!.tree().values()].find((node) => node.role === 'root')!.mac;
    expect(next).not.toBe(root);
  }, 120_000);

  it('leaves the same console text for the same seed', async () => {
    const trace = async (seed: number): Promise<string[]> => {
      const { world, watchers } = network(seed);
      await world.advance(12_000);
      return watchers.map((watcher) => watcher.text);
    };
    const first = await trace(3);
    expect(first[0]!.length).toBeGreaterThan(500);
    expect(await trace(3)).toEqual(first);
    expect(await trace(4)).not.toEqual(first);
  }, 120_000);
});
