import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { bytesToHex, utf8 } from './bytes.ts';
import { md5, md5InSteps, sha256 } from './digest.ts';

it('gives the published digests of "abc" (FIPS 180-4 example, RFC 1321 A.5)', () => {
  expect(bytesToHex(sha256(utf8('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(bytesToHex(md5(utf8('abc')))).toBe('900150983cd24fb0d6963f7d28e17f72');
});

it("agrees with Node's own digests around the block boundaries", () => {
  for (const size of [0, 1, 55, 56, 63, 64, 65, 4096]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7) & 255);
    expect(bytesToHex(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(bytesToHex(md5(bytes))).toBe(createHash('md5').update(bytes).digest('hex'));
  }
});

it('gives the same MD5 in steps, and lets other work run between them', async () => {
  for (const size of [0, 1, 262_143, 262_144, 262_145, 700_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7) & 255);
    expect(await md5InSteps(bytes)).toEqual(md5(bytes));
  }
  const order: string[] = [];
  const long = md5InSteps(new Uint8Array(600_000)).then(() => order.push('digest'));
  setTimeout(() => order.push('other work'), 0);
  await long;
  expect(order).toEqual(['other work', 'digest']);
});
