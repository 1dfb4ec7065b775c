/** The router in a network's settings: what is possible, and the firmware that it needs. */
import type { FirmwareChoice } from '../shared/firmware-ports.ts';
import type { RouterEntry } from '../shared/ports.ts';

const MOST_SSID_BYTES = 32;
const LEAST_PASSWORD_BYTES = 8;
const MOST_PASSWORD_BYTES = 63;
const bytesIn = (text: string): number => new TextEncoder().encode(text).length;

/** '' when it is a name that a router can have. */
export function ssidFault(ssid: string): string {
  const size = bytesIn(ssid);
  if (size === 0) return 'The name that the router shows: its SSID.';
  return size <= MOST_SSID_BYTES ? '' : `${size} bytes; a router’s name has at most 32.`;
}

/** '' when it is a password of WPA2, or none. */
export function passwordFault(password: string): string {
  const size = bytesIn(password);
  if (size === 0) return '';
  if (size < LEAST_PASSWORD_BYTES) return 'At least 8 characters, or none for an open router.';
  return size <= MOST_PASSWORD_BYTES ? '' : `${size} bytes; a password has at most 63.`;
}

export function withRouter(choice: FirmwareChoice): FirmwareChoice {
  return { ...choice, features: { ...choice.features, ROUTER: true } };
}

/** What boards of this network are given: with a router they need the part for it, whatever was chosen. */
export function choiceFor(choice: FirmwareChoice, router: RouterEntry | null): FirmwareChoice {
  return router === null ? choice : withRouter(choice);
}
