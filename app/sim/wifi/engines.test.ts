/** One firmware in TypeScript, once as bytecode and once in V8: the same console and the same trace. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fromUtf8 } from '../../base/bytes.ts';
import { compile } from '../../compiler/compile.ts';
import { transpile } from '../../compiler/transpile.ts';
import { loadFlash } from '../testing.ts';
import { Trace } from '../trace.ts';
import { Program } from '../v8/program.ts';
import { createWorld } from '../world.ts';

const AMBIENT = join(dirname(fileURLToPath(import.meta.url)), '../../../firmware-src/ambient');

function declarations(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(AMBIENT)) {
    found[`ambient/${name}`] = readFileSync(join(AMBIENT, name), 'utf8');
  }
  return found;
}

/** Board 10 is the access point and echoes; 12 joins, talks, loses it; 14 has the wrong password. */
const SOURCE = `
import { AP_IF, STA_IF, WLAN } from 'network';
import { AF_INET, IPPROTO_TCP, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, TCP_NODELAY, socket } from 'socket';
import { POLLIN, poll } from 'select';
import { OSError, bytes } from 'builtins';
import { unique_id } from 'machine';
import { stdin, stdout } from 'sys';
import { ticks_ms } from 'time';

const station = new WLAN(STA_IF);
const point = new WLAN(AP_IF);
const own = unique_id()[5]!;
const waiting = new poll();
waiting.register(stdin, POLLIN);

function say(what: number, value: number): void {
  const text = new Uint8Array(8);
  let rest = Math.trunc(value);
  text[0] = what;
  for (let i = 6; i > 0; i--) {
    text[i] = 48 + (rest % 10);
    rest = Math.trunc(rest / 10);
  }
  text[7] = 10;
  stdout.buffer.write(text);
}

class Node {
  listener: socket | null = null;
  link: socket | null = null;
  status = 0;
  stations = 0;
  received = 0;
  turns = 0;
  joined = false;
  readonly buffer: Uint8Array = new Uint8Array(64);

  start(): void {
    if (own === 0x10) {
      station.active(false);
      point.active(true);
      point.config({ ssid: 'alpha', key: 'secret123', security: 3, channel: 6 });
      point.ifconfig(['10.43.0.1', '255.255.255.0', '10.43.0.1', '10.43.0.1']);
      const listener = new socket(AF_INET, SOCK_STREAM);
      listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
      listener.bind(['0.0.0.0', 4000]);
      listener.listen(2);
      listener.setblocking(false);
      waiting.register(listener, POLLIN);
      this.listener = listener;
    } else {
      station.config({ reconnects: own === 0x12 ? -1 : 1 });
      station.connect('alpha', own === 0x12 ? 'secret123' : 'wrongwrong', {});
    }
  }

  serve(): void {
    const count = point.status('stations').length;
    if (count !== this.stations) {
      this.stations = count;
      say(78, count);
    }
    if (this.listener !== null && this.link === null) {
      try {
        const accepted = this.listener.accept()[0];
        accepted.setblocking(false);
        waiting.register(accepted, POLLIN);
        this.link = accepted;
        say(65, ticks_ms());
      } catch (error) {
        if (!(error instanceof OSError)) throw error;
      }
    }
  }

  talk(): void {
    const status = station.status();
    if (status !== this.status) {
      this.status = status;
      say(83, status);
      say(84, ticks_ms());
    }
    if (status === 1010 && !this.joined) {
      this.joined = true;
      const link = new socket(AF_INET, SOCK_STREAM);
      link.setblocking(false);
      link.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
      try {
        link.connect(['10.43.0.1', 4000]);
      } catch (error) {
        if (!(error instanceof OSError)) throw error;
        say(69, error.args[0] as number);
      }
      waiting.register(link, POLLIN);
      this.link = link;
    }
  }

  exchange(): void {
    const link = this.link;
    if (link === null) return;
    try {
      const size = link.readinto(this.buffer);
      if (size !== null && size > 0) {
        this.received += size;
        say(82, this.received);
        if (own === 0x10) link.send(bytes(this.buffer.subarray(0, size)));
      }
      if (own === 0x12 && this.turns % 20 === 0) link.send(bytes(this.buffer.subarray(0, 20)));
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      const code = error.args[0] as number;
      if (code !== 11) {
        say(69, code);
        waiting.unregister(link);
        link.close();
        this.link = null;
        this.joined = false;
      }
    }
  }
}

const node = new Node();
node.start();

export function step(): boolean {
  node.turns += 1;
  if (own === 0x10) node.serve();
  else node.talk();
  node.exchange();
  waiting.poll(20);
  return true;
}
`;

const MAIN =
  'import network\nw = network.WLAN(0)\nw.active(False)\nw.active(True)\nimport program as m\nwhile m.step():\n    pass\n';

async function run(engine: 'v8' | 'micropython'): Promise<{ trace: string[]; printed: string[] }> {
  const world = createWorld({ clock: 'virtual', seed: 7, bootMs: 100, heapIsModelled: true });
  const trace: string[] = [];
  new Trace(world, (line) => trace.push(line));
  const sources = { 'program.ts': SOURCE };
  const program =
    engine === 'v8'
      ? new Program({ modules: transpile(sources, 'program.ts'), entry: 'program.ts' })
      : undefined;
  const files: Record<string, string | Uint8Array> = { 'main.py': MAIN };
  if (!program) {
    const result = await compile({ ...declarations(), ...sources }, { entries: ['program.ts'] });
    expect(result.diagnostics).toEqual([]);
    for (const { name, mpy } of result.modules) files[`${name}.mpy`] = mpy;
  }
  const printed = ['', '', ''];
  const boards = [0, 1, 2].map((i) => {
    const mac = `24:0a:c4:00:00:${(0x10 + 2 * i).toString(16)}`;
    const place = { chip: 'esp32', mac, x: 8 * i, y: 0 } as const;
    const board = world.addBoard(program ? { ...place, program } : place);
    loadFlash(board.flash, 'esp32', { files });
    board.onConsole = (bytes) => (printed[i] += fromUtf8(bytes));
    board.powerOn();
    return board;
  });
  await world.advance(9000);
  boards[0]!.powerOff(); // the access point is killed
  await world.advance(16000);
  boards[0]!.powerOn();
  await world.advance(10000);
  boards[1]!.powerOff(); // a ghost on its list
  await world.advance(20000);
  return { trace, printed };
}

describe('a firmware that uses Wi-Fi', () => {
  it('leaves the same trace in both engines: echo over TCP, access point killed, wrong password, ghost station', async () => {
    const v8 = await run('v8');
    const statuses = (i: number): number[] =>
      [...v8.printed[i]!.matchAll(/^S(\d{6})/gm)].map((row) => Number(row[1]));
    expect(v8.printed.join('\n')).not.toMatch(/Traceback/);
    expect(statuses(1)).toEqual([1001, 1010, 1001, 201, 1010]);
    expect(statuses(2)).toEqual([1001, 202]);
    expect(v8.printed[1]).toMatch(/^R0001\d\d|^R000[2-9]/m); // the echo came back
    expect(v8.printed[1]).toMatch(/^E000113/m); // connections end with the address
    expect(v8.printed[0]!.match(/^N(\d{6})/gm)).toEqual(['N000001', 'N000001']); // still there at the end
    const bytecode = await run('micropython');
    expect(bytecode.printed).toEqual(v8.printed);
    expect(bytecode.trace).toEqual(v8.trace);
    expect(v8.trace.filter((line) => line.includes('wifi joined'))).toHaveLength(2);
  }, 120_000);
});
