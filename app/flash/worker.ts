/** The flasher's dedicated worker: timers in it are not slowed down when the tab is hidden. */
import { hostSession } from './session-host.ts';
import type { StartMessage } from './worker-protocol.ts';

const scope = self as unknown as { onmessage: ((event: MessageEvent) => void) | null };

scope.onmessage = (event) => {
  const message = event.data as StartMessage;
  if (message.start) void hostSession(message);
};
