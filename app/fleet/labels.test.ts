import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { decodeQR } from 'qr/decode.js';
import {
  LABEL_SIZES,
  labelPages,
  labelSvg,
  labelText,
  readLabelText,
  ZONE_INKS,
  type LabelNode,
} from './labels.ts';

const NODE: LabelNode = {
  name: 'lamp-1',
  zone: 'hall',
  zoneColour: 0,
  mac: '24:0a:c4:00:00:01',
  chip: 'ESP32-S3',
  networkId: '1a2b3c4d5e6f7081',
};
const [SHEET, WIDE, NARROW] = LABEL_SIZES as [
  (typeof LABEL_SIZES)[0],
  (typeof LABEL_SIZES)[0],
  (typeof LABEL_SIZES)[0],
];

/** Draws the code of a label as a printer does: the path's runs as black dots on white, so many dots a module. */
function scanned(svg: string, dots = 4): string {
  const path = /d="([^"]+)"/.exec(svg)![1]!;
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)].map((run) =>
    run.slice(1).map(Number),
  );
  expect(runs.map(([u, v, n]) => `M${u} ${v}h${n}v1h-${n}z`).join('')).toBe(path);
  const side = dots * (Math.max(...runs.map(([u, , n]) => u! + n!)) + 4);
  const data = new Uint8Array(4 * side * side).fill(255);
  for (const [u, v, n] of runs as [number, number, number][]) {
    for (let y = v * dots; y < (v + 1) * dots; y++) {
      for (let x = u * dots; x < (u + n) * dots; x++)
        data.fill(0, 4 * (y * side + x), 4 * (y * side + x) + 3);
    }
  }
  return decodeQR({ width: side, height: side, data });
}

const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 32 });
const anyMac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':'));
const anyId = fc.stringMatching(/^[0-9a-f]{16}$/);

describe('the code', () => {
  it('says which network and which board in a text that is no address', () => {
    expect(labelText(NODE)).toBe('MESHWRIGHT:NODE:1A2B3C4D:24:0A:C4:00:00:01');
    expect(readLabelText(labelText(NODE))).toEqual({ network: '1A2B3C4D', mac: NODE.mac });
  });
  it('is read back from the drawn label, for every board and on every size', () => {
    fc.assert(
      fc.property(anyMac, anyId, fc.constantFrom(...LABEL_SIZES), (mac, networkId, size) => {
        const node = { ...NODE, mac, networkId };
        const text = scanned(labelSvg(node, size));
        expect(text).toBe(labelText(node));
        expect(readLabelText(text)).toEqual({ network: networkId.slice(0, 8).toUpperCase(), mac });
      }),
      { numRuns: 40 },
    );
  });
  it('has modules of at least half a millimetre, which every label printer draws', () => {
    for (const size of LABEL_SIZES) {
      const scale = Number(/scale\(([\d.]+)\)/.exec(labelSvg(NODE, size))![1]);
      expect(scale, size.id).toBeGreaterThan(0.5);
    }
  });
  it('does not take other texts for ours', () => {
    for (const text of [
      '',
      'https://example.org',
      'MESHWRIGHT:NODE:1A2B:24:0A',
      `${labelText(NODE)}0`,
    ]) {
      expect(readLabelText(text), text).toBeNull();
    }
  });
});

describe('the words', () => {
  it('are name, zone, address, network and chip, and nothing else of the node', () => {
    const secret = { ...NODE, nodeKey: new Uint8Array(32).fill(0xab), password: 'router secret' };
    const svg = labelSvg(secret, WIDE);
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
    expect(texts).toEqual(['lamp-1', 'hall', NODE.mac, '1A2B3C4D · ESP32-S3']);
    expect(svg).not.toMatch(/ababab|router secret|5e6f7081/i);
  });
  it('show the zone by its colour, which is that of the screens, and by its name', () => {
    const css = readFileSync(new URL('../views/shared/theme.css', import.meta.url), 'utf8');
    const light = css.slice(0, css.indexOf('[data-theme'));
    const palette = [...light.matchAll(/--zone-\d: (#[0-9a-f]{6})/g)].map((match) => match[1]);
    expect([...ZONE_INKS]).toEqual(palette);
    expect(labelSvg({ ...NODE, zoneColour: 2 }, WIDE)).toContain(`fill="${ZONE_INKS[2]}"`);
    expect(labelSvg({ ...NODE, zone: '' }, WIDE)).toContain('>no zone<');
  });
  it('stay on the label however long the name is, and cannot break out of the drawing', () => {
    fc.assert(
      fc.property(names, names, fc.constantFrom(...LABEL_SIZES), (name, zone, size) => {
        const svg = labelSvg({ ...NODE, name, zone }, size);
        expect(svg.match(/<text/g)).toHaveLength(4);
        expect(svg.match(/<\/svg>/g)).toHaveLength(1);
        expect(svg.replace(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
      }),
    );
    const long = labelSvg({ ...NODE, name: 'w'.repeat(32) }, NARROW);
    expect(long).toMatch(/>w+…</);
    expect(labelSvg({ ...NODE, name: '</text><script>"&' }, WIDE)).toContain(
      '&lt;/text&gt;&lt;script&gt;&quot;&amp;',
    );
  });
});

describe('the pages', () => {
  const labels = Array.from({ length: 23 }, (_, i) => i);
  it('hold 21 labels a sheet, all of them on the paper and none over another', () => {
    const pages = labelPages(labels, SHEET);
    expect(pages.map((page) => page.length)).toEqual([21, 2]);
    expect(pages.flat().map(({ label }) => label)).toEqual(labels);
    for (const { xMm, yMm } of pages[0]!) {
      expect(xMm).toBeGreaterThanOrEqual(0);
      expect(xMm + SHEET.widthMm).toBeLessThanOrEqual(SHEET.pageWidthMm);
      expect(yMm + SHEET.heightMm).toBeLessThanOrEqual(SHEET.pageHeightMm);
    }
    expect(SHEET.pitchXMm).toBeGreaterThanOrEqual(SHEET.widthMm);
    expect(SHEET.pitchYMm).toBeGreaterThanOrEqual(SHEET.heightMm);
  });
  it('begin at the first place of a sheet that is free', () => {
    const pages = labelPages(labels, SHEET, 20);
    expect(pages.map((page) => page.length)).toEqual([1, 21, 1]);
    expect(pages[0]![0]!.xMm).toBeGreaterThan(130);
    expect(labelPages(labels, SHEET, 99)[0]).toHaveLength(1);
  });
  it('hold one label each on a label printer', () => {
    expect(labelPages(labels, NARROW, 5)).toHaveLength(23);
    expect(labelPages([], NARROW)).toEqual([]);
  });
});
