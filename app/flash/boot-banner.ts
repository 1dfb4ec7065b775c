/**
 * What the ROM's own words add to an advice: which pin starts the loader on this chip, a supply that is too weak, a flash that
 * cannot be read.
 * Sources: ESP-IDF, "Boot Mode Selection" of each chip and "Fatal Errors"; esptool documentation, "Boot Log".
 */

/** In the general advice; replaced when the text says which chip it is. */
export const EITHER_PIN = 'IO0 to GND (IO9 on C3 and C6)';

const WITH_IO9 = /ESP-ROM:esp32(c\d+|h\d+)/;
const WITH_IO0 = /\bets [A-Z][a-z]{2} +\d|ESP-ROM:esp32s\d/;

const FINDINGS: readonly { pattern: RegExp; says: string }[] = [
  {
    pattern: /brownout/i,
    says: 'The supply breaks down ("brownout"): use a shorter cable, another USB port or a hub with its own power, and take off what the board feeds.',
  },
  {
    pattern: /flash read err/i,
    says: 'The chip cannot read its flash: take off whatever is wired to GPIO 12 (on an ESP32 it sets the voltage of the flash) and to the pins of the flash.',
  },
  {
    pattern: /rst:0x\w+ \((TG\d?WDT|RTC_?WDT|RTCWDT|TG\dWDT|INT_WDT|SWDT)/i,
    says: 'The firmware on the board hangs and is restarted by its watchdog; that does no harm, but keep the button pressed until the job has begun.',
  },
];

/** @param heard what the board said, or the details of an error that quote it */
export function withBanner(advice: string, heard: string): string {
  let text = advice;
  if (WITH_IO9.test(heard)) text = text.replace(EITHER_PIN, 'IO9 to GND');
  else if (WITH_IO0.test(heard)) text = text.replace(EITHER_PIN, 'IO0 to GND');
  const found = FINDINGS.filter(({ pattern }) => pattern.test(heard)).map(({ says }) => says);
  return [...found, text].join(' ');
}
