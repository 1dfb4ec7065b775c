import { expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { crc16Ccitt, crc32 } from './crc.ts';

// Check values of the catalogue of parametrised CRC algorithms (reveng): the digits "123456789".
it('agrees with the published check values', () => {
  expect(crc32(utf8('123456789'))).toBe(0xcbf43926);
  expect(crc16Ccitt(utf8('123456789'))).toBe(0x29b1);
});
it('continues from an earlier result as zlib does', () => {
  expect(crc32(utf8('6789'), crc32(utf8('12345')))).toBe(0xcbf43926);
});
