/**
 * Users' applications on virtual boards: the examples and a broken one, compiled together with the firmware.
 */
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { buildFirmware } from '../compiler/firmware.ts';
import { composeRegions } from '../image/compose.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { standInRuntime } from '../runtimes/stand-in.ts';
import { encodeRequestLine, parseFields } from '../../firmware-src/wire/request-line.ts';
import { encodeCredentials } from '../../firmware-src/wire/credentials.ts';
import type { VirtualBoard } from './board.ts';
import { createWorld, type World } from './world.ts';

const CONSOLE_KEY = new Uint8Array(32).fill(8);
const LIGHT_PIN = 4;

function folderTexts(folder: string): Record<string, string> {
  const root = fileURLToPath(new URL(`../../${folder}/`, import.meta.url));
  const found: Record<string, string> = {};
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ts') && !path.endsWith('.test.ts'))
      found[path] = readFileSync(root + path, 'utf8');
  }
  return found;
}

function identity(name: string, zone: string): NvsEntry[] {
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
    consoleKey: CONSOLE_KEY,
    setupKey: null,
    router: null,
  });
  return [
    { namespace: 'mesh', key: 'schema', value: { kind: 'i32', value: 1 } },
    blob('name', utf8(name)),
    blob('zone', utf8(zone)),
    blob('node_key', new Uint8Array(32).fill(1)),
    blob('creds', credentials),
  ];
}

class Bench {
  readonly world: World = createWorld({ clock: 'virtual', seed: 1, bootMs: 500 });
  readonly boards: VirtualBoard[] = [];
  readonly texts: string[] = [];
  #counter = 0;

  /** One board for each zone, 8 m apart, each with this application. */
  static async of(application: Record<string, string>, zones: readonly string[]): Promise<Bench> {
    const build = await buildFirmware(folderTexts('firmware-src'), { application });
    expect(build.result.diagnostics).toEqual([]);
    const check = checkRuntime(standInRuntime('esp32'));
    if (!check.ok) throw new Error(check.message);
    const bench = new Bench();
    for (const [i, zone] of zones.entries()) {
      const board = bench.world.addBoard({
        chip: 'esp32',
        mac: `24:0a:c4:00:00:${(0x10 + 2 * i).toString(16)}`,
        x: 8 * i,
        y: 0,
      });
      const regions = composeRegions({
        runtime: check.runtime,
        flashSizeBytes: board.flash.sizeBytes,
        identity: identity(`node ${i}`, zone),
        modules: build.result.modules,
      });
      for (const { at, bytes } of regions) board.flash.load(at, bytes);
      bench.texts[i] = '';
      board.onConsole = (bytes) => (bench.texts[i] += fromUtf8(bytes));
      bench.boards.push(board);
    }
    for (const board of bench.boards) board.powerOn();
    return bench;
  }

  frames(i: number): Record<string, unknown>[] {
    return this.texts[i]!.split('\n')
      .filter((line) => line.startsWith('\x1e'))
      .map((line) => parseFields(utf8(line.slice(1).trim())))
      .filter((fields) => fields !== null);
  }

  logs(i: number): string[] {
    return this.frames(i)
      .filter((frame) => frame['t'] === 'log')
      .map((frame) => String(frame['text']));
  }

