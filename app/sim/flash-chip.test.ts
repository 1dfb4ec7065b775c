import { describe, expect, it } from 'vitest';
import { FlashChip, FlashPowerLost, SECTOR_SIZE } from './flash-chip.ts';

const filled = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte);

describe('a flash chip', () => {
  it('is blank when new, whatever its size, and takes no memory for that', () => {
    const flash = new FlashChip(16 << 20);
    expect(flash.read(0x123456, 5)).toEqual(new Uint8Array(filled(5, 0xff)));
    expect(flash.storedBytes).toBe(0);
    flash.program(0x123456, filled(10, 0xff));
    expect(flash.storedBytes).toBe(0);
    flash.program(0x123456, filled(1, 0));
    expect(flash.storedBytes).toBe(SECTOR_SIZE);
  });

  it('only clears bits until the sector is erased', () => {
    const flash = new FlashChip(1 << 20);
    flash.program(0x1ffe, new Uint8Array([0xf0, 0x0f, 0x55]));
    flash.program(0x1ffe, new Uint8Array([0x3c, 0xff, 0xaa]));
    expect([...flash.read(0x1ffd, 5)]).toEqual([0xff, 0x30, 0x0f, 0x00, 0xff]);
    flash.erase(0x1000, SECTOR_SIZE);
    expect([...flash.read(0x1ffd, 5)]).toEqual([0xff, 0xff, 0xff, 0x00, 0xff]);
    expect(flash.isBlank(0x1000, SECTOR_SIZE)).toBe(true);
    expect(flash.isBlank(0x1000, 2 * SECTOR_SIZE)).toBe(false);
  });

  it('refuses places that do not exist and erases off the sector grid', () => {
    const flash = new FlashChip(1 << 20);
    expect(() => flash.read(0xfffff, 2)).toThrow(RangeError);
    expect(() => flash.program(-1, filled(1, 0))).toThrow(RangeError);
    expect(() => flash.erase(0x100, SECTOR_SIZE)).toThrow(RangeError);
    expect(() => flash.erase(0, 100)).toThrow(RangeError);
    expect(() => new FlashChip(1000)).toThrow(RangeError);
  });

  it('loads as a factory programmer does, keeping the rest of the sector', () => {
    const flash = new FlashChip(1 << 20);
    flash.program(0x2000, filled(4, 0));
    flash.load(0x2004, new Uint8Array([1, 2]));
    flash.load(0x2004, new Uint8Array([0xfe]));
    expect([...flash.read(0x2000, 7)]).toEqual([0, 0, 0, 0, 0xfe, 2, 0xff]);
  });

  it.each([1, 2, 3])(
    'does half of operation %i when power is cut there, and nothing after it',
    (n) => {
      const flash = new FlashChip(1 << 20);
      let cuts = 0;
      flash.cutPowerAt(n, () => cuts++);
      expect(() => flash.program(0, filled(0x300, 0))).toThrow(FlashPowerLost);
      expect(cuts).toBe(1);
      const zeros = flash.read(0, 0x300).filter((byte) => byte === 0).length;
      expect(zeros).toBe((n - 1) * 0x100 + 0x80);
      flash.program(0, filled(0x300, 0)); // powered again
      expect(flash.read(0, 0x300)).toEqual(new Uint8Array(filled(0x300, 0)));
    },
  );

  it('leaves a sector half erased when power is cut while erasing', () => {
    const flash = new FlashChip(1 << 20);
    flash.program(0, filled(2 * SECTOR_SIZE, 0));
    flash.cutPowerAt(2, () => undefined);
    expect(() => flash.erase(0, 2 * SECTOR_SIZE)).toThrow(FlashPowerLost);
    const left = flash.read(0, 2 * SECTOR_SIZE).filter((byte) => byte === 0).length;
    expect(left).toBe(SECTOR_SIZE / 2);
  });
});
