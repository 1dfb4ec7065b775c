/**
 * CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, no reflection, no final inversion. Four bits at a time:
 * 16 table entries are cheaper on a board than eight steps a bit or 512 bytes of table.
 */

const TABLE: readonly number[] = [
  0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7, 0x8108, 0x9129, 0xa14a, 0xb16b,
  0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
];

/** The checksum of `bytes[0]` up to, not including, `bytes[end]`. */
export function crc16(bytes: Uint8Array, end: number): number {
  let sum = 0xffff;
  for (let i = 0; i < end; i++) {
    const byte = bytes[i];
    sum = ((sum << 4) & 0xffff) ^ TABLE[(sum >> 12) ^ (byte >> 4)];
    sum = ((sum << 4) & 0xffff) ^ TABLE[(sum >> 12) ^ (byte & 15)];
  }
  return sum;
}
