const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function encode(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const first = bytes[at] as number;
    const second = left > 1 ? (bytes[at + 1] as number) : 0;
    const third = left > 2 ? (bytes[at + 2] as number) : 0;
    parts.push(ALPHABET.charAt(first >> 2), ALPHABET.charAt(((first & 3) << 4) | (second >> 4)));
    if (left > 1) parts.push(ALPHABET.charAt(((second & 15) << 2) | (third >> 6)));
    if (left > 2) parts.push(ALPHABET.charAt(third & 63));
  }
  return parts.join('');
}

export function decode(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const letter of text) {
    bits = ((bits << 6) | ALPHABET.indexOf(letter)) & 0xfff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[at++] = bits >> count;
    }
  }
  return bytes;
}

export function run(): number {
  const bytes = new Uint8Array(50);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i * 37;
  let sum = 0;
  for (let round = 0; round < 5; round++) {
    for (const byte of decode(encode(bytes))) sum += byte;
  }
  return sum;
}
