import { expect, it } from 'vitest';
import { CHIPS } from '../sim/chips.ts';
import { withBanner } from './boot-banner.ts';
import { FLASH_CODES, FlashError, type FlashCode } from './flash-error.ts';
import { restartNote } from '../link/bridges.ts';

const codes = Object.keys(FLASH_CODES) as FlashCode[];

it.each(codes)('%s has an advice that says what to do', (code) => {
  const { message, fix } = new FlashError(code);
  expect(message).toMatch(/^[A-Z].*\.$/);
  expect(fix).toMatch(/^[A-Z].*\.$/);
  expect(fix.length).toBeGreaterThan(25);
});

it.each([
  ['esp32', 'IO0 to GND'],
  ['esp32s2', 'IO0 to GND'],
  ['esp32s3', 'IO0 to GND'],
  ['esp32c3', 'IO9 to GND'],
  ['esp32c6', 'IO9 to GND'],
] as const)('the banner of an %s names its pin', (chip, pin) => {
  const { romBanner, runStrap } = CHIPS[chip];
  const { fix } = new FlashError('not-in-loader', `${romBanner}rst:0x1,boot:${runStrap}`);
  expect(fix).toContain(`connect ${pin} while`);
  expect(new FlashError('not-in-loader').fix).toContain('IO0 to GND (IO9 on C3 and C6)');
});

it.each([
  ['Brownout detector was triggered', /supply breaks down/],
  ['flash read err, 1000', /GPIO 12/],
  ['rst:0x8 (TG1WDT_SYS_RESET),boot:0x13', /watchdog/],
  ['rst:0x10 (RTCWDT_RTC_RESET),boot:0x13', /watchdog/],
])('"%s" is understood', (heard, expected) => {
  expect(withBanner('Do this.', heard)).toMatch(expected);
  expect(withBanner('Do this.', heard)).toMatch(/ Do this\.$/);
});

it('plain restarts add nothing', () => {
  expect(withBanner('Do this.', 'rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)')).toBe(
    'Do this.',
  );
});

it('native USB needs a hand after flashing', () => {
  expect(restartNote('usb-otg')).toContain('EN');
  expect(restartNote('usb-jtag')).toContain('Unplug');
  expect(restartNote('bridge')).toBeNull();
});
