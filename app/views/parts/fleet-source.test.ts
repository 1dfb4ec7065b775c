import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { fleetSource, networkOf } from './fleet-source.ts';

const PASSPHRASE = 'copper willow lantern otter';
const draft = { name: 'Workshop', channel: 11, zones: ['hall', 'yard'], passphrase: PASSPHRASE };

it('creates, locks, finds again and unlocks a network with its nodes in name order', async () => {
  const fleet = fleetSource(() => 1000);
  const handle = await fleet.create(draft);
  await handle.addNodes([
    { name: 'lamp-10', zone: 'hall' },
    { name: 'lamp-2', zone: 'yard' },
  ]);
  handle.lock();
  await expect(handle.snapshot()).rejects.toThrow();
  const [header] = (await fleet.headers()).filter((each) => each.id === handle.id);
  expect(header).toEqual({ id: handle.id, name: 'Workshop', createdAtMs: 1000 });
  const again = await (await fleet.unlock(handle.id, PASSPHRASE)).snapshot();
  expect(again.channel).toBe(11);
  expect(again.zones).toEqual([
    { name: 'hall', colour: 0 },
    { name: 'yard', colour: 1 },
  ]);
  expect(again.nodes.map((node) => [node.name, node.state])).toEqual([
    ['lamp-2', 'planned'],
    ['lamp-10', 'planned'],
  ]);
});
it('refuses a wrong passphrase with a code and changes nothing', async () => {
  const fleet = fleetSource(() => 1000);
  const handle = await fleet.create({ ...draft, name: 'Other' });
  await expect(fleet.unlock(handle.id, 'not it at all')).rejects.toMatchObject({
    code: 'wrong-passphrase',
  });
  await fleet.remove(handle.id);
  expect((await fleet.headers()).some((header) => header.id === handle.id)).toBe(false);
});
it('never shows a key in what the screens get', async () => {
  const handle = await fleetSource(() => 1000).create({ ...draft, name: 'Third' });
  await handle.addNodes([{ name: 'gate', zone: 'hall' }]);
  const [node] = await networkOf(handle).nodes();
  const shown = JSON.stringify(await handle.snapshot());
  expect(shown).not.toMatch(/key/i);
  expect(shown).not.toContain([...node!.nodeKey].join(','));
});
it('notes nodes as seen and as lost by their MAC only', async () => {
  const handle = await fleetSource(() => 1000).create({ ...draft, name: 'Fourth' });
  await handle.addNodes([{ name: 'gate', zone: 'hall' }]);
  await networkOf(handle).updateNode((await networkOf(handle).nodes())[0]!.id, (node) => ({
    ...node,
    mac: '24:0a:c4:00:00:01',
    state: 'joined',
  }));
  await handle.markSeen(['24:0a:c4:00:00:01', '24:0a:c4:00:00:02'], 5000);
  expect((await handle.snapshot()).nodes[0]).toMatchObject({ state: 'seen', lastSeenAtMs: 5000 });
  await handle.markLost(['24:0a:c4:00:00:02'], 6000);
  expect((await handle.snapshot()).nodes[0]).toMatchObject({ state: 'seen' });
  await handle.markLost(['24:0a:c4:00:00:01'], 6000);
  expect((await handle.snapshot()).nodes[0]).toMatchObject({ state: 'lost', lastSeenAtMs: 5000 });
});
it('leads a rotation: who waits, who is left out and taken back, and what is left of it at the end', async () => {
  const handle = await fleetSource(() => 1000).create({ ...draft, name: 'Fourth' });
  await handle.addNodes([
    { name: 'lamp-1', zone: 'hall' },
    { name: 'lamp-2', zone: 'yard' },
  ]);
  const network = networkOf(handle);
  const [first, second] = await network.nodes();
  for (const [i, node] of [first!, second!].entries()) {
    const mac = `24:0a:c4:00:00:0${2 * i + 1}`;
    await network.updateNode(node.id, (record) => ({ ...record, mac, state: 'seen' as const }));
  }
  expect((await handle.snapshot()).rotation).toBeNull();
  await handle.rotateKeys([first!.id]);
  const standings = async (): Promise<unknown> => (await handle.snapshot()).rotation?.standings;
  expect(await standings()).toEqual({ [first!.id]: 'revoked', [second!.id]: 'waits' });
  await handle.takeBack(first!.id);
  expect(await standings()).toEqual({ [first!.id]: 'waits', [second!.id]: 'waits' });
  await expect(handle.finishRotation()).rejects.toMatchObject({ code: 'rotation-running' });
  expect((await network.node(first!.id)).state).toBe('seen');
  await handle.rotateKeys([first!.id]);
  await handle.switchKeys();
  await handle.finishRotation();
  expect((await handle.snapshot()).rotation).toBeNull();
  expect((await network.node(first!.id)).state).toBe('revoked');
  expect((await network.network()).keys.previous).toBeNull();
});
