/** Runtime files that the site offers: nothing is requested before a person asks, and what does not fit its list is refused. */
import { expect, test } from '@playwright/test';
import { createNetwork, SLOW } from './steps.ts';

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
