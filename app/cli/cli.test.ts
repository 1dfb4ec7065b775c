/** The command line as its users run it: files in, files and exit status out; boards behind TCP sockets. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesToHex, fromUtf8, toBase64Url } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { networkFromJson, nodeFromJson } from '../fleet/files.ts';
import { readLittleFs } from '../image/littlefs/read.ts';
import { buildNvs, parseNvs } from '../image/nvs/nvs.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { standInRuntime } from '../runtimes/stand-in.ts';
import { createWorld } from '../sim/world.ts';
import { cli, done, json, misused, refused } from './testing/run-cli.ts';
import { bridgeToTcp } from './testing/tcp-bridge.ts';

const MAC = '24:0a:c4:00:00:10';
const FLASH_BYTES = 4 << 20;
const NVS_AT = 0x9000;
const VFS_AT = 0x200000;
const folder = mkdtempSync(join(tmpdir(), 'meshwright-cli-'));
const at = (...names: string[]): string => join(folder, ...names);
const read = (...names: string[]): Uint8Array => new Uint8Array(readFileSync(at(...names)));
const mode = (name: string): number => statSync(at(name)).mode & 0o777;

const NODE = ['node', '--network', at('network.json'), '--mac', MAC];
const IMAGE = ['image', '--build', at('build'), '--node', at('node.json')];
const STAND_IN = [...IMAGE, '--runtime', at('runtime.bin')];

beforeAll(async () => {
  writeFileSync(at('runtime.bin'), standInRuntime('esp32'));
  await done('keygen', '--out', at('network.json'), '--name', 'Haus', '--channel', '6');
  await done(...NODE, '--name', 'lamp', '--zone', 'kitchen', '--out', at('node.json'));
  await done('build', '--out', at('build'));
  await done(...STAND_IN, '--out', at('flash.bin'), '--parts', at('parts'));
  await done(...STAND_IN, '--preloaded', '--out', at('joined.bin'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function nvsOf(flash: Uint8Array): Map<string, NvsEntry['value']> {
  const { entries, problems } = parseNvs(flash.subarray(NVS_AT, NVS_AT + 0x6000));
  expect(problems).toEqual([]);
  return new Map(entries.filter((e) => e.namespace === 'mesh').map((e) => [e.key, e.value]));
}

describe('a network with a router', () => {
  it('takes its password from a file, builds what it needs, and makes no image without that', async () => {
    writeFileSync(at('password'), 'correct horse\n');
    const router = ['--router', 'home', '--router-password-file', at('password')];
    const said = await done('keygen', '--out', at('routed.json'), ...router);
    expect(said).not.toContain('correct horse');
    expect(networkFromJson(fromUtf8(read('routed.json'))).router).toEqual({
      ssid: 'home',
      password: 'correct horse',
    });
    const node = ['node', '--network', at('routed.json'), '--mac', MAC, '--name', 'lamp'];
    await done(...node, '--zone', 'z', '--out', at('routed-node.json'));
    const image = ['image', '--runtime', at('runtime.bin'), '--node', at('routed-node.json')];
    expect(await refused(...image, '--build', at('build'), '--out', at('x.bin'))).toMatch(/ROUTER/);
    await done('build', '--out', at('routed-build'), '--network', at('routed.json'));
    await done(...image, '--build', at('routed-build'), '--out', at('routed.bin'));
    const off = ['--features', 'ROUTER=false', '--network', at('routed.json')];
    expect(await misused('build', '--out', at('x'), ...off)).toMatch(/has a router/);
  }, 120_000);

  it('refuses a password that no router has, and one without a name', async () => {
    writeFileSync(at('short'), 'short\n');
    const short = ['--router-password-file', at('short')];
    const bad = await refused('keygen', '--out', at('x.json'), '--router', 'home', ...short);
    expect(bad).toMatch(/8 to 63/);
    expect(await misused('keygen', '--out', at('x.json'), ...short)).toMatch(/--router/);
  });
});

describe('keygen and node', () => {
  it('make files that only their owner may read, and say nothing of what is in them', async () => {
    expect([mode('network.json'), mode('node.json'), mode('flash.bin')]).toEqual([
      0o600, 0o600, 0o600,
    ]);
    const network = networkFromJson(fromUtf8(read('network.json')));
    expect(network).toMatchObject({ name: 'Haus', channel: 6 });
    const out = await done('keygen', '--out', at('other.json'));
    expect(out).toContain('keep it secret');
    const other = networkFromJson(fromUtf8(read('other.json')));
    expect(other.id).not.toBe(network.id);
    for (const key of [other.keys.setupKey, other.keys.adminKey, other.keys.current.key]) {
      expect(out).not.toContain(bytesToHex(key));
      expect(out).not.toContain(toBase64Url(key));
    }
  });

  it('take the mode away from a file that others could read', async () => {
    writeFileSync(at('open.json'), 'old', { mode: 0o644 });
    await done('keygen', '--out', at('open.json'));
    expect(mode('open.json')).toBe(0o600);
  });

  it('accept an address in other spellings', async () => {
    const args = ['node', '--network', at('network.json'), '--mac', '24-0A-C4-00-00-12'];
    await done(...args, '--name', 'fan', '--zone', 'attic', '--out', at('fan.json'));
    expect(nodeFromJson(fromUtf8(read('fan.json'))).node).toMatchObject({
      mac: '24:0a:c4:00:00:12',
      zone: 'attic',
    });
  });

  it.each([
    ['an address that is none', ['--mac', '24:0a:c4'], /24:0a:c4/],
    ['a group address', ['--mac', '01:0a:c4:00:00:10'], /group address/],
    ['a zone with a space', ['--zone', 'my kitchen'], /zone/i],
    ['a name that is too long', ['--name', 'n'.repeat(33)], /name/i],
  ])('refuse %s', async (_what, change, reason) => {
    const wanted: Record<string, string> = { '--mac': MAC, '--name': 'lamp', '--zone': 'kitchen' };
    wanted[change[0]!] = change[1]!;
    const args = ['node', '--network', at('network.json'), ...Object.entries(wanted).flat()];
    expect(await refused(...args, '--out', at('never.json'))).toMatch(reason);
    expect(readdirSync(folder)).not.toContain('never.json');
  });

  it.each([
    ['nothing', undefined, /there is no such file/],
    ['a text', 'hello', /JSON/],
    ['another kind of file', '{"format":"something"}', /network file/],
  ])('refuse %s as a network file', async (_what, text, reason) => {
    if (text !== undefined) writeFileSync(at('foreign.json'), text);
    else rmSync(at('foreign.json'), { force: true });
    const args = ['node', '--network', at('foreign.json'), '--mac', MAC, '--name', 'a'];
    const said = await refused(...args, '--zone', 'b', '--out', at('never.json'));
    expect(said).toMatch(reason);
  });

  it('refuse a channel that radios do not have', async () => {
    expect(await refused('keygen', '--out', at('x.json'), '--channel', '14')).toMatch(/channel/i);
    expect(await misused('keygen', '--out', at('x.json'), '--channel', 'six')).toMatch(/number/);
  });
});

describe('build', () => {
  it('writes every module, its Python text and a manifest that holds', () => {
    const manifest = JSON.parse(fromUtf8(read('build', 'manifest.json'))) as {
      firmware: string;
      modules: { file: string; sha256: string; name: string; lineMap: number[] }[];
    };
    expect(manifest.firmware).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{8}$/);
    expect(manifest.modules.length).toBeGreaterThan(0);
    for (const { file, sha256: expected, name, lineMap } of manifest.modules) {
      expect(bytesToHex(sha256(read('build', file)))).toBe(expected);
      const lines = fromUtf8(read('build', `${name}.py`)).split('\n').length;
      expect(lineMap.length).toBeLessThanOrEqual(lines);
      expect(lineMap.some((line) => line > 0)).toBe(true);
    }
  });

  it('lists the parts of the firmware that a board loads when it needs them, in every profile', async () => {
    for (const profile of ['default', 'full']) {
      const out = at(`parts-${profile}`);
      const made = await cli(['build', '--out', out, '--profile', profile, '--json']);
      expect(made.status).toBe(0);
      expect(made.err.includes('needs to fit in there')).toBe(profile === 'full');
      const { modules } = JSON.parse(made.out) as { modules: { name: string }[] };
      expect(modules.map(({ name }) => name)).toEqual([
        'board_main',
        ...(profile === 'full' ? ['board_router', 'board_wifi', 'mesh_links', 'mesh_router'] : []),
        'node_delivery_work',
        'node_joining_session',
        'node_requests',
      ]);
    }
  }, 120_000);

  it('refuses a profile that there is not', async () => {
    expect(await misused('build', '--out', at('x'), '--profile', 'huge')).toContain('default');
  });

  it('is refused by image when one of its files changed or is missing', async () => {
    await done('compile', sourceFile('export const answer = 42;\n'), '--out', at('compiled'));
    const broken = at('broken-build');
    const manifest = fromUtf8(read('build', 'manifest.json'));
    const { modules } = JSON.parse(manifest) as { modules: { file: string }[] };
    const args = ['image', '--runtime', at('runtime.bin'), '--node', at('node.json')];
    await done('compile', sourceFile('export const answer = 43;\n'), '--out', broken);
    writeFileSync(join(broken, 'manifest.json'), manifest);
    for (const { file } of modules) writeFileSync(join(broken, file), read('build', file));
    const first = modules[0]!.file;
    writeFileSync(join(broken, first), read('build', first).slice(0, -1));
    const cut = await refused(...args, '--build', broken, '--out', at('never.bin'));
    expect(cut).toContain(`${first} is not what the manifest says`);
    rmSync(join(broken, first));
    const missing = await refused(...args, '--build', broken, '--out', at('never.bin'));
    expect(missing).toMatch(/there is no such file/);
  });
});

function sourceFile(text: string): string {
  writeFileSync(at('program.ts'), text);
  return at('program.ts');
}

describe('image', () => {
  it('writes parts that make up the whole', () => {
    const list = JSON.parse(fromUtf8(read('parts', 'parts.json'))) as {
      parts: { name: string; at: string; sizeBytes: number; sha256: string; file: string }[];
    };
    const whole = new Uint8Array(FLASH_BYTES).fill(0xff);
    for (const part of list.parts) {
      const bytes = read('parts', part.file);
      expect(bytes.length).toBe(part.sizeBytes);
      expect(bytesToHex(sha256(bytes))).toBe(part.sha256);
      whole.set(bytes, Number(part.at));
    }
    expect(bytesToHex(sha256(whole))).toBe(bytesToHex(sha256(read('flash.bin'))));
    expect(list.parts.map((part) => part.name)).toEqual([
      'bootloader',
      'partition-table',
      'identity',
      'runtime',
      'firmware',
    ]);
    const identity = list.parts.find((part) => part.name === 'identity')!;
    expect(mode(join('parts', identity.file))).toBe(0o600);
  });

  it('holds the runtime, the identity and the built modules', () => {
    const flash = read('flash.bin');
    const check = checkRuntime(flash);
    expect(check).toMatchObject({ ok: true, runtime: { chip: 'esp32', standIn: true } });
    const { node, setupKey } = nodeFromJson(fromUtf8(read('node.json')));
    const identity = nvsOf(flash);
    expect(identity.get('schema')).toEqual({ kind: 'i32', value: 1 });
    expect(identity.get('node_key')).toEqual({ kind: 'blob', bytes: node.nodeKey });
    expect(identity.get('setup_key')).toEqual({ kind: 'blob', bytes: setupKey });
    expect(identity.get('boot')).toMatchObject({ kind: 'i32' });
    const files = readLittleFs(flash.subarray(VFS_AT), { blockCount: 512 });
    const names = readdirSync(at('build')).filter((name) => name.endsWith('.mpy'));
    for (const name of names) {
      const stored = files.find((file) => file.path === `a/${name}`);
      expect(bytesToHex(stored!.bytes)).toBe(bytesToHex(read('build', name)));
    }
    expect(files.map((file) => file.path)).toContain('main.py');
  });

  it('holds the credentials only when asked to', () => {
    expect(nvsOf(read('flash.bin')).has('creds')).toBe(false);
    const { credentials } = nodeFromJson(fromUtf8(read('node.json')));
    expect(nvsOf(read('joined.bin')).get('creds')).toEqual({ kind: 'blob', bytes: credentials });
  });

  it('makes the file system for the flash size at hand', async () => {
    await done(...STAND_IN, '--flash-size', '8MB', '--out', at('large.bin'));
    const flash = read('large.bin');
    expect(flash.length).toBe(8 << 20);
    expect(() => readLittleFs(flash.subarray(VFS_AT), { blockCount: 1536 })).not.toThrow();
  });

  it.each(['0', '3x', '20MB', '4.5MB', '1000001'])('refuses the flash size %s', async (size) => {
    const said = await misused(...STAND_IN, '--flash-size', size, '--out', at('never.bin'));
    expect(said).toContain('--flash-size expects');
  });

  it('refuses a flash that is too small, a damaged runtime and a runtime that is none', async () => {
    const small = await refused(...STAND_IN, '--flash-size', '1MB', '--out', at('never.bin'));
    expect(small).toMatch(/flash/i);
    const damaged = read('runtime.bin');
    damaged[damaged.length - 50]! ^= 1;
    writeFileSync(at('damaged.bin'), damaged);
    const args = [...IMAGE, '--out', at('never.bin'), '--runtime'];
    expect(await refused(...args, at('damaged.bin'))).toMatch(/damaged\.bin: .+/);
    expect(await refused(...args, at('node.json'))).toMatch(/Not a runtime file|image/);
    expect(readdirSync(folder)).not.toContain('never.bin');
  });
});

describe('inspect', () => {
  const driver = new Uint8Array(36).fill(0x51);
  const secrets = (): Uint8Array[] => {
    const { node, setupKey, credentials } = nodeFromJson(fromUtf8(read('node.json')));
    const keys = networkFromJson(fromUtf8(read('network.json'))).keys;
    return [node.nodeKey, setupKey, credentials, keys.current.key, keys.adminKey, driver];
  };
  const spelled = (bytes: Uint8Array): string[] => {
    const base64 = Buffer.from(bytes).toString('base64');
    const forms = [bytesToHex(bytes), toBase64Url(bytes), base64.replaceAll('=', '')];
    return [...forms, ...forms.map((form) => form.slice(0, 16)), Array.from(bytes).join(',')];
  };

  beforeAll(async () => {
    const flash = read('joined.bin');
    writeFileSync(at('table.bin'), flash.subarray(0x8000, 0x8c00));
    writeFileSync(at('nvs.bin'), flash.subarray(NVS_AT, NVS_AT + 0x6000));
    writeFileSync(at('files.bin'), flash.subarray(VFS_AT));
    writeFileSync(at('app.bin'), flash.subarray(0x10000, 0x20000));
    const blob = (key: string, bytes: Uint8Array): NvsEntry => ({
      namespace: 'nvs.net80211',
      key,
      value: { kind: 'blob', bytes },
    });
    const driverNvs = buildNvs(
      [
        blob('sta.ssid', new TextEncoder().encode('HomeNet')),
        blob('sta.pswd', driver),
        blob('ap.passwd', driver),
        blob('sta.pmk', driver),
        blob('sta.apinfo', driver),
        { namespace: 'nvs.net80211', key: 'opmode', value: { kind: 'u8', value: 3 } },
        { namespace: 'other', key: 'wifi_password', value: { kind: 'string', text: 'hunter2-x' } },
      ],
      0x6000,
    );
    writeFileSync(at('driver.bin'), driverNvs);
  });

  it.each([
    ['flash.bin', 'flash'],
    ['joined.bin', 'flash'],
    ['runtime.bin', 'runtime'],
    ['table.bin', 'partition-table'],
    ['nvs.bin', 'nvs'],
    ['driver.bin', 'nvs'],
    ['files.bin', 'littlefs'],
    ['app.bin', 'application'],
  ])('says what %s is, without its secrets', async (name, kind) => {
    const report = await json<{ ok: boolean; kind: string }>('inspect', at(name));
    expect(report).toMatchObject({ ok: true, kind });
    const said = (await done('inspect', at(name))) + JSON.stringify(report);
    for (const secret of secrets()) {
      for (const form of spelled(secret)) expect(said).not.toContain(form);
    }
    expect(said).not.toContain('hunter2');
  });

  it('shows what is no secret, and secrets when told to', async () => {
    expect(await done('inspect', at('joined.bin'))).toMatch(/lamp[^]*kitchen/);
    const plain = await done('inspect', at('driver.bin'));
    expect(plain).toContain('HomeNet');
    expect(plain).toContain('opmode');
    const revealed = await done('inspect', at('driver.bin'), '--reveal');
    expect(revealed.split(bytesToHex(driver))).toHaveLength(5);
    expect(revealed).toContain('hunter2-x');
    const { node } = nodeFromJson(fromUtf8(read('node.json')));
    const joined = await json<object>('inspect', at('joined.bin'), '--reveal');
    expect(JSON.stringify(joined)).toContain(bytesToHex(node.nodeKey));
  });

  it('refuses what it does not know, with the reason', async () => {
    writeFileSync(at('text.bin'), 'hello');
    expect(await refused('inspect', at('text.bin'))).toContain('neither an ESP image');
    expect(await refused('inspect', at('nowhere.bin'))).toContain('there is no such file');
    const { status, out } = await cli(['inspect', at('text.bin'), '--json']);
    expect([status, JSON.parse(out)]).toMatchObject([1, { ok: false, kind: 'unknown' }]);
  });
});

describe('a board on a TCP socket', () => {
  it('is provisioned, answers the console, and joins no second network', async () => {
    const world = createWorld({ clock: 'real', seed: 7, bootMs: 50, paced: false });
    const board = world.addBoard({ chip: 'esp32', mac: MAC, x: 0, y: 0 });
    board.flash.load(0, read('flash.bin'));
    const bridge = await bridgeToTcp(board.port);
    try {
      board.powerOn();
      const to = ['--connect', bridge.address];
      const files = ['--network', at('network.json'), '--node', at('node.json')];
      const joined = await json<object>('provision', ...files, ...to);
      expect(joined).toMatchObject({ ok: true, state: 'joined', mac: MAC, chip: 'esp32' });
      const stored = nvsOf(board.flash.read(0, FLASH_BYTES)).get('creds');
      expect(stored).toMatchObject({ kind: 'blob' });

      const said = await done('console', ...to, '--send', '{"t":"hello"}');
      const frames = said
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { t: string; state?: string; ok?: boolean });
      const hello = frames.find((frame) => frame.t === 'hello');
      expect(hello).toMatchObject({ state: 'joined', mac: MAC });
      expect(frames.some((frame) => frame.t === 'answer' && frame.ok)).toBe(true);
      const unknown = await refused('console', ...to, '--send', '{"t":"no.such.thing"}');
      expect(unknown).toContain('refused the request');
      const rename = ['--send', '{"t":"config.set","key":"name","value":"lamp at the door"}'];
      expect(await refused('console', ...to, ...rename)).toContain('unauthorised');
      await done('keygen', '--out', at('stranger.json'));
      const stranger = ['--network', at('stranger.json')];
      expect(await refused('console', ...to, ...rename, ...stranger)).toContain('unauthorised');
      const own = ['--network', at('network.json')];
      expect(await done('console', ...to, ...rename, ...own)).toContain(
        '"name":"lamp at the door"',
      );
    } finally {
      await bridge.close();
      world.close();
    }
  }, 120_000);

  it('is left alone when node and network do not belong together', async () => {
    await done('keygen', '--out', at('elsewhere.json'));
    const files = ['--network', at('elsewhere.json'), '--node', at('node.json')];
    const said = await refused('provision', ...files, '--connect', '127.0.0.1:1');
    expect(said).toContain('the node belongs to network');
  });

  it('is missing: the address is named', async () => {
    const said = await refused('console', '--connect', '127.0.0.1:1');
    expect(said).toContain('cannot connect to 127.0.0.1:1');
  });
});

describe('usage', () => {
  it.each([
    ['no command', []],
    ['an unknown command', ['fly']],
    ['a missing option', ['keygen']],
    ['an unknown option', ['keygen', '--out', 'x', '--colour', 'red']],
    ['an argument too many', ['inspect', 'a', 'b']],
    ['no address', ['console', '--connect', 'here']],
    ['a request that is no JSON', ['console', '--connect', 'a:1', '--send', 'hello']],
  ])('%s exits with 2', async (_what, args) => {
    const { status, out, err } = await cli(args);
    expect(status).toBe(2);
    expect(out + err).toContain('usage: npm run -s cli -- ');
  });

  it('is printed for every command', async () => {
    const all = await done('--help');
    for (const name of ['build', 'keygen', 'image', 'inspect', 'provision', 'console']) {
      expect(all).toContain(`  ${name} `);
      expect(await done(name, '--help')).toContain(`-- ${name} `);
    }
  });

  it('is the same in a process of its own', async () => {
    const tool = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const run = promisify(execFile);
    const good = await run(process.execPath, [tool, main, 'inspect', at('table.bin'), '--json']);
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, kind: 'partition-table' });
    const bad = run(process.execPath, [tool, main, 'inspect', at('nowhere.bin')]);
    await expect(bad).rejects.toMatchObject({ code: 1, stdout: '' });
    const wrong = run(process.execPath, [tool, main, 'inspect']);
    await expect(wrong).rejects.toMatchObject({ code: 2 });
  });
});

const realFile = process.env['MESHWRIGHT_RUNTIME'];
describe.skipIf(!realFile)('with a real runtime file (MESHWRIGHT_RUNTIME)', () => {
  it('an image carries it whole, and inspect finds all of it', async () => {
    const original = new Uint8Array(readFileSync(realFile!));
    await done(...IMAGE, '--runtime', realFile!, '--preloaded', '--out', at('real.bin'));
    const check = checkRuntime(read('real.bin'));
    if (!check.ok) throw new Error(check.message);
    expect(check.runtime).toMatchObject({ standIn: false, sha256: bytesToHex(sha256(original)) });
    const report = await json<object>('inspect', at('real.bin'));
    expect(report).toMatchObject({
      kind: 'flash',
      usable: { accepted: true, standIn: false },
      nvs: { kind: 'nvs', problems: [] },
      fileSystem: { kind: 'littlefs' },
    });
    expect(nvsOf(read('real.bin')).has('creds')).toBe(true);
  });
});
