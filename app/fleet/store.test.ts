import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { bytesToHex, fromUtf8, toBase64Url } from '../base/bytes.ts';
import { newNode } from './record.ts';
import { FleetStore } from './store.ts';

let number = 0;
const freshName = (): string => `fleet-${number++}`;

/** Everything in the database, as one text in which secrets would be found in hex, base64 or clear. */
async function rawContents(name: string): Promise<string> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  let text = '';
  const seen = (value: unknown): void => {
    if (value instanceof Uint8Array) {
      text += `${bytesToHex(value)} ${toBase64Url(value)} ${fromUtf8(value)} `;
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(seen);
    else text += `${String(value)} `;
  };
  for (const store of ['networks', 'nodes']) {
    const rows = await new Promise<unknown[]>((resolve) => {
      const request = database.transaction(store).objectStore(store).getAll();
      request.onsuccess = () => resolve(request.result as unknown[]);
    });
    rows.forEach(seen);
  }
  database.close();
  return text;
}

const DRAFT = {
  name: 'Haus',
  zones: ['kitchen'],
  router: { ssid: 'homenet', password: 'sesame street' },
};

describe('the store', () => {
  it('keeps networks and nodes over a restart, and opens them with the passphrase only', async () => {
    const name = freshName();
    const store = await FleetStore.open(name);
    const home = await store.create(DRAFT, 'pass', 1);
    const [lamp] = await home.addNodes((others) => [
      newNode({ name: 'lamp', zone: 'kitchen', mac: '24:0a:c4:00:00:01' }, others, 2),
    ]);
    const record = await home.network();
    store.close();

    const again = await FleetStore.open(name);
    expect(await again.headers()).toEqual([{ id: home.id, name: 'Haus', createdAtMs: 1 }]);
    await expect(again.unlock(home.id, 'Pass')).rejects.toMatchObject({ code: 'wrong-passphrase' });
    const opened = await again.unlock(home.id, 'pass');
    expect(await opened.network()).toEqual(record);
    expect(await opened.nodes()).toEqual([lamp]);
    await expect(again.unlock('no such', 'pass')).rejects.toMatchObject({ code: 'not-found' });
  });
  it('holds no secret, node name, zone, MAC or router at rest', async () => {
    const name = freshName();
    const store = await FleetStore.open(name);
    const home = await store.create(DRAFT, 'open sesame', 1);
    const [lamp] = await home.addNodes((others) => [
      newNode({ name: 'secretlamp', zone: 'kitchen', mac: '24:0a:c4:00:00:01' }, others, 2),
    ]);
    await home.updateNetwork((network) => ({ ...network, channel: 11 }));
    const { keys } = await home.network();
    const contents = await rawContents(name);
    const bytes = [keys.current.key, keys.setupKey, keys.adminKey, lamp!.nodeKey];
    const hidden = bytes.flatMap((key) => [bytesToHex(key), toBase64Url(key)]);
    hidden.push('secretlamp', 'kitchen', '24:0a:c4', 'homenet', 'sesame', 'open sesame');
    for (const each of hidden) expect(contents).not.toContain(each);
    expect(contents).toContain('Haus');
  });
  it('keeps names unique and leaves everything as it was when a rule is broken', async () => {
    const store = await FleetStore.open(freshName());
    const home = await store.create(DRAFT, 'p', 1);
    const [a, b] = await home.addNodes((others) => [
      newNode({ name: 'a', zone: 'kitchen' }, others, 2),
      newNode({ name: 'b', zone: 'kitchen' }, others, 2),
    ]);
    const before = await home.nodes();
    await expect(home.updateNode(b!.id, (node) => ({ ...node, name: 'A' }))).rejects.toMatchObject({
      code: 'name-taken',
    });
    await expect(
      home.addNodes((others) => [
        newNode({ name: 'c', zone: 'kitchen' }, others, 2),
        { ...newNode({ name: 'd', zone: 'kitchen' }, others, 2), name: 'a' },
      ]),
    ).rejects.toMatchObject({ code: 'name-taken' });
    await expect(
      home.updateNetwork((network) => ({ ...network, channel: 0 })),
    ).rejects.toMatchObject({ code: 'channel-invalid' });
    expect(await home.nodes()).toEqual(before);
    await home.updateNode(a!.id, (node) => ({ ...node, name: 'z' }));
    expect((await home.node(a!.id)).name).toBe('z');
  });
  it('loses no change when two tabs change the same record at once', async () => {
    const name = freshName();
    const store = await FleetStore.open(name);
    const home = await store.create(DRAFT, 'p', 1);
    const [node] = await home.addNodes((others) => [
      newNode({ name: 'a', zone: 'kitchen' }, others, 2),
    ]);
    const other = await (await FleetStore.open(name)).unlock(home.id, 'p');
    await Promise.all(
      [home, other, home].map((tab, i) =>
        tab.updateNode(node!.id, (each) => ({
          ...each,
          history: [...each.history, { atMs: i, what: `change ${i}` }],
        })),
      ),
    );
    expect((await home.node(node!.id)).history.length).toBe(4);
  });
  it('refuses work once locked, and changes the passphrase only with the old one', async () => {
    const store = await FleetStore.open(freshName());
    const home = await store.create(DRAFT, 'old', 1);
    await expect(home.changePassphrase('guess', 'new')).rejects.toMatchObject({
      code: 'wrong-passphrase',
    });
    await home.changePassphrase('old', 'new');
    await expect(store.unlock(home.id, 'old')).rejects.toMatchObject({ code: 'wrong-passphrase' });
    await store.unlock(home.id, 'new');
    home.lock();
    await expect(home.network()).rejects.toMatchObject({ code: 'not-found' });
  });
  it('removes a network with its nodes and leaves the others', async () => {
    const store = await FleetStore.open(freshName());
    const [one, two] = [await store.create(DRAFT, 'p', 1), await store.create(DRAFT, 'p', 2)];
    for (const each of [one, two]) {
      await each.addNodes((others) => [newNode({ name: 'a', zone: 'kitchen' }, others, 2)]);
    }
    await store.remove(one.id);
    expect((await store.headers()).map((header) => header.id)).toEqual([two.id]);
    expect((await two.nodes()).length).toBe(1);
    expect(await one.nodes()).toEqual([]);
    await expect(one.network()).rejects.toMatchObject({ code: 'not-found' });
  });
});
