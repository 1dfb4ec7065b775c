import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ApplicationFiles } from './application.ts';
import { done, json, refused } from './testing/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'application-'));
const at = (...parts: string[]): string => join(folder, ...parts);
const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
  return at(path);
}

const OWN = `import { Application, type Mesh } from 'meshwright';
class Own extends Application {}
export function application(mesh: Mesh): Application { return new Own(mesh); }
`;

interface Manifest {
  firmware: string;
  application?: string;
  features: Record<string, unknown>;
  modules: { parts: { path: string }[] }[];
}
const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(at(name, 'manifest.json'), 'utf8')) as Manifest;

describe('build --app', () => {
  it('takes a file with its imports, or a folder, and names the firmware after it', async () => {
    const file = join(EXAMPLES, 'counter', 'main.ts');
    const { firmware } = await json<Manifest>('build', '--app', file, '--out', at('a'));
    const manifest = manifestOf('a');
    expect(manifest).toMatchObject({ firmware, application: 'main.ts' });
    expect(manifest.features['APPLICATION']).toBe(true);
    const parts = manifest.modules[0]!.parts.map(({ path }) => path);
    expect(parts).toEqual(expect.arrayContaining(['application/main.ts', 'application/report.ts']));
    await done('build', '--app', join(EXAMPLES, 'counter'), '--out', at('b'));
    expect(manifestOf('b').firmware).toBe(firmware);
  }, 240_000);

  it('keeps the name of an entry that is called otherwise', async () => {
    const lamp = write(
      'own/lamp.ts',
      `import { level } from './parts/level.ts';\n${OWN}console.log(level);\n`,
    );
    write('own/parts/level.ts', 'export const level = 3;\n');
    write('own/unused.ts', 'this is no program\n');
    await done('build', '--app', lamp, '--out', at('c'));
    expect(manifestOf('c').application).toBe('lamp.ts');
    const parts = manifestOf('c').modules[0]!.parts.map(({ path }) => path);
    expect(parts).toContain('application/lamp.ts');
    expect(parts).not.toContain('application/main.ts');
  }, 240_000);

  it('tells what is wrong in the user’s own files', async () => {
    const wrong = write('wrong/lamp.ts', `${OWN}eval('1');\n`);
    expect(await refused('build', '--app', wrong, '--out', at('x'))).toContain(`${wrong}:4:1 `);
    const lost = write(
      'wrong/lost.ts',
      `import { a } from './nowhere.ts';\n${OWN}console.log(a);\n`,
    );
    expect(await refused('build', '--app', lost, '--out', at('x'))).toMatch(
      /wrong\/lost\.ts:1:\d+ type-error: Cannot find module '\.\/nowhere\.ts'/,
    );
  }, 240_000);

  it('tells that application() is missing, and that imports stay inside the folder', async () => {
    const empty = write('wrong/empty.ts', 'export const x = 1;\n');
    expect(await refused('build', '--app', empty, '--out', at('x'))).toMatch(
      /wrong\/empty\.ts:1:1 type-error: The firmware asks this file for an application: .*export function application\(mesh: Mesh\)/,
    );
    write('outside.ts', 'export const far = 1;\n');
    const reach = write(
      'wrong/reach.ts',
      `import { far } from '../outside.ts';\n${OWN}console.log(far);\n`,
    );
    expect(await refused('build', '--app', reach, '--out', at('x'))).toMatch(
      /wrong\/reach\.ts:1:1 import-outside: An application imports \.\.\/outside\.ts/,
    );
  }, 240_000);

  it('refuses a file that is not there, a folder without main.ts, another kind, and two main files', async () => {
    const build = (path: string): Promise<string> =>
      refused('build', '--app', path, '--out', at('x'));
    expect(await build(at('none.ts'))).toContain('there is no such file');
    mkdirSync(at('bare'));
    expect(await build(at('bare'))).toContain('has no main.ts');
    expect(await build(write('notes.txt', ''))).toContain('is not a .ts file');
    const two = write('two/lamp.ts', `import { b } from './main.ts';\n${OWN}console.log(b);\n`);
    write('two/main.ts', 'export const b = 1;\n');
    expect(await build(two)).toContain('rename one of them');
  });

  it('leaves paths of the firmware as they are', async () => {
    const read = await ApplicationFiles.read(join(EXAMPLES, 'light', 'main.ts'));
    expect(read.ownPath('node/node.ts')).toBe('node/node.ts');
    expect(read.ownPath('application/main.ts')).toBe(join(EXAMPLES, 'light', 'main.ts'));
    expect(read.partPath('board/main.ts')).toBe('board/main.ts');
  });
});
