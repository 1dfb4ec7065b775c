import { expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { type Fetch, listHostedRuntimes, takeHostedRuntime } from './hosted.ts';
import { standInRuntime } from './stand-in.ts';

const BASE = 'https://mesh.example/app/';
const file = standInRuntime('esp32c3');
const ROW = { name: 'C3-v1.26.0.bin', chip: 'esp32c3' as const, sha256: bytesToHex(sha256(file)) };
const asked: string[] = [];

function site(files: Record<string, string | Uint8Array>): Fetch {
  return async (url) => {
    asked.push(url);
    const body = files[url.slice(BASE.length)];
    return {
      ok: body !== undefined,
      status: body === undefined ? 404 : 200,
      json: async () => JSON.parse(String(body)) as unknown,
      arrayBuffer: async () => new Uint8Array(body as Uint8Array).buffer,
    };
  };
}
const index = (files: unknown): Record<string, string> => ({
  'runtimes/index.json': JSON.stringify({ format: 1, files }),
});

it('lists and takes what the site has, from the site alone', async () => {
  const fetch = site({ ...index([ROW]), 'runtimes/C3-v1.26.0.bin': file });
  expect(await listHostedRuntimes(fetch, BASE)).toEqual({ ok: true, value: [ROW] });
  const taken = await takeHostedRuntime(fetch, BASE, ROW);
  expect(taken).toMatchObject({ ok: true, value: { chip: 'esp32c3', sha256: ROW.sha256 } });
  expect(asked.every((url) => url.startsWith(`${BASE}runtimes/`))).toBe(true);
});

it('takes a site without the folder for one that offers nothing', async () => {
  expect(await listHostedRuntimes(site({}), BASE)).toEqual({ ok: true, value: [] });
});

it.each([
  [
    'a start page for every address',
    { 'runtimes/index.json': '<!doctype html>' },
    /cannot be read/,
  ],
  ['another format', { 'runtimes/index.json': '{"format":2}' }, /format 1/],
  ['null', { 'runtimes/index.json': 'null' }, /format 1/],
  ['a path that leads away', index([{ ...ROW, name: '../secret.bin' }]), /entry 1/],
  ['another site', index([ROW, { ...ROW, name: 'https://x/y.bin' }]), /entry 2/],
  ['an unknown chip', index([{ ...ROW, chip: 'esp8266' }]), /entry 1/],
  ['no hash', index([{ ...ROW, sha256: '' }]), /entry 1/],
])('refuses %s as a list', async (_what, files, reason) => {
  const result = await listHostedRuntimes(site(files), BASE);
  expect(result).toMatchObject({ ok: false, message: expect.stringMatching(reason) as string });
});

it('refuses a file that is missing, changed, damaged or for another chip', async () => {
  const take = (files: Record<string, Uint8Array>, row = ROW) =>
    takeHostedRuntime(site(files), BASE, row);
  const path = `runtimes/${ROW.name}`;
  expect(await take({})).toMatchObject({
    ok: false,
    message: expect.stringContaining('404') as string,
  });
  const changed = file.slice();
  changed[changed.length - 40]! ^= 1;
  expect(await take({ [path]: changed })).toMatchObject({
    ok: false,
    message: expect.stringContaining('SHA-256 differs') as string,
  });
  const digest = bytesToHex(sha256(changed));
  expect(await take({ [path]: changed }, { ...ROW, sha256: digest })).toMatchObject({ ok: false });
  const other = standInRuntime('esp32');
  const row = { ...ROW, sha256: bytesToHex(sha256(other)) };
  expect(await take({ [path]: other }, row)).toMatchObject({
    ok: false,
    message: expect.stringContaining('another chip') as string,
  });
});
