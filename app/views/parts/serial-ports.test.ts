import { expect, it } from 'vitest';
import type { SerialPortLike } from '../../link/serial-port.ts';
import type { SerialLike } from '../../link/web-serial.ts';
import { realPorts, SerialPorts } from './serial-ports.ts';

const fakePort = (): SerialPortLike =>
  ({ getInfo: () => ({ usbVendorId: 0x10c4, usbProductId: 0xea60 }) }) as SerialPortLike;
const fakeSerial = (ports: SerialPortLike[], pick: () => Promise<SerialPortLike>): SerialLike => ({
  getPorts: async () => ports,
  requestPort: pick,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
});

it('gives the same port the same entry, and different ports different ones', async () => {
  const ports = new SerialPorts();
  const [one, two] = [fakePort(), fakePort()];
  const real = realPorts(
    fakeSerial([one, two], async () => two),
    ports,
  );
  const granted = await real.granted();
  expect(granted.map((port) => port.label)).toEqual(['CP210x', 'CP210x']);
  expect(granted[0]!.id).not.toBe(granted[1]!.id);
  expect(await real.pick()).toBe(granted[1]);
  expect(ports.serialOf(granted[0]!)).toBe(one);
});
it('takes a closed picker for an answer, and passes other failures on', async () => {
  const failing = (name: string): Promise<SerialPortLike> =>
    Promise.reject(new DOMException('x', name));
  const closed = realPorts(
    fakeSerial([], () => failing('NotFoundError')),
    new SerialPorts(),
  );
  expect(await closed.pick()).toBeNull();
  const insecure = realPorts(
    fakeSerial([], () => failing('SecurityError')),
    new SerialPorts(),
  );
  await expect(insecure.pick()).rejects.toMatchObject({ code: 'insecure-page' });
});
it('says that a dropped port is gone', () => {
  const ports = new SerialPorts();
  const port = ports.add(fakePort(), { kind: 'virtual', label: 'x', mac: null, chip: 'esp32' });
  ports.drop(port.id);
  expect(() => ports.serialOf(port)).toThrow(/gone/);
});
