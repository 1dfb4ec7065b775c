/** A serial port behind a TCP socket, as a serial server offers it: raw bytes, one rate, no control lines. */
import { type AddressInfo, type Socket, createServer } from 'node:net';
import type { SerialPortLike } from '../../link/serial-port.ts';

export interface TcpBridge {
  /** HOST:PORT */
  readonly address: string;
  close(): Promise<void>;
}

/** Opens the port and serves it to one client after another until closed. */
export async function bridgeToTcp(port: SerialPortLike, baudRate = 115200): Promise<TcpBridge> {
  await port.open({ baudRate });
  const clients = new Set<Socket>();
  const writer = port.writable!.getWriter();
  const reader = port.readable!.getReader();
  const pump = async (): Promise<void> => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      for (const client of clients) client.write(value);
    }
  };
  pump().catch(() => {
    for (const client of clients) client.destroy();
  });
  const server = createServer((socket) => {
    clients.add(socket);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => void writer.write(new Uint8Array(chunk)).catch(() => undefined));
    socket.on('error', () => undefined);
    socket.on('close', () => clients.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
      await reader.cancel().catch(() => undefined);
      reader.releaseLock();
      writer.releaseLock();
      await port.close().catch(() => undefined);
    },
  };
}
