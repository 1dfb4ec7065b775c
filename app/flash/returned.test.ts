import { expect, it } from 'vitest';
import type { SerialPortLike } from '../link/serial-port.ts';
import { createVirtualChip, type VirtualEsp } from '../sim/virtual-chip.ts';
import { openFlashSession } from './esptool.ts';
import type { FlashSession } from './flash-session.ts';
import { openReturned, type ReturnOptions } from './returned.ts';

function board(mac: string, chip: 'esp32s3' | 'esp32' = 'esp32s3'): VirtualEsp {
  const made = createVirtualChip({
    chip,
    mac,
    connection: chip === 'esp32' ? 'bridge' : 'usb-jtag',
  });
  made.powerOn();
  return made;
}
const open = (port: SerialPortLike, reset: boolean): Promise<FlashSession> =>
  openFlashSession(port, { attempts: 1, reset });
const MINE = '24:0a:c4:00:00:01';

/** The same chip at another port object, as browsers give after a re-enumeration. */
function bench(): {
  old: VirtualEsp;
  again: VirtualEsp;
  other: VirtualEsp;
  options: ReturnOptions;
} {
  const old = board(MINE);
  const again = board(MINE);
  const other = board('24:0a:c4:00:00:02');
  old.unplug();
  const options = { lost: old.port, mac: MINE, before: [old.port, other.port], open };
  return { old, again, other, options };
}

it('finds the board at a new port, and leaves the ports of other boards alone', async () => {
  const { old, again, other, options } = bench();
  const bridge = board('24:0a:c4:00:00:03', 'esp32');
  const list = [old.port, other.port, bridge.port];
  setTimeout(() => list.push(again.port), 600);
  const { port, session } = await openReturned({ getPorts: async () => list }, options);
  expect(port).toBe(again.port);
  expect(session.mac).toBe(MINE);
  await session.close();
  expect([other.commands, bridge.commands]).toEqual([[], []]);
});

it('finds it at the same port when that comes back', async () => {
  const { old, other, options } = bench();
  setTimeout(() => old.plug(), 400);
  const ports = { getPorts: async () => [old.port, other.port] };
  const { port, session } = await openReturned(ports, options);
  expect(port).toBe(old.port);
  await session.close();
});

it('passes a new port by whose chip is another one, and starts that one again', async () => {
  const { again, options } = bench();
  const stranger = board('24:0a:c4:00:00:09');
  const ports = { getPorts: async () => [stranger.port, again.port] };
  const { port, session } = await openReturned(ports, options);
  expect(port).toBe(again.port);
  expect(stranger.state).toBe('run');
  expect(stranger.port.readable).toBeNull();
  await session.close();
});

it('takes the one new port for a board that left before it could say who it is', async () => {
  const { old, again, other, options } = bench();
  const list = [other.port];
  setTimeout(() => list.push(again.port), 300);
  const unknown = { ...options, mac: null };
  const { port, session } = await openReturned({ getPorts: async () => list }, unknown);
  expect(port).toBe(again.port);
  expect(old.port).not.toBe(port);
  await session.close();
  expect(other.commands).toEqual([]);
});

it('gives up with the way on, and at once when cancelled', async () => {
  const { options } = bench();
  const ports = { getPorts: async () => [] };
  const late = openReturned(ports, { ...options, limitMs: 300 });
  await expect(late).rejects.toMatchObject({ code: 'unplugged' });
  const stopped = openReturned(ports, { ...options, signal: AbortSignal.abort() });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
});
