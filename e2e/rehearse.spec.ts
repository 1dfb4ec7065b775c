/** The Rehearse screen as a person uses it: five nodes, one tree, the root dies, another one takes its place. */
import { expect, test, type Page } from '@playwright/test';
import { findings, look } from './look.ts';
import { readFile } from 'node:fs/promises';
import { goTo, SLOW, Trouble, VERY_SLOW } from './steps.ts';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly parent: string;
}

const plan = (page: Page) => page.getByRole('region', { name: 'The plan' });

async function rows(page: Page): Promise<Row[]> {
  const all = await plan(page)
    .locator('tbody tr')
    .evaluateAll((found) =>
      found.map((row) =>
        [...row.querySelectorAll('th, td')].map((cell) => cell.textContent.trim()),
      ),
    );
  return all.map(([name = '', state = '', parent = '']) => ({ name, state, parent }));
}

/** Null when the live ones are one tree of so many nodes; else what is wrong. */
function fault(all: readonly Row[], count: number): string | null {
  const live = all.filter(({ state }) => /(^|, )live$/.test(state));
  if (live.length !== count) return `live: ${live.map(({ name }) => name).join(' ')}`;
  const roots = live.filter(({ state }) => state.startsWith('root'));
  if (roots.length !== 1) return `roots: ${roots.length}`;
  for (const row of live) {
    let at: Row | undefined = row;
    for (let steps = 0; at && !at.state.startsWith('root'); steps++) {
      if (steps > count) return `a loop above ${row.name}`;
      at = live.find(({ name }) => name === at?.parent);
    }
    if (!at) return `${row.name} has no way to the root`;
  }
  return null;
}

const rootOf = (all: readonly Row[]): string =>
  all.find(({ state }) => state === 'root, live')?.name ?? '';

async function place(page: Page, count: number, apartM: number): Promise<void> {
  await page.getByLabel('How many').fill(String(count));
  await page.getByLabel('Apart, m').fill(String(apartM));
  await page.getByRole('button', { name: `Add ${count} node` }).click();
}

async function open(page: Page, baseURL: string | undefined): Promise<Trouble> {
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await page.goto('./');
  await goTo(page, 'Rehearse');
  await expect(page.getByRole('heading', { name: 'An empty plan' })).toBeVisible({ timeout: SLOW });
  return trouble;
}

const expectTree = (page: Page, count: number): Promise<void> =>
  expect.poll(async () => fault(await rows(page), count), { timeout: VERY_SLOW }).toBeNull();

test('five nodes become one tree, lose their root, and choose another', async ({
  page,
  baseURL,
}) => {
  const trouble = await open(page, baseURL);
  await place(page, 5, 12);
  await page.getByLabel('Speed').selectOption('as fast as possible');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await plan(page).getByRole('button', { name: 'Table' }).click();
  await expectTree(page, 5);
  await expect(page.getByText(/^yes; the first after \d+\.\d s$/)).toBeVisible();
  await expect(page.getByText(/× real time$/)).toBeVisible();

  const root = rootOf(await rows(page));
  await plan(page).getByRole('button', { name: root }).click();
  await page.getByRole('button', { name: 'Switch off' }).click();
  await expectTree(page, 4);
  expect(rootOf(await rows(page))).not.toBe(root);
  await expect
    .poll(async () => (await rows(page)).find(({ name }) => name === root)?.state, {
      timeout: VERY_SLOW,
    })
    .toContain('lost');
  await expect(page.getByText(`${root} switched off`, { exact: true })).toBeVisible();
  await page.getByRole('button', { name: `Undo: switch ${root} on again` }).click();
  await expectTree(page, 5);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('paused', { exact: true })).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save this scenario' }).click();
  const saved = JSON.parse(await readFile(await (await download).path(), 'utf8')) as {
    nodes: unknown[];
    events: { do: string }[];
    seed: number;
  };
  expect(saved.nodes).toHaveLength(5);
  expect(saved.events.map((event) => event.do)).toEqual(['kill', 'start']);

  for (const shown of ['Table', 'Plan']) {
    await plan(page).getByRole('button', { name: shown }).click();
    expect(await findings(page)).toEqual([]);
  }
  expect(trouble.found).toEqual([]);
});

