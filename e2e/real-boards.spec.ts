/**
 * Boards that the page takes for real ones, several at once: the line, each with its own job; a reload in the middle of a write
 * and the way back; a board of another network; what keeps the page awake meanwhile.
 */
import { expect, test, type Page } from '@playwright/test';
import { identityEntries, nodeFileOf } from '../app/provision/identity.ts';
import { newNetwork, newNode } from '../app/fleet/record.ts';
import { buildNvs } from '../app/image/nvs/nvs.ts';
import { parseNvs } from '../app/image/nvs/nvs.ts';
import { fromUtf8 } from '../app/base/bytes.ts';
import {
  boardCards,
  createNetwork,
  goTo,
  PASSPHRASE,
  SLOW,
  Trouble,
  unlock,
  VERY_SLOW,
} from './steps.ts';
import { leaks, readStored, secretsOf } from './stored.ts';
import { madeUpRuntime, VirtualSerial } from './virtual-serial.ts';

const NETWORK = 'Weir house';
const mac = (number: number): string => `24:0a:c4:00:00:${number}0`;

/** Counts what asks the browser to stay awake. */
async function watchWakeLocks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const counts = { held: 0, taken: 0 };
    Object.assign(globalThis, { wakeLocks: counts });
    Object.defineProperty(navigator, 'wakeLock', {
      value: {
        request: async () => {
          counts.held++;
          counts.taken++;
          const lock = {
            released: false,
            release: async () => {
              if (!lock.released) counts.held--;
              lock.released = true;
            },
          };
          return lock;
        },
      },
    });
  });
}
const wakeLocks = (page: Page): Promise<{ held: number; taken: number }> =>
  page.evaluate(
    () => (globalThis as unknown as { wakeLocks: { held: number; taken: number } }).wakeLocks,
  );

/** Whether the page would ask before it is left. */
const guardsUnload = (page: Page): Promise<boolean> =>
  page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));

async function addRuntime(page: Page): Promise<void> {
  const panel = page.getByRole('region', { name: 'Runtime files' });
  await panel.locator('input[type=file]').setInputFiles({
    name: 'ESP32_GENERIC-20250809-v1.26.0.bin',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(madeUpRuntime('esp32', 300_000)),
  });
  await expect(panel.getByText(/checked and kept/)).toBeVisible({ timeout: SLOW });
}
const log = (page: Page) => page.getByRole('region', { name: 'Job log' });

/** Two whole writes in each: on a busy machine that takes minutes. */
test.describe.configure({ timeout: 8 * 60_000 });

test('three boards at once on the line, each as its own node', async ({ page, baseURL }) => {
  const trouble = new Trouble(page, new URL(baseURL ?? '').origin);
  await watchWakeLocks(page);
  const serial = await VirtualSerial.install(page);
  await page.goto('./#/network');
  await createNetwork(page, { network: NETWORK, zones: 'hall', nodes: 'lamp-1..3' });
  await addRuntime(page);
  await page.getByRole('switch', { name: /Assembly line/ }).check();
  expect(await guardsUnload(page)).toBe(false);
  for (let i = 1; i <= 3; i++) await serial.plug('esp32', mac(i));

  // All three are at work together, and the page may not be left or fall asleep.
  await expect(page.getByText('3 at work')).toBeVisible({ timeout: SLOW });
  expect(await wakeLocks(page)).toEqual({ held: 1, taken: 1 });
  expect(await guardsUnload(page)).toBe(true);
  await expect(boardCards(page).filter({ hasText: 'has joined' })).toHaveCount(3, {
    timeout: VERY_SLOW,
  });
  await expect(page.getByText('3 of 3 on boards')).toBeVisible();
  await expect.poll(() => wakeLocks(page)).toEqual({ held: 0, taken: 1 });
  expect(await guardsUnload(page)).toBe(false);
  const nodes = [0, 1, 2].map((number) => nameOn(serial, number)).sort();
  expect(nodes).toEqual(['lamp-1', 'lamp-2', 'lamp-3']);

  // A board too many says so and is left alone.
  const extra = await serial.plug('esp32', mac(4));
  await expect(boardCards(page).getByText('No planned node is left for this board')).toBeVisible({
    timeout: SLOW,
  });
  expect(nameOn(serial, extra)).toBe('');
  await expect(log(page).getByText('passed')).toHaveCount(3);
  expect(trouble.found).toEqual([]);
  serial.close();
});

