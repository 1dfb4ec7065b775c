import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { seededRandom } from '../base/random.ts';
import { CHIPS, isChipName } from '../image/chips.ts';
import { flattenRegions } from '../image/compose.ts';
import { buildEspImage } from '../image/esp-image.ts';
import { findBuild } from './catalogue.ts';
import { checkRuntime } from './check.ts';
import type { RuntimeCheck } from './check.ts';
import { standInRuntime } from './stand-in.ts';

const chips = Object.keys(CHIPS).filter(isChipName);

function refusal(check: RuntimeCheck): string {
  return check.ok ? 'accepted' : `${check.code}: ${check.message}`;
}

function accepted(check: RuntimeCheck) {
  if (!check.ok) throw new Error(`${check.code}: ${check.message}`);
  return check.runtime;
}

describe.each(chips)('the stand-in for the %s', (chip) => {
  const file = standInRuntime(chip);

  it('is accepted as a stand-in, in three pieces at their places', () => {
    const runtime = accepted(checkRuntime(file));
    expect(runtime).toMatchObject({ chip, version: '1.26.0', standIn: true });
    expect(runtime.pieces.map((piece) => [piece.name, piece.at])).toEqual([
      ['bootloader', CHIPS[chip].bootloaderAt],
      ['partition-table', 0x8000],
      ['runtime', 0x10000],
    ]);
    expect(bytesToHex(runtime.bytes)).toBe(bytesToHex(file));
    expect(runtime.sha256).toBe(bytesToHex(sha256(file)));
  });

  it("is found again in a copy of a board's whole flash, without the rest of the flash", () => {
    const runtime = accepted(checkRuntime(file));
    const secret = {
      at: 0x9000,
      bytes: new Uint8Array(0x6000).fill(0x55),
      name: 'identity' as const,
    };
    const flash = flattenRegions([...runtime.pieces, secret], 0x400000);
    const copied = accepted(checkRuntime(flash));
    expect(copied).toMatchObject({ chip, version: runtime.version, sha256: runtime.sha256 });
    expect(bytesToHex(copied.bytes)).toBe(bytesToHex(file));
  });

  it('tells people what it is', () => {
    expect(new TextDecoder('latin1').decode(file)).toContain('DO NOT WRITE THIS TO A REAL CHIP');
  });
});

describe('what is refused', () => {
  const file = standInRuntime('esp32');

  it.each([
    ['an empty file', new Uint8Array(), 'not-an-image'],
    ['a text', new TextEncoder().encode('hello '.repeat(9000)), 'not-an-image'],
    ['an erased flash', new Uint8Array(0x400000).fill(0xff), 'not-an-image'],
    ['the application alone', file.subarray(0xf000), 'application-only'],
    ['the bootloader alone', file.subarray(0, 0x6000), 'layout'],
    ['a file cut inside the application', file.subarray(0, file.length - 40), 'damaged'],
    ['a file cut before the application', file.subarray(0, 0xf000), 'layout'],
    ['MicroPython 1.24', standInRuntime('esp32', { version: '1.24.1' }), 'version-unsupported'],
    ['MicroPython 2.0', standInRuntime('esp32', { version: '2.0.0' }), 'version-unsupported'],
  ])('%s', (_what, bytes, code) => {
    expect(refusal(checkRuntime(bytes))).toMatch(new RegExp(`^${code}: [A-Z].*\\.$`));
  });

  it('names both chips when bootloader and application differ', () => {
    const other = standInRuntime('esp32s2').subarray(0xf000);
    expect(refusal(checkRuntime(concatBytes(file.subarray(0, 0xf000), other)))).toBe(
      'layout: The bootloader is for the ESP32, the application for the ESP32-S2.',
    );
  });

  it('names a chip that is not supported', () => {
    const c2 = buildEspImage({
      chipId: 12,
      entry: 0,
      segments: [{ loadAddress: 0, bytes: new Uint8Array(64) }],
    });
    expect(refusal(checkRuntime(c2))).toContain('the ESP32-C2, expected one of ESP32, ESP32-S2');
  });

  it('another firmware, with advice where to get MicroPython', () => {
    const app = buildEspImage({
      chipId: 0,
      entry: 0,
      segments: [{ loadAddress: 0, bytes: new Uint8Array(512) }],
    });
    const other = concatBytes(file.subarray(0, 0xf000), app);
    expect(refusal(checkRuntime(other))).toMatch(
      /^not-micropython: .*ESP32_GENERIC-DATE-vVERSION\.bin/,
    );
  });

  it('any single changed bit in bootloader, table rows or application', () => {
    const random = seededRandom(9);
    const runtime = accepted(checkRuntime(file));
    for (let i = 0; i < 300; i++) {
      const piece = runtime.pieces[i % 3]!;
      const size = piece.name === 'partition-table' ? 128 : piece.bytes.length;
      const offset = random.int(size);
      // Bytes 4..23 of an image header are covered by the hash; byte 23 switches the hash itself off.
      if (piece.name === 'bootloader' && offset === 23) continue;
      const broken = file.slice();
      broken[piece.at - 0x1000 + offset]! ^= 1 << random.int(8);
      expect(checkRuntime(broken).ok, `${piece.name} byte ${offset}`).toBe(false);
    }
  });
});

describe('the catalogue', () => {
  it.each([
    ['ESP32_GENERIC-20250809-v1.26.0.bin', 'esp32', ''],
    ['ESP32_GENERIC-SPIRAM-20250809-v1.26.0.bin', 'esp32', 'SPIRAM'],
    ['ESP32_GENERIC_S3-SPIRAM_OCT-20251209-v1.27.0.bin', 'esp32s3', 'SPIRAM_OCT'],
    ['ESP32_GENERIC_C6-20250809-v1.27.0-preview.15.gabcdef.bin', 'esp32c6', ''],
  ])('knows %s', (name, chip, variant) => {
    expect(findBuild(name)).toMatchObject({ chip, variant });
  });

  it.each([
    'ESP32_GENERIC-20250809-v1.26.0.app-bin',
    'RPI_PICO-20250809-v1.26.0.uf2',
    'firmware.bin',
  ])('does not know %s', (name) => {
    expect(findBuild(name)).toBeUndefined();
  });

  it('has a build for every chip', () => {
    for (const chip of chips) {
      const runtime = accepted(checkRuntime(standInRuntime(chip)));
      expect(runtime.chip).toBe(chip);
    }
  });
});

const realFile = process.env['MESHWRIGHT_RUNTIME'];
describe.skipIf(!realFile)('a real runtime file (MESHWRIGHT_RUNTIME)', () => {
  it('is accepted, is no stand-in, and is given back byte for byte', () => {
    const bytes = new Uint8Array(readFileSync(realFile!));
    const runtime = accepted(checkRuntime(bytes));
    expect(runtime.standIn).toBe(false);
    expect(runtime.version).toMatch(/^1\.\d+\.\d+/);
    expect(runtime.sha256).toBe(bytesToHex(sha256(bytes)));
    const flash = new Uint8Array(0x400000).fill(0xff);
    flash.set(bytes, CHIPS[runtime.chip].bootloaderAt);
    expect(accepted(checkRuntime(flash)).sha256).toBe(runtime.sha256);
    const broken = bytes.slice();
    broken[broken.length >> 1]! ^= 1;
    expect(checkRuntime(broken)).toMatchObject({ ok: false, code: 'damaged' });
  });
});
