/**
 * UTF-8 (RFC 3629) by hand: the subset has neither TextEncoder nor Python's encode. Strings are walked by code
 * points, which is what both engines agree on.
 */

export function utf8Encode(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) {
      bytes.push(code);
    } else if (code < 0x800) {
      bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    } else {
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 0x3f),
        0x80 | ((code >> 6) & 0x3f),
        0x80 | (code & 0x3f),
      );
    }
  }
  return new Uint8Array(bytes);
}

/** Null when the bytes are no UTF-8: stray or missing continuation, overlong form, surrogate, beyond U+10FFFF. */
export function utf8Decode(bytes: Uint8Array): string | null {
  const characters: string[] = [];
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
  }
  return characters.join('');
}
