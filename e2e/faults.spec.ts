/**
 * What goes wrong with a board, as a person meets it: each fault that the card offers at least once; words, a way on, and no
 * false success. Boards that fail do so side by side, on the assembly line: it must not mix them up either.
 */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { BOARD_FAULTS, type BoardFault } from '../app/views/shared/ports.ts';
import { boardCards, createNetwork, goTo, SLOW, Trouble, VERY_SLOW } from './steps.ts';

/** How each fault that ends a job is worded: what happened, what to do, and the button for it. */
const ENDS: Partial<Record<BoardFault, readonly [RegExp, RegExp, string]>> = {
  'hang-while-writing': [/stopped answering/, /Start the job again/, 'Try again'],
  'power-loss-while-writing': [/unplugged/, /Plug it in again/, 'Plug in and try again'],
  'unplug-at-command': [/unplugged/, /Plug it in again/, 'Plug in and try again'],
  'stuck-loader': [/does not hear this computer/, /RX/, 'Try again'],
  'wrong-rate': [/Only noise/, /crystal/, 'Try again'],
  'no-reset-lines': [/reset lines do not reach/, /Hold BOOT/, 'Try again'],
  'busy-port': [/another program or tab/, /Close other serial monitors/, 'Try again'],
  'secured-chip': [/must not be written/, /Use another board/, 'Try again'],
  'unknown-chip': [/not one that the app knows/, /Use an ESP32/, 'Try again'],
  'small-flash': [/too small/, /at least 4 MiB/, 'Try again'],
};
/** Those that cost time, not the job. */
const BORNE: readonly BoardFault[] = [
  'bad-cable',
  'lost-bytes',
  'doubled-bytes',
  'noise',
  'late-answers',
];
/** Has a test of its own, with the second try. */
const PULLED: BoardFault = 'unplug-while-writing';

async function boardWith(page: Page, fault: BoardFault): Promise<Locator> {
  const before = await boardCards(page).count();
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  await expect(boardCards(page)).toHaveCount(before + 1);
  const card = boardCards(page).nth(before);
  await card.getByText('Make it fail').click();
  await card.getByLabel(/What goes wrong/).selectOption(fault);
  return card;
}

async function startAll(page: Page, count: number): Promise<void> {
  await page.getByRole('switch', { name: /Assembly line/ }).check();
  await page.getByRole('button', { name: `Start ${count} waiting boards` }).click();
}

test('every fault that the card offers is in one of these tests', () => {
  expect([...Object.keys(ENDS), ...BORNE, PULLED].sort()).toEqual([...BOARD_FAULTS].sort());
});

/** On a busy machine a board may fail earlier, in other words: those have a way on, too, and it is gone here. */
async function expectEnd(card: Locator, fault: BoardFault): Promise<void> {
  const [title, next, retry] = ENDS[fault]!;
  const alert = card.getByRole('alert');
  await expect(async () => {
    await expect(alert, fault).toBeVisible();
    if (!title.test((await alert.textContent()) ?? '')) {
      await alert.getByRole('button', { name: /try again$/i }).click();
    }
    await expect(alert, fault).toContainText(title);
  }).toPass({ timeout: 2 * VERY_SLOW });
  await expect(alert, fault).toContainText(next);
  await expect(alert.getByRole('button', { name: 'Copy details' }), fault).toBeVisible();
  await expect(alert.getByRole('button', { name: retry, exact: true }), fault).toBeVisible();
}

const FAILING = Object.keys(ENDS) as BoardFault[];
for (const faults of [FAILING.slice(0, 5), FAILING.slice(5)]) {
  test(`boards that fail side by side (${faults.join(', ')}): worded, with a way on, and none is taken for done`, async ({
    page,
    baseURL,
  }) => {
    test.setTimeout(8 * 60_000);
    const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
    await page.goto('./#/network');
    await createNetwork(page, { network: 'Faults', zones: 'hall', nodes: 'lamp-1..5' });
    for (const fault of faults) await boardWith(page, fault);
    await page.getByLabel('Show the plan before writing').uncheck();
    await startAll(page, faults.length);
    for (const [i, fault] of faults.entries()) await expectEnd(boardCards(page).nth(i), fault);
    await expect(page.getByText('5 failed')).toBeVisible();
    await expect(page.getByText('0 of 5 on boards')).toBeVisible();
    await expect(page.getByText('has joined')).toHaveCount(0);
    expect(trouble.found).toEqual([]);
  });
}

