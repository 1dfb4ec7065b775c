import { describe, expect, it } from 'vitest';
import { bench } from './testing.ts';

describe('a virtual board', () => {
  it('boots from its flash image and runs main.py, whose prints reach the console', async () => {
    const b = bench(['print("hello from main")\n']);
    await b.advance(1000);
    expect(b.read()).toMatch(
      /^hello from main\nMicroPython v1\.26\.0 on 2025-08-09; Generic ESP32/,
    );
  });
});
