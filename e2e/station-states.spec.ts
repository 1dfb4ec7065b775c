/**
 * The Station in the states that matter when something is wrong: several boards, one of them failed; a job that a reload cut
 * off; the log. Pictures into screenshots/, no finding of axe, nothing wider than the page.
 */
import { expect, test } from '@playwright/test';
import { look } from './look.ts';
import { boardCards, createNetwork, goTo, PASSPHRASE, SLOW, unlock, VERY_SLOW } from './steps.ts';

const WIDTHS = [360, 1280, 2560] as const;

test('several boards, one failed, a job cut off, and the log', async ({ page }) => {
  test.setTimeout(8 * 60_000);
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Weir house', zones: 'hall', nodes: 'lamp-1..4' });
  // One board whose chip is secured: its plan is refused.
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  const secured = boardCards(page).first();
  await secured.getByText('Make it fail').click();
  await secured.getByLabel(/What goes wrong/).selectOption('secured-chip');
  await page.getByRole('switch', { name: /Assembly line/ }).check();
  await page.getByRole('button', { name: 'Start 1 waiting board' }).click();
  await expect(secured.getByText('Failed')).toBeVisible({ timeout: VERY_SLOW });
  // Two more at once, the line being on.
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  await expect(page.getByText('2 at work')).toBeVisible({ timeout: SLOW });
  await look(page, 'station-several', WIDTHS);
  await expect(boardCards(page).filter({ hasText: 'has joined' })).toHaveCount(2, {
    timeout: VERY_SLOW,
  });
  await page.getByRole('region', { name: 'Job log' }).getByText('failed').click();
  await look(page, 'station-log', WIDTHS);

  // Every answer comes late, so that the reload falls into the job.
  await page.getByRole('switch', { name: /Assembly line/ }).uncheck();
  await page.getByLabel('Show the plan before writing').uncheck();
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  const late = boardCards(page).last();
  await late.getByText('Make it fail').click();
  await late.getByLabel(/What goes wrong/).selectOption('late-answers');
  await late.getByRole('button', { name: 'Connect' }).click();
  await late.getByRole('button', { name: 'Build and write' }).click({ timeout: VERY_SLOW });
  await expect(late.getByText(/Erasing|Writing|Verifying/).first()).toBeVisible({
    timeout: VERY_SLOW,
  });
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await goTo(page, 'Network');
  await unlock(page, 'Weir house', PASSPHRASE);
  await goTo(page, 'Station');
  await expect(page.getByText(/: cut off$/)).toBeVisible({ timeout: SLOW });
  await look(page, 'station-interrupted', WIDTHS);
});
