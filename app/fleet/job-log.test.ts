import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { bytesToHex, toBase64Url } from '../base/bytes.ts';
import { seededRandom } from '../base/random.ts';
import { BlobStore } from './blob-store.ts';
import { JobLog, jobLogText, MOST_RECORDS, withoutSecrets, type JobRecord } from './job-log.ts';
import { FleetStore, type OpenNetwork } from './store.ts';

let number = 0;
async function bench(): Promise<{
  log: JobLog;
  network: OpenNetwork;
  again: () => Promise<JobLog>;
}> {
  const name = `jobs-${number++}`;
  const fleet = await FleetStore.open(`fleet-of-${name}`);
  const network = await fleet.create({ name: 'Haus', zones: [] }, 'pass', 1);
  const blobs = await BlobStore.open(name);
  const again = async (): Promise<JobLog> => new JobLog(await BlobStore.open(name));
  return { log: new JobLog(blobs), network, again };
}

function record(change: Partial<JobRecord> = {}): JobRecord {
  return {
    id: 'a',
    page: 'p',
    startedAtMs: 1000,
    endedAtMs: 9500,
    outcome: 'failed',
    stage: 'write',
    board: { kind: 'real', label: 'CP210x', mac: '24:0a:c4:00:00:01', chip: 'esp32' },
    node: { id: '01', name: 'lamp-1' },
    steps: [
      { what: 'Connecting', atMs: 1000 },
      { what: 'Writing', atMs: 4000 },
    ],
    advice: {
      code: 'unplugged',
      title: 'The board was unplugged.',
      cause: '',
      next: 'Plug it in again.',
      details: 'stage: write\nhash 0123456789abcdef0123456789abcdef',
    },
    ...change,
  };
}

it('comes back after a reload, newest first, the last state of each job', async () => {
  const { log, network, again } = await bench();
  await log.put(network, record({ outcome: 'running', endedAtMs: null }));
  await log.put(network, record({ id: 'b', startedAtMs: 2000, node: null, advice: null }));
  void log.put(network, record({ outcome: 'cancelled' }));
  await log.put(network, record());
  const records = await (await again()).all(network);
  expect(records.map(({ id }) => id)).toEqual(['b', 'a']);
  expect(records[1]).toEqual(record());
});

it('is bounded in number, in size and in steps, and never drops a job that runs', async () => {
  const { log, network } = await bench();
  const long = 'word '.repeat(9000);
  const steps = Array.from({ length: 500 }, (_, atMs) => ({ what: long, atMs }));
  await log.put(network, record({ id: 'run', startedAtMs: 0, outcome: 'running', steps }));
  for (let i = 1; i <= MOST_RECORDS + 4; i++) {
    await log.put(network, record({ id: `${i}`, startedAtMs: i }));
  }
  await log.trim(network);
  const records = await log.all(network);
  expect(records).toHaveLength(MOST_RECORDS);
  expect(records.at(-1)!.id).toBe('run');
  expect(records.at(-2)!.startedAtMs).toBe(6);
  expect(JSON.stringify(records.at(-1)).length).toBeLessThan(150_000);
});

it('can be cleared, but for what runs', async () => {
  const { log, network } = await bench();
  await log.put(network, record());
  await log.put(network, record({ id: 'b', outcome: 'running' }));
  await log.clear(network, ['b']);
  expect((await log.all(network)).map(({ id }) => id)).toEqual(['b']);
});

it('keeps no run of letters that may be a key, in the store or in the text', async () => {
  const { log, network } = await bench();
  const random = seededRandom(9);
  for (let i = 0; i < 40; i++) {
    const key = random.bytes(32);
    const spoken = [bytesToHex(key), toBase64Url(key), Buffer.from(key).toString('base64')];
    const details = `the board said: key=${spoken.join(' and ')}.`;
    await log.put(network, record({ advice: { ...record().advice!, details } }));
    const [kept] = await log.all(network);
    const text =
      jobLogText([kept!]) + jobLogText([record({ advice: { ...record().advice!, details } })]);
    for (const word of spoken) expect(text).not.toContain(word.replace(/=+$/, ''));
  }
  // What helps stays: addresses, digests, places, ids of builds.
  const useful = '24:0a:c4:00:00:01 0123456789abcdef0123456789abcdef 0x200000 0.1.0+3f9c2ab1';
  expect(withoutSecrets(useful)).toBe(useful);
  expect(withoutSecrets('app/provision/a-rather-long-name-of-a-file.ts')).toContain('a-rather');
});

it('reads as text: outcome, board, node, steps with times, advice', () => {
  expect(jobLogText([record()])).toBe(
    [
      '1970-01-01T00:00:01.000Z  FAILED, 8.5 s',
      '  board  CP210x (real), esp32, 24:0a:c4:00:00:01',
      '  node   lamp-1',
      '     0.0 s  Connecting',
      '     3.0 s  Writing',
      '  The board was unplugged.',
      '  next: Plug it in again.',
      '    stage: write',
      '    hash 0123456789abcdef0123456789abcdef',
      '',
    ].join('\n'),
  );
});