test('a reload in the middle of a write: told, taken up again, and what was verified is skipped', async ({
  page,
}) => {
  const serial = await VirtualSerial.install(page);
  await page.goto('./#/network');
  await createNetwork(page, { network: NETWORK, zones: 'hall', nodes: 'lamp-1..2' });
  await addRuntime(page);
  await page.getByLabel('Show the plan before writing').uncheck();
  await serial.plug('esp32', mac(1));
  await boardCards(page).first().getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('button', { name: 'Build and write' }).click({ timeout: SLOW });
  const board = serial.board(0);
  await expect.poll(() => board.flash.programmedPages, { timeout: VERY_SLOW }).toBeGreaterThan(600);
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await serial.release();

  await goTo(page, 'Network');
  await unlock(page, NETWORK, PASSPHRASE);
  await goTo(page, 'Station');
  await expect(page.getByText('lamp-1: cut off')).toBeVisible({ timeout: SLOW });
  await expect(page.getByText(/not damaged/)).toBeVisible();
  await expect(page.getByText('0 of 2 on boards')).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(
    boardCards(page)
      .getByText('lamp-1 has joined')
      .or(page.getByText('Nothing has been written yet.')),
  ).toBeVisible({
    timeout: VERY_SLOW,
  });
  if (await page.getByText('Nothing has been written yet.').isVisible()) {
    await page.getByRole('button', { name: 'Write lamp-1' }).click();
  }
  await expect(boardCards(page).getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
  await expect(log(page).getByText('cut off')).toHaveCount(1); // the history keeps it; nothing asks any more
  await expect(page.getByRole('button', { name: 'Resume' })).toHaveCount(0);

  // The log says it in words, holds no secret, and can be cleared.
  const download = page.waitForEvent('download');
  await log(page).getByRole('button', { name: 'Save as text' }).click();
  const text = await streamText((await download).createReadStream());
  expect(text).toContain('INTERRUPTED');
  expect(text).toContain('PASSED');
  expect(text).toContain(mac(1));
  const stored = await readStored(page);
  const secrets = await secretsOf(stored, PASSPHRASE);
  expect(secrets.macs).toContain(mac(1));
  expect(leaks(stored, secrets, [PASSPHRASE, 'lamp-1'])).toEqual([]);
  await log(page).getByRole('button', { name: 'Clear…' }).click();
  await log(page).getByRole('button', { name: 'Clear the log' }).click();
  await expect(log(page).getByText('Every job is written down here')).toBeVisible();
  serial.close();
});

test('a board of another network asks, is kept, and can be put back', async ({ page }) => {
  const serial = await VirtualSerial.install(page);
  await page.goto('./#/network');
  await createNetwork(page, { network: NETWORK, zones: 'hall', nodes: 'lamp-1' });
  await addRuntime(page);
  const theirs = newNetwork({ name: 'Neighbour' }, 0);
  const pump = newNode({ name: 'pump-7', zone: 'cellar' }, [], 0);
  const number = await serial.plug('esp32', mac(1));
  const { flash } = serial.board(number);
  flash.load(0x9000, buildNvs(identityEntries(nodeFileOf(theirs, pump)), 0x6000));
  await page.getByRole('switch', { name: /Assembly line/ }).check();
  await page.getByRole('button', { name: 'Start 1 waiting board' }).click();
  const card = boardCards(page).first();
  await expect(card.getByText('This board belongs to another network')).toBeVisible({
    timeout: VERY_SLOW,
  });
  await expect(card.getByText('pump-7')).toBeVisible();
  await expect(card.getByRole('button', { name: 'Write lamp-1' })).toBeDisabled();
  expect(nameOn(serial, number)).toBe('pump-7');
  await card.getByLabel('Replace its membership').check();
  await card.getByRole('button', { name: 'Write lamp-1' }).click();
  await expect(card.getByText('lamp-1 has joined')).toBeVisible({ timeout: VERY_SLOW });
  expect(nameOn(serial, number)).toBe('lamp-1');

  const kept = page.getByRole('region', { name: 'Kept settings' });
  await expect(kept.getByText('pump-7')).toBeVisible();
  await kept.getByRole('button', { name: /^Save the settings/ }).click();
  await page.getByLabel('Passphrase of the file').fill('nine quiet otters');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const text = await streamText((await download).createReadStream());
  expect(text).toContain('meshwright-board-backup');
  expect(text).not.toContain('pump-7');

  await page.getByRole('switch', { name: /Assembly line/ }).uncheck();
  await card.getByRole('button', { name: 'Write again' }).click();
  await card.getByText('Put kept settings back instead').click({ timeout: VERY_SLOW });
  await card.getByRole('button', { name: 'Put back' }).click();
  await expect(card.getByText('The kept settings are back')).toBeVisible({ timeout: VERY_SLOW });
  expect(nameOn(serial, number)).toBe('pump-7');
  serial.close();
});

/** The name of the node that a board's flash says it is. */
function nameOn(serial: VirtualSerial, number: number): string {
  const { entries } = parseNvs(serial.board(number).flash.read(0x9000, 0x6000));
  const value = entries.find((entry) => entry.namespace === 'mesh' && entry.key === 'name')?.value;
  return value?.kind === 'blob' ? fromUtf8(value.bytes) : '';
}

async function streamText(stream: Promise<AsyncIterable<unknown>>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of await stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
