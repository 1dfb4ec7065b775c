/** The console of app/console as the screens use it. */
import { type BoardConsole, openConsole, type ConsoleEvent } from '../../console/board-console.ts';
import { openSerialStream } from '../../console/byte-stream.ts';
import type { ConsoleListener, ConsoleOpener, ConsoleSession, Frame } from '../shared/ports.ts';
import { problemOf } from '../shared/problem.ts';
import type { SerialPorts } from './serial-ports.ts';

/** A reading screen asks again soon; waiting long would only hold the next request up. */
const REQUEST = { attempts: 2, silentMs: 3000 };

/** A session that also gives the parts below the screens the console itself. */
interface OpenSession extends ConsoleSession {
  readonly board: BoardConsole;
}

export function consoleOf(session: ConsoleSession): BoardConsole {
  if (!('board' in session)) throw new Error('this session does not come from a console');
  return (session as OpenSession).board;
}

export function consoleOpener(ports: SerialPorts): ConsoleOpener {
  return {
    async open(port, listener) {
      const stream = await openSerialStream(ports.serialOf(port));
      const board = openConsole(stream, { onEvent: (event) => tell(listener, event) });
      const session: OpenSession = {
        board,
        request: (type, fields) => board.request(type, fields, REQUEST),
        close: () => board.close(),
      };
      return session;
    },
  };
}

function tell(listener: ConsoleListener, event: ConsoleEvent): void {
  switch (event.kind) {
    case 'log':
      listener.log(event.text);
      break;
    case 'frame':
      // Handshake messages and receipts are of no use to people.
      if (event.frame.t !== 'mps' && event.frame.t !== 'receipt')
        listener.frame({ ...event.frame } as Frame);
      break;
    case 'rebooted':
      listener.log('--- the board restarted ---');
      break;
    case 'ended':
      listener.ended(event.error ? problemOf(event.error, 'listening to the board') : null);
  }
}
