/** A router in the settings of a network: typed once, kept secret, and part of what every board gets. */
import { expect, test, type Page } from '@playwright/test';
import { look } from './look.ts';
import {
  boardCards,
  createNetwork,
  expectTree,
  goTo,
  PASSPHRASE,
  setUpAllPlanned,
  SLOW,
  Trouble,
  unlock,
  VERY_SLOW,
} from './steps.ts';
import { leaks, readStored, secretsOf } from './stored.ts';

const SSID = 'Weir house 2.4 GHz';
const PASSWORD = 'eleven-mossy-stones';

const panel = (page: Page) => page.getByRole('region', { name: 'Router' });

test('a router is added, wrong input refused, and boards with it form a mesh while it is away', async ({
  page,
  baseURL,
}) => {
  test.setTimeout(8 * 60_000);
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Weir house', zones: 'hall', nodes: 'lamp-1..2' });
  await goTo(page, 'Network');
  const router = panel(page);
  await expect(router).toContainText('None. The mesh works by itself');

  await router.getByRole('button', { name: 'Add a router' }).click();
  await router.getByRole('button', { name: 'Keep this router' }).click();
  await expect(router).toContainText('The name that the router shows');
  await expect(router).toContainText('The router’s password, or tick that it has none.');
  await router.getByLabel('Name (SSID)').fill('ü'.repeat(17));
  await router.locator('input[type=password]').fill('short');
  await expect(router).toContainText('34 bytes; a router’s name has at most 32.');
  await expect(router).toContainText('At least 8 characters');
  await router.getByLabel('Name (SSID)').fill(SSID);
  await router.locator('input[type=password]').fill(PASSWORD);
  await look(page, 'network-router-form');
  await router.getByRole('button', { name: 'Keep this router' }).click();
  await expect(router).toContainText(`${SSID}, with a password.`);
  await look(page, 'network-router');

  // Kept over a reload, in the vault and nowhere else; the password is shown nowhere again.
  const stored = await readStored(page);
  expect(leaks(stored, await secretsOf(stored, PASSPHRASE), [PASSWORD, SSID])).toEqual([]);
  await page.reload();
  await unlock(page, 'Weir house', PASSPHRASE);
  await expect(panel(page)).toContainText(`${SSID}, with a password.`, { timeout: SLOW });
  await panel(page).getByRole('button', { name: 'Change' }).click();
  await expect(panel(page).locator('input[type=password]')).toHaveValue('');
  await panel(page).getByRole('button', { name: 'Leave it as it was' }).click();

  // Boards built for it work without it: no virtual router is in reach.
  await goTo(page, 'Station');
  await setUpAllPlanned(page);
  await expect(boardCards(page).filter({ hasText: 'has joined' })).toHaveCount(2, {
    timeout: VERY_SLOW,
  });
  await goTo(page, 'Mesh');
  await expectTree(page, ['lamp-1', 'lamp-2']);
  await expect(page.locator('body')).not.toContainText(PASSWORD);

  await goTo(page, 'Network');
  await expect(panel(page)).toContainText(
    'Boards that have joined learn of a change with new keys',
  );
  await panel(page).getByRole('button', { name: 'Change' }).click();
  await panel(page).getByRole('button', { name: 'Without a router' }).click();
  await expect(panel(page)).toContainText('None. The mesh works by itself');
  expect(trouble.found).toEqual([]);
});
