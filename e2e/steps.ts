/** What the browser tests do again and again, through the screens as a person would. */
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

export const PASSPHRASE = 'seven grey herons over the weir';

/** Two cores that everybody shares: what takes a second alone may take many. */
export const SLOW = 60_000;
/** Building, writing and joining five boards. */
export const VERY_SLOW = 200_000;

/** Everything a page must not do, gathered from its first byte on. */
export class Trouble {
  readonly found: string[] = [];
  /** Answers that came over the network once it was said to be off. */
  readonly fromNetwork: string[] = [];
  #offline = false;

  constructor(page: Page, origin: string) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        this.found.push(`${message.type()}: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => this.found.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('crash', () => this.found.push('the page crashed'));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (['http:', 'https:'].includes(url.protocol) && url.origin !== origin) {
        this.found.push(`request to another origin: ${url.href}`);
      }
    });
    page.on('response', (response) => {
      const local = !response.url().startsWith('http') || response.fromServiceWorker();
      if (this.#offline && !local) this.fromNetwork.push(response.url());
    });
  }

  networkIsOff(): void {
    this.#offline = true;
  }
}

/** Opens the app and waits until the service worker has stored all of it. */
export async function openInstalled(page: Page): Promise<void> {
  await page.goto('./');
  await expect(page.getByText('Offline copy complete')).toBeVisible({ timeout: SLOW });
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

export async function goOffline(context: BrowserContext, page: Page): Promise<void> {
  await context.setOffline(true);
  const reached = await page.evaluate(() =>
    fetch(`./not-in-the-copy-${Math.random()}.txt`).then(
      () => true,
      () => false,
    ),
  );
  expect(reached, 'the network is off').toBe(false);
}

export async function goTo(
  page: Page,
  screen: 'Start' | 'Network' | 'Firmware' | 'Station' | 'Mesh' | 'Rehearse' | 'Console',
): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Screens' })
    .getByRole('link', { name: screen })
    .click();
  await expect(page).toHaveTitle(`${screen} · Meshwright`);
}

export interface Plan {
  readonly network: string;
  readonly zones: string;
  /** As typed: `lamp-1..3`. */
  readonly nodes: string;
}

/** From the Network screen of a browser without networks; ends on the Station screen. */
export async function createNetwork(page: Page, plan: Plan): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(plan.network);
  await page.getByLabel('Zones').fill(plan.zones);
  await page.getByLabel('Planned nodes').fill(plan.nodes);
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('Passphrase again').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Create network' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Station' })).toBeVisible({
    timeout: SLOW,
  });
}

export async function planNodes(page: Page, names: string, zone: string): Promise<void> {
  const form = page.locator('form', { has: page.getByLabel('Name, or many as') });
  await form.getByLabel('Name, or many as').fill(names);
  await form.getByLabel('Zone').fill(zone);
  await form.getByRole('button', { name: /^Add/ }).click();
  await expect(form.getByLabel('Name, or many as')).toHaveValue('');
}

export async function unlock(page: Page, network: string, passphrase: string): Promise<void> {
  await page.getByLabel(`Passphrase of ${network}`).fill(passphrase);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}

export const boardCards = (page: Page): Locator =>
  page.getByRole('list', { name: 'Boards' }).getByRole('article');

/** A virtual board for every planned node, by the one button for it. */
export async function setUpAllPlanned(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Set up .* on (a )?virtual boards?$/ }).click();
}

export interface MeshRow {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly parent: string;
  readonly zone: string;
  readonly hops: string;
}

/** The mesh as the table on the Mesh screen shows it at this moment, by name. */
export async function meshRows(page: Page): Promise<MeshRow[]> {
  const rows = await page
    .getByRole('region', { name: 'The tree' })
    .locator('tbody tr')
    .evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll('td, th')].map((cell) => cell.textContent.trim())),
    );
  return rows
    .map(([name = '', role = '', state = '', parent = '', zone = '', hops = '']) => ({
      name,
      role,
      state,
      parent,
      zone,
      hops,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const isLive = (row: MeshRow): boolean => row.state === 'live';
const isRoot = (row: MeshRow): boolean => row.role.split(',')[0] === 'root';

/** Null when the live rows are one tree of these names; else what is wrong with them. */
export function treeFault(rows: readonly MeshRow[], names: readonly string[]): string | null {
  const live = rows.filter(isLive);
  const seen = live.map((row) => row.name).join(' ');
  if (seen !== [...names].sort().join(' ')) return `live: ${seen}`;
  const roots = live.filter(isRoot);
  if (roots.length !== 1) return `roots: ${roots.map((row) => row.name).join(' ')}`;
  const byName = new Map(live.map((row) => [row.name, row]));
  for (const row of live) {
    let at: MeshRow | undefined = row;
    for (let steps = 0; at && !isRoot(at); steps++) {
      if (steps > live.length) return `a loop above ${row.name}`;
      at = byName.get(at.parent);
    }
    if (!at) return `${row.name} has no path to the root`;
  }
  return null;
}

export const rootName = (rows: readonly MeshRow[]): string =>
  rows.find((row) => isLive(row) && isRoot(row))?.name ?? '';

export async function listenTo(page: Page, name: string): Promise<void> {
  await page.getByLabel('Listen to').selectOption({ label: `${name} (virtual)` });
}

/** Waits until the Mesh screen shows one tree of exactly these live nodes. */
export async function expectTree(page: Page, names: readonly string[]): Promise<MeshRow[]> {
  const region = page.getByRole('region', { name: 'The tree' });
  await region.getByRole('button', { name: 'Table' }).click();
  await expect
    .poll(async () => treeFault(await meshRows(page), names), { timeout: VERY_SLOW })
    .toBeNull();
  return meshRows(page);
}
