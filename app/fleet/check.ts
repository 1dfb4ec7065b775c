/** The rules for names, zones, addresses and radio settings, with their words. Limits in bytes are those of the board's NVS. */
import { utf8 } from '../base/bytes.ts';
import { FleetError } from './fleet-error.ts';

export const NAME_MOST_BYTES = 32;
export const MAC_PATTERN = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
// eslint's no-control-regex asks for the Unicode class.
const CONTROL = /\p{Cc}/u;
const LONE_SURROGATE = /\p{Cs}/u;

/** @param what begins the sentence, as in "The node". @throws FleetError name-empty | name-too-long | name-characters */
export function checkName(name: string, what: string): void {
  if (name.trim() === '') throw new FleetError('name-empty', `${what} needs a name.`);
  if (name !== name.trim() || CONTROL.test(name) || LONE_SURROGATE.test(name)) {
    throw new FleetError(
      'name-characters',
      `The name "${name.trim().replace(/\p{C}/gu, '?')}" has spaces at its ends or characters that cannot be shown.`,
    );
  }
  const sizeBytes = utf8(name).length;
  if (sizeBytes > NAME_MOST_BYTES) {
    throw new FleetError(
      'name-too-long',
      `The name "${name}" takes ${sizeBytes} bytes; a board keeps ${NAME_MOST_BYTES}. Letters with accents take 2, emoji 4.`,
    );
  }
}

/** Names that differ in case only would be mixed up by people, so they count as the same. */
export function checkNodeName(name: string, taken: readonly string[]): void {
  checkName(name, 'The node');
  const folded = name.normalize('NFC').toLowerCase();
  if (taken.some((other) => other.normalize('NFC').toLowerCase() === folded)) {
    throw new FleetError('name-taken', `Another node of this network is called "${name}".`);
  }
}

/** @throws FleetError zone-invalid */
export function checkZone(zone: string): void {
  const wrong =
    zone === ''
      ? 'is empty'
      : /\s/u.test(zone)
        ? 'contains spaces'
        : zone !== zone.toLowerCase()
          ? 'contains capital letters'
          : CONTROL.test(zone) || LONE_SURROGATE.test(zone)
            ? 'contains characters that cannot be shown'
            : utf8(zone).length > NAME_MOST_BYTES
              ? `takes more than ${NAME_MOST_BYTES} bytes`
              : null;
  if (wrong === null) return;
  throw new FleetError(
    'zone-invalid',
    `The zone "${zone.replace(/\p{C}/gu, '?')}" ${wrong}; zones are lower case, without spaces, as in "first-floor".`,
  );
}

/** @throws FleetError mac-invalid | mac-taken */
export function checkMac(
  mac: string,
  others: readonly { mac: string | null; name: string }[],
): void {
  if (!MAC_PATTERN.test(mac)) {
    throw new FleetError(
      'mac-invalid',
      `"${mac}" is no MAC address; expected six pairs of lower-case hex digits, as in 24:0a:c4:00:00:01.`,
    );
  }
  const owner = others.find((other) => other.mac === mac);
  if (owner) {
    throw new FleetError(
      'mac-taken',
      `The board ${mac} already belongs to the node "${owner.name}".`,
    );
  }
}

/** @throws FleetError channel-invalid */
export function checkChannel(channel: number): void {
  if (!Number.isInteger(channel) || channel < 1 || channel > 13) {
    throw new FleetError('channel-invalid', `Channel ${channel} does not exist; choose 1 to 13.`);
  }
}

/** SSID 1 to 32 bytes; password empty (open) or 8 to 63 bytes (WPA2). @throws FleetError router-invalid */
export function checkRouter(router: { ssid: string; password: string } | null): void {
  if (router === null) return;
  const ssidBytes = utf8(router.ssid).length;
  if (ssidBytes < 1 || ssidBytes > 32) {
    throw new FleetError(
      'router-invalid',
      `The router's name has ${ssidBytes} bytes; 1 to 32 are possible.`,
    );
  }
  const passwordBytes = utf8(router.password).length;
  if (passwordBytes !== 0 && (passwordBytes < 8 || passwordBytes > 63)) {
    throw new FleetError(
      'router-invalid',
      `The router's password has ${passwordBytes} bytes; Wi-Fi takes 8 to 63, or none.`,
    );
  }
}
