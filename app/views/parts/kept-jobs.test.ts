import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { BlobStore } from '../../fleet/blob-store.ts';
import type { JobRecord } from '../../fleet/job-log.ts';
import { BoardBackups } from './board-backups.ts';
import { fleetSource, networkOf } from './fleet-source.ts';
import { KeptJobs } from './kept-jobs.ts';
import { PageLife } from './page-life.ts';

let number = 0;
async function handle() {
  const draft = { name: `N${number}`, channel: 6, zones: ['hall'], passphrase: 'four blue doors' };
  return fleetSource(() => 1).create(draft);
}
const record = (id: string, page: string): JobRecord => ({
  id,
  page,
  startedAtMs: 5,
  endedAtMs: null,
  outcome: 'running',
  stage: 'write',
  board: { kind: 'real', label: 'CP210x', mac: '24:0a:c4:00:00:01', chip: 'esp32' },
  node: null,
  steps: [],
  advice: null,
});

it('tells a running job of a page that is gone as interrupted, and keeps it so', async () => {
  const network = await handle();
  const name = `kept-jobs-${number++}`;
  const open = (): Promise<BlobStore> => BlobStore.open(name);
  const before = new KeptJobs(new PageLife(undefined, 'before'), open);
  await before.put(network, record('a', 'before'));
  expect((await before.all(network))[0]!.outcome).toBe('running');
  const after = new KeptJobs(new PageLife(undefined, 'after'), open);
  await after.put(network, record('b', 'after'));
  const outcomes = async (jobs: KeptJobs): Promise<Record<string, string>> =>
    Object.fromEntries((await jobs.all(network)).map(({ id, outcome }) => [id, outcome]));
  expect(await outcomes(after)).toEqual({ a: 'interrupted', b: 'running' });
  expect((await outcomes(before))['a']).toBe('interrupted');
  await after.clear(network, ['b']);
  expect(Object.keys(await outcomes(after))).toEqual(['b']);
  await after.removeNetwork(network.id);
  expect(await outcomes(after)).toEqual({});
});

it('keeps settings of boards: the last five of each, equal ones once, and takes them along as a file', async () => {
  const network = await handle();
  const backups = new BoardBackups(() => BlobStore.open(`kept-settings-${number++}`));
  const backup = (atMs: number, fill: number, mac = '24:0a:c4:00:00:01') => ({
    mac,
    chip: 'esp32',
    atMs,
    name: `lamp-${atMs}`,
    at: 0x9000,
    bytes: new Uint8Array(0x6000).fill(fill),
  });
  const of = networkOf(network);
  for (let i = 1; i <= 7; i++) await backups.keep(of, backup(i, i));
  await backups.keep(of, backup(8, 7)); // the same settings as the last ones
  await backups.keep(of, backup(1, 1, '24:0a:c4:00:00:02'));
  const list = await backups.list(network);
  expect(list.map(({ mac, atMs }) => `${mac.slice(-2)} ${atMs}`)).toEqual([
    '01 8',
    '01 6',
    '01 5',
    '01 4',
    '01 3',
    '02 1',
  ]);
  expect(JSON.stringify(list)).not.toContain('bytes');
  expect((await backups.take(of, list[0]!.id)).bytes).toEqual(backup(8, 7).bytes);

  const file = await backups.toFile(network, list[0]!.id, 'grey heron');
  await backups.remove(network, list[0]!.id);
  await expect(backups.take(of, list[0]!.id)).rejects.toMatchObject({ code: 'not-found' });
  await expect(backups.fromFile(network, file.text, 'white heron')).rejects.toMatchObject({
    code: 'wrong-passphrase',
  });
  await backups.fromFile(network, file.text, 'grey heron');
  expect((await backups.take(of, list[0]!.id)).name).toBe('lamp-8');
});
