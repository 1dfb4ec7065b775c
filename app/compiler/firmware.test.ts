import { expect, it } from 'vitest';
import { featureNames, firmwareId, firmwareJob } from './firmware.ts';

const sources = { 'a.ts': 'export const A = 1;', 'b.ts': '' };

it('gives the same id for the same sources in any order', () => {
  const turned = Object.fromEntries(Object.entries(sources).reverse());
  expect(firmwareId(turned, { x: 1, y: 2 })).toBe(firmwareId(sources, { y: 2, x: 1 }));
});
it('gives another id for one changed byte, another name, or another feature', () => {
  const id = firmwareId(sources, {});
  expect(firmwareId({ ...sources, 'a.ts': 'export const A = 2;' }, {})).not.toBe(id);
  expect(firmwareId({ 'a.ts': sources['a.ts'], 'c.ts': '' }, {})).not.toBe(id);
  expect(firmwareId(sources, { x: true })).not.toBe(id);
});
it('compiles the id into the firmware as the feature FIRMWARE_ID', () => {
  const job = firmwareJob(sources, { features: { x: 1 } });
  expect(job.features).toEqual({ x: 1, FIRMWARE_ID: job.id });
  expect(job.id).toMatch(/^0\.1\.0\+[0-9a-f]{8}$/);
});
it('finds the switches in features.ts', () => {
  const text =
    '/** x */\nexport const FIRMWARE_ID = "";\nexport const FEATURE_X = true;\nconst Y = 1;\n';
  expect(featureNames({ 'features.ts': text })).toEqual(['FEATURE_X']);
});

it('gives the same id whether or not tests and their helpers were read, too', () => {
  const more = { ...sources, 'a.test.ts': 'x', 'mps/testing/pair.ts': 'y' };
  expect(firmwareId(more, {})).toBe(firmwareId(sources, {}));
});
