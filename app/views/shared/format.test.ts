import { expect, it } from 'vitest';
import { address, ago, chipName, plural, size, span } from './format.ts';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [40 * 1024, '40 KiB'],
  [4 * 1024 * 1024, '4 MiB'],
  [1.6 * 1024 * 1024, '1.6 MiB'],
])('writes %i bytes as "%s"', (bytes, text) => expect(size(bytes)).toBe(text));
it.each([
  [-5, '0 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [95_000, '1 min 35 s'],
  [3_600_000, '1 h'],
  [3_660_000, '1 h 1 min'],
  [200_000_000, '2 d'],
])('writes %i ms as "%s"', (ms, text) => expect(span(ms)).toBe(text));
it('calls the last second and a half "now"', () => {
  expect(ago(1000, 2000)).toBe('now');
  expect(ago(1000, 13_000)).toBe('12 s ago');
});
it('pads addresses, counts nouns and names chips', () => {
  expect(address(0x9000)).toBe('0x009000');
  expect(plural(1, 'node')).toBe('1 node');
  expect(plural(5, 'node')).toBe('5 nodes');
  expect(chipName('esp32c3')).toBe('ESP32-C3');
  expect(chipName('esp99')).toBe('esp99');
});
