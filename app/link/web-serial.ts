/** The browser's own serial ports. Source: WICG Serial API, section 3 (Serial). */
import { LinkError, type LinkCode, linkErrorOf } from './link-error.ts';
import { BOARD_FILTERS } from './bridges.ts';
import type { SerialPortLike } from './serial-port.ts';

/** The part of `navigator.serial` in use: also what a test or a virtual world puts in its place. */
export interface SerialLike {
  getPorts(): Promise<SerialPortLike[]>;
  requestPort(options?: { filters?: { usbVendorId: number }[] }): Promise<SerialPortLike>;
  addEventListener(type: 'connect' | 'disconnect', listener: (event: Event) => void): void;
  removeEventListener(type: 'connect' | 'disconnect', listener: (event: Event) => void): void;
}

export type SerialSupport =
  | { readonly ok: true; readonly serial: SerialLike }
  | { readonly ok: false; readonly code: LinkCode };

/** Asks for the feature, never for the browser's name. Works on a page and in a worker. */
export function serialSupport(scope: {
  navigator: object;
  isSecureContext?: boolean;
}): SerialSupport {
  const { navigator } = scope;
  if ('serial' in navigator && navigator.serial) {
    return { ok: true, serial: navigator.serial as SerialLike };
  }
  return { ok: false, code: scope.isSecureContext === false ? 'insecure-page' : 'no-web-serial' };
}

/**
 * Shows the browser's list; must be called in a click's handler.
 * @param everyPort also ports of makers that this app does not know.
 * @throws LinkError 'nothing-chosen' when the person closes the list.
 */
export async function requestBoardPort(
  serial: SerialLike,
  everyPort = false,
): Promise<SerialPortLike> {
  try {
    return await serial.requestPort(everyPort ? {} : { filters: [...BOARD_FILTERS] });
  } catch (error) {
    throw linkErrorOf(error, 'choosing');
  }
}

/** Ports that the person has granted before and that are plugged in now. */
export async function grantedPorts(serial: SerialLike): Promise<SerialPortLike[]> {
  try {
    return await serial.getPorts();
  } catch (error) {
    throw linkErrorOf(error, 'using');
  }
}

/**
 * Calls back for ports that come and go, until the answer is called. A board with native USB goes
 * and comes back with each change between loader and firmware: that is a state, not an error.
 */
export function watchPorts(
  serial: SerialLike,
  watch: { onPlugged(port: SerialPortLike): void; onUnplugged(port: SerialPortLike): void },
): () => void {
  const plugged = (event: Event): void =>
    watch.onPlugged(event.target as unknown as SerialPortLike);
  const unplugged = (event: Event): void =>
    watch.onUnplugged(event.target as unknown as SerialPortLike);
  serial.addEventListener('connect', plugged);
  serial.addEventListener('disconnect', unplugged);
  return () => {
    serial.removeEventListener('connect', plugged);
    serial.removeEventListener('disconnect', unplugged);
  };
}

/** @throws LinkError 'port-busy' or 'port-open'. */
export async function openPort(port: SerialPortLike, baudRate: number): Promise<void> {
  try {
    // The default buffer of 255 bytes loses text when the page is busy.
    await port.open({ baudRate, bufferSize: 16384 });
  } catch (error) {
    throw linkErrorOf(error, 'opening');
  }
}

/** Closes the port, open or lost. @throws LinkError when a reader or writer is still attached. */
export async function closePort(port: SerialPortLike): Promise<void> {
  try {
    await port.close();
  } catch (error) {
    // Lost or closed already is what we wanted; a locked stream is our own mistake.
    if (error instanceof TypeError) throw new LinkError('link-failed', error);
  }
}
