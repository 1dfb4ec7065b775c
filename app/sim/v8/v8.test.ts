import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { transpile } from '../../compiler/transpile.ts';
import { createWorld } from '../world.ts';
import { toHex } from '../../../firmware-src/std/hex.ts';
import { HmacKey } from '../../../firmware-src/std/hmac.ts';
import { nodeCrypto } from '../../../firmware-src/std/testing/node-crypto.ts';
import { airTag } from '../../../firmware-src/wire/air-frame.ts';
import { readKey } from '../../../firmware-src/wire/cells.ts';
import { seededRandom } from '../../base/random.ts';
import { FleetFlash, macOf } from '../fleet.ts';
import { firmwareProgram } from '../testing/firmware.ts';
import { AMBIENT } from './ambient.ts';
import { digestOf } from './digests.ts';
import { Program } from './program.ts';
import { rememberedKeys, rememberedTag } from './remembered-tags.ts';
import { REMEMBERED } from './remembered.ts';

const DECLARATIONS = join(dirname(fileURLToPath(import.meta.url)), '../../../firmware-src/ambient');

/** "module.member" and "module.Class.member" of every value that the declarations promise. */
function declared(): string[] {
  const names: string[] = [];
  for (const file of readdirSync(DECLARATIONS).filter((name) => name.endsWith('.d.ts'))) {
    const text = readFileSync(join(DECLARATIONS, file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
    for (const module of source.statements) {
      if (!ts.isModuleDeclaration(module) || !module.body || !ts.isModuleBlock(module.body))
        continue;
      for (const one of module.body.statements) {
        const at = module.name.text;
        if (ts.isFunctionDeclaration(one)) names.push(`${at}.${one.name!.text}`);
        if (ts.isVariableStatement(one)) {
          for (const { name } of one.declarationList.declarations) {
            if (ts.isIdentifier(name)) names.push(`${at}.${name.text}`);
          }
        }
        if (ts.isClassDeclaration(one)) {
          names.push(`${at}.${one.name!.text}`);
          for (const member of one.members) {
            if (ts.isMethodDeclaration(member) && ts.isIdentifier(member.name)) {
              names.push(`${at}.${one.name!.text}.${member.name.text}`);
            }
          }
        }
      }
    }
  }
  return names;
}

/** Runs `text` as the firmware of one board and returns its console. */
async function run(text: string, seconds = 2): Promise<string> {
  const program = new Program({
    modules: transpile({ 'main.ts': text }, 'main.ts'),
    entry: 'main.ts',
  });
  const world = createWorld({ clock: 'virtual', seed: 1, bootMs: 100 });
  const one = world.addBoard({ chip: 'esp32', mac: macOf(0), x: 0, y: 0, program });
  new FleetFlash({ engine: 'v8', program }).load(one.flash, {
    mac: macOf(0),
    name: 'one',
    zone: 'hall',
  });
  let printed = '';
  one.onConsole = (bytes) => (printed += new TextDecoder().decode(bytes));
  one.powerOn();
  await world.advance(seconds * 1000);
  return printed;
}

describe('the V8 engine’s modules', () => {
  it('have everything that the declarations of the runtime promise', () => {
    const names = declared();
    expect(names.length).toBeGreaterThan(40);
    const missing = names.filter((name) => {
      const [module, value, member] = name.split('.') as [string, string, string | undefined];
      const found = AMBIENT[module] as Record<string, unknown> | undefined;
      if (!found || !Object.hasOwn(found, value)) return true;
      if (member === undefined) return false;
      const own = found[value] as { prototype: object } & Record<string, unknown>;
      return !(member in own.prototype) && !(member in own);
    });
    expect(missing).toEqual([]);
  });

  it('hash as the hash does, whether the bytes were hashed before or not', () => {
    for (const size of [0, 1, 63, 64, 200, 511, 512, 513, 3000]) {
      const parts = [new Uint8Array(size).fill(size & 0xff), utf8('tail')];
      for (let again = 0; again < 2; again++) {
        expect(digestOf(parts)).toEqual(sha256(concatBytes(...parts)));
      }
    }
  });

  it('keep a digest that was given out as it was, however many others there are since', () => {
    const first = digestOf([utf8('first')]);
    const many = Array.from({ length: 3000 }, (_, i) => utf8(`number ${i}`));
    for (const bytes of many) expect(digestOf([bytes])).toEqual(sha256(bytes));
    expect(first).toEqual(sha256(utf8('first')));
  });
});

describe('texts of addresses that are remembered', () => {
  const rememberedHex = REMEMBERED['std/hex.ts']!['toHex'] as (of: typeof toHex) => typeof toHex;
  const rememberedKey = REMEMBERED['wire/cells.ts']!['readKey'] as (
    of: typeof readKey,
  ) => typeof readKey;
  const random = seededRandom(7);
  const some = Array.from({ length: 5000 }, () => random.bytes(6));
  // As addresses are: of one maker, and one after the other.
  for (let i = 0; i < 5000; i++) some.push(Uint8Array.of(0x24, 0x0a, 0xc4, 0, i >> 8, i & 0xff));
  some.push(new Uint8Array(6), new Uint8Array(6).fill(0xff));

  it('are of functions that the firmware has', async () => {
    for (const [path, functions] of Object.entries(REMEMBERED)) {
      const module = (await import(`../../../firmware-src/${path}`)) as Record<string, unknown>;
      for (const name of Object.keys(functions)) expect(typeof module[name]).toBe('function');
    }
  });

  it('are those of the firmware, the first time and again', () => {
    const hex = rememberedHex(toHex);
    const key = rememberedKey(readKey);
    for (const bytes of [...some, ...some]) {
      const frame = Uint8Array.of(1, 2, ...bytes, 9);
      expect([hex(bytes), key(frame, 2)]).toEqual([toHex(bytes), readKey(frame, 2)]);
      expect([hex(bytes), key(frame, 2)]).toEqual([toHex(bytes), readKey(frame, 2)]);
    }
    expect(key(new Uint8Array(6), 0)).toBe('');
  });

  it('are not looked for where there is no whole address', () => {
    expect(rememberedHex(toHex)(Uint8Array.of(1, 255))).toBe('01ff');
    const short = Uint8Array.of(1, 2, 3, 4);
    expect(rememberedKey(readKey)(short, 1)).toBe(readKey(short, 1));
  });
});

describe('a firmware in V8', () => {
  it('shares what keeps no state between boards, and makes the rest anew', () => {
    expect(firmwareProgram().ownModules).toEqual(['board/main.ts']);
    const sources = {
      'a.ts': `import { count } from './b.ts'; import { table } from './c.ts'; export const step = () => count() > table[0];`,
      'b.ts': `let n = 0; export function count(): number { n += 1; return n; }`,
      'c.ts': `export const table: readonly number[] = [1, 2]; export class Kept { at = 0; }`,
      'd.ts': `export class Shared { static made = []; }`,
    };
    const kept = transpile(sources, 'a.ts').map(({ path, keepsState }) => [path, keepsState]);
    expect(Object.fromEntries(kept)).toEqual({ 'a.ts': false, 'b.ts': true, 'c.ts': false });
    expect(new Program({ modules: transpile(sources, 'a.ts'), entry: 'a.ts' }).ownModules).toEqual([
      'a.ts',
      'b.ts',
    ]);
    expect(transpile(sources, 'd.ts')[0]!.keepsState).toBe(true);
    const bytes = {
      'e.ts': 'export const none = new Uint8Array(0);',
      'f.ts': 'export const one = new Uint8Array(1);',
    };
    expect(transpile(bytes, 'e.ts')[0]!.keepsState).toBe(false);
    expect(transpile(bytes, 'f.ts')[0]!.keepsState).toBe(true);
  });

  it('shares the classes of a module that keeps state, and gives each board its own of the rest', () => {
    const text =
      `import { b } from './b.ts';\ninterface Shape { n: number }\nexport const STEP = 2;\n` +
      `export class Counter implements Shape { n = b; add(): void { this.n += STEP; } }\n` +
      `class Uses { counter(): Shape { return counter; } }\n` +
      `const counter = new Counter();\nexport const uses = new Uses();\n` +
      `export function step(): boolean { counter.add(); return counter.n > 5; }\n`;
    const modules = transpile({ 'a.ts': text, 'b.ts': 'export const b = 3;' }, 'a.ts');
    expect(modules.map(({ path, keepsState }) => [path, keepsState]).sort()).toEqual([
      ['a.shared.ts', false],
      ['a.ts', true],
      ['b.ts', false],
    ]);
    expect(modules.find(({ path }) => path === 'a.shared.ts')!.code).not.toMatch(/class Uses|new /);
    const program = new Program({ modules, entry: 'a.ts' });
    const [one, two] = [program.start(), program.start()] as unknown as {
      step(): boolean;
      Counter: unknown;
      STEP: number;
      uses: { counter(): { n: number } };
    }[];
    expect([one!.step(), one!.step(), two!.step()]).toEqual([false, true, false]);
    expect([one!.uses.counter().n, two!.uses.counter().n, one!.STEP]).toEqual([7, 5, 2]);
    expect(one!.Counter).toBe(two!.Counter);
  });

  it('has the values that the build gives to features.ts', () => {
    const sources = {
      'features.ts': `/** x */\nexport const FIRMWARE_ID = 'a';\nexport const SWITCH = 1;`,
    };
    const [module] = transpile(sources, 'features.ts', { FIRMWARE_ID: 'b', SWITCH: false });
    expect(module!.code).toMatch(/FIRMWARE_ID = "b"/);
    expect(module!.code).toMatch(/SWITCH = false/);
  });

  it('says which source is missing', () => {
    expect(() => transpile({ 'a.ts': `import { b } from './b.ts'; b();` }, 'a.ts')).toThrow(
      /b\.ts is imported/,
    );
  });

  it('is restarted after an exception, each time after a longer pause, as main.py does', async () => {
    const text = `export function step(): boolean { throw new Error('lost'); }`;
    const printed = await run(text, 20);
    expect(printed.match(/restart in \d+ s/g)).toEqual([
      'restart in 2 s',
      'restart in 4 s',
      'restart in 8 s',
      'restart in 16 s',
    ]);
    expect(printed).toMatch(/Traceback \(V8\): Error: lost/);
  });

  it('is reset by the watchdog when it sleeps too long', async () => {
    const text =
      `import { reset_cause, WDT } from 'machine'; import { sleep_ms } from 'time'; import { stdout } from 'sys';\n` +
      `const dog = new WDT(0, 1000); stdout.buffer.write(new Uint8Array([48 + reset_cause(), 10]));\n` +
      `export function step(): boolean { dog.feed(); sleep_ms(5000); return true; }`;
    expect((await run(text, 4)).match(/[1-5]\n/g)?.slice(0, 3)).toEqual(['1\n', '3\n', '3\n']);
  });

  it('keeps what it wrote to NVS, and loses exactly the write in which power goes', async () => {
    const text =
      `import { NVS } from 'esp32'; import { stdout } from 'sys'; import { OSError } from 'builtins';\n` +
      `const nvs = new NVS('t'); let n = 0;\n` +
      `try { n = nvs.get_i32('n'); } catch (error) { if (!(error instanceof OSError)) throw error; }\n` +
      `stdout.buffer.write(new Uint8Array([48 + n, 10]));\n` +
      `export function step(): boolean { nvs.set_i32('n', n + 1); return true; }`;
    const program = new Program({
      modules: transpile({ 'main.ts': text }, 'main.ts'),
      entry: 'main.ts',
    });
    const world = createWorld({ clock: 'virtual', seed: 1, bootMs: 100 });
    const board = world.addBoard({ chip: 'esp32', mac: macOf(0), x: 0, y: 0, program });
    let printed = '';
    board.onConsole = (bytes) => (printed += new TextDecoder().decode(bytes));
    let cuts = 0;
    for (let operation = 1; operation <= 6; operation++) {
      board.flash.cutPowerAt(operation, () => {
        cuts++;
        board.powerOff();
      });
      board.powerOn();
      await world.advance(500);
      board.flash.cancelPowerCut();
      board.powerOff();
    }
    const seen = [...printed.matchAll(/^(\d)$/gm)].map((match) => Number(match[1]));
    expect(cuts).toBeGreaterThan(2);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((x, y) => x - y));
    expect(seen.at(-1)! - seen[0]!).toBeLessThan(seen.length);
  });
});

describe('tags of frames that are remembered', () => {
  const random = seededRandom(11);
  const keyOf = (bytes: Uint8Array): HmacKey => new HmacKey(nodeCrypto, bytes);
  const Shared = rememberedKeys(HmacKey as never) as unknown as typeof HmacKey;
  const frames = Array.from({ length: 2000 }, (_, i) => {
    const frame = random.bytes(24 + random.int(227));
    // As on the air: few senders, and counters one after the other.
    frame[9] = i % 5;
    frame[13] = i >> 4;
    return frame;
  });

  it('are the firmware’s own, whichever frame or key came before, and however the tag on the frame reads', () => {
    const tag = rememberedTag(airTag as never) as unknown as typeof airTag;
    const secrets = [random.bytes(32), random.bytes(32)];
    for (const frame of frames) {
      for (const secret of [...secrets, ...secrets]) {
        expect(tag(new Shared(nodeCrypto, secret), frame)).toEqual(airTag(keyOf(secret), frame));
      }
      const key = new Shared(nodeCrypto, secrets[0]!);
      const signed = frame.slice();
      signed.fill(7, 16, 24);
      expect(tag(key, signed)).toEqual(tag(key, frame));
      const changed = frame.slice();
      const at = random.int(frame.length);
      changed[at]! ^= 1 << random.int(8);
      expect(tag(key, changed)).toEqual(airTag(keyOf(secrets[0]!), changed));
    }
  }, 20_000);

  it('are made anew for what is no frame: shorter than a header, or longer than any', () => {
    const tag = rememberedTag(airTag as never) as unknown as typeof airTag;
    const key = keyOf(random.bytes(32));
    for (const size of [17, 23, 251, 400]) {
      const bytes = random.bytes(size);
      expect(tag(key, bytes)).toEqual(airTag(key, bytes));
      bytes[size - 1]! ^= 1;
      expect(tag(key, bytes)).toEqual(airTag(key, bytes));
    }
  });

  it('come of keys that are one object when they are equal, and of which no more are kept than need be', () => {
    const first = random.bytes(32);
    expect(new Shared(nodeCrypto, first)).toBe(new Shared(nodeCrypto, first.slice()));
    expect(new Shared(nodeCrypto, first)).not.toBe(new Shared(nodeCrypto, random.bytes(32)));
    const known = new Shared(nodeCrypto, first);
    for (let i = 0; i < 300; i++) new Shared(nodeCrypto, random.bytes(16));
    expect(new Shared(nodeCrypto, first)).not.toBe(known);
  });
});
