/** How a handshake with one board can end without success: what happened, and the stated way on. */

const WORDS = {
  'wrong-key': [
    'The board could not prove the key of this node.',
    'It carries the identity of another node or fleet. Write it again for this node.',
  ],
  'wrong-board': [
    'Another board is on this port than the one chosen for this node.',
    'Connect the right board, or assign this board to the node and write it again.',
  ],
  'no-identity': ['The board has no identity.', 'Write it for this node first.'],
  'foreign-network': [
    'The board belongs to a network that this admin key does not open.',
    'Write it again for this node; that removes it from the other network.',
  ],
  'no-answer': ['The board did not take part in the handshake.', 'Reset the board and try again.'],
  timeout: [
    'The handshake was not completed within 45 seconds.',
    'Try again; a handshake can be repeated at any time.',
  ],
  busy: [
    'The board was in a handshake with somebody else.',
    'Wait a minute, or reset the board, then try again.',
  ],
  version: [
    'The board speaks another version of the handshake.',
    'Write the current firmware to the board.',
  ],
  'bad-credentials': [
    'The board could not read the credentials it was given.',
    'Write the current firmware to the board.',
  ],
  'commit-failed': [
    'The board could not store its credentials.',
    'Try again; if it repeats, its flash or NVS is damaged: write it again or use another board.',
  ],
  closed: ['The handshake was ended.', 'Try again.'],
  'being-revoked': [
    'This node is being revoked, and would get the new keys.',
    'Take it back before the switch, or finish the rotation and make it a new record.',
  ],
  'no-address': [
    'No board is known for this node yet.',
    'Write a board for it first; its address is then known.',
  ],
  'no-carrier': [
    'The board that is plugged in has not joined the network itself.',
    'Plug in a joined node, or join this one first.',
  ],
  'no-receipt': [
    'The node did not confirm that it has the new credentials.',
    'See on the Mesh screen whether it is there; try again, or plug it in and join it over USB.',
  ],
  'delivery-refused': [
    'The node refused the credentials: it has newer ones, or belongs to another network.',
    'Plug it in and join it over USB.',
  ],
  silent: [
    'No message came from the board.',
    'Reset the board; if it stays silent, write the firmware again.',
  ],
  refused: ['The board refused to begin the handshake.', 'Reset the board and try again.'],
  unplugged: ['The board went away during the handshake.', 'Plug it in again and try again.'],
} as const satisfies Record<string, readonly [string, string]>;

export type ProvisionCode = keyof typeof WORDS;

export function isProvisionCode(code: string): code is ProvisionCode {
  return Object.hasOwn(WORDS, code);
}

export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
  readonly code: ProvisionCode;
  /** What the person can do next. */
  readonly next: string;

  constructor(code: ProvisionCode, options: { cause?: unknown; details?: string } = {}) {
    const details = options.details === undefined ? '' : ` (${options.details})`;
    super(WORDS[code][0] + details, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.next = WORDS[code][1];
  }
}
