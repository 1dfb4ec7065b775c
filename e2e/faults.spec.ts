/** What goes wrong with a board in the middle of its job, as a person meets it: words, a way on, and no false success. */
import { expect, test, type Page } from '@playwright/test';
import { boardCards, createNetwork, goTo, SLOW, Trouble, VERY_SLOW } from './steps.ts';

interface Case {
  readonly name: string;
  /** As the control on the board's card says it. */
  readonly fault: string;
  readonly title: RegExp;
  readonly next: RegExp;
  readonly retry: string;
}

const CASES: Case[] = [
  {
    name: 'the cable comes out in the middle of a write',
    fault: 'The cable comes out during the next write',
    title: /unplugged/,
    next: /Plug it in again/,
    retry: 'Plug in and try again',
  },
  {
    name: 'the loader hangs in the middle of a write',
    fault: 'The loader hangs during the next write',
    title: /stopped answering/,
    next: /Start the job again/,
    retry: 'Try again',
  },
];

async function expectNodeState(page: Page, state: string): Promise<void> {
  const nodes = page.getByRole('region', { name: 'Nodes' });
  await expect(nodes.getByRole('listitem').filter({ hasText: 'lamp-1' })).toContainText(state);
}

for (const { name, fault, title, next, retry } of CASES) {
  test(`${name}: worded, with a way on, and the second try succeeds`, async ({ page, baseURL }) => {
    const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
    await page.goto('./#/network');
    await createNetwork(page, { network: 'Faults', zones: 'hall', nodes: 'lamp-1' });
    await page.getByRole('button', { name: 'Add virtual board' }).click();
    const card = boardCards(page).first();
    await card.getByText('Make it fail').click();
    await card.getByLabel(/What goes wrong/).selectOption({ label: fault });
    await page.getByLabel('Show the plan before writing').uncheck();

    await card.getByRole('button', { name: 'Connect' }).click();
    await card.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
    const alert = card.getByRole('alert');
    await expect(alert).toContainText(title, { timeout: VERY_SLOW });
    await expect(alert).toContainText(next);
    await expect(alert.getByRole('button', { name: 'Copy details' })).toBeVisible();
    await expect(card.getByText('has joined')).toHaveCount(0);
    await expectNodeState(page, 'Planned');

    await alert.getByRole('button', { name: retry, exact: true }).click();
    await card.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
    await expect(card.getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
    await expectNodeState(page, 'Joined');
    expect(trouble.found).toEqual([]);
  });
}

test('a cable that garbles fast bytes is slow, not fatal', async ({ page }) => {
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Faults', zones: 'hall', nodes: 'lamp-1' });
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  const card = boardCards(page).first();
  await card.getByText('Make it fail').click();
  await card
    .getByLabel(/What goes wrong/)
    .selectOption({ label: 'The cable garbles bytes above 115200 baud' });
  await page.getByLabel('Show the plan before writing').uncheck();
  await card.getByRole('button', { name: 'Connect' }).click();
  await card.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
  await expect(card.getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
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
