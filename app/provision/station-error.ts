/** A station job that stopped: at which stage, why, and the way on. The node's record says nothing that did not happen. */
import { ConsoleError } from '../console/console-error.ts';
import { FleetError } from '../fleet/fleet-error.ts';
import { FlashError } from '../flash/flash-error.ts';
import { ImageError } from '../image/image-error.ts';
import { ProvisionError } from './provision-error.ts';

/** In order; a job reports each once it begins. */
export const STATION_STAGES = [
  'connect',
  'identify',
  'build',
  'back-up',
  'compare',
  'write',
  'restart',
  'hello',
  'join',
  'record',
  'done',
] as const;
export type StationStage = (typeof STATION_STAGES)[number];

export const STAGE_WORDS: Readonly<Record<StationStage, string>> = {
  connect: 'Connecting to the loader',
  identify: 'Reading chip and MAC address',
  build: 'Building the firmware',
  'back-up': "Backing up the board's settings",
  compare: 'Comparing with what is on the board',
  write: 'Writing',
  restart: 'Restarting the board',
  hello: 'Waiting for the firmware to say hello',
  join: 'Proving keys and joining the network',
  record: 'Writing the result into the fleet',
  done: 'Done',
};

/** Own codes; others come from the part that failed (FlashError, ConsoleError, ProvisionError, FleetError, ImageError). */
const OWN = {
  refused: [
    'This board must not be written.',
    'Use another board, or change what the plan names; nothing was written.',
  ],
  'small-flash': [
    'The flash of this board is too small for MicroPython and the firmware.',
    'Use a board with at least 4 MiB of flash; nothing was written.',
  ],
  'other-board': [
    'Another board answered than the one that was written.',
    'Connect the board again and repeat the job; what was written already is skipped.',
  ],
  'other-firmware': [
    'The board started other firmware than was written.',
    'Repeat the job; if this happens again, erase the board first.',
  ],
  'foreign-identity': [
    'This board belongs to another network.',
    'Use another board, or say that its membership may be replaced; nothing was written.',
  ],
  'backup-failed': [
    "The board's settings could not be kept, so nothing was written.",
    'Free some space for this site in the browser, then repeat the job.',
  ],
  'backup-of-other-board': [
    'This backup was taken from another board.',
    'Choose a backup with the MAC address of the board at hand; nothing was written.',
  ],
  'backup-empty': [
    'There is no membership in this backup.',
    'Choose another backup, or write the board for a node; nothing was written.',
  ],
  'not-planned': ['Nothing is planned for this board yet.', 'Make a plan first.'],
} as const;
export type StationOwnCode = keyof typeof OWN;

export class StationError extends Error {
  override readonly name = 'StationError';
  readonly code: string;
  readonly stage: StationStage;
  /** What the person can do next. */
  readonly next: string;
  /** For copying into a bug report; no secret in it. */
  readonly details: string;

  constructor(
    stage: StationStage,
    code: string,
    message: string,
    next: string,
    details: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.stage = stage;
    this.code = code;
    this.next = next;
    this.details = details;
  }
}

export function stationError(
  stage: StationStage,
  code: StationOwnCode,
  details: string,
): StationError {
  return new StationError(stage, code, OWN[code][0], OWN[code][1], details);
}

const REPEAT = 'Repeat the job; what was written already is skipped.';

/** Words for whatever a part threw. Cancelling and our own mistakes pass unchanged. */
export function inStationWords(error: unknown, stage: StationStage, heard: string): unknown {
  if (error instanceof StationError) return error;
  const at = `at stage "${stage}"`;
  const details = heard === '' ? at : `${at}; the board said last:\n${heard}`;
  if (error instanceof ProvisionError || error instanceof FlashError) {
    const next = error instanceof ProvisionError ? error.next : error.fix;
    const more = error instanceof FlashError ? `${error.details} ${details}`.trim() : details;
    return new StationError(stage, error.code, error.message, next, more, error);
  }
  if (error instanceof ConsoleError) {
    return new StationError(stage, error.code, error.message, REPEAT, details, error);
  }
  if (error instanceof FleetError || error instanceof ImageError) {
    const next = 'Nothing was marked as done. Correct what the message names, then repeat the job.';
    return new StationError(stage, error.code, error.message, next, details, error);
  }
  return error;
}
