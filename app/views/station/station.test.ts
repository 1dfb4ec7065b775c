import { expect, it } from 'vitest';
import type { JobRecord } from '../../fleet/job-log.ts';
import { FakeStation, mac, settled } from './testing/fake-bench.ts';

const states = (station: FakeStation): string[] =>
  station.boards.all.map((board) => station.model.jobFor(board).state);

it('takes several real boards through their jobs at once, each as its own node, with one build', async () => {
  const station = await new FakeStation(['a', 'b', 'c', 'd']).start();
  station.gated = true;
  station.model.line = true;
  for (let i = 1; i <= 4; i++) station.plug('CP210x', mac(i));
  await settled();
  await settled();
  expect(states(station)).toEqual(['running', 'running', 'running', 'running']);
  expect([station.mostAtOnce, station.builds]).toEqual([4, 1]);
  expect(station.model.tally).toEqual({ working: 4, waiting: 0, passed: 0, failed: 0 });
  for (let i = 0; i < 4; i++) station.open();
  await settled();
  expect(states(station)).toEqual(['passed', 'passed', 'passed', 'passed']);
  expect(station.written.map((line) => line.split(' as ')[1]).sort()).toEqual(['a', 'b', 'c', 'd']);
  expect(new Set(station.written.map((line) => line.split(' ')[0])).size).toBe(4);
});

it('cancels one board of several, and only that one', async () => {
  const station = await new FakeStation(['a', 'b']).start();
  station.gated = true;
  station.model.line = true;
  for (let i = 1; i <= 2; i++) station.plug('CP210x', mac(i));
  await settled();
  await settled();
  station.model.jobFor(station.boards.all[0]!).cancel();
  station.open();
  station.open();
  await settled();
  expect(states(station)).toEqual(['cancelled', 'passed']);
  expect(station.model.freeNodes(null)).toHaveLength(1);
});

it('leaves a plugged-in board alone while the line is off, and starts it when asked', async () => {
  const station = await new FakeStation(['a']).start();
  station.plug('CP210x', mac(1));
  await settled();
  expect(states(station)).toEqual(['idle']);
  station.model.line = true;
  await settled();
  expect(states(station)).toEqual(['idle']);
  await station.model.startIdle();
  expect(station.written).toEqual([`${mac(1)} as a`]);
});

it('does not write a board twice: a finished node is left as it is', async () => {
  const station = await new FakeStation(['a', 'b']).start();
  station.model.line = true;
  const port = station.plug('CP210x', mac(1));
  await settled();
  await settled();
  station.pull(port);
  await settled();
  station.plug('CP210x', mac(1), 'again');
  await settled();
  expect(states(station)).toEqual(['known']);
  expect(station.written).toEqual([`${mac(1)} as a`]);
});

it('does not take a board with native USB that comes back from its restart for a new one', async () => {
  const station = await new FakeStation(['a', 'b']).start();
  station.restartNote = 'native';
  station.model.line = true;
  const port = station.plug('USB-OTG', mac(1));
  await settled();
  await settled();
  station.pull(port);
  await settled();
  station.plug('USB-OTG', mac(1), 'returned');
  await settled();
  expect(states(station)).toEqual(['idle']);
  // The next one is a new board.
  station.plug('USB-OTG', mac(2));
  await settled();
  await settled();
  expect(station.written).toEqual([`${mac(1)} as a`, `${mac(2)} as b`]);
});

it('stops and asks for a board of another network, on the line too', async () => {
  const station = await new FakeStation(['a']).start();
  station.held = { kind: 'foreign', name: 'pump', zone: 'cellar' };
  station.model.line = true;
  station.plug('CP210x', mac(1));
  await settled();
  await settled();
  const job = station.model.jobFor(station.boards.all[0]!);
  expect([job.state, job.asks]).toEqual(['confirm', true]);
  expect(station.written).toEqual([]);
  await station.model.write(job, true);
  expect(job.state).toBe('passed');
});

it('says so when no planned node is left, and writes nothing', async () => {
  const station = await new FakeStation([]).start();
  station.model.line = true;
  station.plug('CP210x', mac(1));
  await settled();
  const job = station.model.jobFor(station.boards.all[0]!);
  expect([job.state, job.problem?.code]).toEqual(['failed', 'no-node-left']);
  expect(station.written).toEqual([]);
});

