/** `nvs` and `fs`: single partitions from and to files. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bytesToHex, utf8 } from '../base/bytes.ts';
import { buildLittleFs } from '../image/littlefs/write.ts';
import { readLittleFs } from '../image/littlefs/read.ts';
import { buildNvs, parseNvs } from '../image/nvs/nvs.ts';
import { readVector } from '../image/testing/read-vector.ts';
import { done, json, misused, refused } from './testing/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'meshwright-parts-'));
const at = (...names: string[]): string => join(folder, ...names);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(at(name)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('nvs', () => {
  const csv = `key,type,encoding,value
mesh,namespace,,
schema,data,i32,1
name,data,hex2bin,6c616d70
node_key,file,binary,key.bin
other,namespace,,
greeting,data,string,"hello, you"
`;
  const key = new Uint8Array(32).map((_, i) => i + 100);

  it('makes the partition that a chip would write', async () => {
    writeFileSync(at('nvs.csv'), csv);
    writeFileSync(at('key.bin'), key);
    await done('nvs', 'make', at('nvs.csv'), '--out', at('nvs.bin'), '--size', '0x5000');
    const { entries, problems } = parseNvs(read('nvs.bin'));
    expect(problems).toEqual([]);
    expect(bytesToHex(read('nvs.bin'))).toBe(bytesToHex(buildNvs(entries, 0x5000)));
    expect(entries.map((entry) => `${entry.namespace}/${entry.key}`)).toEqual([
      'mesh/schema',
      'mesh/name',
      'mesh/node_key',
      'other/greeting',
    ]);
  });

  it('dumps it without its secrets, and with them gives back what made it', async () => {
    const text =
      (await done('nvs', 'dump', at('nvs.bin'))) +
      (await done('nvs', 'dump', at('nvs.bin'), '--json'));
    expect(text).toContain('hello, you');
    expect(text).not.toContain(bytesToHex(key).slice(0, 12));
    const revealed = await done('nvs', 'dump', at('nvs.bin'), '--reveal');
    expect(revealed).toContain(bytesToHex(key));
    writeFileSync(at('again.csv'), await done('nvs', 'dump', at('nvs.bin'), '--reveal', '--csv'));
    await done('nvs', 'make', at('again.csv'), '--out', at('again.bin'), '--size', '20K');
    expect(bytesToHex(read('again.bin'))).toBe(bytesToHex(read('nvs.bin')));
  });

  it('names the file and the line of what is wrong', async () => {
    writeFileSync(at('wrong.csv'), `${csv}n,data,u8,300\n`);
    const args = ['nvs', 'make', at('wrong.csv'), '--out', at('never.bin')];
    expect(await refused(...args)).toContain('wrong.csv: line 8: u8 holds 0 to 255, got 300');
    writeFileSync(at('wrong.csv'), `${csv}n,file,binary,nowhere\n`);
    expect(await refused(...args)).toMatch(/line 8: cannot read nowhere/);
    writeFileSync(at('wrong.csv'), `${csv}big,data,hex2bin,${'00'.repeat(30000)}\n`);
    expect(await refused(...args)).toContain('wrong.csv: NVS');
    expect(readdirSync(folder)).not.toContain('never.bin');
    expect(await refused('nvs', 'dump', at('nvs.csv'))).toContain('nvs.csv: NVS');
  });

  it('exits with 2 when called wrongly', async () => {
    await misused('nvs', 'grow', at('nvs.csv'));
    await misused('nvs', 'make', at('nvs.csv'));
    await misused('nvs', 'make', at('nvs.csv'), '--out', at('x'), '--size', '5000');
    await misused('nvs', 'dump', at('nvs.bin'), '--csv');
  });
});

describe('fs', () => {
  it('makes a partition from a folder and takes the same files out again', async () => {
    mkdirSync(at('tree', 'a', 'deep'), { recursive: true });
    mkdirSync(at('tree', 'empty'));
    writeFileSync(at('tree', 'main.py'), 'print(1)\n');
    writeFileSync(at('tree', 'a', 'deep', 'big.mpy'), Buffer.alloc(20_000, 7));
    await done('fs', 'make', at('tree'), '--out', at('fs.bin'), '--size', '512K');
    expect(readLittleFs(read('fs.bin'), { blockCount: 128 })).toHaveLength(2);
    expect(await json<object>('fs', 'list', at('fs.bin'))).toMatchObject({
      blockCount: 128,
      directories: ['a', 'a/deep', 'empty'],
      files: [
        { path: 'a/deep/big.mpy', sizeBytes: 20_000 },
        { path: 'main.py', sizeBytes: 9 },
      ],
    });
    await done('fs', 'extract', at('fs.bin'), '--out', at('out'));
    expect(readFileSync(at('out', 'main.py'), 'utf8')).toBe('print(1)\n');
    expect(readFileSync(at('out', 'a', 'deep', 'big.mpy'))).toHaveLength(20_000);
  });

  it('reads what a board has written', async () => {
    writeFileSync(at('board.bin'), readVector('lfs2-micropython-1.28.0-tree.bin.gz'));
    const text = await done('fs', 'list', at('board.bin'));
    expect(text).toMatch(/LittleFS 2\.\d, \d+ of \d+ blocks/);
  });

  it('refuses to write outside the folder', async () => {
    // The writer would not make such a name either: one of two letters is turned into it.
    const image = buildLittleFs([{ path: 'zz/evil.txt', bytes: utf8('x') }], { blockCount: 8 });
    const text = Buffer.from(image);
    expect(text.includes('zz')).toBe(true);
    for (let i = text.indexOf('zz'); i >= 0; i = text.indexOf('zz', i)) text.write('..', i);
    writeFileSync(at('evil.bin'), text);
    const said = await refused('fs', 'extract', at('evil.bin'), '--out', at('jail'));
    expect(said).toMatch(/evil\.bin: |leave the folder/);
    expect(readdirSync(folder)).not.toContain('evil.txt');
    expect(readdirSync(folder)).not.toContain('jail');
  });

  it('refuses what does not fit, what is no file system, and wrong usage', async () => {
    const make = ['fs', 'make', at('tree'), '--out', at('never.bin')];
    expect(await refused(...make, '--size', '16K')).toContain('need more than the 4 blocks');
    expect(await refused('fs', 'make', at('nowhere'), '--out', at('x'))).toContain('no folder');
    expect(await refused('fs', 'list', at('nvs.csv'))).toContain('nvs.csv: LittleFS');
    await misused('fs', 'burn', at('tree'));
    await misused('fs', 'extract', at('fs.bin'));
  });
});
