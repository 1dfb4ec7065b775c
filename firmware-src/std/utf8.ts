/** UTF-8 (RFC 3629). Decoding is by hand: boards are lenient about overlong forms and surrogates. */

export function utf8Encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A list of all characters of a long text would be the largest thing in a board's heap; so many at a time are joined. */
const PIECE = 64;

/** Null when the bytes are no UTF-8: stray or missing continuation, overlong form, surrogate, beyond U+10FFFF. */
export function utf8Decode(bytes: Uint8Array): string | null {
  const pieces: string[] = [];
  let characters: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at];
    let code = first;
    let more = 0;
    let smallest = 0;
    if (first >= 0xf0 && first <= 0xf4) {
      code = first & 0x07;
      more = 3;
      smallest = 0x10000;
    } else if (first >= 0xe0 && first <= 0xef) {
      code = first & 0x0f;
      more = 2;
      smallest = 0x800;
    } else if (first >= 0xc2 && first <= 0xdf) {
      code = first & 0x1f;
      more = 1;
      smallest = 0x80;
    } else if (first >= 0x80) {
      return null;
    }
    at += 1;
    if (at + more > bytes.length) return null;
    for (let i = 0; i < more; i++) {
      if ((bytes[at] & 0xc0) !== 0x80) return null;
      code = (code << 6) | (bytes[at] & 0x3f);
      at += 1;
    }
    if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
    characters.push(String.fromCodePoint(code));
    if (characters.length < PIECE) continue;
    pieces.push(characters.join(''));
    characters = [];
  }
  pieces.push(characters.join(''));
  return pieces.join('');
}
