import { expect, it } from 'vitest';
import { seededRandom } from './base/random.ts';
import { packBoard, unpackBoard, type KeptBoard } from './virtual-board-file.ts';

const random = seededRandom(3);
const BOARD: KeptBoard = {
  powered: false,
  state: {
    version: 1,
    chip: 'esp32c3',
    mac: '24:0a:c4:00:00:02',
    name: 'Virtual board 1',
    x: 9,
    y: 0.5,
    flash: {
      sizeBytes: 4 << 20,
      pieces: [
        { at: 0x1000, bytes: random.bytes(8192) },
        { at: 0x200000, bytes: random.bytes(4096) },
      ],
    },
  },
};

it('brings a board back as it was', () => {
  expect(unpackBoard(packBoard(BOARD))).toEqual(BOARD);
});
it('brings back a board whose flash is blank', () => {
  const blank = { ...BOARD, state: { ...BOARD.state, flash: { sizeBytes: 4096, pieces: [] } } };
  expect(unpackBoard(packBoard(blank))).toEqual(blank);
});
it('makes nothing of bytes that are cut short, too long or of another layout', () => {
  const bytes = packBoard(BOARD);
  for (const length of [0, 3, 4, 40, bytes.length - 1]) {
    expect(unpackBoard(bytes.slice(0, length))).toBeNull();
  }
  expect(unpackBoard(new Uint8Array([...bytes, 0]))).toBeNull();
  const later = { ...BOARD, state: { ...BOARD.state, version: 2 as 1 } };
  expect(unpackBoard(packBoard(later))).toBeNull();
});
