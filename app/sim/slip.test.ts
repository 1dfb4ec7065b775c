import { expect, it } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { seededRandom } from '../base/random.ts';
import { SlipDecoder, slipEncode } from './slip.ts';

function decode(stream: Uint8Array, step: number): number[][] {
  const frames: number[][] = [];
  const decoder = new SlipDecoder((frame) => frames.push([...frame]));
  for (let at = 0; at < stream.length; at += step) decoder.push(stream.subarray(at, at + step));
  return frames;
}

it('escapes C0 and DB as RFC 1055 does', () => {
  expect([...slipEncode(new Uint8Array([1, 0xc0, 0xdb, 2]))]).toEqual([
    0xc0, 1, 0xdb, 0xdc, 0xdb, 0xdd, 2, 0xc0,
  ]);
});

it.each([1, 2, 7, 100000])(
  'gives every frame back when the stream comes %i bytes at a time',
  (step) => {
    const random = seededRandom(7);
    const frames = Array.from({ length: 20 }, (_, i) => random.bytes(1 + i * 37));
    const stream = concatBytes(...frames.map(slipEncode));
    expect(decode(stream, step)).toEqual(frames.map((frame) => [...frame]));
  },
);

it('ignores text between frames and drops a frame with a wrong escape', () => {
  const stream = new Uint8Array([
    0x41, 0x42, 0xc0, 1, 0xc0, 0x43, 0xc0, 2, 0xdb, 3, 0xc0, 0xc0, 4, 0xc0,
  ]);
  expect(decode(stream, 3)).toEqual([[1], [4]]);
});

it('takes a frame whose end was lost when the next one starts', () => {
  expect(decode(new Uint8Array([0xc0, 1, 2, 0xc0, 3, 4, 0xc0]), 1)).toEqual([[1, 2]]);
});
