/**
 * How long the page's own thread is held while a virtual board is built, written and joined. The figure is printed, not
 * judged: on a busy machine every task takes longer than its work.
 */
import { expect, test } from '@playwright/test';
import { boardCards, createNetwork, SLOW, VERY_SLOW } from './steps.ts';

test('the page stays responsive while a board is written', async ({ page }) => {
  await page.addInitScript(() => {
    const tasks: { name: string; atMs: number; tookMs: number }[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { name, startTime, duration } of list.getEntries()) {
        tasks.push({ name, atMs: Math.round(startTime), tookMs: Math.round(duration) });
      }
    }).observe({ entryTypes: ['longtask'] });
  });
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Smooth', zones: 'hall', nodes: 'lamp-1' });
  await page.getByLabel('Show the plan before writing').uncheck();
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  const card = boardCards(page).first();
  const fromMs = await page.evaluate(() => Math.round(performance.now()));
  await card.getByRole('button', { name: 'Connect' }).click();
  await card.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
  await expect(card.getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
  const { tasks, toMs } = await page.evaluate(() => ({
    tasks: (globalThis as unknown as { longTasks: { atMs: number; tookMs: number }[] }).longTasks,
    toMs: Math.round(performance.now()),
  }));
  const during = tasks.filter((task) => task.atMs >= fromMs);
  console.log(
    JSON.stringify({
      mainThread: {
        jobMs: toMs - fromMs,
        tasksOver50ms: during.length,
        longestMs: Math.max(0, ...during.map((task) => task.tookMs)),
        tasks: during.map(({ atMs, tookMs }) => ({ atMs: atMs - fromMs, tookMs })),
      },
    }),
  );
});