test('a recorded run is looked through, saved, and opened again', async ({ page, baseURL }) => {
  const trouble = await open(page, baseURL);
  await place(page, 4, 12);
  await page.getByLabel('Record every event').check();
  await page.getByLabel('Speed').selectOption('as fast as possible');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText(/^yes; the first after/)).toBeVisible({ timeout: SLOW });
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByRole('button', { name: 'Show this rehearsal’s' }).click();
  const boards = page.getByRole('group', { name: 'Boards at that moment' });
  await expect(boards.getByRole('row', { name: /^node-1 / })).toContainText(/root|below node-/);
  await expect(boards.getByRole('cell', { name: 'root', exact: true })).toHaveCount(1);
  // Back to before the election, event by event.
  await page.getByRole('slider', { name: /^Moment/ }).fill('2000');
  await expect(boards.getByRole('cell', { name: 'root', exact: true })).toHaveCount(0);
  for (let steps = 0; steps < 60; steps++) {
    if ((await boards.getByRole('cell', { name: 'root', exact: true }).count()) > 0) break;
    await page.getByRole('button', { name: 'Change after' }).click();
  }
  await expect(boards.getByRole('cell', { name: 'root', exact: true })).toHaveCount(1);
  const events = page.getByRole('group', { name: 'Events around that moment' });
  await expect(events).toContainText('tree');
  await page.getByRole('checkbox', { name: /^frames sent/ }).check();
  await expect(events).toContainText('sent');
  await look(page, 'rehearse-trace');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the trace' }).click();
  const path = await (await download).path();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByLabel('Trace to open').setInputFiles(path);
  await expect(boards.getByRole('row', { name: /^node-1 / })).toBeVisible();
  await page.getByLabel('Trace to open').setInputFiles({
    name: 'shopping.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('milk\nbread\n'),
  });
  await expect(page.getByText(/^It is not a trace: line 1/)).toBeVisible();
  await expect(boards).toBeVisible();
  expect(trouble.found).toEqual([]);
});

test('a plan is moved by keyboard and pointer, and survives a reload', async ({
  page,
  baseURL,
}) => {
  const trouble = await open(page, baseURL);
  await place(page, 4, 10);
  const first = page.getByRole('button', { name: /^node-1,/ });
  await first.focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('ArrowUp');
  await expect(page.getByLabel('Right, m')).toHaveValue('-10');
  await expect(page.getByLabel('Down, m')).toHaveValue('-1');
  await page.keyboard.press('PageDown');
  await expect(page.getByRole('heading', { name: 'node-2' })).toBeVisible();

  const last = page.getByRole('button', { name: /^node-4,/ });
  const box = (await last.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 60, box.y - 20, { steps: 4 });
  await page.mouse.up();
  await expect(page.getByRole('heading', { name: 'node-4' })).toBeVisible();
  const movedTo = await page.getByLabel('Right, m').inputValue();
  expect(Number(movedTo)).toBeLessThan(10);

  await page.getByRole('button', { name: 'Wall', exact: true }).click();
  const canvas = (await page.getByRole('group', { name: 'Plan', exact: true }).boundingBox())!;
  await page.mouse.move(canvas.x + 100, canvas.y + 40);
  await page.mouse.down();
  await page.mouse.move(canvas.x + 100, canvas.y + 240, { steps: 4 });
  await page.mouse.up();
  await page.getByText('Walls', { exact: true }).click();
  await expect(page.getByRole('button', { name: 'Take wall 1 away' })).toBeVisible();

  await page.waitForTimeout(600);
  await page.reload();
  await expect(page.getByRole('button', { name: /^node-4,/ })).toBeVisible({ timeout: SLOW });
  await page.getByRole('button', { name: /^node-4,/ }).focus();
  await expect(page.getByLabel('Right, m')).toHaveValue(movedTo);
  await page.keyboard.press('Delete');
  await expect(page.getByRole('button', { name: /^node-4,/ })).toBeHidden();
  await page.getByRole('button', { name: 'Undo edit' }).click();
  await expect(page.getByRole('button', { name: /^node-4,/ })).toBeVisible();
  expect(trouble.found).toEqual([]);
});

test('real bytecode forms the same kind of tree, and tells its heap', async ({ page, baseURL }) => {
  const trouble = await open(page, baseURL);
  await place(page, 3, 12);
  await page.getByLabel('Nodes run').selectOption('micropython');
  await page.getByLabel('Speed').selectOption('as fast as possible');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await plan(page).getByRole('button', { name: 'Table' }).click();
  await expectTree(page, 3);
  await expect(page.getByText(/KiB at most, in the fullest node/)).toBeVisible({ timeout: SLOW });
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await expect(page.getByText('ended', { exact: true })).toBeVisible();
  expect(trouble.found).toEqual([]);
});
