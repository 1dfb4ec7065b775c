/** base64url.ts the other way: apart from it, because boards need it rarely. */
import { utf8Encode } from './utf8.ts';

/** The 6 bits that an ASCII code stands for; -1 outside the alphabet. */
function sextet(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code === 0x2d) return 62;
  if (code === 0x5f) return 63;
  return -1;
}

/** Null for a foreign character, an impossible length, or left-over bits that are not zero. */
export function fromBase64Url(text: string): Uint8Array | null {
  const codes = utf8Encode(text);
  const rest = codes.length & 3;
  if (rest === 1) return null;
  const bytes = new Uint8Array(Math.floor((codes.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (let i = 0; i < codes.length; i++) {
    const value = sextet(codes[i]);
    if (value < 0) return null;
    bits = ((bits << 6) | value) & 0xfff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[at] = (bits >> bitCount) & 0xff;
      at += 1;
    }
  }
  if ((bits & ((1 << bitCount) - 1)) !== 0) return null;
  return bytes;
}
