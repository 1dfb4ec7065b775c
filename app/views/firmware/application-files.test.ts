import { describe, expect, it } from 'vitest';
import {
  freePath,
  imported,
  pathFault,
  pathFrom,
  pathsOf,
  renamed,
  withFile,
  withoutFile,
} from './application-files.ts';

const files = {
  'main.ts': "import { blink } from './lights/blink.ts';\nimport { x } from 'meshwright';\n",
  'lights/blink.ts': "import { STEP_MS } from '../times.ts';\nexport const blink = STEP_MS;\n",
  'times.ts': 'export const STEP_MS = 500;\n',
};

describe('paths', () => {
  it('puts the entry first and the rest in the order of their names', () => {
    expect(pathsOf({ 'a.ts': '', 'main.ts': '', 'B.ts': '' })).toEqual(['main.ts', 'B.ts', 'a.ts']);
  });
  it('adds the ending to a name typed without one, and takes away what people put before it', () => {
    expect(['door', ' ./door.ts ', 'sensors/door', ''].map(pathFrom)).toEqual([
      'door.ts',
      'door.ts',
      'sensors/door.ts',
      '',
    ]);
  });
  it.each([
    '',
    'door.js',
    '../door.ts',
    'a b.ts',
    'door.d.ts',
    'door.test.ts',
    'a//b.ts',
    'MAIN.ts',
  ])('says why no file can be called "%s"', (path) => {
    expect(pathFault({ 'main.ts': '' }, path)).toMatch(/\.$/);
  });
  it('allows names with folders', () => {
    expect(pathFault(files, 'sensors/door-2.ts')).toBeNull();
  });
});

describe('changes', () => {
  it('leaves the set it was given as it is', () => {
    const before = JSON.stringify(files);
    withFile(files, 'new.ts', '');
    withoutFile(files, 'times.ts');
    renamed(files, 'times.ts', 'clock.ts');
    expect(JSON.stringify(files)).toBe(before);
  });
  it('lets the imports of a renamed file follow it', () => {
    const after = renamed(files, 'times.ts', 'settings/clock.ts');
    expect(Object.keys(after)).toEqual(['main.ts', 'lights/blink.ts', 'settings/clock.ts']);
    expect(after['lights/blink.ts']).toContain("from '../settings/clock.ts'");
    expect(after['main.ts']).toBe(files['main.ts']);
  });
  it('lets the imports that a moved file makes follow it', () => {
    const after = renamed(files, 'lights/blink.ts', 'blink.ts');
    expect(after['blink.ts']).toContain("from './times.ts'");
    expect(after['main.ts']).toContain("from './blink.ts'");
    expect(after['main.ts']).toContain("from 'meshwright'");
  });
  it('keeps imports that lead nowhere', () => {
    const lost = { 'main.ts': "import { a } from './gone.ts';", 'b.ts': '' };
    expect(renamed(lost, 'b.ts', 'c.ts')['main.ts']).toBe(lost['main.ts']);
  });
});

describe('files from elsewhere', () => {
  it('replaces nothing: a name that is taken gets a number, the same text none', () => {
    const { files: after, paths } = imported({ 'a.ts': 'one', 'a-2.ts': 'two' }, [
      { name: 'a.ts', text: 'one' },
      { name: 'a.ts', text: 'other' },
    ]);
    expect(paths).toEqual(['a.ts', 'a-3.ts']);
    expect(after).toEqual({ 'a.ts': 'one', 'a-2.ts': 'two', 'a-3.ts': 'other' });
  });
  it('refuses what is no TypeScript text, and says which', () => {
    const { refused, paths } = imported({}, [
      { name: 'photo.png', text: '' },
      { name: 'binary.ts', text: 'a\0b' },
      { name: 'good.ts', text: '' },
    ]);
    expect(paths).toEqual(['good.ts']);
    expect(refused).toEqual(['photo.png: A file ends with .ts.', 'binary.ts: This is not a text.']);
  });
  it('finds a free name whatever the case of those that are taken', () => {
    expect(freePath({ 'New.ts': '' }, 'new.ts')).toBe('new-2.ts');
  });
});
