const TABLE = [
  0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7, 0x8108, 0x9129, 0xa14a, 0xb16b,
  0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
];

export function crc16(bytes: Uint8Array): number {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum = ((sum << 4) & 0xffff) ^ (TABLE[(sum >> 12) ^ (byte >> 4)] as number);
    sum = ((sum << 4) & 0xffff) ^ (TABLE[(sum >> 12) ^ (byte & 15)] as number);
  }
  return sum;
}

export function run(): number {
  const bytes = new Uint8Array(64);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i * 7;
  let sum = 0;
  for (let round = 0; round < 8; round++) {
    bytes[0] = round;
    sum ^= crc16(bytes);
  }
  return sum;
}
