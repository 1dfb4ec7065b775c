import { type AddressInfo, type Socket, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { InputError, UsageError } from './command.ts';
import { connectTcp, parseAddress } from './tcp-stream.ts';

async function withServer(
  onConnection: (socket: Socket) => void,
  use: (address: string) => Promise<void>,
): Promise<void> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

describe('a console behind a TCP socket', () => {
  it('carries bytes both ways and ends with null when the other side closes', async () => {
    await withServer(
      (socket) => socket.on('data', (chunk) => socket.end(chunk)),
      async (address) => {
        const stream = await connectTcp(address);
        await stream.write(utf8('hello'));
        expect(await stream.read()).toEqual(utf8('hello'));
        expect(await stream.read()).toBeNull();
        await stream.close();
      },
    );
  });
  it('ends a waiting read when it is closed here', async () => {
    await withServer(
      () => undefined,
      async (address) => {
        const stream = await connectTcp(address);
        const waiting = stream.read();
        await stream.close();
        expect(await waiting).toBeNull();
      },
    );
  });
  it('names the address when nobody listens there', async () => {
    let address = '';
    await withServer(
      () => undefined,
      (given) => {
        address = given;
        return Promise.resolve();
      },
    );
    await expect(connectTcp(address)).rejects.toThrow(InputError);
    await expect(connectTcp(address)).rejects.toThrow(address);
  });
  it('reads HOST:PORT and refuses anything else', () => {
    expect(parseAddress('localhost:5001')).toEqual({ host: 'localhost', port: 5001 });
    expect(parseAddress('[::1]:23')).toEqual({ host: '::1', port: 23 });
    for (const wrong of ['localhost', 'host:', ':5', 'host:0', 'host:70000', 'a:b']) {
      expect(() => parseAddress(wrong)).toThrow(UsageError);
    }
  });
});
