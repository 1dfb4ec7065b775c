import { expect, it } from 'vitest';
import { BreakReader } from './console-break.ts';

function asks(bytes: readonly number[], gapMs = 0): boolean {
  const reader = new BreakReader();
  return bytes.map((byte, i) => reader.push(byte, 1000 + i * gapMs)).some((asked) => asked);
}

it('a Control-C typed by a person or sent by a tool asks for the REPL', () => {
  expect(asks([3])).toBe(true);
  expect(asks([0x61, 3], 50)).toBe(true);
  expect(asks([0x61, 13, 3])).toBe(true);
  expect(asks([0x61, 10, 3])).toBe(true);
  expect(asks([0x61, 3, 3])).toBe(true);
});

it('a single 0x03 amid noise or in a frame does not', () => {
  expect(asks([0x61, 3, 0x62])).toBe(false);
  expect(asks([0x1e, 0x7b, 3, 0x7d, 10])).toBe(false);
  expect(asks([0x80, 3, 0xff, 3, 0x7d], 1)).toBe(false);
});
