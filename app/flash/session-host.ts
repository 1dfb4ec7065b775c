/** The worker's side of one session: calls in, answers and progress out. */
import { type Channel, RemotePort } from '../link/remote-port.ts';
import { openFlashSession } from './esptool.ts';
import { FlashError } from './flash-error.ts';
import type { FlashSession } from './flash-session.ts';
import { OPENING, type Opened, type SessionCall, type SessionReply } from './worker-protocol.ts';

export interface HostedSession {
  port: Channel;
  calls: Channel;
  info: { usbVendorId?: number | undefined; usbProductId?: number | undefined };
  baudRate?: number | undefined;
  attempts?: number | undefined;
  reset?: boolean | undefined;
}

/** Opens the loader and serves its session until it is closed or cannot be opened. */
export async function hostSession(start: HostedSession): Promise<void> {
  const tell = (message: SessionReply): void => start.calls.postMessage(message);
  const aborts = new Map<number, AbortController>();
  const port = new RemotePort(start.port, start.info);
  let session: FlashSession | undefined;

  const end = (): void => {
    port.detach();
    start.calls.onmessage = null;
    start.calls.close();
  };
  const run = async (number: number, work: (signal: AbortSignal) => Promise<unknown>) => {
    const abort = new AbortController();
    aborts.set(number, abort);
    try {
      tell({ answer: number, value: await work(abort.signal) });
      return true;
    } catch (error) {
      const { code, details } =
        error instanceof FlashError ? error : new FlashError('lost-contact', String(error));
      tell({ answer: number, error: { code, details } });
      return false;
    } finally {
      aborts.delete(number);
    }
  };

  start.calls.onmessage = (event) => {
    const message = event.data as SessionCall;
    if ('cancel' in message) {
      aborts.get(message.cancel)?.abort();
      return;
    }
    void run(message.call, (signal) => perform(session!, message, signal, tell)).then(() => {
      if (message.method === 'close') end();
    });
  };
  const opened = await run(OPENING, async (signal): Promise<Opened> => {
    session = await openFlashSession(port, {
      ...(start.baudRate === undefined ? {} : { baudRate: start.baudRate }),
      ...(start.attempts === undefined ? {} : { attempts: start.attempts }),
      ...(start.reset === undefined ? {} : { reset: start.reset }),
      signal,
      onStage: (stage) => tell({ stage }),
      onLog: (log) => tell({ log }),
    });
    const { chip, description, mac, flashSizeBytes, secured, bridge, baudRate } = session;
    return { chip, description, mac, flashSizeBytes, secured, bridge, baudRate };
  });
  if (!opened) end();
}

async function perform(
  session: FlashSession,
  message: Exclude<SessionCall, { cancel: number }>,
  signal: AbortSignal,
  tell: (message: SessionReply) => void,
): Promise<unknown> {
  switch (message.method) {
    case 'md5':
      return session.md5(message.at, message.sizeBytes);
    case 'read':
      return session.read(message.at, message.sizeBytes, (doneBytes, totalBytes) =>
        tell({ progress: message.call, doneBytes, totalBytes }),
      );
    case 'write':
      return session.write(message.plan, {
        signal,
        onProgress: (stage, doneBytes, totalBytes) =>
          tell({ progress: message.call, stage, doneBytes, totalBytes }),
      });
    case 'resetIntoFirmware':
      return session.resetIntoFirmware();
    case 'close':
      return session.close();
  }
}
