import { IDBFactory } from 'fake-indexeddb';
import { expect, it } from 'vitest';
import { standInRuntime } from '../../runtimes/stand-in.ts';
import { KeptRuntimes } from './runtime-shelf.ts';

const shelf = (): KeptRuntimes => new KeptRuntimes(new IDBFactory(), () => 1);

it('refuses a file that is no runtime, in words, and keeps nothing', async () => {
  const kept = shelf();
  await expect(kept.add('notes.bin', new Uint8Array(100))).rejects.toMatchObject({
    problem: { title: 'This file cannot be used as a runtime', code: 'not-an-image' },
  });
  expect(await kept.list()).toEqual([]);
});
it('refuses the stand-in of virtual boards, which no chip can run', async () => {
  await expect(shelf().add('x.bin', standInRuntime('esp32'))).rejects.toMatchObject({
    problem: { code: 'stand-in' },
  });
});
it('says which chip has no file', async () => {
  await expect(shelf().take('esp32c3')).rejects.toMatchObject({ code: 'no-runtime' });
});
