/** Lower-case hex, as node keys in maps and MAC addresses in console frames. */

const DIGITS = '0123456789abcdef';

/** 6 bytes as `240ac4000001`, any other length likewise. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += bytes[i].toString(16).padStart(2, '0');
  return text;
}

/** 6 bytes as `24:0a:c4:00:00:01`. */
export function macText(mac: Uint8Array): string {
  let text = toHex(mac.subarray(0, 1));
  for (let i = 1; i < mac.length; i++) text += ':' + toHex(mac.subarray(i, i + 1));
  return text;
}

/** The other way round, also without colons; null when it is not 6 bytes of hex. */
export function macBytes(text: string): Uint8Array | null {
  const mac = new Uint8Array(6);
  let digits = 0;
  for (const character of text) {
    if (character === ':') continue;
    const value = DIGITS.indexOf(character);
    if (value < 0 || digits >= 12) return null;
    const at = digits >> 1;
    mac[at] = (mac[at] << 4) | value;
    digits += 1;
  }
  return digits === 12 ? mac : null;
}
