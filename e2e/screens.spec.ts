/**
 * Every screen in both themes and at three widths: a screenshot into screenshots/, no finding of axe, nothing wider than the
 * page. The boards are virtual and real in everything else: the pictures show what a person gets.
 */
import { expect, test } from '@playwright/test';
import { look } from './look.ts';
import {
  boardCards,
  createNetwork,
  expectTree,
  goTo,
  listenTo,
  meshRows,
  planNodes,
  rootName,
  setUpAllPlanned,
  SLOW,
  Trouble,
  VERY_SLOW,
} from './steps.ts';

test('the screens of a blank browser', async ({ page, baseURL }) => {
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await page.goto('./');
  await expect(page.getByText('Offline copy complete')).toBeVisible({ timeout: SLOW });
  await look(page, 'start-blank');
  for (const screen of ['Network', 'Firmware', 'Station', 'Mesh', 'Rehearse', 'Console'] as const) {
    await goTo(page, screen);
    await look(page, `${screen.toLowerCase()}-blank`);
  }
  expect(trouble.found).toEqual([]);
});

test('the screens of a running mesh', async ({ page, baseURL }) => {
  test.setTimeout(10 * 60_000);
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Weir house', zones: 'hall, garden', nodes: 'lamp-1..3' });
  await goTo(page, 'Network');
  await planNodes(page, 'pump', 'garden');
  await planNodes(page, 'gate', 'yard');
  await goTo(page, 'Station');
  await look(page, 'station-planned');

  await page.getByRole('button', { name: 'Add virtual board' }).click();
  const card = boardCards(page).first();
  await card.getByRole('button', { name: 'Connect' }).click({ timeout: SLOW });
  await card
    .getByLabel('This board becomes')
    .selectOption({ label: 'lamp-1 (hall)' }, { timeout: SLOW });
  await card.getByText('Make it fail').click();
  await look(page, 'station-assign');
  await card.getByRole('button', { name: 'Build and plan' }).click();
  await expect(card.getByText('Nothing has been written yet.')).toBeVisible({ timeout: SLOW });
  await page.getByText('What takes how much').click();
  await look(page, 'station-plan');
  await card.getByLabel(/What goes wrong/).selectOption('unplug-while-writing');
  await card.getByRole('button', { name: 'Write lamp-1' }).click();
  await expect(card.getByRole('alert')).toBeVisible({ timeout: VERY_SLOW });
  await look(page, 'station-failed');
  await card.getByRole('button', { name: /^Remove virtual board/ }).click();
  await setUpAllPlanned(page);
  await expect(page.getByText('5 of 5 on boards')).toBeVisible({ timeout: VERY_SLOW });
  await expect(boardCards(page).filter({ hasText: 'has joined' })).toHaveCount(5, {
    timeout: SLOW,
  });
  await look(page, 'station-done');
  await page.getByRole('button', { name: 'Labels' }).click();
  await expect(page.getByRole('img', { name: 'Label of gate' })).toBeVisible();
  await look(page, 'station-labels');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Labels' })).toHaveCount(0);

  await goTo(page, 'Mesh');
  const names = ['gate', 'lamp-1', 'lamp-2', 'lamp-3', 'pump'];
  const root = rootName(await expectTree(page, names));
  await look(page, 'mesh-table');
  await page.getByRole('button', { name: 'Tree', exact: true }).click();
  await page.getByRole('treeitem').first().click();
  await look(page, 'mesh-tree');
  const others = names.filter((name) => name !== root);
  await listenTo(page, others[0] ?? '');
  await page.getByRole('button', { name: `Power off ${root}` }).click();
  await expectTree(page, others);
  expect((await meshRows(page)).filter((row) => row.state === 'lost')).toHaveLength(1);
  await page.getByRole('button', { name: 'Tree', exact: true }).click();
  await look(page, 'mesh-healed');

  await goTo(page, 'Rehearse');
  await page.getByRole('button', { name: 'Add 5 nodes of Weir house' }).click();
  await page.getByLabel('Speed').selectOption('as fast as possible');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText(/^yes; the first after/)).toBeVisible({ timeout: SLOW });
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: /^gate, / }).focus();
  await look(page, 'rehearse');
  await page.getByRole('button', { name: 'End', exact: true }).click();

  await goTo(page, 'Console');
  await expect(page.getByText('node').first()).toBeVisible({ timeout: SLOW });
  await look(page, 'console');
  await goTo(page, 'Network');
  await look(page, 'network');
  await goTo(page, 'Start');
  await look(page, 'start');
  await goTo(page, 'Network');
  await page.getByRole('button', { name: 'Delete…' }).click();
  await look(page, 'network-delete');
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('button', { name: 'Lock' }).click();
  await look(page, 'network-locked');
  expect(trouble.found).toEqual([]);
});
