import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { buildEspImage, parseEspImage } from './esp-image.ts';
import { ImageError } from './image-error.ts';

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    throw error;
  }
  return 'no error';
}

const segment = (size: number) => ({
  loadAddress: 0x3ffb0000,
  bytes: Uint8Array.from({ length: size }, (_, i) => (i * 5) & 255),
});

describe('an ESP image', () => {
  it.each([4, 8, 12, 16, 1000])('reads back what was built from segments of %i bytes', (size) => {
    const bytes = buildEspImage({
      chipId: 5,
      entry: 0x40380000,
      segments: [segment(size), segment(8)],
    });
    const image = parseEspImage(bytes);
    expect(image).toMatchObject({ chipId: 5, entry: 0x40380000, flashSizeBytes: 0x400000 });
    expect(image.sizeBytes).toBe(bytes.length);
    expect((image.sizeBytes - 32) % 16).toBe(0);
    expect(image.segments.map((s) => s.sizeBytes)).toEqual([size, 8]);
    expect(image.sha256Hex).toMatch(/^[0-9a-f]{64}$/);
  });

  it('ignores what follows the image', () => {
    const bytes = buildEspImage({ chipId: 0, entry: 0, segments: [segment(40)] });
    const longer = new Uint8Array(bytes.length + 500).fill(0xff);
    longer.set(bytes);
    expect(parseEspImage(longer).sizeBytes).toBe(bytes.length);
  });

  it('notices every single changed byte of the header, the data and the hash', () => {
    const bytes = buildEspImage({ chipId: 0, entry: 0, segments: [segment(40)] });
    for (let i = 0; i < bytes.length; i++) {
      // Byte 23 says whether there is a hash; turned off, the rest is a valid image without one.
      if (i === 23) continue;
      const broken = bytes.slice();
      broken[i]! ^= 0x10;
      expect(
        message(() => parseEspImage(broken)),
        `byte ${i}`,
      ).not.toBe('no error');
    }
  });

  it('says where a cut file ends', () => {
    const bytes = buildEspImage({ chipId: 0, entry: 0, segments: [segment(40), segment(40)] });
    expect(message(() => parseEspImage(bytes.subarray(0, 10)))).toContain('ends after 10');
    expect(message(() => parseEspImage(bytes.subarray(0, 50)))).toContain(
      'segment 1 of 2 needs 40 bytes',
    );
    expect(message(() => parseEspImage(bytes.subarray(0, 74)))).toContain('before segment 2 of 2');
    expect(message(() => parseEspImage(bytes.subarray(0, bytes.length - 1)))).toContain(
      'inside its SHA-256',
    );
  });

  it('never ends in anything but its own error', () => {
    const random = seededRandom(5);
    const bytes = buildEspImage({ chipId: 0, entry: 0, segments: [segment(400)] });
    for (let i = 0; i < 1000; i++) {
      const broken = bytes.slice(0, random.int(bytes.length + 1));
      for (let k = 0; k < 3 && broken.length > 0; k++) {
        broken[random.int(Math.min(64, broken.length))] = random.int(256);
      }
      message(() => parseEspImage(broken));
    }
  });
});