test('five bad lines that are borne: slow, not fatal', async ({ page }) => {
  test.setTimeout(8 * 60_000);
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Faults', zones: 'hall', nodes: 'lamp-1..5' });
  for (const fault of BORNE) await boardWith(page, fault);
  await startAll(page, BORNE.length);
  const joined = boardCards(page).filter({ hasText: 'has joined' });
  await expect(async () => {
    // On a busy machine an answer that comes late may come too late: the card says so, and how to go on.
    const again = boardCards(page).getByRole('button', { name: 'Try again' });
    if ((await again.count()) > 0) await again.first().click();
    await expect(joined).toHaveCount(BORNE.length, { timeout: SLOW / 2 });
  }).toPass({ timeout: 2 * VERY_SLOW });
  await expect(page.getByText('5 of 5 on boards')).toBeVisible();
});

test('the cable comes out in the middle of a write: worded, with a way on, and the second try succeeds', async ({
  page,
  baseURL,
}) => {
  test.setTimeout(8 * 60_000);
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Faults', zones: 'hall', nodes: 'lamp-1' });
  const nodes = page.getByRole('region', { name: 'Nodes' });
  const node = nodes.getByRole('listitem').filter({ hasText: 'lamp-1' });
  const card = await boardWith(page, PULLED);
  await page.getByLabel('Show the plan before writing').uncheck();
  await card.getByRole('button', { name: 'Connect' }).click();
  await card.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
  const alert = card.getByRole('alert');
  await expect(alert).toContainText(/unplugged/, { timeout: VERY_SLOW });
  await expect(alert).toContainText(/Plug it in again/);
  await expect(card.getByText('has joined')).toHaveCount(0);
  await expect(node).toContainText('Planned');

  await alert.getByRole('button', { name: 'Plug in and try again', exact: true }).click();
  await card.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
  await expect(card.getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
  await expect(node).toContainText('Joined');

  // Its label, and the page as the printer gets it.
  await card.getByRole('button', { name: 'Label', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Labels' });
  await expect(dialog.getByRole('img', { name: 'Label of lamp-1' })).toBeVisible();
  await page.evaluate(() => {
    window.print = () => document.documentElement.setAttribute('data-printed', '');
  });
  await dialog.getByLabel('Paper').selectOption('62x29');
  await dialog.getByRole('button', { name: 'Print 1 label' }).click();
  await expect(page.locator('html[data-printed]')).toHaveCount(1);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.paper img')).toBeVisible();
  await expect(page.locator('#app')).toBeHidden();
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(1);
  const [width = 0, height = 0] = (/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf) ?? [])
    .slice(1)
    .map((points) => (Number(points) / 72) * 25.4);
  expect([Math.round(width), Math.round(height)]).toEqual([62, 29]);
  await page.emulateMedia({ media: 'screen' });
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await expect(page.locator('.paper')).toHaveCount(0);
  expect(trouble.found).toEqual([]);
});

test('a board pulled while idle says so, comes back, and can be removed', async ({ page }) => {
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Faults', zones: 'hall', nodes: '' });
  await goTo(page, 'Station');
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  const card = boardCards(page).first();
  await card.getByText('Make it fail').click();
  await card.getByRole('button', { name: 'Pull the cable now' }).click();
  await expect(card.getByText('Its cable is out.')).toBeVisible();
  await card.getByRole('button', { name: 'Plug in again' }).click();
  await card.getByRole('button', { name: 'Connect' }).click();
  await expect(card.getByLabel('This board becomes')).toBeVisible({ timeout: SLOW });
  await card.getByRole('button', { name: 'Cancel' }).click();
  await card.getByRole('button', { name: /^Remove virtual board/ }).click();
  await expect(boardCards(page)).toHaveCount(0);
});
