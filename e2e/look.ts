/** What every screen must stand: both themes, three widths, axe. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const WIDTHS = [360, 900, 1600] as const;
const THEMES = ['light', 'dark'] as const;

/** Each finding with the element's text; empty when all is well. */
export async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
  );
}

async function wearTheme(page: Page, theme: (typeof THEMES)[number]): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
}

/** Pictures into screenshots/ and checks of what is shown now. */
export async function look(
  page: Page,
  name: string,
  widths: readonly number[] = WIDTHS,
): Promise<void> {
  for (const theme of THEMES) {
    await wearTheme(page, theme);
    for (const width of widths) {
      await page.setViewportSize({ width, height: width === 360 ? 780 : 940 });
      const overflow = await page.evaluate(() => {
        const wide = [document.documentElement, ...document.querySelectorAll('main')];
        return Math.max(...wide.map((element) => element.scrollWidth - element.clientWidth));
      });
      expect.soft(overflow, `${name} at ${width} px is wider than the page by`).toBe(0);
      // The screen scrolls within the page: the picture shows all of it.
      const height = await page.evaluate(() => {
        const main = document.querySelector('main');
        return main ? document.body.clientHeight + main.scrollHeight - main.clientHeight : 0;
      });
      await page.setViewportSize({ width, height: Math.min(2600, Math.max(780, height)) });
      await page.screenshot({ path: `screenshots/${name}-${width}-${theme}.png` });
    }
    expect.soft(await findings(page), `${name}, ${theme}`).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 860 });
}
