import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { bytesToHex, fromUtf8, utf8 } from '../base/bytes.ts';
import { seededRandom } from '../base/random.ts';
import { BlobStore } from './blob-store.ts';
import { FleetStore, type OpenNetwork } from './store.ts';

let number = 0;
const freshName = (): string => `blobs-${number++}`;
const MAC = '24:0a:c4:00:00:02';

async function freshNetwork(): Promise<OpenNetwork> {
  const fleet = await FleetStore.open(freshName());
  return fleet.create({ name: 'Haus', zones: [] }, 'pass', 1);
}

/** Every byte of the database in hex, and every text. */
async function rawContents(name: string): Promise<string> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
  });
  const rows = await new Promise<unknown[]>((resolve) => {
    const request = database.transaction('blobs').objectStore('blobs').getAll();
    request.onsuccess = () => resolve(request.result as unknown[]);
  });
  database.close();
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (value instanceof Uint8Array) texts.push(bytesToHex(value), fromUtf8(value));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
    else texts.push(String(value));
  };
  walk(rows);
  return texts.join(' ');
}

describe('blobs of a network', () => {
  it('come back byte for byte after a restart, the last one put under a name', async () => {
    const [name, network] = [freshName(), await freshNetwork()];
    const bytes = seededRandom(1).bytes(70_000);
    const store = await BlobStore.open(name);
    await store.put(network, { name: MAC, bytes: utf8('first') });
    store.close();
    const again = await BlobStore.open(name);
    await again.put(network, { name: MAC, bytes });
    await again.put(network, { name: 'ü', bytes: new Uint8Array(0) });
    expect(await again.count(network.id)).toBe(2);
    const all = (await again.all(network)).sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(all).toEqual([
      { name: MAC, bytes },
      { name: 'ü', bytes: new Uint8Array(0) },
    ]);
  });
  it('hold neither their bytes nor their name at rest', async () => {
    const [name, network] = [freshName(), await freshNetwork()];
    const store = await BlobStore.open(name);
    await store.put(network, { name: MAC, bytes: utf8('a key of a node') });
    const contents = await rawContents(name);
    for (const text of ['a key of a node', MAC]) {
      expect(contents).not.toContain(text);
      expect(contents).not.toContain(bytesToHex(utf8(text)));
    }
    expect(contents).toContain(network.id);
  });
  it('can be neither read nor put while the network is locked', async () => {
    const [store, network] = [await BlobStore.open(freshName()), await freshNetwork()];
    const blob = { name: MAC, bytes: utf8('x') };
    await store.put(network, blob);
    network.lock();
    await expect(store.all(network)).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.put(network, blob)).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.count(network.id)).toBe(1);
  });
  it('leave out what is damaged or was moved from another row, and keep the rest', async () => {
    const [name, network] = [freshName(), await freshNetwork()];
    const store = await BlobStore.open(name);
    await store.put(network, { name: 'good', bytes: utf8('g') });
    await store.put(network, { name: 'moved', bytes: utf8('m') });
    store.close();
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    const table = database.transaction('blobs', 'readwrite').objectStore('blobs');
    const rows = await new Promise<{ id: string }[]>((resolve) => {
      const request = table.getAll();
      request.onsuccess = () => resolve(request.result as { id: string }[]);
    });
    await new Promise((resolve) => {
      table.put({ ...rows[0], id: 'elsewhere' }).onsuccess = resolve;
    });
    database.close();
    const again = await BlobStore.open(name);
    expect(await again.count(network.id)).toBe(3);
    expect((await again.all(network)).map((blob) => blob.name).sort()).toEqual(['good', 'moved']);
  });
  it('go one by one, or with their network, and leave those of others', async () => {
    const store = await BlobStore.open(freshName());
    const [one, two] = [await freshNetwork(), await freshNetwork()];
    for (const network of [one, two]) {
      await store.put(network, { name: 'a', bytes: utf8('a') });
      await store.put(network, { name: 'b', bytes: utf8('b') });
    }
    await store.remove(one, 'a');
    await store.remove(one, 'never there');
    expect((await store.all(one)).map((blob) => blob.name)).toEqual(['b']);
    await store.removeNetwork(one.id);
    expect(await store.count(one.id)).toBe(0);
    expect(await store.count(two.id)).toBe(2);
  });
});