  /** A request under the administrator's tag. */
  request(i: number, fields: Record<string, unknown>): void {
    this.#counter += 1;
    const mac = Uint8Array.from(this.boards[i]!.mac.split(':'), (pair) => parseInt(pair, 16));
    const signer = {
      tag: (signed: Uint8Array) =>
        new Uint8Array(createHmac('sha256', CONSOLE_KEY).update(mac).update(signed).digest()).slice(
          0,
          12,
        ),
    };
    const line = encodeRequestLine(
      { ...fields, id: this.#counter },
      signer as Parameters<typeof encodeRequestLine>[1],
      this.#counter,
    );
    this.boards[i]!.type(line!);
  }

  answer(i: number): Record<string, unknown> | undefined {
    return this.frames(i).findLast((frame) => frame['t'] === 'answer');
  }
}

describe('an application on virtual boards', () => {
  it('the light example toggles every light of the zone, and no other, from any button', async () => {
    const bench = await Bench.of(folderTexts('examples/light'), ['hall', 'hall', 'yard', 'hall']);
    const lit = new Map<string, number>();
    bench.world.listen((event) => {
      if (event.kind === 'pin' && event.pin === LIGHT_PIN) lit.set(event.mac, event.value);
    });
    await bench.world.advance(15_000);
    const lights = (): (number | undefined)[] => bench.boards.map(({ mac }) => lit.get(mac) ?? 0);
    expect(lights()).toEqual([0, 0, 0, 0]);
    bench.request(3, { t: 'app.button' });
    await bench.world.advance(1000);
    expect(bench.answer(3)).toMatchObject({ ok: true });
    expect(lights()).toEqual([1, 1, 0, 1]);
    bench.request(0, { t: 'app.button' });
    await bench.world.advance(1000);
    expect(lights()).toEqual([0, 0, 0, 0]);
    expect(bench.texts.join('')).not.toMatch(/Traceback/);
  }, 240_000);

  it('the counter example reports to the root every five seconds, the root itself too', async () => {
    const bench = await Bench.of(folderTexts('examples/counter'), ['hall', 'hall', 'hall']);
    await bench.world.advance(41_000);
    const roots = [0, 1, 2].filter((i) => bench.logs(i).some((text) => text.startsWith('from ')));
    expect(roots).toHaveLength(1);
    const reports = bench.logs(roots[0]!).filter((text) => text.startsWith('from '));
    for (const i of [0, 1, 2]) {
      const own = reports.filter((text) => text.startsWith(`from node ${i}: count `));
      expect(own.length).toBeGreaterThanOrEqual(6);
      expect(new Set(own).size).toBe(own.length);
    }
    expect(bench.logs(0).concat(bench.logs(1), bench.logs(2))).not.toContain('a report was lost');
    expect(bench.texts.join('')).not.toMatch(/Traceback/);
  }, 240_000);

  it('one that throws is named, stopped after five failures, and its node goes on', async () => {
    const bench = await Bench.of(
      {
        'main.ts': `import { Pin } from 'machine';
import { Application, type Mesh, type Message } from 'meshwright';
class Broken extends Application {
  override process(message: Message): void {
    if (message.text === 'pin') new Pin(99, Pin.OUT).value(1);
    throw new Error('cannot ' + message.text);
  }
}
export function application(mesh: Mesh): Application { return new Broken(mesh); }
`,
      },
      ['hall', 'hall'],
    );
    await bench.world.advance(12_000);
    const mac = bench.boards[1]!.mac;
    for (const text of ['pin', 'work', 'work', 'work', 'work', 'work']) {
      bench.request(0, { t: 'app.send', to: mac, text });
      await bench.world.advance(1000);
      expect(bench.answer(0)).toMatchObject({ ok: true });
    }
    const events = bench.frames(1).filter((frame) => frame['t'] === 'event');
    const failures = events.filter((frame) => frame['event'] === 'app-failed');
    expect(failures).toHaveLength(5);
    expect(String(failures[0]!['text'])).toMatch(/^process: \w+: invalid pin$/);
    expect(failures[1]).toMatchObject({ text: 'process: Error: cannot work', count: 2 });
    expect(events.filter((frame) => frame['event'] === 'app-stopped')).toHaveLength(1);
    bench.request(1, { t: 'stats' });
    bench.request(0, { t: 'app.send', to: 'nobody', text: 'x' });
    await bench.world.advance(15_000);
    const stats = bench.frames(1).find((frame) => frame['t'] === 'stats');
    expect(stats?.['app']).toMatchObject({ state: 'stopped', failures: 5 });
    expect(bench.answer(0)).toMatchObject({ ok: false, error: 'unknown-node' });
    const late = bench.frames(0).filter((frame) => frame['t'] === 'gone');
    expect(late).toEqual([]);
    expect(bench.texts.join('')).not.toMatch(/Traceback/);
  }, 240_000);
});