it('keeps what went wrong to be read when the port is gone, until the board is back in a job', async () => {
  const station = await new FakeStation(['a']).start();
  station.model.line = true;
  station.failing.set(mac(1), Object.assign(new Error('gone'), { code: 'unplugged' }));
  const port = station.plug('CP210x', mac(1));
  await settled();
  await settled();
  expect(states(station)).toEqual(['failed']);
  station.pull(port);
  await settled();
  expect(states(station)).toEqual(['failed']);
  expect(station.boards.all[0]!.plugged).toBe(false);
  expect(station.nodes[0]!.state).toBe('planned');

  station.failing.clear();
  station.plug('CP210x', mac(1), 'again');
  await settled();
  await settled();
  expect(states(station)).toEqual(['passed']); // the old card is gone
  expect(station.written).toEqual([`${mac(1)} as a`]);
});

it('takes a board that failed on the line to the end of it when it is tried again; off the line it asks for the node', async () => {
  for (const line of [true, false]) {
    const station = await new FakeStation(['a']).start();
    station.model.line = true;
    station.failing.set(mac(1), Object.assign(new Error('gone'), { code: 'unplugged' }));
    station.plug('CP210x', mac(1));
    await settled();
    await settled();
    expect(states(station)).toEqual(['failed']);
    station.failing.clear();
    station.model.line = line;
    await station.model.again(station.model.jobFor(station.boards.all[0]!));
    expect(states(station)).toEqual([line ? 'passed' : 'assign']);
    expect(station.written).toEqual(line ? [`${mac(1)} as a`] : []);
  }
});

it('writes every job down: stages, node, outcome, advice', async () => {
  const station = await new FakeStation(['a', 'b']).start();
  station.model.line = true;
  station.failing.set(mac(2), Object.assign(new Error('gone'), { code: 'unplugged' }));
  station.plug('CP210x', mac(1));
  station.plug('CH340', mac(2));
  await settled();
  await settled();
  const records = [...station.log.values()].sort((a, b) =>
    a.board.label < b.board.label ? 1 : -1,
  );
  expect(records.map((record) => [record.board.label, record.outcome, record.stage])).toEqual([
    ['CP210x', 'passed', 'join'],
    ['CH340', 'failed', 'write'],
  ]);
  const [passed, failed] = records as [JobRecord, JobRecord];
  expect(passed.board).toEqual({ kind: 'real', label: 'CP210x', mac: mac(1), chip: 'esp32' });
  expect(passed.steps.map(({ what }) => what)).toContain('Erasing');
  expect(passed.endedAtMs).not.toBeNull();
  expect(failed.advice).toMatchObject({
    code: 'unplugged',
    next: expect.stringMatching(/Plug it in/),
  });
  expect(station.book.text()).toContain('FAILED');
});

it('tells a job that a reload cut off, and takes it up again with the same node', async () => {
  const first = await new FakeStation(['a', 'b']).start();
  first.gated = true;
  first.model.line = true;
  const taken = first.plug('CP210x', mac(9)); // takes "a"
  await settled();
  await settled();
  expect(taken.label).toBe('CP210x');
  const [cut] = [...first.log.values()];
  expect(cut).toMatchObject({ outcome: 'running', stage: 'write', node: { name: 'a' } });

  // After the reload; the log's keeper has found that the page is gone.
  const station = await new FakeStation(['a', 'b'], [{ ...cut!, outcome: 'interrupted' }]).start();
  station.model.reviewPlan = false;
  expect(station.book.interrupted.map(({ node }) => node?.name)).toEqual(['a']);
  station.plug('CP210x', mac(9));
  await settled();
  await station.model.resume(station.book.interrupted[0]!);
  expect(station.written).toEqual([`${mac(9)} as a`]);
  expect(station.book.interrupted).toEqual([]);
  await station.book.clear();
  expect(station.book.all).toEqual([]);
});

it('does not resume on another board', async () => {
  const record = {
    id: 'x',
    page: 'gone',
    startedAtMs: 1,
    endedAtMs: null,
    outcome: 'interrupted',
    stage: 'write',
    board: { kind: 'real', label: 'CP210x', mac: mac(7), chip: 'esp32' },
    node: { id: '0', name: 'a' },
    steps: [],
    advice: null,
  } as const satisfies JobRecord;
  const station = await new FakeStation(['a'], [record]).start();
  station.plug('CP210x', mac(8));
  await settled();
  await station.model.resume(record);
  const job = station.model.jobFor(station.boards.all[0]!);
  expect([job.state, job.problem?.code]).toEqual(['failed', 'other-board']);
  expect(station.written).toEqual([]);
});
