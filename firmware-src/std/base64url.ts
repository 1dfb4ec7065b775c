/** Base64 with the URL-safe alphabet and without padding: RFC 4648 section 5. base64url-decode.ts is the other way. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function toBase64Url(bytes: Uint8Array): string {
  const characters: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    const second = left > 1 ? bytes[at + 1] : 0;
    const third = left > 2 ? bytes[at + 2] : 0;
    characters.push(ALPHABET.charAt(bytes[at] >> 2));
    characters.push(ALPHABET.charAt(((bytes[at] & 3) << 4) | (second >> 4)));
    if (left > 1) characters.push(ALPHABET.charAt(((second & 15) << 2) | (third >> 6)));
    if (left > 2) characters.push(ALPHABET.charAt(third & 63));
    at += 3;
  }
  return characters.join('');
}
