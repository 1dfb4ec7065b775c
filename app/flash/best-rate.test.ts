import { expect, it } from 'vitest';
import { createVirtualChip } from '../sim/virtual-chip.ts';
import { rateToTry, rememberRate } from './best-rate.ts';
import { openFlashSession } from './esptool.ts';

const CP210X = { usbVendorId: 0x10c4, usbProductId: 0xea60 };
const CH340 = { usbVendorId: 0x1a86, usbProductId: 0x7523 };
const USB_JTAG = { usbVendorId: 0x303a, usbProductId: 0x1001 };

it('starts at 460800, and never above what the bridge can do', () => {
  const memory = new Map<string, number>();
  expect(rateToTry(memory, CP210X)).toBe(460800);
  expect(rateToTry(memory, CP210X, 921600)).toBe(921600);
  expect(rateToTry(memory, CH340, 921600)).toBe(460800);
});

it('keeps what worked and goes a step down after a failure, for each kind of bridge alone', () => {
  const memory = new Map<string, number>();
  rememberRate(memory, CP210X, { asked: 921600, used: 921600, ok: true });
  expect(rateToTry(memory, CP210X)).toBe(921600);
  rememberRate(memory, CP210X, { asked: 921600, used: 921600, ok: false });
  expect(rateToTry(memory, CP210X)).toBe(460800);
  rememberRate(memory, CP210X, { asked: 460800, used: 460800, ok: false });
  rememberRate(memory, CP210X, { asked: 115200, used: 115200, ok: false });
  expect(rateToTry(memory, CP210X)).toBe(115200);
  expect(rateToTry(memory, CP210X, 460800)).toBe(460800);
  expect(rateToTry(memory, CH340)).toBe(460800);
});

it('tries the step between when the fast rate fell back to the slow one', () => {
  const memory = new Map<string, number>();
  rememberRate(memory, CP210X, { asked: 921600, used: 115200, ok: true });
  expect(rateToTry(memory, CP210X)).toBe(460800);
  rememberRate(memory, CP210X, { asked: 460800, used: 115200, ok: true });
  expect(rateToTry(memory, CP210X)).toBe(115200);
});

it('takes no notice of nonsense in the store, and keeps nothing for native USB', () => {
  const memory = new Map([['10c4:ea60', 300]]);
  expect(rateToTry(memory, CP210X)).toBe(460800);
  rememberRate(memory, USB_JTAG, { asked: 460800, used: 115200, ok: true });
  expect(memory.size).toBe(1);
});

it('does not try a second time what a bad cable refused', async () => {
  const memory = new Map<string, number>();
  const chip = createVirtualChip({ chip: 'esp32', mac: '24:0a:c4:00:00:01' });
  chip.faults.garbledAboveBaud = 115200;
  chip.powerOn();
  const ids = chip.port.getInfo();
  const asked = rateToTry(memory, ids);
  const session = await openFlashSession(chip.port, { baudRate: asked });
  rememberRate(memory, ids, { asked, used: session.baudRate, ok: true });
  await session.close();
  expect(rateToTry(memory, ids)).toBe(115200);
});
