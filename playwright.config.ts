import { defineConfig } from '@playwright/test';
import { BROWSER_ARGUMENTS, findBrowser } from './scripts/browser.ts';

const PORT = 4199;

export default defineConfig({
  testDir: 'e2e',
  timeout: 240_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 2,
  retries: 0,
  reporter: [['list'], ['json']],
  outputDir: 'test-results/browser',
  use: {
    baseURL: `http://localhost:${PORT}/`,
    viewport: { width: 1280, height: 860 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: findBrowser() ?? 'chromium-not-found',
      args: [...BROWSER_ARGUMENTS],
    },
  },
  webServer: {
    command: `npx vite preview --port ${PORT} --strictPort --logLevel warn`,
    url: `http://localhost:${PORT}/`,
    reuseExistingServer: false,
  },
});
