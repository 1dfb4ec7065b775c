/** An application from its first key to the board's build, in the editor of the Firmware screen. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { findings } from './look.ts';
import { boardCards, createNetwork, goTo, SLOW, Trouble, VERY_SLOW } from './steps.ts';

const WRONG = `import { Application, type Mesh } from 'meshwright';

class Beacon extends Application {
  private times: number = 'none';

  override tick(): void {
    this.times += 1;
    this.mesh.log('beacon ' + this.times.toString());
  }
}

export function application(mesh: Mesh): Application {
  return new Beacon(mesh);
}
`;

const editor = (page: Page): Locator => page.getByRole('textbox', { name: /^TypeScript of / });
const compiles = (page: Page): Locator => page.getByText('Compiles', { exact: true });

/** All of the text at once, as a paste would. */
async function write(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

async function expectNoFindings(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
    // Colours that are still on their way would be judged. What never ends, as a blinking cursor, is not waited for.
    await page.evaluate(() => {
      const ends = ({ effect }: Animation): boolean =>
        Number.isFinite(effect?.getComputedTiming().endTime ?? Infinity);
      const finished = document
        .getAnimations()
        .filter(ends)
        .map((each) => each.finished.catch(() => null));
      return Promise.race([Promise.all(finished), new Promise((r) => setTimeout(r, 2000))]);
    });
    expect.soft(await findings(page)).toEqual([]);
  }
}

test('an application is written, corrected, built, read in Python and kept', async ({
  page,
  baseURL,
}) => {
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await page.goto('./#/firmware');
  await page.getByRole('button', { name: 'Start with an empty application' }).click();
  await write(page, WRONG);

  // In place, in TypeScript's words, and in the list; a click in the list leads there.
  const faults = page.getByRole('list', { name: 'Faults' });
  await expect(faults.getByText("Type 'string' is not assignable to type 'number'")).toBeVisible({
    timeout: SLOW,
  });
  await expect(page.locator('.cm-lintRange-error')).toHaveText('times');
  await faults.getByRole('button', { name: 'main.ts:4:11' }).click();
  await expect(editor(page)).toBeFocused();
  await expect(page.locator('.cm-activeLine')).toContainText('private times');
  await expectNoFindings(page);

  await page.keyboard.press('End');
  for (let i = 0; i < "'none';".length; i++) await page.keyboard.press('Backspace');
  const typedAtMs = Date.now();
  await page.keyboard.insertText('0;');
  await expect(compiles(page)).toBeVisible({ timeout: SLOW });
  const warmMs = Date.now() - typedAtMs;
  await expect(faults).toHaveCount(0);

  // Python beside it, with the line of the cursor marked.
  const python = page.getByRole('textbox', { name: 'Python made of application/main.ts' });
  await expect(python).toContainText('class Beacon');
  await editor(page).getByText("'beacon '").click();
  await expect(page.locator('.cm-twin')).toContainText('beacon');
  // A name that the compiler knows is offered.
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('this.mesh.');
  await expect(page.getByRole('option', { name: /^send/ })).toBeVisible({ timeout: SLOW });
  await page.keyboard.type('log("x");');
  await expect(compiles(page)).toBeVisible({ timeout: SLOW });
  const build = page.locator('dl[aria-label="Last build"]');
  const version = await build.getByText(/^0\.1\.0\+[0-9a-f]{8}$/).textContent();

  // Tab stays in the editor until Escape was pressed.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(editor(page)).not.toBeFocused();
  await expectNoFindings(page);

  await page.reload();
  await expect(editor(page)).toContainText('class Beacon', { timeout: SLOW });
  await expect(build.getByText(version ?? 'no version')).toBeVisible({ timeout: SLOW });
  console.log(JSON.stringify({ warmRebuildMs: warmMs }));
  expect(trouble.found).toEqual([]);
});

