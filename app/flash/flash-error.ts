/** Everything that can go wrong between the person, the loader and the flash, in words. */
import { EITHER_PIN, withBanner } from './boot-banner.ts';
import { LINK_CODES, type LinkError } from '../link/link-error.ts';

const BUTTONS = `Hold BOOT, press and let go EN (or RST), let go BOOT, then try again. Without buttons: connect ${EITHER_PIN} while plugging in.`;

export const FLASH_CODES = {
  'port-busy': LINK_CODES['port-busy'],
  'port-open': LINK_CODES['port-open'],
  'port-stuck': LINK_CODES['port-stuck'],
  unplugged: {
    says: 'The board was unplugged; the job is not done.',
    fix: 'Plug it in again and start the job once more: what was written already is skipped.',
  },
  'no-answer': {
    says: 'The board says nothing at all.',
    fix: `Check that this is the board’s port and that the cable carries data. ${BUTTONS}`,
  },
  'not-in-loader': {
    says: 'The board restarted, but into its firmware instead of the loader.',
    fix: BUTTONS,
  },
  'no-reset': {
    says: 'The board’s firmware keeps running: the cable’s reset lines do not reach the chip.',
    fix: BUTTONS,
  },
  'loader-mute': {
    says: 'The board waits for a download, but does not hear this computer.',
    fix: 'The line from the computer to the board (its RX) is broken or in use: remove whatever is wired to the RX pin, or try another cable.',
  },
  noise: {
    says: 'Only noise arrives from the board.',
    fix: 'Try another cable or USB port, without a hub. If the board has a switch for its serial rate or its crystal is unusual, it cannot be flashed here.',
  },
  'unknown-chip': {
    says: 'This chip is not one that the app knows.',
    fix: 'Use an ESP32, ESP32-S2, ESP32-S3, ESP32-C3 or ESP32-C6.',
  },
  'wrong-chip': {
    says: 'The plan was made for another chip than the one on the cable.',
    fix: 'Choose the board that the plan was made for, or plan again.',
  },
  'wrong-board': {
    says: 'The plan was made for another board of the same kind.',
    fix: 'Put back the board that the plan was made for, or plan again for this one.',
  },
  'secured-chip': {
    says: 'The chip is secured (secure boot, flash encryption or secure download mode).',
    fix: 'Use another board: this one only takes firmware signed or encrypted by its owner.',
  },
  'stub-failed': {
    says: 'The loader’s helper program did not start on the chip.',
    fix: 'Unplug the board, plug it in again and retry.',
  },
  'flash-unreadable': {
    says: 'The chip answers, but its flash memory does not.',
    fix: 'The flash is missing or damaged, or something is wired to its pins (GPIO 6 to 11 on an ESP32).',
  },
  'plan-refused': {
    says: 'The plan has refusals and must not be carried out.',
    fix: 'Read the refusals, change what they name, and plan again.',
  },
  'lost-contact': {
    says: 'The loader stopped answering; the job is not done.',
    fix: 'Start the job again, at a lower rate if it happens twice: what was written already is skipped.',
  },
  'bad-line': {
    says: 'What reaches the board is damaged again and again: the cable or the rate is at fault, not the board.',
    fix: 'Use another cable, a short one and without a hub, and choose 115200 baud before you start the job again: what was written already is skipped.',
  },
  'write-failed': {
    says: 'The chip reported an error while writing.',
    fix: 'Start the job again, at a lower rate if it happens twice: what was written already is skipped. A board that fails every time has a worn or damaged flash.',
  },
  'verify-failed': {
    says: 'What is on the flash is not what was sent.',
    fix: 'Start the job again. If it happens again at a lower rate too, the flash is worn out or damaged.',
  },
  cancelled: {
    says: 'Cancelled. The board may hold half of the new firmware.',
    fix: 'Start the job again before you use the board.',
  },
} as const satisfies Record<string, { says: string; fix: string }>;

export type FlashCode = keyof typeof FLASH_CODES;

export class FlashError extends Error {
  override readonly name = 'FlashError';
  readonly code: FlashCode;
  /** What the person can do next. */
  readonly fix: string;
  /** For the details that can be copied: where it happened, what the loader said. */
  readonly details: string;

  constructor(code: FlashCode, details = '', cause?: unknown) {
    super(FLASH_CODES[code].says, { cause });
    this.code = code;
    this.fix = withBanner(FLASH_CODES[code].fix, details);
    this.details = details;
  }
}

/** What a rejected port call means for a flash job. */
export function flashErrorOfLink(error: LinkError): FlashError {
  const code: FlashCode =
    error.code === 'port-busy' ||
    error.code === 'port-open' ||
    error.code === 'port-stuck' ||
    error.code === 'unplugged'
      ? error.code
      : 'lost-contact';
  return new FlashError(code, error.message, error);
}

/**
 * Why no loader answered, from the text that came while we tried to reset the board.
 * Source: the boot lines of the ROM (ESP-IDF, "Boot Mode Selection"): rst:0x1 (...),boot:0x13 (...).
 */
export function causeOfSilence(heard: string): FlashCode {
  if (heard.length === 0) return 'no-answer';
  if (/waiting for download/.test(heard)) return 'loader-mute';
  if (/boot:0x[0-9a-f]+ \((?!DOWNLOAD)/i.test(heard)) return 'not-in-loader';
  let odd = 0;
  for (const letter of heard) if (!isPrintable(letter.codePointAt(0)!)) odd++;
  return odd > heard.length / 4 ? 'noise' : 'no-reset';
}

function isPrintable(code: number): boolean {
  return (code >= 0x20 && code < 0x7f) || [0x09, 0x0a, 0x0d, 0x1b, 0x1e].includes(code);
}
