import { expect, it } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import type { FlashSession } from '../../flash/flash-session.ts';
import { FlashError } from '../../flash/flash-error.ts';
import type { SerialPortLike } from '../../link/serial-port.ts';
import type { BoardPort } from '../shared/ports.ts';
import { isNative, ReturningBoard } from './returning.ts';
import { realPorts, SerialPorts } from './serial-ports.ts';

const MINE = '24:0a:c4:00:00:01';
const OTHER = '24:0a:c4:00:00:02';
const USB_JTAG = { usbVendorId: 0x303a, usbProductId: 0x1001 };
const CP210X = { usbVendorId: 0x10c4, usbProductId: 0xea60 };

/** A port whose board says hello as soon as it is opened; without a MAC there is nobody. */
function fakePort(mac: string | null, info = USB_JTAG): SerialPortLike {
  let readable: ReadableStream<Uint8Array> | null = null;
  return {
    get readable() {
      return readable;
    },
    writable: null,
    async open() {
      if (mac === null) throw new DOMException('gone', 'NetworkError');
      const line = { t: 'hello', protocol: 1, mac, state: 'keyless', uptime: 300 };
      readable = new ReadableStream({
        start: (control) => control.enqueue(utf8(`boot\n\x1e${JSON.stringify(line)}\n`)),
      });
    },
    close: async () => void (readable = null),
    setSignals: async () => undefined,
    getSignals: () => Promise.reject(new Error('not in use')),
    getInfo: () => info,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
}
const session = (mac: string): FlashSession =>
  ({
    mac,
    resetIntoFirmware: async () => undefined,
    close: async () => undefined,
  }) as unknown as FlashSession;

function bench(list: SerialPortLike[]): { ports: SerialPorts; port: BoardPort } {
  const ports = new SerialPorts();
  const about = { kind: 'real', label: 'USB', mac: null, chip: null } as const;
  const [port] = list.map((serial) => ports.add(serial, about));
  return { ports, port: port! };
}
const signal = new AbortController().signal;

it('finds the known board at another port, which then carries the board for the screens', async () => {
  const [old, neighbour, again] = [fakePort(null), fakePort(OTHER), fakePort(MINE)];
  const { ports, port } = bench([old, neighbour]);
  ports.learn(port, MINE);
  let moves = 0;
  const list = [neighbour, again];
  const serial = {
    getPorts: async () => list,
    requestPort: () => Promise.reject(new Error('not in use')),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  const real = realPorts(serial, ports);
  real.watch(() => moves++);
  // The browser announced the port first: for a moment it is a board of its own.
  expect((await real.granted()).map(({ id }) => id)).not.toContain(port.id);
  const opened: SerialPortLike[] = [];
  const board = new ReturningBoard({ ports, port, granted: serial, signal });
  const found = await board.openFlash(async (at) => {
    opened.push(at);
    if (at === old) throw new FlashError('unplugged');
    return session(MINE);
  });
  expect(found.mac).toBe(MINE);
  expect(opened).toEqual([old, again]);
  expect(ports.serialOf(port)).toBe(again);
  expect(moves).toBe(1);
  expect((await real.granted()).map(({ id }) => id)).toContain(port.id);
});
it('passes on other failures, without looking anywhere else', async () => {
  const { ports, port } = bench([fakePort(null)]);
  const granted = { getPorts: async () => [fakePort(MINE)] };
  const board = new ReturningBoard({ ports, port, granted, signal });
  const opened: SerialPortLike[] = [];
  const failing = (code: 'port-busy' | 'no-answer') => (at: SerialPortLike) => {
    opened.push(at);
    return Promise.reject(new FlashError(code));
  };
  // A port that cannot be opened may be another program's, as long as nothing was heard from it.
  await expect(board.openFlash(failing('port-busy'))).rejects.toMatchObject({ code: 'port-busy' });
  ports.learn(port, MINE);
  await expect(board.openFlash(failing('no-answer'))).rejects.toMatchObject({ code: 'no-answer' });
  expect(opened).toHaveLength(2);
});
it('follows a board that the way into the loader took away before it could say who it is', async () => {
  const [old, neighbour, again] = [fakePort(null), fakePort(OTHER), fakePort(MINE)];
  const { ports, port } = bench([old]);
  const list = [old, neighbour];
  const board = new ReturningBoard({
    ports,
    port,
    granted: { getPorts: async () => list },
    signal,
  });
  const opened: [SerialPortLike, boolean | undefined][] = [];
  const found = await board.openFlash(async (at, how) => {
    opened.push([at, how?.reset]);
    if (at !== old) return session(MINE);
    list.splice(0, 1, again);
    throw new FlashError('unplugged');
  });
  expect(found.mac).toBe(MINE);
  // The new port is listened to first: a reset would take it away again. The neighbour is left alone.
  expect(opened).toEqual([
    [old, undefined],
    [again, false],
  ]);
  expect(ports.macOf(port)).toBe(MINE);
});
it('opens the console where the board says hello, not where another one does', async () => {
  const [old, stranger, again] = [fakePort(null), fakePort(OTHER), fakePort(MINE)];
  const { ports, port } = bench([old]);
  ports.learn(port, MINE);
  const list = [fakePort(MINE, CP210X), stranger];
  setTimeout(() => list.push(again), 300);
  const granted = { getPorts: async () => list };
  const console = await new ReturningBoard({ ports, port, granted, signal }).openConsole();
  expect(console.hello?.mac).toBe(MINE);
  expect(ports.serialOf(port)).toBe(again);
  await console.close();
});
it('follows a board that sits mute in its loader until somebody presses its button', async () => {
  const [old, again] = [fakePort(MINE), fakePort(MINE)];
  let readable: ReadableStream<Uint8Array> | null = null;
  let pull = (): void => undefined;
  Object.defineProperty(old, 'readable', { get: () => readable });
  old.open = async () => {
    readable = new ReadableStream({
      start: (control) => {
        pull = () => {
          readable = null;
          control.error(new DOMException('gone', 'NetworkError'));
          old.open = () => Promise.reject(new DOMException('gone', 'NetworkError'));
        };
      },
    });
  };
  const { ports, port } = bench([old]);
  ports.learn(port, MINE);
  const list = [old];
  setTimeout(() => (pull(), list.push(again)), 300);
  const granted = { getPorts: async () => list };
  const console = await new ReturningBoard({ ports, port, granted, signal }).openConsole();
  expect(ports.serialOf(port)).toBe(again);
  await console.close();
});
it('says what to do by hand when the board does not come back', async () => {
  const { ports, port } = bench([fakePort(null)]);
  ports.learn(port, MINE);
  const granted = { getPorts: async () => [] };
  const board = new ReturningBoard({ ports, port, granted, signal, firstWordsMs: 300 });
  await expect(board.openConsole()).rejects.toMatchObject({
    problem: { code: 'silent', next: expect.stringContaining('Unplug the board') as string },
  });
});
it('knows which ports need this', () => {
  expect(isNative(fakePort(null))).toBe(true);
  expect(isNative(fakePort(null, CP210X))).toBe(false);
});
