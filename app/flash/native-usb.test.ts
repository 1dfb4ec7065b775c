/** Chips whose USB leaves the bus at each reset, as the flasher and the app's way of following them meet them. */
import { describe, expect, it } from 'vitest';
import type { SerialPortLike } from '../link/serial-port.ts';
import type { ChipName } from '../image/chips.ts';
import { createVirtualChip, type Connection, type VirtualEsp } from '../sim/virtual-chip.ts';
import { openFlashSession } from './esptool.ts';
import type { FlashSession } from './flash-session.ts';
import { openReturned } from './returned.ts';

const MAC = '24:0a:c4:00:00:01';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The browser's list of ports, and the chip behind them. */
function bus(
  chip: ChipName,
  connection: Connection,
  as: 'same-port' | 'new-port',
): { board: VirtualEsp; ports: () => SerialPortLike[]; starts: string[] } {
  const board = createVirtualChip({ chip, mac: MAC, connection, returns: { afterMs: 120, as } });
  const starts: string[] = [];
  board.onRun = (cause) => void starts.push(cause);
  board.powerOn();
  return { board, starts, ports: () => (board.port.connected ? [board.port] : []) };
}

/** As the Station opens a board that it has not seen yet. */
async function firstContact(
  board: VirtualEsp,
  ports: () => SerialPortLike[],
): Promise<FlashSession> {
  const lost = board.port;
  try {
    return await openFlashSession(lost);
  } catch (error) {
    expect(error).toMatchObject({ code: 'unplugged' });
    const found = await openReturned(
      { getPorts: async () => ports() },
      {
        lost,
        mac: null,
        before: [],
        open: (port, reset) => openFlashSession(port, { attempts: 1, reset }),
      },
    );
    return found.session;
  }
}

describe.concurrent.each<[ChipName, Connection]>([
  ['esp32s2', 'usb-otg'],
  ['esp32s3', 'usb-otg'],
  ['esp32s3', 'usb-jtag'],
  ['esp32c3', 'usb-jtag'],
  ['esp32c6', 'usb-jtag'],
])('a virtual %s on %s that leaves the bus at each reset', (chip, connection) => {
  it.each(['same-port', 'new-port'] as const)(
    'is followed into its loader and restarted out of it, coming back as the %s',
    async (as) => {
      const { board, ports, starts } = bus(chip, connection, as);
      const first = board.port;
      const session = await firstContact(board, ports);
      expect([session.mac, session.chip, board.state]).toEqual([MAC, chip, 'download']);
      expect(board.port === first).toBe(as === 'same-port');
      expect(await session.read(0x1000, 64)).toHaveLength(64);
      await session.resetIntoFirmware();
      await session.close();
      await pause(250);
      expect(board.state).toBe('run');
      expect(starts).toHaveLength(2);
      expect(starts.at(-1)).toBe(connection === 'usb-otg' ? 'watchdog' : 'external');
      expect(ports()).toHaveLength(1);
    },
  );
});

it.each<ChipName>(['esp32s3', 'esp32c3'])(
  'restarts a %s by its watchdog when the BOOT button had put it into the loader',
  async (chip) => {
    const board = createVirtualChip({ chip, mac: MAC, connection: 'usb-jtag' });
    const starts: string[] = [];
    board.onRun = (cause) => void starts.push(cause);
    board.bootButton = true;
    board.powerOn();
    const session = await openFlashSession(board.port, { reset: false });
    board.bootButton = false;
    await session.resetIntoFirmware();
    await session.close();
    expect([board.state, ...starts]).toEqual(['run', 'watchdog']);
  },
);

it('leaves the watchdog of a C6 alone, whose USB may be lost by it, and tries its lines', async () => {
  const board = createVirtualChip({ chip: 'esp32c6', mac: MAC, connection: 'usb-jtag' });
  const starts: string[] = [];
  board.onRun = (cause) => void starts.push(cause);
  board.bootButton = true;
  board.powerOn();
  const session = await openFlashSession(board.port, { reset: false });
  board.bootButton = false;
  await session.resetIntoFirmware();
  await session.close();
  expect([board.state, ...starts]).toEqual(['run', 'external']);
});

it('tells a port that went for good from a restart', async () => {
  const { board, ports } = bus('esp32c3', 'usb-jtag', 'same-port');
  const session = await firstContact(board, ports);
  board.unplug();
  await expect(session.md5(0, 4096)).rejects.toMatchObject({ code: 'unplugged' });
  await session.close();
});
