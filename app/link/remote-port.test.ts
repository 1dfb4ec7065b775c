import { expect, it } from 'vitest';
import { RemotePort, servePort } from './remote-port.ts';
import type { SerialOpenOptions, SerialPortLike, SerialSignals } from './serial-port.ts';

/** A port that echoes what is written to it, in the manner of Web Serial. */
class EchoPort extends EventTarget implements SerialPortLike {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  signals: SerialSignals[] = [];
  /** Takes nothing any more, until the stream is aborted. */
  stuck = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  async open(options: SerialOpenOptions): Promise<void> {
    if (this.readable) throw new DOMException('open already', 'InvalidStateError');
    if (options.baudRate === 1) throw new TypeError('no such rate');
    this.readable = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
    });
    this.writable = new WritableStream({
      write: async (bytes, controller) => {
        if (!this.stuck) this.#controller?.enqueue(bytes);
        else {
          await new Promise<void>((resolve) =>
            controller.signal.addEventListener('abort', () => resolve()),
          );
        }
      },
    });
  }
  async close(): Promise<void> {
    if (this.readable?.locked || this.writable?.locked) throw new TypeError('locked');
    this.readable = this.writable = null;
  }
  async setSignals(signals: SerialSignals): Promise<void> {
    this.signals.push(signals);
  }
  async getSignals() {
    return {
      dataCarrierDetect: false,
      clearToSend: true,
      ringIndicator: false,
      dataSetReady: false,
    };
  }
  getInfo() {
    return { usbVendorId: 1, usbProductId: 2 };
  }
  lose(): void {
    const error = new DOMException('The device has been lost.', 'NetworkError');
    this.readable = this.writable = null;
    this.#controller?.error(error);
    this.dispatchEvent(new Event('disconnect'));
  }
}

function pair(): { echo: EchoPort; remote: RemotePort; end(): void } {
  const channel = new MessageChannel();
  const echo = new EchoPort();
  const stop = servePort(echo, channel.port1);
  const remote = new RemotePort(channel.port2, echo.getInfo());
  return {
    echo,
    remote,
    end: () => {
      remote.detach();
      stop();
    },
  };
}

it('opens, writes, reads, sets signals and closes at the other end', async () => {
  const { echo, remote, end } = pair();
  expect(remote.readable).toBeNull();
  await remote.open({ baudRate: 9600 });
  const writer = remote.writable!.getWriter();
  await writer.write(new Uint8Array([1, 2, 3]));
  writer.releaseLock();
  const reader = remote.readable!.getReader();
  expect(await reader.read()).toEqual({ value: new Uint8Array([1, 2, 3]), done: false });
  const idle = reader.read();
  await reader.cancel();
  expect(await idle).toEqual({ value: undefined, done: true });
  reader.releaseLock();
  await remote.setSignals({ dataTerminalReady: true });
  expect(echo.signals).toEqual([{ dataTerminalReady: true }]);
  expect((await remote.getSignals()).clearToSend).toBe(true);
  await remote.close();
  expect(echo.readable).toBeNull();
  expect(remote.readable).toBeNull();
  end();
});

it('passes errors on with their names', async () => {
  const { remote, end } = pair();
  await expect(remote.open({ baudRate: 1 })).rejects.toThrow(TypeError);
  await remote.open({ baudRate: 9600 });
  await expect(remote.open({ baudRate: 9600 })).rejects.toMatchObject({
    name: 'InvalidStateError',
  });
  end();
});

it('errors a pending read and tells of the disconnect when the device is lost', async () => {
  const { echo, remote, end } = pair();
  await remote.open({ baudRate: 9600 });
  const events: string[] = [];
  remote.addEventListener('disconnect', () => events.push('disconnect'));
  const reading = remote.readable!.getReader().read();
  setTimeout(() => echo.lose(), 5);
  await expect(reading).rejects.toMatchObject({ name: 'NetworkError' });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(events).toEqual(['disconnect']);
  expect(remote.readable).toBeNull();
  end();
});

it('ends every wait when the channel is given up', async () => {
  const { remote, end } = pair();
  await remote.open({ baudRate: 9600 });
  const reading = remote.readable!.getReader().read();
  remote.detach();
  await expect(reading).rejects.toMatchObject({ name: 'NetworkError' });
  end();
});

it('gives the port back although a write is stuck at the other end', async () => {
  const { echo, remote, end } = pair();
  await remote.open({ baudRate: 9600 });
  echo.stuck = true;
  const writer = remote.writable!.getWriter();
  const writing = writer.write(new Uint8Array([1]));
  writing.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await writer.abort();
  writer.releaseLock();
  await remote.close();
  expect(echo.readable).toBeNull();
  end();
});

it('closes the port for another end that is gone with a write stuck', async () => {
  const { echo, remote, end } = pair();
  await remote.open({ baudRate: 9600 });
  echo.stuck = true;
  const writer = remote.writable!.getWriter();
  writer.write(new Uint8Array([1])).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  writer.releaseLock();
  await remote.close();
  expect(echo.readable).toBeNull();
  end();
});
