/** Everything that can go wrong with a serial port, in words for the person in front of it. */

export const LINK_CODES = {
  'no-web-serial': {
    says: 'This browser cannot reach serial ports.',
    fix: 'Use Chrome, Edge or Opera on a computer, or Firefox with its serial add-on.',
  },
  'insecure-page': {
    says: 'Serial ports are only given to pages served over HTTPS or from localhost.',
    fix: 'Open this app by its https address or install it.',
  },
  'nothing-chosen': {
    says: 'No port was chosen.',
    fix: 'Plug the board in and choose it in the list. If it is not in the list, try another cable (many only charge) or install the driver of the USB bridge.',
  },
  'port-busy': {
    says: 'The port could not be opened; another program or tab may be using it.',
    fix: 'Close other serial monitors and tabs that use this board, then try again. On Linux your user needs access to the port (group dialout or uucp).',
  },
  'port-open': {
    says: 'This app has the port open already.',
    fix: 'Stop the other job or console on this board first.',
  },
  unplugged: {
    says: 'The board was unplugged.',
    fix: 'Plug it in again; hold the plug still, and avoid hubs without their own power.',
  },
  'port-closed': {
    says: 'The port is not open.',
    fix: 'Connect to the board again.',
  },
  'port-stuck': {
    says: 'The computer’s serial driver takes nothing more and does not answer.',
    fix: 'Unplug the board, wait a moment and plug it in again; if the port stays stuck, close the browser’s other tabs that use it, or restart the computer.',
  },
  'link-failed': {
    says: 'The serial port reported an error.',
    fix: 'Unplug the board, plug it in again and retry; use another cable if it happens again.',
  },
} as const satisfies Record<string, { says: string; fix: string }>;

export type LinkCode = keyof typeof LINK_CODES;

export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly code: LinkCode;
  /** What the person can do next. */
  readonly fix: string;

  constructor(code: LinkCode, cause?: unknown) {
    super(LINK_CODES[code].says, { cause });
    this.code = code;
    this.fix = LINK_CODES[code].fix;
  }
}

function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
}

/** What a rejected call of a port means; `when` tells NetworkError's two meanings apart. */
export function linkErrorOf(error: unknown, when: 'choosing' | 'opening' | 'using'): LinkError {
  if (error instanceof LinkError) return error;
  switch (nameOf(error)) {
    case 'NotFoundError':
      return new LinkError(when === 'choosing' ? 'nothing-chosen' : 'unplugged', error);
    case 'SecurityError':
      return new LinkError('insecure-page', error);
    case 'NetworkError':
      return new LinkError(when === 'opening' ? 'port-busy' : 'unplugged', error);
    case 'InvalidStateError':
      return new LinkError(when === 'opening' ? 'port-open' : 'port-closed', error);
    default:
      return new LinkError('link-failed', error);
  }
}
