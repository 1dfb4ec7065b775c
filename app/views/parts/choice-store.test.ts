import { IDBFactory } from 'fake-indexeddb';
import { expect, it, vi } from 'vitest';
import { KeptChoices, PLAIN_CHOICE } from './choice-store.ts';

const CHOICE = {
  profile: 'full',
  features: { OTA: false },
  application: { 'main.ts': 'export {};\n' },
};

function tabs(): { a: KeptChoices; b: KeptChoices; factory: IDBFactory } {
  const factory = new IDBFactory();
  const listeners = new Set<(event: MessageEvent) => void>();
  const channel = {
    postMessage: () => listeners.forEach((each) => each(new MessageEvent('message'))),
    addEventListener: (_: string, each: (event: MessageEvent) => void) => listeners.add(each),
    removeEventListener: (_: string, each: (event: MessageEvent) => void) => listeners.delete(each),
  } as unknown as BroadcastChannel;
  return { a: new KeptChoices(factory, channel), b: new KeptChoices(factory, channel), factory };
}

it('starts with the plain firmware', async () => {
  expect(await tabs().a.load()).toEqual({ choice: PLAIN_CHOICE, revision: 0 });
});

it('gives back what was kept, to another tab too, and tells that tab', async () => {
  const { a, b } = tabs();
  const heard = vi.fn();
  const stop = b.watch(heard);
  expect(await a.keep(CHOICE, 0)).toBe(1);
  expect(heard).toHaveBeenCalledTimes(1);
  expect(await b.load()).toEqual({ choice: CHOICE, revision: 1 });
  stop();
  await a.keep(CHOICE, 1);
  expect(heard).toHaveBeenCalledTimes(1);
});

it('does not write over what another tab kept meanwhile', async () => {
  const { a, b } = tabs();
  await a.keep(CHOICE, 0);
  await expect(b.keep(PLAIN_CHOICE, 0)).rejects.toMatchObject({ code: 'changed-meanwhile' });
  expect((await b.load()).choice).toEqual(CHOICE);
});

it('reads rows that it does not understand as far as it can', async () => {
  const { a, factory } = tabs();
  await a.load();
  const opening = factory.open('meshwright-firmware', 1);
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const put = opening.result
    .transaction('choice', 'readwrite')
    .objectStore('choice')
    .put(
      { revision: 4, choice: { profile: 7, features: { A: 1, B: {} }, application: { x: 1 } } },
      'current',
    );
  await new Promise((resolve) => (put.onsuccess = resolve));
  opening.result.close();
  expect(await a.load()).toEqual({
    revision: 4,
    choice: { profile: 'default', features: { A: 1 }, application: {} },
  });
});
