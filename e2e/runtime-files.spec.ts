/** Runtime files that the site offers: nothing is requested before a person asks, and what does not fit its list is refused. */
import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import {
  createNetwork,
  goOffline,
  goTo,
  openInstalled,
  PASSPHRASE,
  SLOW,
  unlock,
} from './steps.ts';
import { madeUpRuntime } from './virtual-serial.ts';

const NAME = 'ESP32_GENERIC-20250809-v1.26.0.bin';

test('the site is asked for runtime files by a button only, and a wrong file is not kept', async ({
  page,
}) => {
  const asked: string[] = [];
  await page.route('**/runtimes/**', (route) => {
    asked.push(new URL(route.request().url()).pathname);
    const list = { format: 1, files: [{ name: NAME, chip: 'esp32', sha256: '0'.repeat(64) }] };
    return asked.length === 1
      ? route.fulfill({ json: list })
      : route.fulfill({ body: 'not what the list says' });
  });
  await page.goto('./#/network');
  await createNetwork(page, { network: 'Files', zones: 'hall', nodes: '' });
  const panel = page.getByRole('region', { name: 'Runtime files' });
  await expect(panel.getByText('Drop a runtime file')).toBeVisible();
  expect(asked).toEqual([]);
  await panel.getByRole('button', { name: 'Ask this site for runtime files' }).click();
  await panel.getByRole('button', { name: `Fetch ${NAME} from this site` }).click();
  await expect(panel.getByRole('alert')).toContainText('its SHA-256 differs', { timeout: SLOW });
  await expect(panel.getByRole('button', { name: `Delete ${NAME}` })).toHaveCount(0);
  expect(asked).toEqual(['/runtimes/index.json', `/runtimes/${NAME}`]);
});

test('a file of real size is checked and kept with the network off, holds the page up nowhere, and survives a reload', async ({
  page,
  context,
}) => {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(Math.round(duration));
    }).observe({ entryTypes: ['longtask'] });
  });
  await openInstalled(page);
  await goOffline(context, page);
  await goTo(page, 'Network');
  await createNetwork(page, { network: 'Files', zones: 'hall', nodes: '' });
  const panel = page.getByRole('region', { name: 'Runtime files' });
  const file = Buffer.from(madeUpRuntime('esp32', 1_900_000));
  const tasks = (): Promise<number[]> =>
    page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks.splice(0));
  await page.waitForTimeout(300);
  await tasks();
  // From the disk, as a person would: bytes that a test hands over are unpacked on the page's thread.
  const path = test.info().outputPath(NAME);
  await writeFile(path, file);
  await panel.locator('input[type=file]').setInputFiles(path);
  await expect(panel.getByText(/checked and kept/)).toBeVisible({ timeout: SLOW });
  // Printed, not judged: on a busy machine every task takes longer than its work.
  console.log(
    JSON.stringify({ runtimeCheck: { sizeBytes: file.length, longTasksMs: await tasks() } }),
  );

  await page.reload();
  await goTo(page, 'Network');
  await unlock(page, 'Files', PASSPHRASE);
  await goTo(page, 'Station');
  await expect(panel.getByText(NAME)).toBeVisible({ timeout: SLOW });
  // One changed bit is found out.
  file[file.length >> 1]! ^= 1;
  await panel
    .locator('input[type=file]')
    .setInputFiles({ name: 'broken.bin', mimeType: 'application/octet-stream', buffer: file });
  await expect(panel.getByRole('alert')).toContainText('the file is damaged', { timeout: SLOW });
});
