/** What stock builds say of their starts. */
import type { ResetCause } from './chips.ts';

/** machine.reset_cause() on stock builds (platform facts, section 14): EN counts as power-on. */
export const RESET_CAUSE: Readonly<Record<ResetCause, number>> = {
  'power-on': 1,
  external: 1,
  software: 2,
  watchdog: 3,
  'deep-sleep': 4,
};
export const SOFT_RESET = 5;

/** Printed by _boot.py again and again (ports/esp32/modules/inisetup.py). */
export const FILES_CORRUPTED_TEXT =
  'The filesystem appears to be corrupted. If you had important data there, you\r\n' +
  'may want to make a flash snapshot to try to recover it. Otherwise, perform\r\n' +
  'factory reprogramming of MicroPython firmware (completely erase flash, followed\r\n' +
  'by firmware programming).\r\n';

export const PANIC_TEXT =
  "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\r\n\r\nRebooting...\r\n";

/** A chip that cannot start tries again after this. */
export const BOOT_LOOP_US = 500_000;
/** From the end of _boot.py to the start of main.py after a soft reset. */
export const SOFT_BOOT_US = 300_000;
