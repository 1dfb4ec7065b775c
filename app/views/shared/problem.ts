/** Errors as people meet them: what happened, the likely cause, what to do next, and details to copy. */

export interface Problem {
  readonly code: string;
  readonly title: string;
  readonly cause: string;
  readonly next: string;
  /** Technical text for a bug report; never a secret. */
  readonly details: string;
  /** Where in the app it can be put right. */
  readonly link?: { readonly href: string; readonly title: string };
}

type Words = Pick<Problem, 'title' | 'cause' | 'next'>;

const WORDS: Record<string, Words> = {
  'in-use': {
    title: 'The port is in use',
    cause: 'Another tab or program (a serial monitor, an IDE) holds it.',
    next: 'Close the other program, then try again.',
  },
  unplugged: {
    title: 'The board went away',
    cause: 'The cable was pulled, is loose, or the board lost power.',
    next: 'Plug it in again and repeat; what was written already is skipped.',
  },
  silent: {
    title: 'The board does not answer',
    cause:
      'It may be in a boot loop, wait in its loader, or need its BOOT button held while connecting.',
    next: 'Hold BOOT, press EN once, release BOOT, and try again. If that fails, use another cable.',
  },
  garbled: {
    title: 'Bytes arrive, but no valid message',
    cause: 'A wrong baud rate, a charging cable of poor quality, or other firmware on the board.',
    next: 'Write the firmware again on the Station screen.',
  },
  'wrong-passphrase': {
    title: 'That passphrase does not open this network',
    cause: 'A typing error, or the passphrase of another network. Nothing was changed.',
    next: 'Type it again; capital letters and spaces count.',
  },
  'no-answer': {
    title: 'The board did not answer',
    cause: 'It is busy, or restarted in the middle.',
    next: 'Try again; if it stays silent, reset the board.',
  },
  rebooted: {
    title: 'The board restarted before it answered',
    cause: 'A reset, a power dip, or a fault in its firmware; the console shows which.',
    next: 'Try again.',
  },
  'changed-meanwhile': {
    title: 'Another tab changed the same record',
    cause: 'The app is open twice.',
    next: 'Close the other tab, then try again.',
  },
  'no-runtime': {
    title: 'No runtime file for this chip',
    cause: 'A real board needs the stock MicroPython build for its chip, once.',
    next: 'Download it from micropython.org/download and drop it on “Runtime files” below.',
  },
  refused: {
    title: 'This board must not be written',
    cause: 'The plan found a reason to refuse; it is named in the details.',
    next: 'Use another board, or read the reason first.',
  },
  'compile-failed': {
    title: 'The firmware does not compile',
    cause: 'The compiler refused part of the firmware source.',
    next: 'Copy the details into a bug report.',
  },
  'wrong-key': {
    title: 'The board could not prove its key',
    cause: 'It carries the identity of another fleet, or was written for another node.',
    next: 'Write it again for this node; its old identity is replaced.',
  },
  unavailable: {
    title: 'Storage is not available',
    cause: 'The browser refused to open its database; private windows often do.',
    next: 'Open the app in an ordinary window.',
  },
};

/** A thrown value that already carries its words. */
export class WordedError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.title);
    this.name = 'WordedError';
    this.problem = problem;
  }
}

function codeOf(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}

function textOf(thrown: unknown, field: string): string {
  if (typeof thrown !== 'object' || thrown === null || !(field in thrown)) return '';
  const value = (thrown as Record<string, unknown>)[field];
  return typeof value === 'string' ? value : '';
}

/** True when the person cancelled: nothing needs to be shown. */
export function isCancelled(thrown: unknown): boolean {
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return true;
  return codeOf(thrown) === 'cancelled';
}

/** Finds words for anything thrown; `doing` completes "… while ___". */
export function problemOf(thrown: unknown, doing: string): Problem {
  if (thrown instanceof WordedError) return thrown.problem;
  const code = codeOf(thrown) ?? 'unexpected';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const causedBy =
    thrown instanceof Error && thrown.cause ? `\ncause: ${String(thrown.cause)}` : '';
  const more = textOf(thrown, 'details');
  const details = [`code: ${code}`, `while: ${doing}`, message + causedBy, more]
    .filter(Boolean)
    .join('\n');
  // Parts that word their failures say what to do in `next` or `fix`; their words win.
  const next = textOf(thrown, 'next') || textOf(thrown, 'fix');
  if (next !== '') return { code, title: message, cause: '', next, details };
  const words = WORDS[code];
  if (words) return { code, ...words, details };
  return {
    code,
    title: `Something failed while ${doing}`,
    cause: message,
    next: 'Try again. If it fails the same way, copy the details into a report.',
    details,
  };
}
