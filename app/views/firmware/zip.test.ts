import { strFromU8, unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { zip } from './zip.ts';

it('makes an archive that another program opens', () => {
  const files = { 'main.ts': 'const text = "größer";\n', 'sensors/door.ts': '' };
  const opened = Object.entries(unzipSync(zip(files))).map(([path, bytes]) => [
    path,
    strFromU8(bytes),
  ]);
  expect(Object.fromEntries(opened)).toEqual(files);
});
it('gives the same bytes for the same files', () => {
  expect(zip({ 'a.ts': '1' })).toEqual(zip({ 'a.ts': '1' }));
});
it('can be empty', () => {
  expect(unzipSync(zip({}))).toEqual({});
});
