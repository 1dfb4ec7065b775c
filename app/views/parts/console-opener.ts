/** The console of app/console as the screens use it. */
import { openConsole, type ConsoleEvent } from '../../console/board-console.ts';
import { openSerialStream } from '../../console/byte-stream.ts';
import type { ConsoleListener, ConsoleOpener, Frame } from '../shared/ports.ts';
import { problemOf } from '../shared/problem.ts';
import type { SerialPorts } from './serial-ports.ts';

/** A reading screen asks again soon; waiting long would only hold the next request up. */
const REQUEST = { attempts: 2, silentMs: 3000 };

export function consoleOpener(ports: SerialPorts): ConsoleOpener {
  return {
    async open(port, listener) {
      const stream = await openSerialStream(ports.serialOf(port));
      const board = openConsole(stream, { onEvent: (event) => tell(listener, event) });
      return {
        request: (type, fields) => board.request(type, fields, REQUEST),
        close: () => board.close(),
      };
    },
  };
}

function tell(listener: ConsoleListener, event: ConsoleEvent): void {
  switch (event.kind) {
    case 'log':
      listener.log(event.text);
      break;
    case 'frame':
      // Handshake messages are of no use to people.
      if (event.frame.t !== 'mps') listener.frame({ ...event.frame } as Frame);
      break;
    case 'rebooted':
      listener.log('--- the board restarted ---');
      break;
    case 'ended':
      listener.ended(event.error ? problemOf(event.error, 'listening to the board') : null);
  }
}
