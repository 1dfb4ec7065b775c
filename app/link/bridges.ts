/**
 * What the USB ids of a port tell: which bridge sits on the board, how it resets the chip, and how
 * fast it can go. Two boards of one kind have the same ids: they say nothing about which board it is.
 * Sources: the makers' USB id lists; rates from the bridges' data sheets and users' reports
 * (CH340 and old CP2102 are unreliable above 460800).
 */

export type PortKind = 'bridge' | 'usb-jtag' | 'usb-otg' | 'unknown';

export interface Bridge {
  name: string;
  kind: PortKind;
  /** Highest rate that is worth trying; Infinity where the rate means nothing. */
  maxBaud: number;
}

interface Row extends Bridge {
  vendorId: number;
  /** Any product of that maker when absent. */
  productId?: number;
}

const BRIDGES: readonly Row[] = [
  {
    vendorId: 0x303a,
    productId: 0x1001,
    name: 'USB-Serial-JTAG',
    kind: 'usb-jtag',
    maxBaud: Infinity,
  },
  { vendorId: 0x303a, name: 'USB-OTG', kind: 'usb-otg', maxBaud: Infinity },
  { vendorId: 0x10c4, productId: 0xea60, name: 'CP210x', kind: 'bridge', maxBaud: 921600 },
  { vendorId: 0x10c4, name: 'Silicon Labs bridge', kind: 'bridge', maxBaud: 921600 },
  { vendorId: 0x1a86, productId: 0x7523, name: 'CH340', kind: 'bridge', maxBaud: 460800 },
  { vendorId: 0x1a86, productId: 0x5523, name: 'CH341', kind: 'bridge', maxBaud: 2000000 },
  { vendorId: 0x1a86, productId: 0x55d3, name: 'CH343', kind: 'bridge', maxBaud: 6000000 },
  { vendorId: 0x1a86, productId: 0x55d4, name: 'CH9102', kind: 'bridge', maxBaud: 6000000 },
  { vendorId: 0x1a86, name: 'WCH bridge', kind: 'bridge', maxBaud: 460800 },
  { vendorId: 0x0403, productId: 0x6001, name: 'FT232R', kind: 'bridge', maxBaud: 3000000 },
  { vendorId: 0x0403, productId: 0x6010, name: 'FT2232', kind: 'bridge', maxBaud: 3000000 },
  { vendorId: 0x0403, productId: 0x6015, name: 'FT230X', kind: 'bridge', maxBaud: 3000000 },
  { vendorId: 0x0403, name: 'FTDI bridge', kind: 'bridge', maxBaud: 921600 },
  { vendorId: 0x067b, name: 'PL2303', kind: 'bridge', maxBaud: 460800 },
];

const UNKNOWN: Bridge = { name: 'serial port', kind: 'unknown', maxBaud: 460800 };

export interface UsbIds {
  usbVendorId?: number | undefined;
  usbProductId?: number | undefined;
}

export function bridgeOf(ids: UsbIds): Bridge {
  const rows = BRIDGES.filter((row) => row.vendorId === ids.usbVendorId);
  const row =
    rows.find((each) => each.productId === ids.usbProductId) ??
    rows.find((each) => each.productId === undefined);
  return row ? { name: row.name, kind: row.kind, maxBaud: row.maxBaud } : UNKNOWN;
}

/** For remembering the best rate per kind of bridge: "10c4:ea60", or "unknown". */
export function bridgeKey(ids: UsbIds): string {
  if (ids.usbVendorId === undefined || ids.usbProductId === undefined) return 'unknown';
  const hex = (value: number): string => value.toString(16).padStart(4, '0');
  return `${hex(ids.usbVendorId)}:${hex(ids.usbProductId)}`;
}

/** What the person has to know about restarting after a job; null where the bridge's lines do it reliably. */
export function restartNote(kind: Bridge['kind']): string | null {
  if (kind === 'usb-otg') {
    return 'This is the chip’s own USB (OTG): the chip is restarted by its watchdog and comes back as another port. If nothing comes, press EN (RST) once.';
  }
  if (kind === 'usb-jtag') {
    return 'Some boards with native USB fall silent after a restart. Unplug the board and plug it in again if nothing comes.';
  }
  return null;
}

/** Filters for requestPort(): the makers above, so that the list is short. */
export const BOARD_FILTERS: readonly { usbVendorId: number }[] = [
  ...new Set(BRIDGES.map((row) => row.vendorId)),
].map((usbVendorId) => ({ usbVendorId }));
