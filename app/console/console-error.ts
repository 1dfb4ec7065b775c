/** Everything that can go wrong on a console, with what the person sees and does next. */

export type ConsoleCode =
  | 'in-use' // another tab or program holds the port
  | 'unplugged' // the link broke
  | 'closed' // we closed it while something was waiting: show nothing
  | 'silent' // no valid frame in time; nothing was sent
  | 'no-answer' // the board speaks, but did not answer the request
  | 'rebooted' // the board restarted before it answered: the request may be sent again
  | 'refused' // the board answered with an error code, see `reason`
  | 'too-long'; // the request does not fit a line of 200 bytes

const WORDS: Readonly<Record<ConsoleCode, string>> = {
  'in-use':
    'The port could not be opened. Close the other tab or program that uses it, then try again.',
  unplugged: 'The board went away. Plug it in again, then try again.',
  closed: 'The console was closed.',
  silent:
    'No message came from the board. It may be in a boot loop, wait in its loader, or carry other firmware: reset it, or write the firmware again.',
  'no-answer':
    'The board did not answer the request. Try again; if it stays silent, reset the board.',
  rebooted: 'The board restarted before it answered. Try again.',
  refused: 'The board refused the request.',
  'too-long': 'The request is longer than the 200 bytes that a board takes at once.',
};

export interface ConsoleErrorOptions {
  readonly cause?: unknown;
  /** The board's own error code, for `refused`. */
  readonly reason?: string;
  /** What was asked, as in "mps.open". */
  readonly request?: string;
}

export class ConsoleError extends Error {
  override readonly name = 'ConsoleError';
  readonly code: ConsoleCode;
  readonly reason: string | null;

  constructor(code: ConsoleCode, options: ConsoleErrorOptions = {}) {
    const what = options.request === undefined ? '' : ` (${options.request})`;
    const why = options.reason === undefined ? '' : ` It said: ${options.reason}.`;
    super(WORDS[code] + why + what, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.reason = options.reason ?? null;
  }
}
