/**
 * The whole path in the installed copy with the network off: network, plan, virtual boards, flash, handshake, tree, a lost
 * root, a reload. Nothing in here is scripted: the firmware is compiled, written by the flasher and run from flash.
 */
import { expect, test } from '@playwright/test';
import {
  boardCards,
  createNetwork,
  expectTree,
  goOffline,
  goTo,
  listenTo,
  openInstalled,
  PASSPHRASE,
  planNodes,
  rootName,
  setUpAllPlanned,
  SLOW,
  Trouble,
  unlock,
  VERY_SLOW,
} from './steps.ts';
import { leaks, readStored, secretsOf } from './stored.ts';

const NETWORK = 'Weir house';
const ZONES: Record<string, string> = {
  'lamp-1': 'hall',
  'lamp-2': 'hall',
  'lamp-3': 'garden',
  pump: 'garden',
  gate: 'yard',
};
const NAMES = Object.keys(ZONES).sort();

test('from a blank browser to a healing mesh, and back after a reload, without a network', async ({
  page,
  context,
  baseURL,
}) => {
  test.setTimeout(10 * 60_000);
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  const marks: [string, number][] = [];
  const mark = (what: string): number => marks.push([what, Math.round(performance.now() / 100)]);

  await test.step('the offline copy is complete, then the network goes off', async () => {
    await openInstalled(page);
    await goOffline(context, page);
    // The failed request that proves it is an error of the browser's, not of the app.
    trouble.found.length = 0;
    trouble.networkIsOff();
    await page.reload();
    await expect(page.getByText('Offline copy complete')).toBeVisible({ timeout: SLOW });
  });
  mark('start');

  await test.step('a network with a passphrase and five planned nodes in three zones', async () => {
    await goTo(page, 'Network');
    await createNetwork(page, { network: NETWORK, zones: 'hall, garden', nodes: 'lamp-1..3' });
    await goTo(page, 'Network');
    await planNodes(page, 'pump', 'garden');
    await planNodes(page, 'gate', 'yard');
    for (const [name, zone] of Object.entries(ZONES)) {
      const row = page.getByRole('row', { name: new RegExp(`^${name} `) });
      await expect(row).toContainText(zone);
      await expect(row).toContainText('Planned');
    }
  });
  mark('planned');

  await test.step('one board step by step, with its plan shown before the write', async () => {
    await goTo(page, 'Station');
    await page.getByRole('button', { name: 'Add virtual board' }).click();
    const card = boardCards(page).first();
    await card.getByRole('button', { name: 'Connect' }).click({ timeout: SLOW });
    await card
      .getByLabel('This board becomes')
      .selectOption({ label: 'lamp-1 (hall)' }, { timeout: SLOW });
    await card.getByRole('button', { name: 'Build and plan' }).click();
    await expect(card.getByText('Nothing has been written yet.')).toBeVisible({ timeout: SLOW });
    await expect(card.getByRole('row', { name: /^identity/ })).toContainText('write');
    await expect(card.getByRole('row', { name: /^firmware/ })).toContainText('write');
    await card.getByRole('button', { name: 'Write lamp-1' }).click();
    await expect(card.getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
  });
  mark('first joined');

  await test.step('the other four in one go', async () => {
    await setUpAllPlanned(page);
    await expect(page.getByText('5 of 5 on boards')).toBeVisible({ timeout: VERY_SLOW });
    for (const name of NAMES) {
      await expect(
        boardCards(page).filter({ hasText: `${name} has joined` }),
        `${name} has a board`,
      ).toHaveCount(1, { timeout: SLOW });
    }
  });
  mark('five joined');

  let oldRoot = '';
  await test.step('the live tree: names, zones, one root', async () => {
    await goTo(page, 'Mesh');
    const rows = await expectTree(page, NAMES);
    for (const row of rows) expect(row.zone, row.name).toBe(ZONES[row.name]);
    oldRoot = rootName(rows);
    await page.getByRole('button', { name: 'Tree', exact: true }).click();
    await expect(page.getByRole('treeitem', { name: /, root, / })).toHaveCount(1);
    await expect(page.getByRole('treeitem')).toHaveCount(5);
  });
  mark('tree');

  let others: string[] = [];
  await test.step('the root loses its power: a new root, everybody else attached', async () => {
    others = NAMES.filter((name) => name !== oldRoot);
    await listenTo(page, others[0] ?? '');
    await expectTree(page, NAMES);
    await page.getByRole('button', { name: `Power off ${oldRoot}` }).click();
    const rows = await expectTree(page, others);
    expect(rootName(rows)).not.toBe(oldRoot);
    expect(rows.find((row) => row.name === oldRoot)?.state).toBe('lost');
  });
  mark('healed');

  await test.step('a reload locks; a wrong passphrase is told as such', async () => {
    await page.reload();
    await goTo(page, 'Network');
    await unlock(page, NETWORK, `${PASSPHRASE}?`);
    await expect(page.getByRole('alert')).toContainText(
      'That passphrase does not open this network',
      { timeout: SLOW },
    );
    await expect(page.getByRole('row')).toHaveCount(0);
  });

  await test.step('the right one brings the fleet back with its states', async () => {
    await unlock(page, NETWORK, PASSPHRASE);
    for (const [name, zone] of Object.entries(ZONES)) {
      const row = page.getByRole('row', { name: new RegExp(`^${name} `) });
      await expect(row).toContainText(zone, { timeout: SLOW });
      await expect(row).toContainText(name === oldRoot ? 'Lost' : /Joined|Seen/);
      await expect(row).toContainText(/24:0a:c4:/);
    }
    await goTo(page, 'Station');
    await expect(page.getByText('5 of 5 on boards')).toBeVisible();
  });
  mark('reloaded');

  await test.step('the virtual boards go on from their flash, the dead one too once it has power', async () => {
    await expect(boardCards(page)).toHaveCount(5, { timeout: SLOW });
    await expect(boardCards(page).filter({ hasText: 'Powered off.' })).toHaveCount(1);
    await goTo(page, 'Mesh');
    await expectTree(page, others);
    await page.getByRole('button', { name: `Power on ${oldRoot}` }).click();
    const rows = await expectTree(page, NAMES);
    for (const row of rows) expect(row.zone, row.name).toBe(ZONES[row.name]);
  });
  mark('whole again');

  await test.step('nothing secret lies readable in the browser', async () => {
    const stored = await readStored(page);
    const secrets = await secretsOf(stored, PASSPHRASE);
    expect(secrets.keys).toHaveLength(3 + NAMES.length);
    expect(leaks(stored, secrets, [PASSPHRASE, 'lamp-1', 'garden', 'herons'])).toEqual([]);
    // The search finds what is there: the network's name is readable on purpose.
    expect(leaks(stored, secrets, [NETWORK])).not.toEqual([]);
    expect(stored.databases['meshwright-virtual-boards']?.['blobs']).toHaveLength(5);
  });

  await test.step('a removed board does not come back', async () => {
    await goTo(page, 'Station');
    const card = boardCards(page).filter({ hasText: 'lamp-2' });
    await card.getByRole('button', { name: /^Remove virtual board/ }).click();
    await expect(boardCards(page)).toHaveCount(4);
    await expect
      .poll(async () => (await readStored(page)).databases['meshwright-virtual-boards']?.['blobs'])
      .toHaveLength(4);
    await page.reload();
    await goTo(page, 'Network');
    await unlock(page, NETWORK, PASSPHRASE);
    await expect(page.getByRole('row', { name: /^lamp-2 / })).toBeVisible({ timeout: SLOW });
    await goTo(page, 'Station');
    await expect(boardCards(page)).toHaveCount(4, { timeout: SLOW });
  });

  expect(trouble.fromNetwork).toEqual([]);
  expect(trouble.found).toEqual([]);
  const [, start = 0] = marks[0] ?? [];
  const seconds = Object.fromEntries(marks.map(([what, at]) => [what, (at - start) / 10]));
  console.log(JSON.stringify({ wholePathSeconds: seconds }));
});
