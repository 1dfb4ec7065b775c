import { describe, expect, it } from 'vitest';
import { BOARD_FILTERS, bridgeKey, bridgeOf } from './bridges.ts';
import { LINK_CODES, LinkError, linkErrorOf } from './link-error.ts';
import type { SerialPortLike } from './serial-port.ts';
import { requestBoardPort, type SerialLike, serialSupport } from './web-serial.ts';

describe('bridges', () => {
  it.each([
    [0x303a, 0x1001, 'USB-Serial-JTAG', 'usb-jtag', Infinity],
    [0x303a, 0x4001, 'USB-OTG', 'usb-otg', Infinity],
    [0x1a86, 0x7523, 'CH340', 'bridge', 460800],
    [0x1a86, 0xffff, 'WCH bridge', 'bridge', 460800],
    [0x10c4, 0xea60, 'CP210x', 'bridge', 921600],
    [0x1234, 0x5678, 'serial port', 'unknown', 460800],
  ])('knows %s:%s', (usbVendorId, usbProductId, name, kind, maxBaud) => {
    expect(bridgeOf({ usbVendorId, usbProductId })).toEqual({ name, kind, maxBaud });
  });
  it('names a port without ids, and gives each kind of bridge one key', () => {
    expect(bridgeOf({}).kind).toBe('unknown');
    expect(bridgeKey({})).toBe('unknown');
    expect(bridgeKey({ usbVendorId: 0x403, usbProductId: 0x6001 })).toBe('0403:6001');
  });
  it('asks the browser for each maker once', () => {
    const ids = BOARD_FILTERS.map((filter) => filter.usbVendorId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(0x303a);
  });
});

describe('link errors', () => {
  it.each([
    ['NetworkError', 'opening', 'port-busy'],
    ['NetworkError', 'using', 'unplugged'],
    ['InvalidStateError', 'opening', 'port-open'],
    ['InvalidStateError', 'using', 'port-closed'],
    ['NotFoundError', 'choosing', 'nothing-chosen'],
    ['SecurityError', 'choosing', 'insecure-page'],
    ['DataError', 'using', 'link-failed'],
  ] as const)('reads %s while %s as %s', (name, when, code) => {
    const error = linkErrorOf(new DOMException('x', name), when);
    expect(error.code).toBe(code);
    expect(error.message).toBe(LINK_CODES[code].says);
    expect(error.fix.length).toBeGreaterThan(10);
  });
  it('passes its own errors through', () => {
    const error = new LinkError('unplugged');
    expect(linkErrorOf(error, 'opening')).toBe(error);
  });
});

describe('Web Serial', () => {
  it('tells a missing feature from an insecure page', () => {
    expect(serialSupport({ navigator: {} })).toEqual({ ok: false, code: 'no-web-serial' });
    expect(serialSupport({ navigator: {}, isSecureContext: false })).toEqual({
      ok: false,
      code: 'insecure-page',
    });
    const serial = {};
    expect(serialSupport({ navigator: { serial } })).toEqual({ ok: true, serial });
  });
  it('accepts the browser’s own types', () => {
    const real = (port: SerialPort, serial: Serial): [SerialPortLike, SerialLike] => [port, serial];
    expect(real).toBeTypeOf('function');
  });
  it('asks for known makers only, or for every port', async () => {
    const asked: unknown[] = [];
    const serial = {
      requestPort: async (options: unknown) => {
        asked.push(options);
        throw new DOMException('No port selected by the user.', 'NotFoundError');
      },
    } as unknown as SerialLike;
    await expect(requestBoardPort(serial)).rejects.toMatchObject({ code: 'nothing-chosen' });
    await expect(requestBoardPort(serial, true)).rejects.toMatchObject({ code: 'nothing-chosen' });
    expect(asked).toEqual([{ filters: [...BOARD_FILTERS] }, {}]);
  });
});