test('files are added, renamed, deleted and brought back', async ({ page, baseURL }) => {
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await page.goto('./#/firmware');
  await page.getByRole('button', { name: 'Start with Counter' }).click();
  await expect(compiles(page)).toBeVisible({ timeout: SLOW });
  const files = page.getByRole('group', { name: 'Files of the application' });
  await files.getByRole('button', { name: 'report.ts' }).click();
  await page.getByRole('button', { name: 'Rename report.ts' }).click();
  await page.getByLabel('New name of report.ts').fill('parts/report');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await expect(files.getByRole('button', { name: 'parts/report.ts' })).toBeVisible();
  await expect(compiles(page)).toBeVisible({ timeout: SLOW });

  await page.getByRole('button', { name: 'Delete parts/report.ts' }).click();
  await expect(page.getByRole('list', { name: 'Faults' })).toContainText('parts/report.ts', {
    timeout: SLOW,
  });
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(compiles(page)).toBeVisible({ timeout: SLOW });

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'All as ZIP' }).click();
  expect((await download).suggestedFilename()).toBe('application.zip');

  // Every file of the build has a heap of its own once it was measured.
  await page.getByRole('button', { name: 'Measure heap' }).click();
  const sizes = page.getByRole('region', { name: 'Sizes of the files' });
  await expect(sizes.getByRole('columnheader', { name: 'Heap' })).toBeVisible({ timeout: SLOW });
  await expect(sizes.getByRole('row', { name: /application\/main\.ts .*B .*B$/ })).toBeVisible();

  await page.getByRole('button', { name: 'Work out prices' }).click();
  await expect(page.getByText('Working out the prices')).toHaveCount(0, { timeout: VERY_SLOW });
  const full = page.locator('label', { has: page.getByRole('radio', { name: /^Full/ }) });
  await expect(full).toContainText(/flash/, { timeout: VERY_SLOW });

  // A place in the Python is a place in TypeScript.
  await page
    .getByLabel('What a board printed')
    .fill(
      'Traceback (most recent call last):\n  File "board_main.py", line 400, in step\nValueError: x',
    );
  await expect(page.getByLabel('Traceback in TypeScript')).toContainText(
    /File "[a-z/-]+\.ts", line/,
  );
  expect(trouble.found).toEqual([]);
});

test('a board is not given an application that does not compile', async ({ page }) => {
  await page.goto('./#/firmware');
  await page.getByRole('button', { name: 'Start with an empty application' }).click();
  await write(page, WRONG);
  await goTo(page, 'Network');
  await createNetwork(page, { network: 'Faulty', zones: 'hall', nodes: 'lamp-1' });
  await expect(page.getByText('With your application, 1 file.')).toBeVisible();
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  const card = page.getByRole('list', { name: 'Boards' }).getByRole('article').first();
  await card.getByRole('button', { name: 'Connect' }).click({ timeout: SLOW });
  await card.getByRole('button', { name: 'Build and plan' }).click({ timeout: SLOW });
  const alert = card.getByRole('alert');
  await expect(alert).toContainText('Your application does not compile', { timeout: SLOW });
  await alert.getByRole('link', { name: 'Go to the Firmware screen' }).click();
  await expect(page.getByRole('list', { name: 'Faults' })).toContainText('main.ts:4:11', {
    timeout: SLOW,
  });
});

test('a board that was given an application says so: hello with the build, and what the application logs', async ({
  page,
}) => {
  test.setTimeout(8 * 60_000);
  await page.goto('./#/firmware');
  await page.getByRole('button', { name: 'Start with an empty application' }).click();
  await write(page, WRONG.replace("'none'", '0'));
  await expect(compiles(page)).toBeVisible({ timeout: SLOW });
  const build = page.locator('dl[aria-label="Last build"]').getByText(/^0\.1\.0\+[0-9a-f]{8}$/);
  const version = (await build.textContent()) ?? 'no version';
  await goTo(page, 'Network');
  await createNetwork(page, { network: 'Beacons', zones: 'hall', nodes: 'lamp-1' });
  await page.getByRole('button', { name: 'Add virtual board' }).click();
  await page.getByLabel('Show the plan before writing').uncheck();
  const card = boardCards(page).first();
  await card.getByRole('button', { name: 'Connect' }).click({ timeout: SLOW });
  await card.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
  await expect(card.getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
  await card.getByRole('button', { name: 'Console' }).click();
  await expect(page).toHaveTitle('Console · Meshwright');
  const main = page.getByRole('main');
  await expect(main.getByText(/beacon \d+/).first()).toBeVisible({ timeout: SLOW });
  await expect(main.getByText(version).first()).toBeVisible({ timeout: SLOW });
});
