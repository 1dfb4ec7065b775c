/** New keys from the Network screen to virtual boards across their mesh, and a revoked one that is left out. */
import { expect, test, type Page } from '@playwright/test';
import { look } from './look.ts';
import {
  boardCards,
  createNetwork,
  expectTree,
  goTo,
  listenTo,
  setUpAllPlanned,
  SLOW,
  Trouble,
  VERY_SLOW,
} from './steps.ts';

const keys = (page: Page) => page.getByRole('region', { name: 'Keys' });
const standing = (page: Page, name: string) =>
  keys(page).getByRole('listitem').filter({ hasText: name });

test('a board is revoked, the others get new keys, stay one tree and shut it out', async ({
  page,
  baseURL,
}) => {
  test.setTimeout(8 * 60_000);
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Weir house', zones: 'hall', nodes: 'lamp-1..3' });
  await setUpAllPlanned(page);
  await expect(boardCards(page).filter({ hasText: 'has joined' })).toHaveCount(3, {
    timeout: VERY_SLOW,
  });
  await goTo(page, 'Mesh');
  await expectTree(page, ['lamp-1', 'lamp-2', 'lamp-3']);
  await listenTo(page, 'lamp-1');
  await goTo(page, 'Network');

  await page.getByRole('button', { name: 'Revoke lamp-3' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke lamp-3' }).click();
  await expect(standing(page, 'lamp-3')).toContainText('left out');
  await expect(standing(page, 'lamp-1')).toContainText('not yet');
  await look(page, 'network-rotation');

  await keys(page).getByRole('button', { name: 'Tell the nodes' }).click();
  for (const name of ['lamp-1', 'lamp-2']) {
    await expect(standing(page, name)).toContainText('has them', { timeout: SLOW });
  }
  await keys(page).getByRole('button', { name: 'Change over…' }).click({ timeout: SLOW });
  await expect(page.getByText('Every node that is to have the new keys has them.')).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Change over' }).click();
  await expect(keys(page).getByText('The nodes go by the new keys.')).toBeVisible();
  await expect(keys(page).getByRole('button', { name: 'End the rotation' })).toBeVisible({
    timeout: SLOW,
  });
  await look(page, 'network-switched');
  await keys(page).getByRole('button', { name: 'End the rotation' }).click();
  await expect(keys(page).getByRole('button', { name: 'New keys…' })).toBeVisible();
  // Two minutes later the old keys are refused: the revoked board runs, and is in nobody's tree.
  await goTo(page, 'Mesh');
  await expectTree(page, ['lamp-1', 'lamp-2']);
  expect(trouble.found).toEqual([]);
});
