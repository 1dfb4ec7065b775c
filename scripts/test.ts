/**
 * Every test of the project, one after another: format, lint, types, unit and differential tests, build, browser.
 * Ends with one plain line `N passed, N failed` over all of them; a check such as the linter counts as one.
 * `--no-browser` leaves the browser tests out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBrowser } from './browser.ts';

interface Tally {
  passed: number;
  failed: number;
}

const RESULTS = 'test-results';
const total: Tally = { passed: 0, failed: 0 };
const summary: string[] = [];

function run(command: string, options: { readonly env?: Record<string, string> } = {}): boolean {
  const startedAt = Date.now();
  console.log(`\n$ ${command}`);
  const result = spawnSync(command, {
    shell: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...options.env },
  });
  console.log(`  (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  return result.status === 0;
}

function count(name: string, tally: Tally): void {
  total.passed += tally.passed;
  total.failed += tally.failed;
  summary.push(
    `${tally.failed === 0 ? 'ok    ' : 'FAILED'} ${name}: ${tally.passed} passed, ${tally.failed} failed`,
  );
}

function check(name: string, command: string): void {
  const ok = run(command);
  count(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1 });
}

/** Runs a suite that writes a JSON report; a suite that dies without one counts as a failure. */
function suite(
  name: string,
  command: string,
  report: string,
  read: (json: unknown) => Tally,
  env = {},
): void {
  const path = join(RESULTS, report);
  rmSync(path, { force: true });
  const ok = run(command, { env });
  if (!existsSync(path)) return count(name, { passed: 0, failed: 1 });
  const tally = read(JSON.parse(readFileSync(path, 'utf8')));
  if (!ok && tally.failed === 0) tally.failed = 1;
  if (tally.passed + tally.failed === 0) tally.failed = 1;
  count(name, tally);
}

const vitestTally = (json: unknown): Tally => {
  const report = json as {
    numPassedTests: number;
    numFailedTests: number;
    numFailedTestSuites: number;
  };
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, report.numFailedTestSuites > 0 ? 1 : 0),
  };
};

const playwrightTally = (json: unknown): Tally => {
  const { stats } = json as { stats: { expected: number; unexpected: number; flaky: number } };
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
};

mkdirSync(RESULTS, { recursive: true });
check('format', 'npx prettier --check --log-level warn .');
check('lint', 'npx eslint .');
check('types of the app', 'npx tsc --noEmit -p tsconfig.json');
check('types of the firmware', 'npx tsc --noEmit -p firmware-src/tsconfig.json');
check('types of the examples', 'npx tsc --noEmit -p examples/tsconfig.json');
check(
  'types of the components',
  'npx svelte-check --fail-on-warnings --output human --tsconfig tsconfig.json',
);
suite(
  'unit and differential tests',
  `npx vitest run --reporter=default --reporter=json --outputFile.json=${RESULTS}/vitest.json`,
  'vitest.json',
  vitestTally,
);
if (!process.argv.includes('--no-browser')) {
  check('build', 'npx vite build --logLevel warn');
  const browser = (name: string, which: string, report: string): void => {
    suite(name, `npx playwright test ${which}`, report, playwrightTally, {
      CHROMIUM: ensureBrowser(),
      PLAYWRIGHT_JSON_OUTPUT_NAME: join(RESULTS, report),
    });
  };
  // What is measured runs alone; the others wait for boards most of the time, and two can do that at once.
  browser('responsiveness in a browser', '--workers=1 --grep @measured', 'measured.json');
  browser('browser tests', '--grep-invert @measured', 'browser.json');
}

console.log(`\n${summary.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
