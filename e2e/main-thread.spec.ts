/**
 * How long the page's own thread is held while virtual boards are built for, written and joined: one, and four at once. The
 * figures are printed beside the machine's load, not judged: on a busy machine every task takes longer than its work.
 */
import { loadavg } from 'node:os';
import { expect, test, type Page } from '@playwright/test';
import { boardCards, createNetwork, SLOW, VERY_SLOW } from './steps.ts';

// A recording for failures takes pictures of the page's tree, on the page's own thread: they were half of what was measured.
test.use({ trace: 'off' });

interface Task {
  readonly atMs: number;
  readonly tookMs: number;
}

async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: Task[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        tasks.push({ atMs: Math.round(startTime), tookMs: Math.round(duration) });
      }
    }).observe({ entryTypes: ['longtask'] });
  });
}

const now = (page: Page): Promise<number> => page.evaluate(() => Math.round(performance.now()));

async function report(page: Page, boards: number, fromMs: number): Promise<void> {
  const { tasks, toMs } = await page.evaluate(() => ({
    tasks: (globalThis as unknown as { longTasks: Task[] }).longTasks,
    toMs: Math.round(performance.now()),
  }));
  const during = tasks.filter((task) => task.atMs >= fromMs).map((task) => task.tookMs);
  during.sort((a, b) => b - a);
  const [load = 0] = loadavg();
  console.log(
    JSON.stringify({
      mainThread: {
        boards,
        jobMs: toMs - fromMs,
        load: Math.round(load * 10) / 10,
        tasksOver50ms: during.length,
        longestMs: during.slice(0, 5),
      },
    }),
  );
}

test(
  'the page stays responsive while a board is written',
  { tag: '@measured' },
  async ({ page }) => {
    await watch(page);
    await page.goto('./#/network');
    await createNetwork(page, { network: 'Smooth', zones: 'hall', nodes: 'lamp-1' });
    await page.getByLabel('Show the plan before writing').uncheck();
    await page.getByRole('button', { name: 'Add virtual board' }).click();
    const card = boardCards(page).first();
    const fromMs = await now(page);
    await card.getByRole('button', { name: 'Connect' }).click();
    await card.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
    await expect(card.getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
    await report(page, 1, fromMs);
  },
);

test(
  'the page stays responsive while four boards are written at once',
  { tag: '@measured' },
  async ({ page }) => {
    test.setTimeout(8 * 60_000);
    await watch(page);
    await page.goto('./#/network');
    await createNetwork(page, { network: 'Smooth', zones: 'hall', nodes: 'lamp-1..4' });
    for (let i = 0; i < 4; i++) {
      await page.getByRole('button', { name: 'Add virtual board' }).click();
      await expect(boardCards(page)).toHaveCount(i + 1);
    }
    await page.getByRole('switch', { name: /Assembly line/ }).check();
    const fromMs = await now(page);
    await page.getByRole('button', { name: 'Start 4 waiting boards' }).click();
    await expect(boardCards(page).filter({ hasText: 'has joined' })).toHaveCount(4, {
      timeout: 2 * VERY_SLOW,
    });
    await report(page, 4, fromMs);
  },
);
