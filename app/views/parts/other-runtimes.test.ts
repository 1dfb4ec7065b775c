import { expect, it } from 'vitest';
import { bytesToHex } from '../../base/bytes.ts';
import { sha256 } from '../../base/digest.ts';
import { CHIPS } from '../../image/chips.ts';
import type { Fetch } from '../../runtimes/hosted.ts';
import { standInRuntime } from '../../runtimes/stand-in.ts';
import type { StoredRuntime } from '../shared/ports.ts';
import { copyToShelf, SiteRuntimes } from './other-runtimes.ts';

const file = standInRuntime('esp32');
const BASE = 'https://mesh.example/app/';

/** Keeps whatever it is given; the real one refuses stand-ins. */
function shelf(): {
  add: (name: string, bytes: Uint8Array) => Promise<StoredRuntime>;
  kept: Map<string, string>;
} {
  const kept = new Map<string, string>();
  const add = async (fileName: string, bytes: Uint8Array): Promise<StoredRuntime> => {
    const digest = bytesToHex(sha256(bytes));
    kept.set(fileName, digest);
    return { chip: 'esp32', version: 'x', sha256: digest, sizeBytes: bytes.length, fileName };
  };
  return { add, kept };
}
function board(flash: Uint8Array): Parameters<typeof copyToShelf>[0] {
  const read = async (at: number, size: number): Promise<Uint8Array> => flash.slice(at, at + size);
  return { chip: 'esp32', mac: '24:0a:c4:00:00:01', read };
}
function flashed(): Uint8Array {
  const flash = new Uint8Array(0x400000).fill(0xff);
  flash.set(file, CHIPS.esp32.bootloaderAt);
  return flash;
}

it('keeps a copy of the runtime under a name that says where it comes from', async () => {
  const { add, kept } = shelf();
  const stored = await copyToShelf(board(flashed()), { add }, {});
  expect(stored.fileName).toMatch(/^copy-esp32-.+-240ac4000001\.bin$/);
  expect([...kept.values()]).toEqual([bytesToHex(sha256(file))]);
});
it('keeps nothing of an empty board or of a copy that was cancelled', async () => {
  const { add, kept } = shelf();
  const empty = new Uint8Array(0x400000).fill(0xff);
  await expect(copyToShelf(board(empty), { add }, {})).rejects.toMatchObject({
    problem: { title: 'This board has no runtime to copy', code: 'not-an-image' },
  });
  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  const reader = board(flashed());
  const telling = {
    ...reader,
    read: (at: number, size: number, tell?: (done: number, total: number) => void) => {
      tell?.(size, size);
      return reader.read(at, size);
    },
  };
  const copy = copyToShelf(telling, { add }, { signal: stop.signal, onProgress });
  await expect(copy).rejects.toMatchObject({ name: 'AbortError' });
  expect(kept.size).toBe(0);
});
it('asks the site when it is told to, and keeps what it takes', async () => {
  const { add, kept } = shelf();
  const row = {
    name: 'ESP32-v1.26.0.bin',
    chip: 'esp32',
    sha256: bytesToHex(sha256(file)),
  } as const;
  const asked: string[] = [];
  const fetch: Fetch = async (url) => {
    asked.push(url.slice(BASE.length));
    return {
      ok: true,
      status: 200,
      json: async () => ({ format: 1, files: [row] }),
      arrayBuffer: async () => file.slice().buffer,
    };
  };
  const site = new SiteRuntimes({ add }, fetch, BASE);
  expect(asked).toEqual([]);
  const [offered] = await site.list();
  expect(await site.take(offered!)).toMatchObject({ fileName: row.name, sha256: row.sha256 });
  expect(asked).toEqual(['runtimes/index.json', `runtimes/${row.name}`]);
  expect([...kept.keys()]).toEqual([row.name]);
});
it('words it when the site cannot be asked', async () => {
  const fetch: Fetch = () => Promise.reject(new TypeError('offline'));
  const site = new SiteRuntimes(shelf(), fetch, BASE);
  await expect(site.list()).rejects.toMatchObject({
    problem: { title: 'The site gave no runtime file', code: 'site-offers-none' },
  });
});
